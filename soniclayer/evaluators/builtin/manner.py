"""How something is said: counts of cue words (manner.txt), punctuation, pronouns and small words."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from soniclayer.evaluators.builtin.lexicon import Lexicon, read

if TYPE_CHECKING:
    from soniclayer.evaluators.builtin.encoder import Vector
    from soniclayer.evaluators.builtin.text import Word

_OPENER = re.compile(r"(?:So|Okay|Yeah|Look|Well|Oh|Great|Lovely|Righto)\b")
_SENTENCE_END = re.compile(r"[.!?…]+(?:\s|$)")
_TYPICAL_WORDS = 18


class _Cues:
    def __init__(self) -> None:
        blocks = read("manner.txt")
        cues = tuple(block for block in blocks if "grammar" not in block.extras)
        grammar = {block.name: block.entries for block in blocks if "grammar" in block.extras}
        self.names = tuple(block.name for block in cues)
        self.lexicon = Lexicon(cues)
        self.small = grammar.pop("small words")
        self.persons = tuple(grammar.values())


@lru_cache(maxsize=1)
def _cues() -> _Cues:
    return _Cues()


def manner(spoken: tuple[Word, ...]) -> Counter[str]:
    """How many cues of each manner the words hold ("good", "bad", "not", "quarrel"...)."""
    return Counter(hit.name for hit in _cues().lexicon.hits(tuple(word.form for word in spoken)))


def grimness(counts: Counter[str]) -> float:
    """From -1 (glad words only) to 1 (grim words only); 0 where neither prevails."""
    good = counts["good"] + counts["uplift"]
    bad = counts["bad"] + 0.7 * counts["gravity"] + counts["death and grief"]
    bad += 0.7 * counts["mockery"] + 0.4 * counts["not"]
    return (bad - good) / (good + bad + 1)


def says_bad(counts: Counter[str]) -> bool:
    """Does a phrase speak of its subject's misfortune, mockery or absence ("no rain", "builders going bust")?"""
    return bool(counts["bad"] + counts["mockery"] + counts["not"])


def style(text: str, spoken: tuple[Word, ...], counts: Counter[str]) -> Vector:
    """What tone can be told from besides the meaning of the words; same length for every text."""
    forms = [word.form for word in spoken]
    length = max(len(forms), 1)
    used = Counter(forms)
    sentences = max(1, len(_SENTENCE_END.findall(text)))
    cues = [counts[name] ** 0.5 / (length / _TYPICAL_WORDS) ** 0.25 for name in _cues().names]
    marks = [
        min(text.count("!"), 4) / 2,
        min(text.count("?"), 3) / 2,
        min(sentences, 8) / 4,
        length / sentences / 15,
        text.count(",") / sentences / 2,
        text.count(";"),
    ]
    people = [sum(used[form] for form in group) / length * 8 for group in _cues().persons]
    figures = sum(not form.isalpha() and any(sign.isdigit() for sign in form) for form in forms) / length * 8
    small = [used[form] / length * 12 for form in _cues().small]
    opening = [bool(_OPENER.match(text)), forms[:1] == ["i"], forms[:1] == ["the"]]
    return np.array([*cues, *marks, *people, figures, *small, *opening], dtype=np.float32)
