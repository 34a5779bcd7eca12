"""bytes -> Transcript: decode, sniff, one reader per family of formats."""

from soniclayer.transcript.model import Cue, Transcript

__all__ = ["Cue", "Transcript"]
