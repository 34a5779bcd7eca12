"""Unsafe words, as the built-in evaluator finds them: the one place that asks it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from soniclayer.evaluators.builtin.text import without_noise, words
from soniclayer.evaluators.builtin.unsafe import findings, kinds_in

if TYPE_CHECKING:
    from soniclayer.personas import Persona


class UnsafeWord(NamedTuple):
    """Literal words of a text, their category, and how grave it is, 1 to 5."""

    category: str
    words: str
    severity: int


@lru_cache(maxsize=8192)
def unsafe_words(text: str) -> tuple[UnsafeWord, ...]:
    """What of a text must not stand beside a family brand, in order."""
    speech = without_noise(text)
    return tuple(
        UnsafeWord(found.kind, speech[found.start : found.end], found.severity)
        for found in findings(speech, words(speech))
    )


def minds(persona: Persona) -> frozenset[str]:
    """The categories that a persona's dislikes name."""
    return kinds_in(persona.dislikes)
