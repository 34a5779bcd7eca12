"""What a reader hands back, before it becomes a Transcript."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from soniclayer.transcript.model import Cue


@dataclass(slots=True)
class Reading:
    """The cues of one file as its reader found them.

    Attributes:
        format: human-readable name of the format, more precise than the family where the file shows it.
        cues: in file order; texts may still hold line breaks, labels and be empty.
        notes: sentences for the import report.
        language: as the file states it, or "".
        labelled: the reader has found the speakers itself: `Name:` in a text is text.
        timed: the format gives times, so that a cue is a caption and not a paragraph.
        names: the labels that are names, where the reader knows them better than their text shows; else None.
        wall: the times are times of day, from which the start of the show is to be taken off.
        wrapped: a line break inside a cue only wraps its text; else a new line may begin with a new speaker.
    """

    format: str
    cues: list[Cue]
    notes: list[str] = field(default_factory=list)
    language: str = ""
    labelled: bool = False
    timed: bool = True
    names: frozenset[str] | None = None
    wall: bool = False
    wrapped: bool = False
