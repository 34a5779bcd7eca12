"""Topic, tone and mood of a text, by linear models learned from labelled sentences.

benchmarks/fit_builtin.py learns them from benchmarks/data/exemplars.tsv and writes labels.npz.
"""

from __future__ import annotations

import math
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np

from soniclayer.evaluators.builtin.manner import manner, style
from soniclayer.evaluators.builtin.subjects import TOPICS, subjects
from soniclayer.evaluators.builtin.text import Word, pairs
from soniclayer.evaluators.builtin.vectors import Vector, Vectors, unit
from soniclayer.feedback import Classification, Tone

TONES = tuple(Tone)
FILE = "labels.npz"

# How much the word lists weigh beside the embedding; found on the tuning half of benchmarks/data.
_TOPIC_LISTS = 2.5
_STYLE = 0.3
_PAIRS = 2.0
_SHARPNESS = 6.0
_FEWEST_WORDS = 3
_STANDS_OUT = 0.11  # share of the strongest topic; 0.05 (of 20) would be a guess
_SOUNDS = 0.15  # ... of the strongest tone; 0.07 (of 15) would be a guess


class Mood(NamedTuple):
    """How a text is said, each 0 to 1.

    Attributes:
        welcome: as good news rather than bad.
        hostile: gravely or angrily.
        provoking: to pick a fight.
        reasoned: weighing and careful.
        playful: not meant quite seriously.
    """

    welcome: float
    hostile: float
    provoking: float
    reasoned: float
    playful: float


class Linear(NamedTuple):
    """rows -> (rows - centre) @ weights + offset."""

    weights: Vectors
    centre: Vector
    offset: Vector

    def __call__(self, rows: Vectors) -> Vectors:
        return np.asarray((rows - self.centre) @ self.weights + self.offset, dtype=np.float32)


class Worded(NamedTuple):
    """What the words are, besides their embedding and style, counts too.

    Attributes:
        weights: of embedding and style, one row each.
        words: of every known word or pair of words, one row each.
        offset: one number per outcome.
    """

    weights: Vectors
    words: Vectors
    offset: Vector

    def __call__(self, row: Vector, known: list[int], share: float) -> Vector:
        """Strength of each outcome for one text. `known`, `share`: see `Labels.known`."""
        strengths = row @ self.weights + self.offset
        return np.asarray(strengths + share * self.words[known].sum(axis=0) if known else strengths, dtype=np.float32)


class Labels(NamedTuple):
    """The learned models.

    Attributes:
        common: what all speech has in common, to be taken out of a vector before it is compared.
        background: centred unit vectors of speech in general, one row per sentence.
        places: row in `Worded.words` of every known word or pair.
    """

    topic: Linear
    tone: Worded
    mood: Worded
    common: Vector
    background: Vectors
    places: dict[str, int]

    def centred(self, vectors: Vectors) -> Vectors:
        """Unit vectors without what all speech has in common."""
        return unit(vectors - self.common)

    def topics(self, vectors: Vectors, activations: Vectors) -> Vectors:
        """Share of each of TOPICS, one row per text; from its unit vector and its subjects' activations."""
        return _shares(_SHARPNESS * self.topic(topic_rows(vectors, activations)))

    def tones(self, vector: Vector, styled: Vector, spoken: tuple[Word, ...]) -> Vector:
        """Share of each of TONES; from a text's unit vector, style and words."""
        return _shares(self.tone(tone_row(vector, styled), *self.known(spoken)))

    def moods(self, vector: Vector, styled: Vector, spoken: tuple[Word, ...]) -> Mood:
        """The mood of a text, from its unit vector, style and words."""
        strengths = self.mood(tone_row(vector, styled), *self.known(spoken))
        return Mood(*(1 / (1 + np.exp(-strengths))).tolist())

    def known(self, spoken: tuple[Word, ...]) -> tuple[list[int], float]:
        """Rows of the known words and pairs among these, and how much each counts."""
        said = pairs(spoken)
        return [place for word in said if (place := self.places.get(word)) is not None], word_share(len(said))


def word_share(said: int) -> float:
    """How much each of so many different words and pairs counts: in a long text less."""
    return _PAIRS / math.sqrt(max(said, 1))


def topic_rows(vectors: Vectors, activations: Vectors) -> Vectors:
    """What the topic is told from, one row per text."""
    shares = np.array([subjects().topic_shares(each) for each in activations], dtype=np.float32)
    return np.hstack([vectors, _TOPIC_LISTS * shares])


def tone_row(vector: Vector, styled: Vector) -> Vector:
    """What tone and mood are told from, besides the words themselves."""
    return np.concatenate([vector, _STYLE * styled])


@lru_cache(maxsize=1)
def labels() -> Labels:
    """The process's one Labels."""
    with files(__package__).joinpath(FILE).open("rb") as file, np.load(file) as stored:
        vocabulary = str(stored["vocabulary"]).split("\n")
        arrays = {name: stored[name].astype(np.float32) for name in stored.files if name != "vocabulary"}
    return Labels(
        topic=Linear(*(arrays[f"topic_{part}"] for part in Linear._fields)),
        tone=Worded(*(arrays[f"tone_{part}"] for part in Worded._fields)),
        mood=Worded(*(arrays[f"mood_{part}"] for part in Worded._fields)),
        common=arrays["common"],
        background=arrays["background"],
        places={word: place for place, word in enumerate(vocabulary)},
    )


def classify(speech: str, spoken: tuple[Word, ...], vector: Vector, activations: Vector) -> Classification:
    """Topic and tone of an English text, from its words, unit vector and activations; None where none stands out."""
    if len(spoken) < _FEWEST_WORDS:
        return Classification()
    topics = labels().topics(vector[None], activations[None])[0]
    tones = labels().tones(vector, style(speech, spoken, manner(spoken)), spoken)
    return Classification(
        topic=TOPICS[int(topics.argmax())] if topics.max() >= _STANDS_OUT else None,
        tone=TONES[int(tones.argmax())] if tones.max() >= _SOUNDS else None,
    )


def _shares(strengths: Vectors) -> Vectors:
    powers = np.exp(strengths - strengths.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), dtype=np.float32)
