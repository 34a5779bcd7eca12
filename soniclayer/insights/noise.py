"""How far means of a show's segments differ by chance alone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist, fmean, variance
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

FEWEST = 12
"""Segments below which a mean is not compared: their own scatter is not known well enough."""
CHANCE = 0.05
MOST_ALIKE = 0.9


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean of values in a row.

    Attributes:
        value: 1.0 to 5.0.
        error: its standard error.
        independent: how many unrelated values these are worth.
        count: how many there are.
    """

    value: float
    error: float
    independent: float
    count: int

    @property
    def band(self) -> tuple[float, float]:
        """Where the mean of more shows like this one would lie, 19 times in 20."""
        reach = limit(self.independent - 1) * self.error
        return max(1.0, self.value - reach), min(5.0, self.value + reach)


def mean_of(values: Sequence[float]) -> Mean | None:
    """The mean of values in listening order; None where there are fewer than `FEWEST`.

    Rule: neighbours in a show are alike (one topic lasts for minutes), so that n segments tell as much as
    n (1 - r) / (1 + r) unrelated ones, where r is how alike neighbours are (autocorrelation, 0 to 0.9).
    """
    if len(values) < FEWEST:
        return None
    mean, spread = fmean(values), variance(values)
    alike = fmean((a - mean) * (b - mean) for a, b in pairwise(values)) / spread if spread else 0.0
    alike = min(max(alike, 0.0), MOST_ALIKE)
    independent = max(2.0, len(values) * (1 - alike) / (1 + alike))
    return Mean(mean, math.sqrt(spread / independent), independent, len(values))


def limit(freedom: float, *, comparisons: int = 1) -> float:
    """How many standard errors a difference must have, so that chance gives one in `comparisons` 1 time in 20.

    Student's t, as its expansion for large samples has it. freedom: degrees of freedom, at least 1.
    """
    z = NormalDist().inv_cdf(1 - CHANCE / (2 * max(1, comparisons)))
    freedom = max(1.0, freedom)
    return z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
