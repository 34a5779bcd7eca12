"""The clips as an edit decision list (CMX3600): one event after the other, as a reel."""

from __future__ import annotations

import unicodedata
from pathlib import PurePath
from typing import TYPE_CHECKING

from soniclayer.exports.markers import FPS, frames, markers, timecode
from soniclayer.exports.plain import plain, said

if TYPE_CHECKING:
    from collections.abc import Iterable

    from soniclayer.insights.verdict import Insight
    from soniclayer.transcript import Transcript

REEL, TRACK = "AX", "AA"  # an auxiliary source, both audio channels
MOST_EVENTS = 999
DAY = 24 * 3600 * FPS  # frames; a timecode ends there
LINE = 80  # letters, of the format's first machines
_TYPED = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "...", "‖": "|"})


def to_edl(insight: Insight, transcript: Transcript) -> bytes:
    """An event per clip in order of time: where it is in the show, where it goes; for whom and its words as comments.

    Timecodes are non-drop at 25 frames a second from 00:00:00:00. The file is ASCII in lines of at most 80 letters:
    accents are dropped, other scripts left out. At most 999 clips, none from beyond 24 hours.
    """
    clips = [mark for mark in markers(insight) if mark.kind == "clips"]
    notes = [said(insight.scope.left_out), "" if clips else "No clip stands out."]
    events = [(mark.start_ms, mark.end_ms, (mark.name, mark.words)) for mark in clips]
    return edl(PurePath(transcript.name).stem, events, notes)


def edl(name: str, events: Iterable[tuple[int, int, Iterable[str]]], notes: Iterable[str]) -> bytes:
    """The list of a show of this name; an event is its start and end in milliseconds, and comments."""
    title = _ascii(name) or "SonicLayer"
    lines = [f"TITLE: {title[:70]}".rstrip(), "FCM: NON-DROP FRAME", ""]
    lines += [line for note in notes for line in _comment(note)]
    fitting = [event for event in events if frames(event[1]) < DAY]
    at = 0
    for number, (start_ms, end_ms, comments) in enumerate(fitting[:MOST_EVENTS], start=1):
        begin, end = frames(start_ms), frames(end_ms)
        times = " ".join(map(timecode, (begin, end, at, at + end - begin)))
        lines.append(f"{number:03}  {REEL:<8} {TRACK:<5} C        {times}")
        for comment in (f"FROM CLIP NAME: {title}", *comments):
            lines += _comment(comment)
        at += end - begin
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def _comment(text: str) -> list[str]:
    line = _ascii(text)
    return [f"* {plain(line, LINE - 5).translate(_TYPED)}"[:LINE]] if line else []


def _ascii(text: str) -> str:
    """What ASCII can write of it; "" where no letter or digit is left."""
    parts = unicodedata.normalize("NFKD", plain(text).translate(_TYPED))
    line = " ".join(parts.encode("ascii", "ignore").decode().split())
    return line if any(letter.isalnum() for letter in line) else ""
