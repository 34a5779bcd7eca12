"""When a side is taken, and how sure that is: learnt from predictions for shows and personas that were left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from soniclayer.evaluators.builtin.encoder import LAST
from soniclayer.evaluators.builtin.features import LIKENESSES, LIKES, Array
from soniclayer.evaluators.builtin.parameters import (
    BRIEF,
    DETAILED,
    RATED,
    Calibration,
    Parameters,
    Side,
    kind_of,
)
from soniclayer.evaluators.builtin.scoring import capped, standardised
from soniclayer.evaluators.builtin.training.corpus import WRITTEN
from soniclayer.evaluators.builtin.training.fit import Basis, Chosen, fit, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from soniclayer.evaluators.builtin.training.corpus import Corpus

FOLDS = 5
GROUPS = 7
"""In how many groups personas are left out."""

LEAST = {RATED: (0.72, 0.66), DETAILED: (0.66, 0.7), BRIEF: (0.85, 0.7)}
"""Least probability of a low and of a high call. Above what three right calls in four would need on the mean, for
readers differ in how soon they are bored."""

NEAR = 0.4
"""Least likeness of a segment as a whole to a like, for a high call of a persona of few words."""

_STEPS = 30


@dataclass(frozen=True, slots=True, eq=False)
class LeftOut:
    """Predicted means for shows that were left out of the fit, shape (texts, personas).

    Attributes:
        known: by fits that knew the personas.
        unmet: by fits that left the persona out as well.
        fold: which fold each text was left out in.
    """

    known: Array
    unmet: Array
    fold: NDArray[np.int64]


def folds(shows: NDArray[np.str_], count: int = FOLDS) -> NDArray[np.int64]:
    """The fold of every text, whole shows together, folds of about equal size: the longest shows first.

    Written lines are in no fold, which is -1: they are never left out.
    """
    names, sizes = np.unique(shows[shows != WRITTEN], return_counts=True)
    filled = np.zeros(count)
    place: dict[str, int] = {WRITTEN: -1}
    for name, size in sorted(zip(names.tolist(), sizes.tolist(), strict=True), key=lambda show: (-show[1], show[0])):
        place[name] = int(filled.argmin())
        filled[place[name]] += size
    return np.array([place[show] for show in shows.tolist()])


def groups(count: int) -> Iterator[NDArray[np.bool_]]:
    """Personas that are left out together; neighbours in the files are not."""
    for group in range(min(GROUPS, count)):
        yield np.arange(count) % min(GROUPS, count) == group


def left_out(corpus: Corpus, known: Basis) -> LeftOut:
    """Predictions for every text and persona by fits that did not see the show, or neither show nor persona."""
    fold = folds(corpus.shows)
    everyone = np.ones(len(corpus.personas), dtype=np.bool_)
    met, unmet = np.full(corpus.ratings.shape, np.nan), np.full(corpus.ratings.shape, np.nan)
    for number in range(FOLDS):
        seen, new = fold != number, fold == number
        met[new] = predicted(corpus, known, fit(corpus, known, seen, everyone), new, everyone, everyone)
        for absent in groups(len(everyone)):
            model = fit(corpus, known, seen, ~absent)
            unmet[np.ix_(new, absent)] = predicted(corpus, known, model, new, absent, ~absent)
    return LeftOut(met, unmet, fold)


def predicted(
    corpus: Corpus, known: Basis, model: Parameters, texts: Chosen, personas: Chosen, rated: Chosen
) -> Array:
    """What a fit says of these texts and personas; `rated` are the personas it was fitted on."""
    phrases = corpus.phrases.of(personas)
    rows = rows_of(known, model.axes, model.shifts, model.scales, phrases, texts, personas)
    alike = known.kernel[np.ix_(rated, personas)]
    kernel = model.common + alike + model.same * np.exp((alike - 1) / model.sameness)
    learnt = known.columns[texts] @ (np.linalg.pinv(known.transform) @ model.opinions) @ kernel
    weighted = standardised(rows, model.centre, model.spread) @ model.weights
    return np.clip(capped(model.start + weighted + learnt, rows), 1, 5)


def calibrations(corpus: Corpus, known: Basis, predictions: LeftOut, texts: Chosen) -> dict[str, Calibration]:
    """By kind of persona, from those of these texts that are talk."""
    talk = texts & corpus.talk
    kinds = np.array([kind_of(int(likes), int(dislikes)) for likes, dislikes, _ in corpus.phrases.counts])
    given = {RATED: (predictions.known, np.ones(len(kinds), dtype=np.bool_))}
    for kind in (DETAILED, BRIEF):
        of_kind = kinds == kind
        # Where there is none to learn from, all are asked as if they were strangers.
        given[kind] = (predictions.unmet, of_kind if of_kind.any() else np.ones(len(kinds), dtype=np.bool_))
    found = {}
    for kind, (leans, personas) in given.items():
        ratings, lean = corpus.ratings[np.ix_(talk, personas)], leans[np.ix_(talk, personas)]
        near = nearness(known)[np.ix_(talk, personas)]
        there = ~np.isnan(ratings)
        asked = NEAR if kind == BRIEF else 0.0
        found[kind] = calibration(lean[there], ratings[there], near[there], LEAST[kind], asked)
    return found


def nearness(known: Basis) -> Array:
    """Likeness of every text as a whole to the nearest like of every persona, shape (texts, personas)."""
    return np.asarray(known.alike[..., LIKES, LAST * LIKENESSES])


def calibration(lean: Array, ratings: Array, likeness: Array, least: tuple[float, float], near: float) -> Calibration:
    """From predicted means, the ratings they met, and likenesses to the nearest like.

    Where a high call needs a like that is near, its probability is learnt from the cells that have one.
    """
    close = likeness >= near if near else np.ones(len(lean), dtype=np.bool_)
    low, high = _logistic(lean - 3, ratings < 3), _logistic(lean[close] - 3, ratings[close] > 3)
    lowest, highest = _logistic(lean - 3, ratings <= 1.5), _logistic(lean - 3, ratings >= 4.5)
    return Calibration(
        Side(*low, least[0]),
        Side(*high, least[1]),
        lowest=3 - lowest[0] / lowest[1],
        highest=3 - highest[0] / highest[1],
        near=near,
    )


def _logistic(values: Array, target: NDArray[np.bool_]) -> tuple[float, float]:
    """Offset and slope of a logistic regression on one number, by Newton's method with a little ridge."""
    rows = np.stack([np.ones_like(values), values], axis=1)
    weights = np.zeros(2)
    for _ in range(_STEPS):
        share = 1 / (1 + np.exp(-rows @ weights))
        gradient = rows.T @ (share - target) + 1e-3 * weights
        curvature = (rows * (share * (1 - share))[:, None]).T @ rows + 1e-3 * np.eye(2)
        weights = weights - np.linalg.solve(curvature, gradient)
    return float(weights[0]), float(weights[1])
