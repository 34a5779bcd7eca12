"""The built-in evaluator: no key, no network, no language model."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from soniclayer.evaluators import Usage
from soniclayer.evaluators.builtin.exemplars import TONES, TOPICS
from soniclayer.evaluators.builtin.vectors import Vectors, embedding
from soniclayer.feedback import Classification, Feedback, Tone, Topic
from soniclayer.personas import Persona
from soniclayer.segments import Segment

NAME = "Built-in (no language model)"


class BuiltinEvaluator:
    """Compares a segment with the persona's likes and dislikes, by static word embeddings."""

    name = NAME
    model = ""

    def __init__(self) -> None:
        self.usage: dict[str, Usage] = {}

    async def classify(self, segment: Segment) -> Classification:
        vector = _vector(segment.text)
        topics, tones = _labels()
        topic = max(Topic, key=lambda label: float((topics[label] @ vector).max()))
        tone = max(Tone, key=lambda label: float((tones[label] @ vector).max()))
        return Classification(topic, tone)

    async def evaluate(self, persona: Persona, segment: Segment, classification: Classification) -> Feedback:
        vector = _vector(segment.text)
        like, like_strength = _nearest(persona.likes or (persona.description,), vector)
        dislike, dislike_strength = _nearest(persona.dislikes or ("nothing at all",), vector)
        margin = like_strength - dislike_strength
        score = int(np.clip(round(3 + margin * 12), 1, 5))
        heard = like if margin >= 0 else dislike
        return Feedback(
            score=score,
            opinion=f"Sounds like {heard}.",
            rationale=f"Nearest like: {like} ({like_strength:.2f}); dislike: {dislike} ({dislike_strength:.2f}).",
            confidence=round(min(0.9, 0.5 + abs(margin) * 2), 2),
        )


def warm() -> None:
    """Load the embedding and the exemplars now rather than at the first segment. Takes about 0.2 s, once."""
    _labels()


def _nearest(phrases: tuple[str, ...], vector: Vectors) -> tuple[str, float]:
    strengths = _phrases(phrases) @ vector
    best = int(strengths.argmax())
    return phrases[best], float(strengths[best])


@lru_cache(maxsize=256)
def _phrases(phrases: tuple[str, ...]) -> Vectors:
    return embedding().embed(list(phrases))


@lru_cache(maxsize=4096)
def _vector(text: str) -> Vectors:
    row: Vectors = embedding().embed([text])[0]
    return row


@lru_cache(maxsize=1)
def _labels() -> tuple[dict[Topic, Vectors], dict[Tone, Vectors]]:
    model = embedding()
    return (
        {topic: model.embed(list(examples)) for topic, examples in TOPICS.items()},
        {tone: model.embed(list(examples)) for tone, examples in TONES.items()},
    )
