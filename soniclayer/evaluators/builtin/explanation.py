"""Why this score: the words that moved it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from soniclayer.evaluators.builtin.features import hear
from soniclayer.evaluators.builtin.profile import taste
from soniclayer.evaluators.builtin.scoring import judge
from soniclayer.evaluators.builtin.text import blanked, words

if TYPE_CHECKING:
    from soniclayer.personas import Persona
    from soniclayer.segments import Segment

_MOST_WORDS = 400


@dataclass(frozen=True, slots=True)
class WordWeight:
    """A word of a segment and what it does to the judgement.

    Attributes:
        word: `segment.text[start:end]`.
        start, end: where it stands.
        weight: how much less pleasing the text would be without it; below 0, more pleasing. About 1 is one score.
    """

    word: str
    start: int
    end: int
    weight: float


def moved_by(persona: Persona, segment: Segment, *, most: int = 8) -> tuple[WordWeight, ...]:
    """The words that moved the score, the strongest first, at most `most`.

    Each word's weight is the judgement with it less the judgement without it. Takes about a millisecond per word.
    """
    likes, text = taste(persona), segment.text
    whole = judge(likes, hear(text)).value
    found = []
    for word in words(text)[:_MOST_WORDS]:
        without = judge(likes, hear(blanked(text, [(word.start, word.end)]))).value
        found.append(WordWeight(text[word.start : word.end], word.start, word.end, round(whole - without, 3)))
    moved = [each for each in found if abs(each.weight) >= 0.05]
    return tuple(sorted(moved, key=lambda each: (-abs(each.weight), each.start))[:most])
