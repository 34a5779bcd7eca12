"""Text without times: paragraphs, with or without `Name:`."""

from __future__ import annotations

from soniclayer.transcript.model import Cue
from soniclayer.transcript.reading import Reading
from soniclayer.transcript.text import one_line


def read_text(text: str) -> Reading:
    """Every line is a cue without times."""
    cues = [Cue(None, None, one_line(line)) for line in text.split("\n") if line.strip()]
    return Reading("Plain text", cues, timed=False)
