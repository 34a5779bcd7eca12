"""bytes -> Transcript: decode, sniff, one reader per family of formats."""

from soniclayer.transcript.decode import ENCODINGS
from soniclayer.transcript.model import Cue, Transcript, rename_speakers
from soniclayer.transcript.parsing import FORMATS, MAX_BYTES, parse

__all__ = ["ENCODINGS", "FORMATS", "MAX_BYTES", "Cue", "Transcript", "parse", "rename_speakers"]
