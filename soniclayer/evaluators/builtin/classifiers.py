"""Topic, tone and mood of a text, by linear models learned from labelled sentences.

benchmarks/fit_builtin.py learns them from benchmarks/data/exemplars.tsv and writes classifiers.npz.
"""

from __future__ import annotations

import math
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np

from soniclayer.evaluators.builtin.encoder import Vector, Vectors, unit
from soniclayer.evaluators.builtin.manner import manner, style
from soniclayer.evaluators.builtin.subjects import TOPICS, subjects
from soniclayer.evaluators.builtin.text import Word, pairs
from soniclayer.feedback import Classification, Tone

TONES = tuple(Tone)
FILE = "classifiers.npz"

# How much the word lists weigh beside the embedding; found on the tuning half of benchmarks/data.
_TOPIC_EMBEDDING, _TOPIC_LISTS = 2.0, 5.0
_STYLE = 0.3
_PAIRS = 2.0
FEWEST_WORDS = 3
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
        warm: hopeful, moved or urging on.
        mocking: saying the opposite of what is meant.
    """

    welcome: float
    hostile: float
    provoking: float
    reasoned: float
    playful: float
    warm: float
    mocking: float


class Known(NamedTuple):
    """The words and pairs of a text that the models know: their rows in `Worded.words`, and how much each counts."""

    rows: list[int]
    share: float


class Worded(NamedTuple):
    """A linear model of a row of numbers about a text (`topic_row`, `tone_row`) and of its words themselves.

    Attributes:
        weights: of the numbers, one row each.
        words: of every known word or pair of words, one row each.
        offset: one number per outcome.
    """

    weights: Vectors
    words: Vectors
    offset: Vector

    def __call__(self, row: Vector, known: Known) -> Vector:
        """Strength of each outcome for one text."""
        strengths = row @ self.weights + self.offset
        if known.rows:
            strengths += known.share * self.words[known.rows].sum(axis=0)
        return np.asarray(strengths, dtype=np.float32)


class Labels(NamedTuple):
    """The learned models.

    Attributes:
        common: what all speech has in common, to be taken out of a vector before it is compared.
        background: centred unit vectors of speech in general, one row per sentence.
        places: row in `Worded.words` of every known word or pair.
    """

    topic: Worded
    tone: Worded
    mood: Worded
    common: Vector
    background: Vectors
    places: dict[str, int]

    def centred(self, vectors: Vectors) -> Vectors:
        """Unit vectors without what all speech has in common."""
        return unit(vectors - self.common)

    def topics(self, vector: Vector, activations: Vector, known: Known) -> Vector:
        """Share of each of TOPICS; from a text's unit vector, its subjects' activations and its words."""
        return _shares(self.topic(topic_row(vector, activations), known))

    def tones(self, vector: Vector, styled: Vector, known: Known) -> Vector:
        """Share of each of TONES; from a text's unit vector, style and words."""
        return _shares(self.tone(tone_row(vector, styled), known))

    def moods(self, vector: Vector, styled: Vector, known: Known) -> Mood:
        """The mood of a text, from its unit vector, style and words."""
        strengths = self.mood(tone_row(vector, styled), known)
        return Mood(*(1 / (1 + np.exp(-strengths))).tolist())

    def known(self, spoken: tuple[Word, ...]) -> Known:
        """What of these words the models know."""
        said = pairs(spoken)
        rows = [place for word in said if (place := self.places.get(word)) is not None]
        return Known(rows, word_share(len(said)))


def word_share(said: int) -> float:
    """How much each of so many different words and pairs counts: in a long text less."""
    return _PAIRS / math.sqrt(max(said, 1))


def topic_row(vector: Vector, activations: Vector) -> Vector:
    """What the topic is told from, besides the words themselves."""
    return np.concatenate([_TOPIC_EMBEDDING * vector, _TOPIC_LISTS * subjects().topic_shares(activations)])


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
        **{
            name: Worded(*(arrays[f"{name}_{part}"] for part in Worded._fields)) for name in ("topic", "tone", "mood")
        },
        common=arrays["common"],
        background=arrays["background"],
        places={word: place for place, word in enumerate(vocabulary)},
    )


def classify(speech: str, spoken: tuple[Word, ...], vector: Vector, activations: Vector) -> Classification:
    """Topic and tone of an English text, from its words, unit vector and activations; None where none stands out."""
    if len(spoken) < FEWEST_WORDS:
        return Classification()
    known = labels().known(spoken)
    topics = labels().topics(vector, activations, known)
    tones = labels().tones(vector, style(speech, spoken, manner(spoken)), known)
    return Classification(
        topic=TOPICS[int(topics.argmax())] if topics.max() >= _STANDS_OUT else None,
        tone=TONES[int(tones.argmax())] if tones.max() >= _SOUNDS else None,
    )


def _shares(strengths: Vectors) -> Vectors:
    powers = np.exp(strengths - strengths.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), dtype=np.float32)
