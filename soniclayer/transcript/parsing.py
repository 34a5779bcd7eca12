"""The way of a file: size, magic bytes, decoding, sniffing, reading, finishing."""

from __future__ import annotations

import re
from collections.abc import Callable

from soniclayer.errors import TranscriptError
from soniclayer.transcript.captions import is_srt, read_srt, read_vtt
from soniclayer.transcript.decode import Decoded, decode
from soniclayer.transcript.docx import read_docx
from soniclayer.transcript.finish import finish
from soniclayer.transcript.json_reader import read_json
from soniclayer.transcript.magic import is_zip, refuse_binary
from soniclayer.transcript.markup import is_html, read_html
from soniclayer.transcript.model import Transcript
from soniclayer.transcript.prose import is_markdown, read_markdown, read_plain, read_text, read_timed
from soniclayer.transcript.reading import Reading
from soniclayer.transcript.subtitles import is_ass, is_lrc, is_sbv, read_ass, read_lrc, read_sbv
from soniclayer.transcript.tables import is_table, read_table
from soniclayer.transcript.xml_files import is_xml, read_xml

MAX_BYTES = 25_000_000

_READERS: dict[str, Callable[[str], Reading]] = {
    "WebVTT": read_vtt,
    "SubRip (SRT)": read_srt,
    "JSON": read_json,
    "HTML": read_html,
    "XML": read_xml,
    "ASS/SSA": read_ass,
    "LRC": read_lrc,
    "SBV": read_sbv,
    "Table (CSV, TSV)": read_table,
    "Markdown": read_markdown,
    "Timed text": read_timed,
    "Plain text": read_plain,
}
FORMATS = (*_READERS, "Word document")
# An array or object; `[00:12]` and `[Music]` are text.
_JSON_START = re.compile(r'\s*(?:\{\s*(?:"|\}|$)|\[\s*(?:[\[{"\]]|$))')


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
            f"The file has {len(data):,} bytes, more than the {max_bytes:,} that are read. "
            "Is it the audio? Upload the transcript, or split it."
        )
    if format is not None and format not in FORMATS:
        raise TranscriptError(f"“{format}” is not a format that can be chosen. Choose one of {', '.join(FORMATS)}.")
    if is_zip(data):
        if format not in (None, "Word document"):
            raise TranscriptError(f"This is a ZIP file such as Word writes, not {format}. Choose Word document.")
        return finish(name, read_docx(data, read_guessed), Decoded("", "utf-8"))
    refuse_binary(data)
    if format == "Word document":
        raise TranscriptError("This is not a Word document (.docx). Choose another format, or let it be guessed.")
    decoded = decode(data, encoding)
    reader = _READERS[format] if format else read_guessed
    if not decoded.text.strip():
        raise TranscriptError("The file is empty. Upload the transcript again, or paste its text.")
    return finish(name, reader(decoded.text), decoded)


def read_guessed(text: str) -> Reading:
    """The text, read as what it looks like."""
    return sniff(text)(text) if text.strip() else read_plain(text)


def sniff(text: str) -> Callable[[str], Reading]:
    """The reader for what the text begins with and looks like; formats that are hard to mistake come first."""
    start = text.lstrip()[:6]
    if start == "WEBVTT":
        return read_vtt
    if start[0] in "{[" and _JSON_START.match(text):
        return read_json
    if start[0] == "<":
        if is_html(text):
            return read_html
        if is_xml(text):
            return read_xml
    for found, reader in (
        (is_ass, read_ass),
        (is_srt, read_srt),
        (is_sbv, read_sbv),
        (is_table, read_table),
        (is_lrc, read_lrc),
        (is_markdown, read_markdown),
    ):
        if found(text):
            return reader
    return read_text
