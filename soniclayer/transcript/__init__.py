"""bytes -> Transcript: decode, detect, one reader per family of formats."""

from soniclayer.transcript.decode import ENCODINGS
from soniclayer.transcript.model import Cue, Transcript, rename_speakers
from soniclayer.transcript.parsing import MAX_BYTES, format_names, parse

__all__ = ["ENCODINGS", "MAX_BYTES", "Cue", "Transcript", "format_names", "parse", "rename_speakers"]
