"""Transcript -> segments: stretches of about half a minute that a listener judges as one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of speech that is judged as one.

    Attributes:
        index: 0-based position in the show.
        start_ms, end_ms: integer milliseconds from the start of the show.
        speakers: names, the one who says most first; empty if unknown.
        text: the words, never empty.
        before: the text of the segment just before, or "" at the start of the show.
    """

    index: int
    start_ms: int
    end_ms: int
    speakers: tuple[str, ...]
    text: str
    before: str = ""

    @property
    def start_s(self) -> float:
        return self.start_ms / 1000

    @property
    def end_s(self) -> float:
        return self.end_ms / 1000
