"""Which single-byte encoding a text is in: the one in which its letters are those of one language.

In texts of subtitle size statistical guessers take Polish for Western European and Koi8 for Japanese. That all
letters belong to one alphabet is a stronger sign, and costs one count of the bytes.
"""

from __future__ import annotations

from collections import Counter
from functools import cache

_SAMPLE = 262_144
_ENOUGH = 0.9  # share of the characters above ASCII that one language must explain
_LATIN = 0.35  # languages in Latin letters have fewer accents than this among their letters
_SIGNS = "‘’‚“”„–—…«»‹›•·£€©®™°§ªº½¼¾´\xa0№"
_WESTERN = (
    "àâæçéèêëîïôœùûüÿ",  # French
    "äöüß",  # German
    "áéíóúñü¿¡",  # Spanish
    "áâãàçéêíóôõú",  # Portuguese
    "àèéìíòóùî",  # Italian
    "åäöæøéü",  # Nordic
    "áðéíóúýþæö",  # Icelandic
    "éëïóöüèêáíú",  # Dutch
    "àéèíïóòúüç",  # Catalan
)
_CENTRAL = (
    "ąćęłńóśźż",  # Polish
    "áčďéěíňóřšťúůýž",  # Czech
    "áäčďéíĺľňóôŕšťúýž",  # Slovak
    "áéíóöőúüű",  # Hungarian
    "ăâîşţ",  # Romanian
    "čćđšž",  # Croatian, Slovene
)
# In the order of how often they are met; the first of equals is taken.
_LANGUAGES = (
    ("cp1252", _WESTERN),
    ("cp1250", _CENTRAL),
    ("cp1254", ("çğıöşüâîi\u0307",)),
    ("cp1257", ("ąčęėįšųūž", "āčēģīķļņšūž", "äöüõšž")),
    ("iso-8859-2", _CENTRAL),
    ("mac-roman", _WESTERN),
)


def single_byte(data: bytes) -> str:
    """The encoding in which one language explains nearly all letters, or ""."""
    counts = Counter(data[:_SAMPLE])
    letters = sum(number for byte, number in counts.items() if 97 <= byte | 32 <= 122)
    high = {byte: number for byte, number in counts.items() if byte > 127}
    total = sum(high.values())
    if total > _LATIN * (letters + total):
        # Koi8 has its small letters where other Cyrillic encodings have capitals.
        koi8 = sum(number for byte, number in high.items() if 0xC0 <= byte <= 0xDF)
        return "koi8-r" if koi8 >= 0.85 * total else ""
    best, best_score = "", _ENOUGH * total
    for encoding, alphabets in _LANGUAGES:
        for alphabet in alphabets:
            weights = _weights(encoding, alphabet)
            score = sum(number * weights.get(byte, 0.0) for byte, number in high.items())
            if score > best_score:
                best, best_score = encoding, score
    return best


@cache
def _weights(encoding: str, alphabet: str) -> dict[int, float]:
    """What each byte says for the language: 1 for its letters and for signs, half for capitals."""
    letters, weights = frozenset(alphabet), {}
    for byte in range(128, 256):
        char = bytes([byte]).decode(encoding, errors="replace")
        if char in letters or char in _SIGNS:
            weights[byte] = 1.0
        elif char.lower() in letters or char == "İ":
            weights[byte] = 0.5
    return weights
