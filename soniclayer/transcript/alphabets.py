"""Which single-byte encoding a text is in: the one in which its letters are those of one language.

In texts of subtitle size statistical guessers take Polish for Western European and Koi8 for Japanese. That all
letters belong to one alphabet is a stronger sign, and costs one count of the bytes.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

_SAMPLE = 262_144
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
_INSIDE = re.compile(rb"(?<=[a-z])[\x80-\xff]")  # a capital does not follow a small letter


def single_byte(data: bytes) -> tuple[str, str]:
    """(the encoding in which one language explains nearly all letters, which language), or ("", "")."""
    sample = data[:_SAMPLE]
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
            score = sum(number for byte, number in high.items() if byte in small)
            score += sum(number - inside[byte] for byte, number in high.items() if byte in capital)
            if score > best_score:
                best, best_score = (encoding, language), score
    return best


@cache
def _letters(encoding: str, alphabet: str) -> tuple[frozenset[int], frozenset[int]]:
    """The bytes of the language's small letters and of signs, and those of its capitals."""
    known, small, capital = frozenset(alphabet), set(), set()
    for byte in range(128, 256):
        char = bytes([byte]).decode(encoding, errors="replace")
        if char in known or char in _SIGNS:
            small.add(byte)
        elif char.lower() in known or char == "İ":
            capital.add(byte)
    return frozenset(small), frozenset(capital)
