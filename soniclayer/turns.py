"""What one speaker says in a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from soniclayer.transcript.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Turn:
    """A part of a segment that one speaker says.

    Attributes:
        speaker: the name, or "" if unknown.
        text: the words; never empty.
        start_ms: when it begins, in milliseconds from the start of the show.
    """

    speaker: str
    text: str
    start_ms: int = 0


def turns(
    lines: Timeline, text: str, begins: list[int], begin: int, end: int, line: int, start_ms: int
) -> tuple[Turn, ...]:
    """Characters `begin` to `end` of the joined lines, cut where the speaker changes; blanks at the cuts are dropped.

    text, begins: as `timeline.joined` gives them. line: the one that holds the first character. start_ms: its time.
    """
    found: list[tuple[str, int, int]] = []
    while line < len(begins) and begins[line] < end:
        if not found or found[-1][0] != lines.speakers[line]:
            found.append((lines.speakers[line], max(begin, begins[line]), lines.starts[line] if found else start_ms))
        line += 1
    ends = [start for _, start, _ in found[1:]] + [end]
    return tuple(
        Turn(name, text[start:stop].strip(), at) for (name, start, at), stop in zip(found, ends, strict=True)
    )
