"""Topic, tone and valence of a text, by linear models learned from labelled sentences.

benchmarks/fit_builtin.py learns them from benchmarks/data/exemplars.tsv and writes labels.npz.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np

from soniclayer.evaluators.builtin.manner import manner, style
from soniclayer.evaluators.builtin.subjects import TOPICS, subjects
from soniclayer.evaluators.builtin.text import Word
from soniclayer.evaluators.builtin.vectors import Vector, Vectors, unit
from soniclayer.feedback import Classification, Tone

TONES = tuple(Tone)
FILE = "labels.npz"

# How much the word lists weigh beside the embedding; found on the tuning half of benchmarks/data.
_TOPIC_LISTS = 2.5
_TONE_STYLE = 0.3
_SHARPNESS = 6.0
_FEWEST_WORDS = 3
_STANDS_OUT = 0.11  # share of the strongest label; 0.05 (of 20 topics) and 0.07 (of 15 tones) would be guesses


class Linear(NamedTuple):
    """rows -> (rows - centre) @ weights + offset."""

    weights: Vectors
    centre: Vector
    offset: Vector

    def __call__(self, rows: Vectors) -> Vectors:
        return np.asarray((rows - self.centre) @ self.weights + self.offset, dtype=np.float32)


class Labels(NamedTuple):
    """The learned models.

    Attributes:
        common: what all speech has in common, to be taken out of a vector before it is compared.
        background: centred unit vectors of speech in general, one row per sentence.
    """

    topic: Linear
    tone: Linear
    valence_of: Linear
    hostility_of: Linear
    common: Vector
    background: Vectors

    def centred(self, vectors: Vectors) -> Vectors:
        """Unit vectors without what all speech has in common."""
        return unit(vectors - self.common)

    def topics(self, vectors: Vectors, activations: Vectors) -> Vectors:
        """Share of each of TOPICS, one row per text; from its unit vector and its subjects' activations."""
        return _shares(self.topic(topic_rows(vectors, activations)))

    def tones(self, vectors: Vectors, styles: Vectors) -> Vectors:
        """Share of each of TONES, one row per text; from its unit vector and its style."""
        return _shares(self.tone(tone_rows(vectors, styles)))

    def valence(self, vectors: Vectors) -> Vector:
        """How glad (+) or grim (-) each unit vector is; about -1 to 1."""
        return self.valence_of(vectors)[:, 0]

    def hostility(self, vectors: Vectors, styles: Vectors) -> Vector:
        """How negative, controversial or serious each text sounds; about 0 to 1."""
        return self.hostility_of(tone_rows(vectors, styles))[:, 0]


def topic_rows(vectors: Vectors, activations: Vectors) -> Vectors:
    """What the topic is told from, one row per text."""
    shares = np.array([subjects().topic_shares(each) for each in activations], dtype=np.float32)
    return np.hstack([vectors, _TOPIC_LISTS * shares])


def tone_rows(vectors: Vectors, styles: Vectors) -> Vectors:
    """What the tone is told from, one row per text."""
    return np.hstack([vectors, _TONE_STYLE * styles])


@lru_cache(maxsize=1)
def labels() -> Labels:
    """The process's one Labels."""
    with files(__package__).joinpath(FILE).open("rb") as file, np.load(file) as stored:
        arrays = {name: stored[name].astype(np.float32) for name in stored.files}
    topic, tone, valence, hostility = (
        Linear(*(arrays[f"{name}_{part}"] for part in Linear._fields))
        for name in ("topic", "tone", "valence", "hostility")
    )
    return Labels(topic, tone, valence, hostility, arrays["common"], arrays["background"])


def classify(speech: str, spoken: tuple[Word, ...], vector: Vector, activations: Vector) -> Classification:
    """Topic and tone of an English text, from its words, unit vector and activations; None where none stands out."""
    if len(spoken) < _FEWEST_WORDS:
        return Classification()
    topics = labels().topics(vector[None], activations[None])[0]
    tones = labels().tones(vector[None], style(speech, spoken, manner(spoken))[None])[0]
    return Classification(
        topic=TOPICS[int(topics.argmax())] if topics.max() >= _STANDS_OUT else None,
        tone=TONES[int(tones.argmax())] if tones.max() >= _STANDS_OUT else None,
    )


def _shares(strengths: Vectors) -> Vectors:
    powers = np.exp(_SHARPNESS * (strengths - strengths.max(axis=1, keepdims=True)))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)
