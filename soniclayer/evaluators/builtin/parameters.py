"""What training has learnt: the numbers that scoring and classifiers go by, read from the package's two files.

`parameters.json` holds every scalar, `parameters.npz` the arrays; both are written by `training` and by nothing else.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np

from soniclayer.evaluators.builtin.encoder import LAST, Vectors
from soniclayer.evaluators.builtin.features import Array, Phrases, Space, for_kernel

SCALARS, ARRAYS = "parameters.json", "parameters.npz"
RATED, DETAILED, BRIEF = "rated", "detailed", "brief"
"""Kinds of persona, for which confidence is told apart: rated by readers; others with many likes and dislikes; and
those with fewer, or only a description."""

MANY_LIKES, MANY_DISLIKES = 8, 6

_SUREST = 0.97  # no call is surer: readers do not agree more often themselves
_FAR = 0.3  # the most that a high side is given where it would need a like that is not near
_OPPOSED = 0.8  # weight of what one persona likes and another dislikes, beside what they share


@dataclass(frozen=True, slots=True)
class Side:
    """When a side is taken: logistic calibration of the predicted mean, and the least probability that is enough."""

    offset: float
    slope: float
    least: float

    def probability(self, lean: float) -> float:
        """That the mean rating is on this side."""
        return 1 / (1 + math.exp(-(self.offset + self.slope * (lean - 3))))


@dataclass(frozen=True, slots=True)
class Decision:
    """A score and how sure it is.

    Attributes:
        score: 1 to 5; 3 where no side clearly wins.
        confidence: the share of such scores that is right, 0 to 1.
    """

    score: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """From predicted mean to score, for one kind of persona.

    Attributes:
        low, high: the sides.
        lowest, highest: predicted means up to which a low call is a 1, from which a high one is a 5.
        near: least likeness of the segment as a whole to a like for a high call; 0 where nothing is asked.
    """

    low: Side
    high: Side
    lowest: float
    highest: float
    near: float = 0.0

    def decide(self, lean: float, likeness: float) -> Decision:
        """The score of a predicted mean, given the likeness to the nearest like.

        The confidence of a 3 is the probability of the likelier side: how near it came to a call.
        """
        low, high = self.low.probability(lean), self.high.probability(lean)
        if self.near and likeness < self.near:
            high = min(high, 1 - low, _FAR)
        if low >= self.low.least and low >= high:
            return Decision(1 if lean <= self.lowest else 2, min(low, _SUREST))
        if high >= self.high.least and high > low:
            return Decision(5 if lean >= self.highest else 4, min(high, _SUREST))
        return Decision(3, max(low, high))


@dataclass(frozen=True, slots=True, eq=False)
class Listeners:
    """How alike personas are: by a kernel over the sets of their phrases.

    Attributes:
        vectors: of the phrases, shape (phrases, WIDTH), centred, of mean square length 1.
        wanted, unwanted: which phrases are a persona's likes (or its description where it has none) and dislikes, as
            shares of 1, shape (personas, phrases).
        norms: square root of each persona's likeness to itself.
    """

    vectors: Array
    wanted: Array
    unwanted: Array
    norms: Array

    @classmethod
    def of(cls, phrases: Phrases, space: Space) -> Listeners:
        """The personas whose phrases these are."""
        centred = phrases.vectors[:, LAST] - space.phrase_mean[LAST]
        vectors = np.asarray(centred / math.sqrt(float((space.phrase_sd[LAST] ** 2).sum())), dtype=np.float64)
        wanted, unwanted = np.zeros((2, len(phrases.places), len(vectors)))
        for person, (likes, dislikes, described) in enumerate(phrases.places):
            for row, places in ((wanted, likes if likes.max() >= 0 else described), (unwanted, dislikes)):
                some = places[places >= 0]
                row[person, some] = 1 / max(len(some), 1)
        itself = np.diag(_alike(vectors, wanted, unwanted, vectors, wanted, unwanted))
        return cls(vectors, wanted, unwanted, np.sqrt(np.maximum(itself, 1e-9)))

    def alike(self, other: Listeners) -> Array:
        """Likeness of each of these personas to each of the others, 1 for the same; shape (these, others)."""
        table = _alike(self.vectors, self.wanted, self.unwanted, other.vectors, other.wanted, other.unwanted)
        return np.asarray(table / np.outer(self.norms, other.norms))


@dataclass(frozen=True, slots=True, eq=False)
class Parameters:
    """What training learns.

    Attributes:
        space: usual vectors.
        axes: two learnt spaces, of topics and of opinions, shape (2, LAYERS * WIDTH, axes).
        shifts, scales: mean, and the factor, of phrases in each space, shapes (2, axes) and (2,).
        principal: principal axes of texts, shape (LAYERS * WIDTH, components).
        landmarks: places among texts, shape (landmarks, components).
        width: of the kernel around a landmark.
        opinions: of every rated persona, shape (landmarks + 1, rated).
        topics, tones: shape (landmarks + 1, labels).
        centre, spread, weights: of the features, shape (FEATURES,); an unused weight is 0.
        start: the mean rating.
        common, same: the part of an opinion that all personas share, and that only the very same persona has.
        sameness: how alike a persona must be to count as the same.
        rated: the rated personas.
        calibrations: by kind of persona.
        unknown: probability below which a topic, and a tone, is unknown.
    """

    space: Space
    axes: Array
    shifts: Array
    scales: Array
    principal: Array
    landmarks: Array
    width: float
    opinions: Array
    topics: Array
    tones: Array
    centre: Array
    spread: Array
    weights: Array
    start: float
    common: float
    same: float
    sameness: float
    rated: Listeners
    calibrations: dict[str, Calibration]
    unknown: tuple[float, float]

    def placed(self, means: Array) -> Array:
        """Texts among the landmarks: (texts, LAYERS, WIDTH) -> (texts, landmarks + 1)."""
        return among(for_kernel(self.space.texts(means)) @ self.principal, self.landmarks, self.width)


def kind_of(likes: int, dislikes: int) -> str:
    """The kind of a persona that no reader played, by how many likes and dislikes it has."""
    return DETAILED if likes >= MANY_LIKES and dislikes >= MANY_DISLIKES else BRIEF


def among(points: Array, landmarks: Array, width: float) -> Array:
    """Closeness of each point to each landmark, 0 to 1, and a last column of ones."""
    squares = (points**2).sum(axis=1)[:, None] + (landmarks**2).sum(axis=1) - 2 * points @ landmarks.T
    return np.hstack([np.exp(-width * np.maximum(squares, 0)), np.ones((len(points), 1))])


def _alike(vectors: Array, wanted: Array, unwanted: Array, others: Array, liked: Array, unliked: Array) -> Array:
    """Shared likes and shared dislikes, less what one likes and the other dislikes; shape (these, others)."""
    squares = (vectors**2).sum(axis=1)[:, None] + (others**2).sum(axis=1) - 2 * vectors @ others.T
    close = np.exp(-np.maximum(squares, 0))
    shared = wanted @ close @ liked.T + unwanted @ close @ unliked.T
    return np.asarray(shared - _OPPOSED * (wanted @ close @ unliked.T + unwanted @ close @ liked.T))


_SCALARS = ("width", "start", "common", "same", "sameness", "unknown")
_ARRAYS = (
    "axes",
    "shifts",
    "scales",
    "principal",
    "landmarks",
    "opinions",
    "topics",
    "tones",
    "centre",
    "spread",
    "weights",
)
_SPACE = ("text_mean", "text_sd", "phrase_mean", "phrase_sd")
_DIGITS = 6


def written(learnt: Parameters, phrases: Phrases, notes: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The text of parameters.json and the arrays of parameters.npz, rounded so that rounding errors do not show.

    phrases: of the rated personas.
    notes: what else the file says, such as the fingerprint of the data.
    """
    scalars = {name: getattr(learnt, name) for name in _SCALARS}
    calibrations = {kind: asdict(each) for kind, each in learnt.calibrations.items()}
    document = _short({**notes, **scalars, "calibrations": calibrations})
    arrays = {name: getattr(learnt, name) for name in _ARRAYS} | {
        name: getattr(learnt.space, name) for name in _SPACE
    }
    stored = {name: _rounded(array).astype(np.float32) for name, array in arrays.items()}
    stored["phrase_vectors"] = phrases.vectors.astype(np.float16)
    stored["phrase_texts"] = np.array("\n".join(phrases.texts))
    stored["rated_places"] = phrases.places.astype(np.int16)
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n", stored


