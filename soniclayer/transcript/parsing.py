"""The way of a file: size, magic bytes, decoding, sniffing, reading, finishing."""

from __future__ import annotations

from collections.abc import Callable

from soniclayer.errors import TranscriptError
from soniclayer.transcript.captions import TIMING, read_srt, read_vtt
from soniclayer.transcript.decode import decode
from soniclayer.transcript.finish import finish
from soniclayer.transcript.model import Transcript
from soniclayer.transcript.prose import read_text
from soniclayer.transcript.reading import Reading

MAX_BYTES = 25_000_000

_READERS: dict[str, Callable[[str], Reading]] = {
    "WebVTT": read_vtt,
    "SubRip (SRT)": read_srt,
    "Plain text": read_text,
}
FORMATS = tuple(_READERS)


def parse(
    name: str, data: bytes, *, format: str | None = None, encoding: str | None = None, max_bytes: int = MAX_BYTES
) -> Transcript:
    """The transcript in `data`. The file's name says nothing about the format.

    Args:
        name: the file's name, kept as data.
        data: the file as it is.
        format: one of FORMATS, in place of the guess.
        encoding: one of ENCODINGS, in place of the guess.
        max_bytes: files above this size are refused.

    Raises:
        TranscriptError: the file holds no transcript that can be read; says why and what to do.
    """
    if len(data) > max_bytes:
        raise TranscriptError(
            f"The file has {len(data) / 1e6:,.1f} MB, more than the {max_bytes / 1e6:g} MB that are read. "
            "Is it the audio? Upload the transcript, or split it."
        )
    decoded = decode(data, encoding)
    if not decoded.text.strip():
        raise TranscriptError("The file is empty. Upload the transcript again, or paste its text.")
    if format is None:
        format = sniff(decoded.text)
    elif format not in _READERS:
        raise TranscriptError(f"“{format}” is not a format that can be chosen. Choose one of {', '.join(FORMATS)}.")
    return finish(name, _READERS[format](decoded.text), decoded)


def sniff(text: str) -> str:
    """The name in FORMATS of the format that the text is written in."""
    if text.lstrip().startswith("WEBVTT"):
        return "WebVTT"
    if TIMING.search(text):
        return "SubRip (SRT)"
    return "Plain text"
