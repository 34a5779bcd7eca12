"""bytes -> text: byte order mark, UTF-8, UTF-16 and UTF-32, Western bytes, and only then a guess."""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass

from charset_normalizer import from_bytes

from soniclayer.errors import TranscriptError
from soniclayer.transcript.alphabets import single_byte
from soniclayer.transcript.text import count, normalise

# What a user may choose from, in place of the guess.
_NAMES = (
    "utf-8 utf-16-le utf-16-be utf-32-le utf-32-be cp1252 iso-8859-15 mac-roman cp1250 iso-8859-2 cp1251 koi8-r "
    "cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 cp874 cp932 euc-jp iso2022-jp gb18030 big5 cp949"
)
ENCODINGS = tuple(_NAMES.split())
_MARKS = (  # UTF-32's mark begins with UTF-16's
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 16_384
# A UTF-8 character cut in two by a tool that breaks lines between bytes (whisper.cpp with -ml 1).
_CUT_CHARACTER = re.compile(
    rb"([\xc2-\xf4][\x80-\xbf]{0,2})((?:\r?\n(?:\[[0-9:., >-]{10,40}\][ ]{0,4})?){1,3})([\x80-\xbf]{1,3})"
)


@dataclass(frozen=True, slots=True)
class Decoded:
    r"""Text with `\n` line breaks and no invisible characters, the encoding used, and notes about it."""

    text: str
    encoding: str
    notes: tuple[str, ...] = ()


def decode(data: bytes, encoding: str | None = None) -> Decoded:
    """Text of `data`, in the given encoding or the one found.

    Raises:
        TranscriptError: the bytes are not text, or not in the encoding that was asked for.
    """
    text, used, notes = _decode_as(data, encoding) if encoding else _find(data)
    text, removed = normalise(text)
    if removed > 10 and removed > len(text) / 100 and _binary(data):
        raise TranscriptError(
            "This file is not text (it holds many control characters), so there is no transcript to read. "
            "Export the transcript as SRT, VTT, TXT or DOCX."
        )
    if removed:
        notes.append(f"{count(removed, 'invisible character')} removed.")
    return Decoded(text, used, tuple(notes))


def _binary(data: bytes) -> bool:
    """Whether over one byte in a hundred is a control character; zeros are half of UTF-16."""
    return len(data) - len(data.translate(None, _CONTROLS)) > len(data) / 100


_CONTROLS = bytes((*range(1, 9), *range(14, 27), 127))


def _decode_as(data: bytes, encoding: str) -> tuple[str, str, list[str]]:
    name = encoding.strip().lower()
    if name not in ENCODINGS:
        raise TranscriptError(
            f"“{encoding}” is not an encoding that can be chosen. Choose one of {', '.join(ENCODINGS)}."
        )
    for mark, marked in _MARKS:
        if marked == name and data.startswith(mark):
            data = data[len(mark) :]
    try:
        text = data.decode(name)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise TranscriptError(
            f"The file is not in the encoding {name}: line {line} holds bytes that it cannot have. "
            "Choose another encoding, or let it be guessed."
        ) from error
    strange = sum(unicodedata.category(char) in ("Cn", "Co", "Cc") and not char.isspace() for char in text[:_SAMPLE])
    if strange > 3 and strange > len(text[:_SAMPLE]) / 50:
        raise TranscriptError(f"Read as {name} the file is not text. Choose another encoding, or let it be guessed.")
    return text, name, []


def _find(data: bytes) -> tuple[str, str, list[str]]:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _marked(data[len(mark) :], name)
    wide = _wide(data)
    if wide:
        return _marked(data, wide)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _legacy(data)
    if b"\x1b$" in data:  # ISO-2022-JP hides Japanese in ASCII
        try:
            return data.decode("iso2022-jp"), "iso2022-jp", []
        except UnicodeDecodeError:
            pass
    return text, "utf-8", []


def _marked(data: bytes, name: str) -> tuple[str, str, list[str]]:
    text = data.decode(name, errors="replace")
    return text, name, _replaced(text)


def _replaced(text: str) -> list[str]:
    bad = text.count("\ufffd")
    if not bad:
        return []
    line = text.count("\n", 0, text.index("\ufffd")) + 1
    return [f"{count(bad, 'damaged character')} shown as \ufffd, the first in line {line}."]


def _wide(data: bytes) -> str:
    """UTF-16 or UTF-32 without a mark: digits, blanks and line breaks leave zero bytes in fixed places."""
    sample = data[: _SAMPLE * 4]
    zeros = [sample[offset::4].count(0) for offset in range(4)]
    share = len(sample) / 4
    if share < 2 or sum(zeros) < share * 0.1:
        return ""
    full = [zero > share * 0.9 for zero in zeros]
    if full[2] and full[3]:
        return "utf-32-le"
    if full[0] and full[1]:
        return "utf-32-be"
    even, odd = zeros[0] + zeros[2], zeros[1] + zeros[3]
    if odd > 8 * even:
        return "utf-16-le"
    return "utf-16-be" if even > 8 * odd else ""


def _legacy(data: bytes) -> tuple[str, str, list[str]]:
    damaged = _damaged_utf8(data)
    if damaged:
        return damaged
    name, language = single_byte(data)
    why = f"in it, nearly all letters beyond ASCII are those of {language}" if name else "it fits the bytes best"
    name = name or _guess(data)
    text = data.decode(name, errors="replace")
    note = f"The encoding was guessed: {name}, as {why}. If the text looks wrong, choose another."
    return text, name, [note, *_replaced(text)]


def _damaged_utf8(data: bytes) -> tuple[str, str, list[str]] | None:
    """Nearly all is UTF-8: join characters cut in two, read lone bytes as cp1252."""
    joined, cuts = data, 0
    for _ in range(3):  # a character of four bytes can be cut three times
        joined, found = _CUT_CHARACTER.subn(rb"\1\3\2", joined)
        cuts += found
    text = joined.decode("utf-8", errors="surrogateescape")
    strays = _STRAY.findall(text)
    good = sum(map(len, _NON_ASCII.findall(text)))
    # A Western letter stands alone among ASCII; Chinese bytes come in rows, of which some look like UTF-8.
    if len(strays) > good + cuts or len(_LONE_STRAY.findall(text)) < len(strays) * 0.8:
        return None
    notes = [f"{count(cuts, 'character')} cut in two by a line break joined."] if cuts else []
    line = text.count("\n", 0, _STRAY.search(text).start()) + 1 if strays else 0  # type: ignore[union-attr]
    text = _STRAY.sub(_stray, text)
    if strays:
        notes.append(f"{count(len(strays), 'byte')} not in UTF-8 read as Western text, the first in line {line}.")
    return text, "utf-8", notes


_STRAY = re.compile("[\udc80-\udcff]+")
_LONE_STRAY = re.compile("(?<![^\x00-\x7f])[\udc80-\udcff]{1,3}(?![^\x00-\x7f])")
_NON_ASCII = re.compile("[\x80-\ud7ff\ue000-\U0010ffff]+")


def _stray(match: re.Match[str]) -> str:
    return match[0].encode("utf-8", "surrogateescape").decode("cp1252", errors="replace")


def _guess(data: bytes) -> str:
    """Charset-normalizer's answer from the lines that are not ASCII: the rest says nothing and costs time."""
    lines = [line for line in data.splitlines() if not line.isascii()]
    best = from_bytes(b"\n".join(lines)[:_SAMPLE], cp_isolation=list(ENCODINGS)).best()
    return best.encoding if best else "cp1252"