def parse(scalars: dict[str, Any], arrays: dict[str, Any]) -> Parameters:
    """The Parameters that `written` gave these scalars and arrays of."""
    values = {name: arrays[name].astype(np.float64) for name in (*_SPACE, *_ARRAYS)}
    space = Space(*(values[name] for name in _SPACE))
    phrases = Phrases((), arrays["phrase_vectors"].astype(np.float32), arrays["rated_places"].astype(np.int64), ())
    calibrations = {
        kind: Calibration(Side(**each["low"]), Side(**each["high"]), each["lowest"], each["highest"], each["near"])
        for kind, each in scalars["calibrations"].items()
    }
    return Parameters(
        space=space,
        rated=Listeners.of(phrases, space),
        calibrations=calibrations,
        **{name: values[name] for name in _ARRAYS},
        **{name: scalars[name] for name in _SCALARS},
    )


@lru_cache(maxsize=1)
def parameters() -> Parameters:
    """The shipped ones; the first call takes about 50 ms."""
    return parse(notes(), _shipped())


def notes() -> dict[str, Any]:
    """All of parameters.json: the scalars, and what they were learnt from."""
    found: dict[str, Any] = json.loads(files(__package__).joinpath(SCALARS).read_text(encoding="utf-8"))
    return found


def replaced(learnt: Parameters, calibrations: dict[str, Calibration], unknown: tuple[float, float]) -> Parameters:
    """The same with these calibrations and thresholds."""
    return replace(learnt, calibrations=calibrations, unknown=unknown)


@lru_cache(maxsize=1)
def known_phrases() -> dict[str, Vectors]:
    """Vectors of the phrases of all rated personas, so that those need no encoding; shape (LAYERS, WIDTH) each."""
    texts = str(_shipped()["phrase_texts"]).split("\n")
    return dict(zip(texts, _shipped()["phrase_vectors"].astype(np.float32), strict=True))


@lru_cache(maxsize=1)
def _shipped() -> dict[str, Any]:
    with files(__package__).joinpath(ARRAYS).open("rb") as file, np.load(file) as stored:
        return {name: stored[name] for name in stored.files}


def _rounded(array: Array) -> Array:
    """To _DIGITS significant digits."""
    size = 10.0 ** (_DIGITS - 1 - np.floor(np.log10(np.maximum(np.abs(array), 1e-30))))
    return np.round(array * size) / size


def _short(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _short(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_short(each) for each in value]
    return float(f"{value:.{_DIGITS}g}") if isinstance(value, float) else value
