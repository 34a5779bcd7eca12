"""A show after its edits as files: the words with the times moved up, and the cuts for an editor."""

from __future__ import annotations

import csv
import io
from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

from soniclayer.edits import cues
from soniclayer.exports.edl_file import edl
from soniclayer.exports.plain import harmless, plain
from soniclayer.exports.vtt_file import time_of, words_of
from soniclayer.phrasing import clock

if TYPE_CHECKING:
    from soniclayer.edits import Edited

CUT_COLUMNS = ("start", "end", "start_s", "end_s", "seconds", "words")


def to_vtt(edited: Edited) -> bytes:
    """WebVTT, a cue per sentence."""
    blocks = ["WEBVTT", *(words_of(*each) for each in _timed(edited))]
    return "".join(f"{block}\n\n" for block in blocks).encode()


def to_srt(edited: Edited) -> bytes:
    """SubRip, a cue per sentence; a speaker's name stands before the first words of a turn."""
    blocks, last = [], ""
    for number, cue in enumerate(_timed(edited), start=1):
        name = f"{plain(cue.speaker)}: " if cue.speaker and cue.speaker != last else ""
        last = cue.speaker
        times = f"{time_of(cue.start_ms)} --> {time_of(cue.end_ms)}".replace(".", ",")
        words = f"{name}{plain(cue.text)}".replace("-->", "->")  # players would take it for a time
        blocks.append(f"{number}\n{times}\n{words}\n\n")
    return "".join(blocks).encode()


def to_text(edited: Edited) -> bytes:
    """Plain text, a line per turn: "Kim: Good morning."."""
    lines, last = [], ""
    for segment in edited.segments:
        for turn in segment.turns:
            name = f"{plain(turn.speaker)}: " if turn.speaker and turn.speaker != last else ""
            last = turn.speaker
            lines.append(f"{name}{plain(turn.text)}\n")
        if not segment.turns:
            lines.append(f"{plain(segment.text)}\n")
    return "".join(lines).encode()


def cuts_to_csv(edited: Edited) -> bytes:
    """One line per cut with its times in the show as it was, in seconds too; UTF-8 with BOM."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(CUT_COLUMNS)
    for cut in edited.cuts:
        start, end = cut.start_ms / 1000, cut.end_ms / 1000
        writer.writerow([clock(start), clock(end), start, end, round(end - start, 3), harmless(cut.words)])
    return target.getvalue().encode("utf-8-sig")


def cuts_to_edl(edited: Edited, name: str, length_ms: int) -> bytes:
    """What is left as an edit decision list: the stretches between the cuts, one after the other.

    name: of the show's file. length_ms: of the show as it was.
    """
    events, at = [], 0
    for cut in (*edited.cuts, None):
        end = length_ms if cut is None else cut.start_ms
        if end > at:
            events.append((at, end, (f"Then cut: {cut.words}",) if cut is not None else ()))
        at = end if cut is None else cut.end_ms
    return edl(PurePath(name).stem, events, ())


class _Timed(NamedTuple):
    """A cue whose times are known, in milliseconds."""

    start_ms: int
    end_ms: int
    speaker: str
    text: str


def _timed(edited: Edited) -> list[_Timed]:
    return [_Timed(cue.start_ms or 0, cue.end_ms or 0, cue.speaker, cue.text) for cue in cues(edited.segments)]
