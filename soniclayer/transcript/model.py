"""What a transcript is, once read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Cue:
    """One timed line of speech, as a caption file holds it.

    Attributes:
        start_ms: start in milliseconds, or None where the file gives no time.
        end_ms: end in milliseconds, or None where the file gives none.
        text: the words, without markup; never empty.
        speaker: the speaker's name as the file gives it, or "" if unknown.
    """

    start_ms: int | None
    end_ms: int | None
    text: str
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class Transcript:
    """A transcript as read from one file.

    Attributes:
        name: the file's name, as data.
        format: human-readable name of the format that was recognised ("WebVTT", "SubRip (SRT)"...).
        cues: in file order.
        notes: the import report, one sentence each, for people: what was understood, repaired or skipped.
        encoding: name of the text encoding that was used.
        language: language code or name as the file states it, or "".
    """

    name: str
    format: str
    cues: tuple[Cue, ...]
    notes: tuple[str, ...] = ()
    encoding: str = "utf-8"
    language: str = ""

    @property
    def speakers(self) -> tuple[str, ...]:
        """Distinct speakers in order of first appearance."""
        return tuple(dict.fromkeys(cue.speaker for cue in self.cues if cue.speaker))

    @property
    def duration_s(self) -> float:
        """Time of the last known cue end (or start) in seconds; 0.0 where the file gives no times."""
        return max((cue.end_ms or cue.start_ms or 0 for cue in self.cues), default=0) / 1000


def rename_speakers(transcript: Transcript, mapping: Mapping[str, str]) -> Transcript:
    """The transcript with every speaker named in `mapping` renamed; a blank new name leaves the old one."""
    if not (names := {old: new.strip() for old, new in mapping.items() if new.strip() and new.strip() != old}):
        return transcript
    cues = (replace(cue, speaker=names[cue.speaker]) if cue.speaker in names else cue for cue in transcript.cues)
    return replace(transcript, cues=tuple(cues))
