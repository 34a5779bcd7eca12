"""A show rewritten: segments in other words, and what is struck out of them, with the times moved up.

Nothing here changes the show itself. Words are replaced or struck out; a recording can only be cut, so other words
take the time that the old ones took, and what is struck out takes its share of the segment's time with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from soniclayer.feedback import digest_of
from soniclayer.transcript.model import Cue
from soniclayer.turns import Turn

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from soniclayer.segments import Segment

_CLOSED = r"[\"'”’)\]」』）]*"
SENTENCE = re.compile(rf".+?(?:[.!?…]+{_CLOSED}(?=\s|$)|[。！？]+{_CLOSED}|$)\s*", re.DOTALL)
"""A sentence with its closing signs, or what is left at the end of a text; $3.5 and example.com are in one."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A segment rewritten, or cut.

    Attributes:
        show: id of the show in the library.
        words: digest of its words before, see `feedback.digest_of`.
        start_ms: where it begins; tells two of equal words apart.
        text: the new words, a line per turn ("Kim: Good morning."), or None where they stay.
        struck: (begin, end) of characters of the segment's text, the new one where there is one.
        made: when, in seconds since 1970 in UTC.
    """

    show: str
    words: str
    start_ms: int
    text: str | None = None
    struck: tuple[tuple[int, int], ...] = ()
    made: float = 0.0


@dataclass(frozen=True, slots=True)
class Sentence:
    """Characters `begin` to `end` of a segment's text, said by one speaker; they end a sentence or a turn."""

    begin: int
    end: int
    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class Cut:
    """Words that are struck out, and their time in the show as it was, in milliseconds."""

    start_ms: int
    end_ms: int
    words: str


@dataclass(frozen=True, slots=True)
class Edited:
    """A show after its edits.

    Attributes:
        segments: what is left, numbered anew, with the times moved up.
        origins: by position, the index that the segment had before.
        cuts: what is gone, in order of time.
    """

    segments: tuple[Segment, ...]
    origins: tuple[int, ...]
    cuts: tuple[Cut, ...]

    @property
    def removed_ms(self) -> int:
        """How much shorter the show is, in milliseconds."""
        return sum(cut.end_ms - cut.start_ms for cut in self.cuts)


def sentences(segment: Segment) -> tuple[Sentence, ...]:
    """The sentences of a segment, in order; together they are its text but for blanks."""
    found = []
    at = 0
    for turn in segment.turns or (Turn(", ".join(segment.speakers), segment.text),):
        at = max(at, segment.text.find(turn.text, at))
        for match in SENTENCE.finditer(turn.text):
            words = match.group().strip()
            if words:
                begin = at + match.start() + match.group().index(words)
                found.append(Sentence(begin, begin + len(words), turn.speaker, words))
        at += len(turn.text)
    return tuple(found)


def typed(segment: Segment) -> str:
    """A segment as text to edit: a line per turn, with its speaker where there are several."""
    turns = segment.turns or (Turn("", segment.text),)
    if len(turns) == 1:
        return turns[0].text
    return "\n".join(f"{turn.speaker}: {turn.text}" if turn.speaker else turn.text for turn in turns)


def rewritten(segment: Segment, text: str) -> Segment:
    """The segment in other words; a line that begins with nobody's name goes on with the speaker before.

    Blank text gives the segment as it is: strike it out instead.
    """
    names = {turn.speaker for turn in segment.turns if turn.speaker} | set(segment.speakers)
    speaker = segment.turns[0].speaker if segment.turns else ""
    turns: list[Turn] = []
    for line in text.splitlines():
        name, colon, rest = line.partition(":")
        if colon and name.strip() in names:
            speaker, line = name.strip(), rest
        if words := " ".join(line.split()):
            turns.append(Turn(speaker, words))
    if not turns:
        return segment
    speakers = tuple(dict.fromkeys(turn.speaker for turn in turns if turn.speaker)) or segment.speakers
    return replace(segment, text=" ".join(turn.text for turn in turns), turns=tuple(turns), speakers=speakers)


def find(edits: Iterable[Edit], segment: Segment) -> Edit | None:
    """The edit of a segment: that of its words, where it stands."""
    here = [edit for edit in edits if edit.start_ms == segment.start_ms]
    return next((edit for edit in here if edit.words == digest_of(segment.text)), None)


def apply(segments: Sequence[Segment], edits: Iterable[Edit]) -> Edited:
    """The show after these edits; one whose segment has other words by now does nothing."""
    waiting = tuple(edits)
    left: list[Segment] = []
    origins: list[int] = []
    cuts: list[Cut] = []
    moved = 0
    for segment in segments:
        edit = find(waiting, segment)
        kept, gone = (segment, []) if edit is None else _edited(segment, edit)
        cuts += gone
        removed = sum(cut.end_ms - cut.start_ms for cut in gone)
        if kept is not None:
            before = left[-1].text if left else ""
            start_ms, end_ms = kept.start_ms - moved, kept.end_ms - moved - removed
            left.append(replace(kept, index=len(left), start_ms=start_ms, end_ms=end_ms, before=before))
            origins.append(segment.index)
        moved += removed
    return Edited(tuple(left), tuple(origins), tuple(cuts))


def _edited(segment: Segment, edit: Edit) -> tuple[Segment | None, list[Cut]]:
    """The segment without what is struck out, at its old times, and what that is; None where nothing is left."""
    whole = segment if edit.text is None else rewritten(segment, edit.text)
    struck = _joined(edit.struck, len(whole.text))
    if not struck:
        return whole, []
    turns = _without(whole, struck)
    if not turns:
        return None, [Cut(segment.start_ms, segment.end_ms, whole.text)]
    cuts = [Cut(_at(whole, begin), _at(whole, end), whole.text[begin:end].strip()) for begin, end in struck]
    text = " ".join(turn.text for turn in turns)
    speakers = tuple(dict.fromkeys(turn.speaker for turn in turns if turn.speaker)) or whole.speakers
    return replace(whole, text=text, speakers=speakers, turns=tuple(turns) if whole.turns else ()), cuts


def _joined(struck: Iterable[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    """The ranges in order, none touching another, none beyond the text."""
    found: list[tuple[int, int]] = []
    for begin, end in sorted((max(0, begin), min(end, length)) for begin, end in struck):
        if begin >= end:
            continue
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found


def _without(segment: Segment, struck: Sequence[tuple[int, int]]) -> list[Turn]:
    """The turns without the characters that are struck out."""
    turns = []
    at = 0
    for turn in segment.turns or (Turn("", segment.text),):
        at = max(at, segment.text.find(turn.text, at))
        end = at + len(turn.text)
        bounds = [at, *(max(at, min(place, end)) for span in struck for place in span), end]
        parts = (segment.text[a:b].strip() for a, b in zip(bounds[::2], bounds[1::2], strict=True))
        if text := " ".join(filter(None, parts)):
            turns.append(Turn(turn.speaker, text))
        at = end
    return turns


def _at(segment: Segment, position: int) -> int:
    """Milliseconds at a character, as if every character took the same time."""
    return segment.start_ms + (segment.end_ms - segment.start_ms) * position // len(segment.text)


def cues(segments: Iterable[Segment]) -> tuple[Cue, ...]:
    """A cue per sentence; the time of a segment is shared out by letters."""
    return tuple(
        Cue(_at(segment, part.begin), _at(segment, part.end), part.text, part.speaker)
        for segment in segments
        for part in sentences(segment)
    )
