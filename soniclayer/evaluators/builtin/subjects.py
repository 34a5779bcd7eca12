"""Words -> the subjects they belong to (subjects.txt)."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from soniclayer.evaluators.builtin.lexicon import Hit, Lexicon, read
from soniclayer.feedback import Topic

if TYPE_CHECKING:
    from soniclayer.evaluators.builtin.encoder import Vector, Vectors
    from soniclayer.evaluators.builtin.text import Word

TOPICS = tuple(Topic)

_PHRASE = 1.4  # a phrase says more than a word
_INSIDE = 0.3  # a word inside a longer phrase of another subject ("state" in "state of origin") says little
_SECOND_TOPIC = 0.6


class Subjects:
    """The subject lists of this package.

    Attributes:
        names: of the subjects, in the order of every vector here.
        grim: 1.0 for subjects that are disliked for themselves (crime, insults), else 0.0.
    """

    def __init__(self) -> None:
        blocks = read("subjects.txt")
        self.names = tuple(block.name for block in blocks)
        self.grim: Vector = np.array(["grim" in block.extras for block in blocks], dtype=np.float32)
        self._lexicon = Lexicon(blocks)
        self._index = {name: index for index, name in enumerate(self.names)}
        self._topics: Vectors = np.zeros((len(blocks), len(TOPICS)), dtype=np.float32)
        for row, block in zip(self._topics, blocks, strict=True):
            for place, label in enumerate(extra for extra in block.extras if extra != "grim"):
                row[TOPICS.index(Topic(label))] = _SECOND_TOPIC if place else 1

    def touched(self, spoken: tuple[Word, ...]) -> list[tuple[int, Hit, float]]:
        """Every entry found, as (index of its subject, where, weight); a repeated entry counts once."""
        forms = tuple(word.form for word in spoken)
        hits = list(self._lexicon.hits(forms))
        shared = Counter((hit.first, hit.last) for hit in hits)
        phrases = [hit for hit in hits if hit.last - hit.first > 1]
        found, seen = [], set()
        for hit in hits:
            entry = (hit.name, forms[hit.first : hit.last])
            if entry in seen:
                continue
            seen.add(entry)
            weight = (_PHRASE if hit.last - hit.first > 1 else 1) / shared[hit.first, hit.last] ** 0.5
            found.append((self._index[hit.name], hit, weight * (_INSIDE if _inside(hit, phrases) else 1)))
        return found

    def activations(self, spoken: tuple[Word, ...]) -> Vector:
        """How much is said of each subject: the summed weights of its entries."""
        strengths: Vector = np.zeros(len(self.names), dtype=np.float32)
        for index, _, weight in self.touched(spoken):
            strengths[index] += weight
        return strengths

    def topic_shares(self, strengths: Vector) -> Vector:
        """Activations -> the evidence for each topic, together less than 1."""
        evidence = strengths @ self._topics
        return np.asarray(evidence / (1 + evidence.sum()), dtype=np.float32)


@lru_cache(maxsize=1)
def subjects() -> Subjects:
    """The process's one Subjects; the first call takes about 0.1 s."""
    return Subjects()


def _inside(hit: Hit, phrases: list[Hit]) -> bool:
    length = hit.last - hit.first
    return any(p.first <= hit.first and hit.last <= p.last and p.last - p.first > length for p in phrases)
