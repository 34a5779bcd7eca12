from __future__ import annotations

import asyncio

import pandas as pd
import pytest

from soniclayer.feedback import Classification, Feedback, Tone, Topic
from soniclayer.results import (
    COLUMNS,
    agreement,
    consensus,
    repeats_theme,
    summarize,
    to_frame,
    widest_differences,
)
from soniclayer.run import Run
from soniclayer.segments import Segment
from tests.fakes import ScriptedEvaluator, no_answer, persona, score, segments

ANN, BOB, MUTE = persona("ann", weight=3), persona("bob", weight=1), persona("mute", weight=0)


def finished(evaluator: ScriptedEvaluator, count: int = 4) -> Run:
    run = Run(segments(count), (ANN, BOB, MUTE), evaluator)
    asyncio.run(run.execute())
    return run


def by_table(table: dict[tuple[str, int], Feedback]) -> ScriptedEvaluator:
    return ScriptedEvaluator(lambda who, segment: table.get((who, segment.index), no_answer()))


def test_the_frame_has_a_row_per_cell_in_listening_order_and_no_score_where_it_failed() -> None:
    run = finished(by_table({("ann", 0): score(5, 0.9), ("bob", 1): score(2)}), count=2)
    frame = to_frame(run)
    assert list(frame.columns) == list(COLUMNS)
    assert list(zip(frame["segment"], frame["persona"], strict=True)) == [
        (index, who) for index in range(2) for who in ("ann", "bob", "mute")
    ]
    assert frame.loc[0, "score"] == 5
    assert frame.loc[0, "error"] == ""
    assert frame["score"].isna().tolist() == [False, True, True, True, False, True]
    assert frame["score"].dropna().tolist() == [5, 2]
    assert frame.loc[1, "error"] == "The server said no."
    assert frame.loc[3, "start_s"] == 30.0


def test_an_empty_run_gives_an_empty_frame_of_the_same_columns() -> None:
    frame = to_frame(Run((), (ANN,), ScriptedEvaluator()))
    assert frame.empty
    assert list(frame.columns) == list(COLUMNS)
    assert frame["score"].dtype == pd.Int64Dtype()


def test_consensus_is_the_weighted_mean_of_those_who_answered() -> None:
    run = finished(
        by_table({("ann", 0): score(5), ("bob", 0): score(1), ("mute", 0): score(1), ("bob", 1): score(2)})
    )
    assert consensus(run, 0) == pytest.approx((3 * 5 + 1 * 1) / 4)
    assert consensus(run, 1) == 2
    assert consensus(run, 2) is None


def test_a_theme_repeats_only_where_both_topics_are_known_and_equal() -> None:
    topics = [Topic.FOOD, Topic.FOOD, None, None, Topic.SPORTS]

    def classify(segment: Segment) -> Classification:
        return Classification(topics[segment.index], Tone.CASUAL)

    run = finished(ScriptedEvaluator(classify=classify), count=5)
    assert [repeats_theme(run, position) for position in range(5)] == [False, True, False, False, False]


def test_a_summary_counts_ranks_and_averages_what_was_answered() -> None:
    table = {
        ("ann", 0): score(4, 0.5),
        ("ann", 1): score(5, 0.2),
        ("ann", 2): score(5, 0.8),
        ("ann", 3): score(1, 0.5),
    }
    run = finished(by_table(table), count=5)
    summary = summarize(run, ANN)
    assert summary.mean_score == pytest.approx(15 / 4)
    assert summary.spread == pytest.approx(1.639, abs=0.001)
    assert summary.distribution == {1: 1, 2: 0, 3: 0, 4: 1, 5: 2}
    assert summary.mean_confidence == pytest.approx(0.5)
    assert summary.top == (2, 1, 0)
    assert summary.bottom == (3,), "what is not disliked is no worst moment"
    assert (summary.evaluated, summary.failed) == (4, 1)


def test_a_mean_goes_by_the_leanings_where_there_are_some() -> None:
    unsure = Feedback(3, "Nothing here is for or against me.", "", 0.3, lean=2.2)
    run = finished(by_table({("ann", 0): unsure, ("ann", 1): score(5), ("bob", 0): score(4)}), count=2)
    assert summarize(run, ANN).mean_score == pytest.approx(3.6)
    assert consensus(run, 0) == pytest.approx((3 * 2.2 + 4) / 4)
    assert not unsure.called
    assert score(3).called


def test_a_persona_without_any_answer_has_no_mean() -> None:
    summary = summarize(finished(by_table({})), BOB)
    assert summary.mean_score is None
    assert summary.mean_confidence is None
    assert (summary.evaluated, summary.failed) == (0, 4)


def scored(*scores: int | None) -> Run:
    """A run in which Ann gives these scores, None standing for a failure, and Bob a 3 to all."""
    table = {("ann", index): score(value) for index, value in enumerate(scores) if value is not None}
    table |= {("bob", index): score(3) for index in range(len(scores))}
    return finished(by_table(table), count=len(scores))


def test_agreement_is_measured_over_the_cells_that_both_scored() -> None:
    alike = agreement(scored(1, 2, 3, 4, 5, None), scored(2, 3, 4, 5, 5, 1), ANN)
    assert alike.cells == 5
    assert alike.correlation == pytest.approx(0.9747, abs=1e-4)
    assert alike.mean_difference == pytest.approx(0.8)
    assert alike.same == pytest.approx(0.2)
    opposite = agreement(scored(1, 2, 3), scored(5, 4, 3), ANN)
    assert opposite.correlation == pytest.approx(-1)


def test_agreement_has_no_correlation_where_one_score_is_given_to_all() -> None:
    constant = agreement(scored(1, 2, 3), scored(1, 2, 3), BOB)
    assert constant.correlation is None
    assert constant.same == 1
    assert agreement(scored(None, None), scored(1, 2), ANN).cells == 0


def test_the_widest_differences_come_first() -> None:
    found = widest_differences(scored(1, 5, 3, 4), scored(2, 1, 3, 2), 2)
    assert [(segment.index, who.id, a.score, b.score) for segment, who, a, b in found] == [
        (1, "ann", 5, 1),
        (3, "ann", 4, 2),
    ]
