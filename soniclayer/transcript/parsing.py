"""The way of a file: size, magic bytes, decoding, format, reading, assembling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soniclayer.errors import TranscriptError
from soniclayer.transcript import formats
from soniclayer.transcript.answers import unwrapped
from soniclayer.transcript.assemble import assemble
from soniclayer.transcript.decode import Decoded, decode
from soniclayer.transcript.formats.docx import read_docx
from soniclayer.transcript.formats.prose import read_plain
from soniclayer.transcript.magic import ZIP, refuse_binary, refuse_text

if TYPE_CHECKING:
    from soniclayer.transcript.model import Transcript
    from soniclayer.transcript.reading import Reading

MAX_BYTES = 25_000_000
WORD = "Word document"


def format_names() -> tuple[str, ...]:
    """The formats that can be chosen in place of the guess."""
    return (*(format.name for format in formats.FORMATS), WORD)


def parse(
    name: str, data: bytes, *, format: str | None = None, encoding: str | None = None, max_bytes: int = MAX_BYTES
) -> Transcript:
    """The transcript in `data`. The file's name says nothing about the format.

    Args:
        name: the file's name, kept as data.
        data: the file as it is.
        format: one of `format_names`, in place of the guess.
        encoding: one of ENCODINGS, in place of the guess.
        max_bytes: files above this size are refused.

    Raises:
        TranscriptError: the file holds no transcript that can be read; says why and what to do.
    """
    if len(data) > max_bytes:
        raise TranscriptError(
            f"The file has {len(data):,} bytes, more than the {max_bytes:,} that are read. "
            "Is it the audio? Upload the transcript, or split it."
        )
    if format is not None and format not in (names := format_names()):
        raise TranscriptError(f"“{format}” is not a format that can be chosen. Choose one of {', '.join(names)}.")
    if data.startswith(ZIP):
        if format not in (None, WORD):
            raise TranscriptError(f"This is a ZIP file such as Word writes, not {format}. Choose Word document.")
        return assemble(name, read_docx(data, read_guessed), Decoded("", "utf-8"))
    refuse_binary(data)
    if format == WORD:
        raise TranscriptError("This is not a Word document (.docx). Choose another format, or let it be guessed.")
    decoded = decode(data, encoding)
    reader = next((known.read for known in formats.FORMATS if known.name == format), read_guessed)
    if not decoded.text.strip():
        raise TranscriptError("The file is empty. Upload the transcript again, or paste its text.")
    return assemble(name, reader(decoded.text), decoded)


def read_guessed(text: str) -> Reading:
    """The text, read as what it looks like."""
    refuse_text(text)
    text, notes = unwrapped(text)
    reading = formats.detect(text).read(text) if text.strip() else read_plain(text)
    reading.notes[:0] = notes
    return reading
