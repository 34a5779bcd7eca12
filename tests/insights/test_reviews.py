from __future__ import annotations

import pickle
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soniclayer.feedback import Failure, Feedback, Review, Reviewed, digest_of, overruled, own_of
from soniclayer.insights.looks import look_of
from soniclayer.insights.moments import MOMENTS
from soniclayer.insights.reviews import (
    CHANGED,
    COUNTS,
    REPLACED,
    UNDONE,
    Reviews,
    agreement,
    place,
    reviewed,
)
from soniclayer.insights.selection import Selection, select
from soniclayer.insights.timeline import cell, columns
from soniclayer.insights.verdict import Insight
from soniclayer.results import consensus, summarize
from soniclayer.run import Run
from soniclayer.segments import Segment
from tests.insights.planted import PLAIN, call, lean, run, segment

WORDS = ("Footy first.", "Then the weather.", "Then the news.", "Then the weather.")


def review(of: Segment, persona: str, score: int, **more: object) -> Review:
    where = ("show", digest_of(of.text), of.start_ms, persona)
    return replace(Review(1, *where, score, "I know them.", "Priya", 1_000), **more)  # type: ignore[arg-type]


def planted() -> Run:
    return run(
        WORDS, {"ann": {0: call(5), 1: call(1, quotes=("weather",)), 3: lean(2.5)}, "bob": {1: Failure("No.")}}
    )


def placed(made: Run, *reviews: Review) -> Reviews:
    return place(made.segments, reviews)


def test_a_score_is_the_persons_in_means_curves_moments_and_verdict() -> None:
    made = planted()
    scope = select(made, Selection(), placed(made, review(made.segments[1], "ann", 5)))
    plain = select(made, Selection())
    assert (consensus(plain.run, 1), consensus(scope.run, 1)) == (1, 5)
    assert (plain.value(made.segments[1]), scope.value(made.segments[1])) == (1, 5)
    ann = made.personas[0]
    assert summarize(scope.run, ann).distribution == {1: 0, 2: 0, 3: 2, 4: 0, 5: 2}
    assert summarize(scope.run, ann).bottom == ()
    assert MOMENTS["losses"].find(plain)
    assert not MOMENTS["losses"].find(scope)
    assert Insight(scope).verdict[0].lead == "Nothing here loses anybody"
    drawn = cell(scope, columns(scope.segments)[1], ann)
    assert (drawn.look, drawn.sign) == ("5 loves it", "5*")
    assert 1 in select(made, Selection(scores=(5, 5)), scope.reviews).chosen


def test_the_run_itself_stays_as_the_evaluator_answered_it() -> None:
    made = planted()
    scope = select(made, Selection(personas=("ann",)), placed(made, review(made.segments[1], "ann", 5)))
    assert scope.live is made
    assert made.results[1, "ann"] == call(1, quotes=("weather",))
    assert own_of(scope.run.results[1, "ann"]) == made.results[1, "ann"]
    made.results[2, "ann"] = call(4)  # it goes on
    assert scope.run.results[2, "ann"] == lean(3.0)


def test_without_a_review_that_applies_the_run_is_the_same_one() -> None:
    made = planted()
    undone = review(made.segments[0], "ann", 2, undone_by="Priya", undone=2_000)
    for reviews in (placed(made), placed(made, undone), placed(made, review(made.segments[1], "bob", 2))):
        assert reviewed(made, reviews) is made


def test_a_review_outweighs_a_leaning_and_a_three_of_a_person_is_a_call() -> None:
    own = lean(2.0)
    theirs = overruled(own, review(segment(0), "ann", 3))
    assert not own.called
    assert theirs.called
    assert theirs.value == 3
    assert look_of(theirs) == "3 stays neutral"


def test_a_cut_is_not_for_whom_a_person_has_overruled() -> None:
    made = run([replace(segment(0), text="This is shit.")], {"ann": {0: call(2)}, "bob": {0: call(1)}})
    (cut,) = MOMENTS["cuts"].find(select(made, Selection()))
    assert cut.who == ("ann", "bob")
    (cut,) = MOMENTS["cuts"].find(select(made, Selection(), placed(made, review(made.segments[0], "ann", 4))))
    assert cut.who == ("bob",)


def test_the_latest_that_nobody_took_back_counts() -> None:
    made = planted()
    first, second = (review(made.segments[0], "ann", score, made=score, id=score) for score in (1, 2))
    assert placed(made, second, first).standing((0, "ann")) == second
    back = replace(second, undone_by="Kim", undone=9)
    assert not placed(made, back).any_stands
    reviews = placed(made, first, back)
    assert reviews.any_stands
    assert reviews.standing((0, "ann")) == first
    assert reviews.placed[0, "ann"] == (first, back)
    assert [(entry.review.id, entry.status) for entry in reviews.entries] == [(2, UNDONE), (1, COUNTS)]
    assert [entry.status for entry in placed(made, first, second).entries] == [COUNTS, REPLACED]


def test_words_said_twice_keep_their_own_reviews_and_follow_their_words_elsewhere() -> None:
    made = planted()
    reviews = placed(made, review(made.segments[3], "ann", 4), review(made.segments[1], "ann", 2))
    assert {cell: each[0].score for cell, each in reviews.placed.items()} == {(3, "ann"): 4, (1, "ann"): 2}
    moved = run(["New opening.", *WORDS], {"ann": {}})
    again = place(moved.segments, [review(made.segments[0], "ann", 4)])
    assert list(again.placed) == [(1, "ann")]


def test_other_words_at_the_same_time_are_marked_and_not_applied() -> None:
    made = planted()
    before = review(made.segments[2], "ann", 1)
    edited = run([*WORDS[:2], "Then other news.", WORDS[3]], {"ann": {2: call(4)}})
    reviews = place(edited.segments, [before])
    assert reviews.changed == {(2, "ann"): (before,)}
    assert reviews.placed == {}
    assert [entry.status for entry in reviews.entries] == [CHANGED]
    assert reviewed(edited, reviews) is edited


def test_blanks_do_not_change_words() -> None:
    assert digest_of("one\n two ") == digest_of("one two") != digest_of("one  Two")


@given(st.text())
def test_any_words_have_a_digest(text: str) -> None:
    assert len(digest_of(text)) == 32


@pytest.mark.parametrize(
    ("own", "score", "same", "side", "gap"),
    [
        (call(4), 4, 1, 1, 0),
        (call(5), 4, 0, 1, 1),
        (lean(3.6), 4, 0, 1, 1),
        (lean(3.0), 5, 0, 0, 2),
        (call(1), 3, 0, 0, 2),
    ],
)
def test_agreement_is_by_score_side_and_difference(own: Feedback, score: int, same: int, side: int, gap: int) -> None:
    made = run([PLAIN], {"ann": {0: own}, "bob": {}})
    reviews = placed(made, review(made.segments[0], "ann", score))
    found = agreement(reviewed(made, reviews), reviews, "ann")
    assert found is not None
    assert (found.cells, found.same, found.side, found.mean_difference) == (1, same, side, gap)
    assert agreement(reviewed(made, reviews), reviews) == found
    assert agreement(reviewed(made, reviews), reviews, "bob") is None


def test_a_reviewed_reaction_survives_pickling() -> None:
    theirs = overruled(call(2, quotes=("tide",)), review(segment(0), "ann", 4))
    again = pickle.loads(pickle.dumps(theirs))
    assert again == theirs
    assert isinstance(again, Reviewed)
    assert again.own.quotes == ("tide",)
