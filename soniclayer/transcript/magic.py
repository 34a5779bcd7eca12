"""What the first bytes say: files that are no transcript are named, and refused with the advice what to export."""

from __future__ import annotations

import re

from soniclayer.errors import TranscriptError

_AUDIO = "Upload its transcript instead: a podcast host, Descript or Whisper exports one as SRT or VTT."
_SUBTITLES = "Open it in Subtitle Edit or your editing program and export the subtitles as SRT or VTT."
_TEXT = "Open it and save it as plain text (.txt) or Word (.docx), then upload that."
_ARCHIVE = "Unpack it and upload the transcript that is inside."
_IMAGE = "Upload the transcript itself as SRT, VTT, TXT or DOCX."

_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "a PNG image", _IMAGE),
    (b"\xff\xd8\xff", "a JPEG image", _IMAGE),
    (b"GIF8", "a GIF image", _IMAGE),
    (b"BM", "a BMP image", _IMAGE),
    (b"II*\x00", "a TIFF image", _IMAGE),
    (b"MM\x00*", "a TIFF image", _IMAGE),
    (b"%PDF", "a PDF document", "Copy its text and paste it, or export the transcript as DOCX or TXT."),
    (b"{\\rtf", "an RTF document", _TEXT),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document (.doc, .xls or .ppt)", _TEXT),
    (b"ID3", "MP3 audio", _AUDIO),
    (b"OggS", "Ogg audio", _AUDIO),
    (b"fLaC", "FLAC audio", _AUDIO),
    (b"#!AMR", "AMR audio", _AUDIO),
    (b"caff", "CAF audio", _AUDIO),
    (b"\x1aE\xdf\xa3", "a Matroska or WebM video", _AUDIO),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "Windows Media audio or video", _AUDIO),
    (b"\x1f\x8b", "a gzip archive", _ARCHIVE),
    (b"BZh", "a bzip2 archive", _ARCHIVE),
    (b"\xfd7zXZ\x00", "an xz archive", _ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _ARCHIVE),
    (b"Rar!\x1a\x07", "a RAR archive", _ARCHIVE),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", _ARCHIVE),
    (b"SQLite format 3\x00", "an SQLite database", _IMAGE),
    (b"\x7fELF", "a program", _IMAGE),
    (b"MZ\x90", "a program", _IMAGE),
)
_RIFF = {b"WAVE": ("WAV audio", _AUDIO), b"AVI ": ("an AVI video", _AUDIO), b"WEBP": ("a WebP image", _IMAGE)}
_EXPORT = "Export the transcript or its captions as SRT, VTT or TXT, and upload those."
_TEXTS = (
    ("an SCC or MCC file: closed captions in codes for broadcast", r"\s*(?:Scenarist_SCC V|File Format=MacCaption)"),
    (
        "an edit decision list (EDL): cuts, without words",
        r"\s*(?:TITLE:[^\n]{0,200}\n\s{0,9})?(?:FCM:[^\n]{0,40}\n\s{0,9})?\d{3,6}[ \t]{1,9}\S{1,40}[ \t]{1,9}"
        r"(?:V\d?|A{1,2}\d?|AA/V|B|NONE)[ \t]{1,9}(?:C|D|W\d{3}|K)\b",
    ),
    (
        "an RTTM file: who speaks when, without words",
        r"\s*(?:;;[^\n]{0,300}\n|SPKR-INFO [^\n]{0,300}\n){0,50}SPEAKER \S{1,200} \d{1,3} [\d.]{1,9} [\d.]{1,9} <NA>",
    ),
    ("an Avid log (ALE): clips, without words", r"\s*Heading\s{0,9}\nFIELD_DELIM\b"),
    ("a project of an editing program", r"\s*(?:<[?!][^<>]{0,200}>\s{0,9}){0,3}<(?:fcpxml|xmeml)\b"),
)
# What text never holds: with these, two letters such as "BM" are a signature and not the start of a word.
_BINARY = bytes((*range(9), *range(14, 27), 28, 29, 30, 31))


def is_zip(data: bytes) -> bool:
    """Whether a file is a zip archive, as Word documents are."""
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def refuse_binary(data: bytes) -> None:
    """Raises TranscriptError for pictures, audio, archives and documents that are not read."""
    found = _identify(data[:64])
    if found is not None and "EncryptedPackage".encode("utf-16-le") in data:
        found = "an Office document with a password", "Save it again without a password, and upload that."
    if found is not None and (
        data.startswith((b"%PDF", b"{\\rtf"))
        or data[3:6] == b"STL"
        or data[:512].translate(None, _BINARY) != data[:512]
    ):
        what, advice = found
        raise TranscriptError(f"This is {what}, not a transcript. {advice}")


def _identify(head: bytes) -> tuple[str, str] | None:
    if head[3:6] == b"STL" and head[6:11].endswith(b".01"):
        return "an EBU-STL file for broadcast (binary subtitles)", _SUBTITLES
    for signature, what, advice in _SIGNATURES:
        if head.startswith(signature):
            return what, advice
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], ("audio or video", _AUDIO))
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "AIFF audio", _AUDIO
    if head[4:8] == b"ftyp":
        return "an MPEG-4 audio or video file", _AUDIO
    if len(head) > 2 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] not in (0xFE, 0xFF):
        return "MP3 or AAC audio", _AUDIO
    return None


def refuse_text(text: str) -> None:
    """Raises TranscriptError for texts of editors, broadcasters and linguists that are no transcripts to read."""
    for what, pattern in _TEXTS:
        if re.match(pattern, text):
            raise TranscriptError(f"This is {what}. {_EXPORT}")
