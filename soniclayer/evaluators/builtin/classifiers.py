"""Topic and tone of a segment, by ridge regression on what it is like."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from soniclayer.evaluators.builtin.features import Array, whole
from soniclayer.feedback import Classification, Tone, Topic

if TYPE_CHECKING:
    from soniclayer.evaluators.builtin.encoder import Heard
    from soniclayer.evaluators.builtin.parameters import Parameters

TOPICS, TONES = tuple(Topic), tuple(Tone)
FEWEST_TOKENS = 5
"""What is shorter ("Mm-hm.") is about nothing."""


def shares(heard: Heard, parameters: Parameters) -> tuple[Array, Array]:
    """How likely each topic and each tone is, about 0 to 1; the segment says something."""
    every = np.ones((1, len(heard.spans)), dtype=np.bool_)
    placed = parameters.placed(whole(heard, every))
    return (placed @ parameters.topics)[0], (placed @ parameters.tones)[0]


def classify(heard: Heard, parameters: Parameters) -> Classification:
    """Topic and tone; None where none is likely enough."""
    if heard.tokens.sum() < FEWEST_TOKENS:
        return Classification()
    topics, tones = shares(heard, parameters)
    topic, tone = parameters.unknown
    return Classification(
        topic=TOPICS[int(topics.argmax())] if topics.max() >= topic else None,
        tone=TONES[int(tones.argmax())] if tones.max() >= tone else None,
    )
