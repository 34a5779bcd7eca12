"""Short forms for the tests of this folder."""

from __future__ import annotations

from soniclayer.transcript import Transcript, parse

Line = tuple[int | None, int | None, str, str]


def read(source: str | bytes) -> Transcript:
    return parse("upload", source.encode() if isinstance(source, str) else source)


def lines(source: str | bytes) -> list[Line]:
    """(start, end, speaker, text) of every cue."""
    return [(cue.start_ms, cue.end_ms, cue.speaker, cue.text) for cue in read(source).cues]


def said(source: str | bytes) -> list[tuple[str, str]]:
    """(speaker, text) of every cue."""
    return [(cue.speaker, cue.text) for cue in read(source).cues]


def note(transcript: Transcript, words: str) -> str:
    """The one note that holds these words."""
    found = [note for note in transcript.notes if words in note]
    assert len(found) == 1, transcript.notes
    return found[0]
