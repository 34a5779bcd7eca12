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
    (rb"...STL..\.01", "an EBU-STL file for broadcast (binary subtitles)", _SUBTITLES),
    (rb"\x89PNG\r\n\x1a\n", "a PNG image", _IMAGE),
    (rb"\xff\xd8\xff", "a JPEG image", _IMAGE),
    (rb"GIF8", "a GIF image", _IMAGE),
    (rb"BM", "a BMP image", _IMAGE),
    (rb"II\*\x00|MM\x00\*", "a TIFF image", _IMAGE),
    (rb"%PDF", "a PDF document", "Copy its text and paste it, or export the transcript as DOCX or TXT."),
    (rb"\{\\rtf", "an RTF document", _TEXT),
    (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document (.doc, .xls or .ppt)", _TEXT),
    (rb"ID3", "MP3 audio", _AUDIO),
    (rb"OggS", "Ogg audio", _AUDIO),
    (rb"fLaC", "FLAC audio", _AUDIO),
    (rb"#!AMR", "AMR audio", _AUDIO),
    (rb"caff", "CAF audio", _AUDIO),
    (rb"\x1aE\xdf\xa3", "a Matroska or WebM video", _AUDIO),
    (rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "Windows Media audio or video", _AUDIO),
    (rb"\x1f\x8b", "a gzip archive", _ARCHIVE),
    (rb"BZh", "a bzip2 archive", _ARCHIVE),
    (rb"\xfd7zXZ\x00", "an xz archive", _ARCHIVE),
    (rb"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _ARCHIVE),
    (rb"Rar!\x1a\x07", "a RAR archive", _ARCHIVE),
    (rb"\x28\xb5\x2f\xfd", "a Zstandard archive", _ARCHIVE),
    (rb"SQLite format 3\x00", "an SQLite database", _IMAGE),
    (rb"\x7fELF|MZ\x90", "a program", _IMAGE),
    (rb"RIFF....WAVE", "WAV audio", _AUDIO),
    (rb"RIFF....AVI ", "an AVI video", _AUDIO),
    (rb"RIFF....WEBP", "a WebP image", _IMAGE),
    (rb"RIFF", "audio or video", _AUDIO),
    (rb"FORM....AIF[FC]", "AIFF audio", _AUDIO),
    (rb"....ftyp", "an MPEG-4 audio or video file", _AUDIO),
    (rb"\xff[\xe0-\xfd].", "MP3 or AAC audio", _AUDIO),
)
_EXPORT = "Export the transcript or its captions as SRT, VTT or TXT, and upload those."
_NO_SPEECH = (
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
ZIP = (b"PK\x03\x04", b"PK\x05\x06")  # how zip archives begin, and with them Word documents
# What text never holds: with these, two letters such as "BM" are a signature and not the start of a word.
_BINARY = bytes((*range(9), *range(14, 27), 28, 29, 30, 31))


def refuse_binary(data: bytes) -> None:
    """Raises TranscriptError for pictures, audio, archives and documents that are not read."""
    kinds = ((what, advice) for pattern, what, advice in _SIGNATURES if re.match(pattern, data[:64], re.S))
    what, advice = next(kinds, ("", ""))
    if what and "EncryptedPackage".encode("utf-16-le") in data:
        what, advice = "an Office document with a password", "Save it again without a password, and upload that."
    certain = data.startswith((b"%PDF", b"{\\rtf")) or data[3:6] == b"STL"
    if what and (certain or data[:512].translate(None, _BINARY) != data[:512]):
        raise TranscriptError(f"This is {what}, not a transcript. {advice}")


def refuse_text(text: str) -> None:
    """Raises TranscriptError for texts of editors, broadcasters and linguists that are no transcripts to read."""
    for what, pattern in _NO_SPEECH:
        if re.match(pattern, text):
            raise TranscriptError(f"This is {what}. {_EXPORT}")
