"""The measures of agreement, on cells whose figures are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks import measures
from benchmarks.measures import Said


def said(*cells: tuple[float, float, float, float], show: str = "") -> Said:
    """Cells of (rating, level, score, confidence); every show has two unless named."""
    rating, level, score, confidence = (np.array(column, dtype=float) for column in zip(*cells, strict=True))
    shows = np.array([show or str(place // 2) for place in range(len(cells))])
    return Said(rating, shows, np.array(["x"] * len(cells)), level, score, confidence)


EXAMPLE = said(
    (4, 3.9, 4, 0.9), (2, 2.1, 2, 0.8), (3, 2.2, 2, 0.6), (3, 3.0, 3, 0.2), (2, 3.8, 4, 0.6), (3, 3.1, 3, 0.3)
)


def test_calls_are_right_wrong_or_opposite() -> None:
    assert measures.share(EXAMPLE) == pytest.approx(4 / 6)
    assert measures.right(EXAMPLE) == 0.5
    assert measures.opposite(EXAMPLE) == 0.25
    assert measures.kept(EXAMPLE) == pytest.approx(2 / 3)
    assert measures.same(EXAMPLE) == pytest.approx(4 / 6)
    assert measures.stated(EXAMPLE) == pytest.approx(0.725)


def test_ranking_measures() -> None:
    assert measures.auc(EXAMPLE) == 1.0
    assert measures.separation(np.array([1.0]), np.array([1.0])) == 0.5
    assert math.isnan(measures.separation(np.array([]), np.array([1.0])))
    assert measures.spearman(said((1, 1, 1, 1), (2, 2, 2, 1), (3, 3, 3, 1))) == pytest.approx(1)
    assert measures.spearman(said((1, 3, 3, 1), (2, 2, 3, 1), (3, 1, 3, 1))) == pytest.approx(-1)
    assert math.isnan(measures.spearman(said((1, 3, 3, 1), (2, 3, 3, 1))))
    assert measures.telling(EXAMPLE) == 1.0


def test_kappa_is_one_where_all_agree_and_nothing_where_chance_would_do_as_well() -> None:
    assert measures.kappa(said((1, 1, 1, 1), (4, 4, 4, 1))) == 1
    assert measures.kappa(said((1, 3, 3, 1), (4, 3, 3, 1))) == pytest.approx(0)


def test_reliability_and_calibration_error() -> None:
    assert measures.reliability(EXAMPLE) == [
        ("0.6 to 0.7", 2, 0.6, 0.0),
        ("0.8 to 0.9", 1, 0.8, 1.0),
        ("0.9 to 1.0", 1, 0.9, 1.0),
    ]
    assert measures.calibration_error(EXAMPLE) == pytest.approx((2 * 0.6 + 0.2 + 0.1) / 4)


def test_the_curve_calls_the_farthest_leanings_first() -> None:
    rows = measures.curve(EXAMPLE)
    assert [share for share, _, _ in rows] == list(measures.SHARES)
    assert rows[0][1] == 1.0


def test_intervals_are_over_whole_shows() -> None:
    cells = [(4, 3.5, 4, 0.7)] * 10 + [(3, 3.5, 4, 0.7)] * 10
    low, high = measures.interval(said(*cells), measures.right)
    assert low < 0.5 < high
    one_show = said(*cells, show="only")
    assert measures.interval(one_show, measures.right) == (0.5, 0.5)
