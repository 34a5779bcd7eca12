from __future__ import annotations

import pytest

from soniclayer.feedback import Failure, Topic
from soniclayer.insights.selection import Selection, choices, select
from soniclayer.insights.timeline import curve
from tests.insights.planted import PLAIN, call, lean, run, scope, segment

RUN = run(
    [PLAIN, segment(1, "Footy on Friday, what a game.", "Lee"), "Rain AND hail.", PLAIN],
    {"ann": {0: call(5), 1: call(2)}, "bob": {1: call(4), 2: Failure("No."), 3: lean(2.0)}},
    {0: Topic.FOOD, 1: Topic.SPORTS},
)


@pytest.mark.parametrize(
    ("chosen", "left"),
    [
        ({}, [0, 1, 2, 3]),
        ({"words": "footy GAME"}, [1]),
        ({"words": "rain and"}, [2]),
        ({"topics": ("Sports",)}, [1]),
        ({"speakers": ("Lee",)}, [1]),
        ({"scores": (5, 5)}, [0]),
        ({"scores": (1, 2)}, [1]),
        ({"scores": (1, 2), "personas": ("bob",)}, []),
        ({"scores": (3, 3)}, []),
        ({"failed": True}, [2]),
        ({"failed": True, "personas": ("ann",)}, []),
        ({"topics": ("Food", "Sports"), "scores": (4, 5)}, [0, 1]),
    ],
)
def test_a_segment_fits_that_meets_every_filter(chosen: dict[str, object], left: list[int]) -> None:
    assert [each.index for each in scope(RUN, **chosen).segments] == left


def test_a_score_without_a_call_fits_no_range() -> None:
    assert 3 not in scope(RUN, scores=(1, 3)).chosen


def test_chosen_personas_rule_the_consensus() -> None:
    assert scope(RUN).value(RUN.segments[1]) == 3
    assert scope(RUN, personas=("bob",)).value(RUN.segments[1]) == 4


def test_unknown_personas_are_ignored_and_none_left_means_all() -> None:
    assert [persona.id for persona in scope(RUN, personas=("gone", "bob")).personas] == ["bob"]
    assert len(scope(RUN, personas=("gone",)).personas) == 2


def test_what_is_left_out_is_said() -> None:
    assert scope(RUN).left_out == ""
    assert scope(RUN).cells is None
    part = scope(RUN, personas=("ann",), words="footy")
    assert part.left_out == "1 of 2 personas, 1 of 4 segments"
    assert part.cells == frozenset({(1, "ann")})


def test_exports_get_what_was_chosen_and_share_its_answers() -> None:
    narrowed = scope(RUN, personas=("ann",), words="footy").narrowed
    assert [each.index for each in narrowed.segments] == [1]
    assert [persona.id for persona in narrowed.personas] == ["ann"]
    assert narrowed.results is RUN.results
    assert select(RUN, Selection()).narrowed is RUN


def test_filters_offer_what_there_is() -> None:
    assert choices(RUN) == {"topics": ("Food", "Sports"), "tones": (), "speakers": ("Kim", "Lee")}


def test_an_answer_that_comes_while_the_page_is_drawn_gives_no_consensus_without_reactions() -> None:
    made = run([PLAIN], {"ann": {0: call(5)}})
    answer = made.results.pop((0, "ann"))
    looked_at = scope(made)
    assert looked_at.reactions(made.segments[0]) == []
    made.results[0, "ann"] = answer
    assert looked_at.value(made.segments[0]) is None
    assert [level.mean for level in curve(looked_at)] == [None, None]
