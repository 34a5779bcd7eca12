"""bytes -> text: byte order mark, UTF-8, UTF-16 and UTF-32, Western bytes, and only then a guess."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from charset_normalizer import from_bytes

from soniclayer.errors import TranscriptError
from soniclayer.transcript.text import count, normalise

# What a user may choose from, in place of the guess.
_NAMES = (
    "utf-8 utf-16-le utf-16-be utf-32-le utf-32-be cp1252 iso-8859-15 mac-roman cp1250 iso-8859-2 cp1251 koi8-r "
    "cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 cp874 cp932 euc-jp iso2022-jp gb18030 big5 cp949"
)
ENCODINGS = tuple(_NAMES.split())
_MARKS = {  # UTF-32's mark begins with UTF-16's
    "utf-8": codecs.BOM_UTF8,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
}
_SAMPLE = 16_384
# A UTF-8 character cut in two by a tool that breaks lines between bytes (whisper.cpp with -ml 1).
_CUT_CHARACTER = re.compile(
    rb"([\xc2-\xf4][\x80-\xbf]{0,2})((?:\r?\n(?:\[[0-9:., >-]{10,40}\][ ]{0,4})?){1,3})([\x80-\xbf]{1,3})"
)

# Which single-byte encoding a text is in: the one in which its letters are those of one language. In texts as long as
# subtitles, statistical guessers take Polish for Western European and Koi8 for Japanese.
_LETTERS = 262_144  # bytes whose letters are counted
_ENOUGH = 0.9  # share of the characters above ASCII that one language must explain
_LATIN = 0.35  # languages in Latin letters have fewer accents than this among their letters
_SIGNS = "‘’‚“”„–—…«»‹›•·£€©®™°§ªº½¼¾´\xa0№"
_WESTERN = {
    "àâæçéèêëîïôœùûüÿ": "French",
    "äöüß": "German",
    "áéíóúñü¿¡": "Spanish",
    "áâãàçéêíóôõú": "Portuguese",
    "àèéìíòóùî": "Italian",
    "åäöæøéü": "Nordic languages",
    "áðéíóúýþæö": "Icelandic",
    "éëïóöüèêáíú": "Dutch",
    "àéèíïóòúüç": "Catalan",
}
_CENTRAL = {
    "ąćęłńóśźż": "Polish",
    "áčďéěíňóřšťúůýž": "Czech",
    "áäčďéíĺľňóôŕšťúýž": "Slovak",
    "áéíóöőúüű": "Hungarian",
    "ăâîşţ": "Romanian",
    "čćđšž": "Croatian and Slovene",
}
# In the order of how often they are met; the first of equals is taken.
_LANGUAGES = (
    ("cp1252", _WESTERN),
    ("cp1250", _CENTRAL),
    ("cp1254", {"çğıöşüâîi\u0307": "Turkish"}),
    ("cp1257", {"ąčęėįšųūž": "Lithuanian", "āčēģīķļņšūž": "Latvian", "äöüõšž": "Estonian"}),
    ("iso-8859-2", _CENTRAL),
    ("mac-roman", _WESTERN),
)
_CONTROLS = bytes((*range(1, 9), *range(14, 27), 127))  # without zeros, which are half of UTF-16
_INSIDE = re.compile(rb"(?<=[a-z])[\x80-\xff]")  # a capital does not follow a small letter


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
    if removed > max(10, len(text) / 100) and len(data.translate(None, _CONTROLS)) * 100 < len(data) * 99:
        raise TranscriptError(
            "This file is not text (it holds many control characters), so there is no transcript to read. "
            "Export the transcript as SRT, VTT, TXT or DOCX."
        )
    if removed:
        notes.append(f"{count(removed, 'invisible character')} removed.")
    return Decoded(text, used, tuple(notes))


def _decode_as(data: bytes, encoding: str) -> tuple[str, str, list[str]]:
    name = encoding.strip().lower()
    if name not in ENCODINGS:
        raise TranscriptError(
            f"“{encoding}” is not an encoding that can be chosen. Choose one of {', '.join(ENCODINGS)}."
        )
    data = data.removeprefix(_MARKS.get(name, b""))
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
    name = next((name for name, mark in _MARKS.items() if data.startswith(mark)), "") or _wide(data)
    if name:
        text = data.removeprefix(_MARKS[name]).decode(name, errors="replace")
        return text, name, _replaced(text)
    for name in ("iso2022-jp", "utf-8") if b"\x1b$" in data else ("utf-8",):  # the first hides Japanese in ASCII
        with suppress(UnicodeDecodeError):
            return data.decode(name), name, []
    return _legacy(data)


def _replaced(text: str) -> list[str]:
    if not (bad := text.count("\ufffd")):
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
    if damaged := _damaged_utf8(data):
        return damaged
    name, language = _single_byte(data)
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
    if strays:
        line = text.count("\n", 0, text.index(strays[0])) + 1
        notes.append(f"{count(len(strays), 'byte')} not in UTF-8 read as Western text, the first in line {line}.")
    western = _STRAY.sub(lambda stray: stray[0].encode("utf-8", "surrogateescape").decode("cp1252", "replace"), text)
    return western, "utf-8", notes


_STRAY = re.compile("[\udc80-\udcff]+")
_LONE_STRAY = re.compile("(?<![^\x00-\x7f])[\udc80-\udcff]{1,3}(?![^\x00-\x7f])")
_NON_ASCII = re.compile("[\x80-\ud7ff\ue000-\U0010ffff]+")


def _guess(data: bytes) -> str:
    """Charset-normalizer's answer from the lines that are not ASCII: the rest says nothing and costs time."""
    lines = [line for line in data.splitlines() if not line.isascii()]
    best = from_bytes(b"\n".join(lines)[:_SAMPLE], cp_isolation=list(ENCODINGS)).best()
    return best.encoding if best else "cp1252"


def _single_byte(data: bytes) -> tuple[str, str]:
    """(the encoding in which one language explains nearly all letters, which language), or ("", "")."""
    sample = data[:_LETTERS]
    counts = Counter(sample)
    letters = sum(number for byte, number in counts.items() if 97 <= byte | 32 <= 122)
    high = {byte: number for byte, number in counts.items() if byte > 127}
    total = sum(high.values())
    if total > _LATIN * (letters + total):
        # Koi8 has its small letters where other Cyrillic encodings have capitals.
        koi8 = sum(number for byte, number in high.items() if 0xC0 <= byte <= 0xDF)
        return ("koi8-r", "Russian") if koi8 >= 0.85 * total else ("", "")
    inside = Counter(match[0][0] for match in _INSIDE.finditer(sample))
    best, best_score = ("", ""), _ENOUGH * total
    for encoding, alphabets in _LANGUAGES:
        for alphabet, language in alphabets.items():
            small, capital = _letters(encoding, alphabet)
            score = sum(high[byte] for byte in high.keys() & small)
            score += sum(high[byte] - inside[byte] for byte in high.keys() & capital)
            if score > best_score:
                best, best_score = (encoding, language), score
    return best


@cache
def _letters(encoding: str, alphabet: str) -> tuple[frozenset[int], frozenset[int]]:
    """The bytes of the language's small letters and of signs, and those of its capitals."""
    chars = {byte: bytes([byte]).decode(encoding, errors="replace") for byte in range(128, 256)}
    small = frozenset(byte for byte, char in chars.items() if char in alphabet or char in _SIGNS)
    capital = frozenset(byte for byte, char in chars.items() if char.lower() in alphabet or char == "İ")
    return small, capital - small
