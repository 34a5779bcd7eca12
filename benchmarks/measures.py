"""Measures of agreement between what an evaluator says and what readers rated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

RESAMPLES = 200
SHARES = (0.02, 0.05, 0.08, 0.10, 0.12, 0.15, 0.20, 0.30)
BINS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.01)


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What an evaluator said of cells, one entry per cell.

    Attributes:
        rating: mean over readers, 1.0 to 5.0.
        show, persona: whose it is.
        level: what cells are ranked by: the leaning where there is one, else the score.
        score: 1 to 5.
        confidence: 0 to 1.
    """

    rating: Array
    show: NDArray[np.str_]
    persona: NDArray[np.str_]
    level: Array
    score: Array
    confidence: Array

    def of(self, chosen: Flags | NDArray[np.intp]) -> Said:
        """Some of the cells."""
        return Said(
            self.rating[chosen],
            self.show[chosen],
            self.persona[chosen],
            self.level[chosen],
            self.score[chosen],
            self.confidence[chosen],
        )

    @property
    def calls(self) -> Flags:
        """A score other than 3."""
        return np.asarray(self.score != 3)

    @property
    def right(self) -> Flags:
        """The score and the mean rating are on the same side; a rated 3 is on none."""
        return np.asarray((self.score - 3) * (self.rating - 3) > 0)

    @property
    def opposite(self) -> Flags:
        """They are on opposite sides."""
        return np.asarray((self.score - 3) * (self.rating - 3) < 0)


def ranks(values: Array) -> Array:
    """1 for the least; equal values share the mean of their ranks."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2)[places])


def spearman(said: Said) -> float:
    """Rank correlation of level and rating; NaN where either never varies."""
    if len(said.rating) < 2 or not np.ptp(said.level) or not np.ptp(said.rating):
        return float("nan")
    return float(np.corrcoef(ranks(said.level), ranks(said.rating))[0, 1])


def separation(high: Array, low: Array) -> float:
    """AUC: share of pairs in which the high one is greater, ties half; NaN without pairs."""
    if not len(high) or not len(low):
        return float("nan")
    both = ranks(np.concatenate([high, low]))
    return float((both[: len(high)].sum() - len(high) * (len(high) + 1) / 2) / (len(high) * len(low)))


def auc(said: Said) -> float:
    """Cells rated 4 or more ranked above cells rated 2 or less."""
    return separation(said.level[said.rating >= 4], said.level[said.rating <= 2])


def same(said: Said) -> float:
    """Share of cells with the rating, rounded, as score."""
    return _mean(said.score == np.round(said.rating))


def kappa(said: Said) -> float:
    """Cohen's kappa with quadratic weights, of score and rounded rating."""
    rated = np.round(said.rating)
    observed = ((said.score - rated) ** 2).mean()
    shares = [np.array([(values == score).mean() for score in range(1, 6)]) for values in (said.score, rated)]
    apart = np.subtract.outer(np.arange(5), np.arange(5)) ** 2
    expected = float(shares[0] @ apart @ shares[1])
    return float(1 - observed / expected) if expected else float("nan")


def share(said: Said) -> float:
    """Share of cells with a call."""
    return _mean(said.calls)


def right(said: Said) -> float:
    """Share of calls that are right."""
    return _mean(said.right[said.calls])


def opposite(said: Said) -> float:
    """Share of calls that are opposite."""
    return _mean(said.opposite[said.calls])


def kept(said: Said) -> float:
    """Share of the cells rated 3 that got a 3."""
    return _mean(~said.calls[said.rating == 3])


def stated(said: Said) -> float:
    """Mean confidence of calls."""
    return _mean(said.confidence[said.calls])


def telling(said: Said) -> float:
    """AUC of confidence: right calls above others."""
    calls = said.of(said.calls)
    return separation(calls.confidence[calls.right], calls.confidence[~calls.right])


def calibration_error(said: Said) -> float:
    """Expected calibration error of calls over BINS."""
    rows = reliability(said)
    total = sum(count for _, count, _, _ in rows)
    return sum(count * abs(claimed - true) for _, count, claimed, true in rows) / total if total else float("nan")


def reliability(said: Said) -> list[tuple[str, int, float, float]]:
    """Per bin of confidence: its name, calls in it, mean confidence, share right."""
    calls, rows = said.of(said.calls), []
    for low, high in pairwise(BINS):
        chosen = (calls.confidence >= low) & (calls.confidence < high)
        if chosen.any():
            name = f"{low:.1f} to {min(high, 1):.1f}"
            rows.append((name, int(chosen.sum()), _mean(calls.confidence[chosen]), _mean(calls.right[chosen])))
    return rows


def curve(said: Said) -> list[tuple[float, float, float]]:
    """Share of cells called, if the farthest leanings from 3 were: (share, of these right, opposite)."""
    order = np.argsort(-np.abs(said.level - 3), kind="stable")
    side = replace(said, score=np.where(said.level > 3, 4.0, 2.0)).of(order)
    rows = []
    for wanted in SHARES:
        first = side.of(np.arange(max(1, int(wanted * len(order)))))
        rows.append((wanted, _mean(first.right), _mean(first.opposite)))
    return rows


def interval(said: Said, measure: Callable[[Said], float], seed: int = 0) -> tuple[float, float]:
    """95 % bootstrap interval over whole shows."""
    shows, place = np.unique(said.show, return_inverse=True)
    cells = [np.flatnonzero(place == number) for number in range(len(shows))]
    chance = np.random.default_rng(seed)
    values = []
    for _ in range(RESAMPLES):
        drawn = chance.integers(0, len(shows), len(shows))
        values.append(measure(said.of(np.concatenate([cells[number] for number in drawn]))))
    known = [value for value in values if not np.isnan(value)]
    if not known:
        return float("nan"), float("nan")
    low, high = np.percentile(known, (2.5, 97.5))
    return float(low), float(high)


def _mean(values: Flags | Array) -> float:
    return float(values.mean()) if len(values) else float("nan")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; every column but the first is of numbers."""
    lines = [list(head), ["---", *["---:"] * (len(head) - 1)], *map(list, rows)]
    return "\n".join(f"| {' | '.join(row)} |" for row in lines)
