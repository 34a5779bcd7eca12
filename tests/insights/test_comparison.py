"""What rises and falls between two shows, two evaluators, two versions; and that chance alone moves nobody."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from soniclayer.insights.comparison import Comparison, compare, said
from soniclayer.insights.noise import FEWEST, limit, mean_of
from soniclayer.insights.selection import Scope
from soniclayer.insights.versions import align, stretch_said
from tests.insights.planted import call, lean, run, scope, segment

NAMES = ("ann", "bob", "cat", "dan", "eve", "fay", "gus", "hal")
VOCABULARY = "tide harbour ferry map weather coffee council footy rain school market song river train garden bread"
WORDS = VOCABULARY.split()


def text(dice: random.Random) -> str:
    return " ".join(dice.choice(WORDS) for _ in range(60))


def show(seed: int, size: int, shift: dict[str, float] | None = None, alike: float = 0.6) -> Scope:
    """Leanings of eight personas, as those of real shows are: neighbours alike, each persona around its own level."""
    dice = random.Random(seed)
    values = {}
    for name in NAMES:
        drift, planted = 0.0, {}
        for index in range(size):
            drift = alike * drift + dice.gauss(0, 0.4)
            planted[index] = lean(min(5.0, max(1.0, 3.0 + drift + (shift or {}).get(name, 0.0))))
        values[name] = planted
    return scope(run([segment(index, text(dice)) for index in range(size)], values))


def moved(comparison: Comparison) -> dict[str, float]:
    return {c.persona.id: round(c.difference or 0, 1) for c in comparison.changes if c.beyond_chance}


def test_what_is_planted_rises_and_falls_and_nobody_else() -> None:
    comparison = compare(show(1, 120), show(2, 120, {"bob": 0.8, "cat": -0.8}))
    assert set(moved(comparison)) == {"bob", "cat"}
    assert [c.persona.id for c in comparison.rose] == ["bob"]
    assert [c.persona.id for c in comparison.fell] == ["cat"]
    assert not comparison.paired


def test_two_random_halves_of_one_show_are_alike() -> None:
    found = 0
    for seed in range(60):
        whole = show(seed, 160)
        places = list(range(160))
        random.Random(seed).shuffle(places)
        halves = [sorted(places[:80]), sorted(places[80:])]
        one, other = (replace(whole, segments=tuple(whole.segments[place] for place in half)) for half in halves)
        found += bool(moved(compare(one, other)))
    assert found <= 6  # 1 in 20 is what the rule allows


def test_two_halves_one_after_the_other_are_alike_though_neighbours_are() -> None:
    found = 0
    for seed in range(60):
        whole = show(seed, 160)
        one, other = (replace(whole, segments=part) for part in (whole.segments[:80], whole.segments[80:]))
        found += bool(moved(compare(one, other)))
    assert found <= 6


def test_a_show_compared_with_itself_is_the_same() -> None:
    comparison = compare(show(1, 40), show(1, 40))
    assert comparison.paired
    assert not moved(comparison)
    assert [c.difference for c in comparison.changes] == [0.0] * 8


def test_where_the_segments_are_the_same_a_small_change_is_seen() -> None:
    """0.15 of a score is lost between two shows, and seen where every segment is compared with itself."""
    before = show(3, 120)
    after = show(3, 120, {"ann": 0.15})
    assert set(moved(compare(before, after))) == {"ann"}
    assert not moved(compare(before, replace(after, segments=after.segments[1:])))


def test_a_difference_too_small_to_matter_is_none() -> None:
    assert not moved(compare(show(3, 120), show(3, 120, {"ann": 0.05})))


def test_few_segments_tell_nothing() -> None:
    comparison = compare(show(1, FEWEST - 1), show(2, FEWEST - 1, {"bob": 2.0}))
    assert not moved(comparison)
    sentences = said(comparison, "Monday", "Friday", lambda persona: persona.display_name)
    assert sentences == ["Too few segments to tell: it takes 12 judged ones in either."]


def test_calls_and_losses_are_counted_leanings_are_not() -> None:
    made = scope(run(["x"] * 120, {"ann": {1: call(4), 5: call(1), 6: lean(2.0), 60: call(2)}}))
    (change,) = compare(made, made).changes
    assert change.after.calls == (1, 1, 0, 1, 0)
    assert change.after.losses_an_hour == pytest.approx(2.0)
    assert change.after.segments == 120


def test_what_is_chosen_rules_and_personas_are_matched_by_their_ids() -> None:
    made = run(["tide", "footy", "tide"], {"ann": {0: call(5), 1: call(1), 2: call(5)}, "bob": {}})
    other = run(["rain"] * 3, {"cat": {}, "ann": {0: call(4)}})
    comparison = compare(scope(made, words="tide"), scope(other))
    (change,) = comparison.changes
    assert (change.before.mean, change.before.segments) == (5.0, 2)
    assert [p.id for p in comparison.only_before] == ["bob"]
    assert [p.id for p in comparison.only_after] == ["cat"]
    assert said(comparison, "A", "B", lambda p: p.id)[-2:] == ["Only in A: bob.", "Only in B: cat."]


def test_sentences_say_what_fell_first_and_how_much_chance_explains() -> None:
    comparison = compare(show(1, 120), show(2, 120, {"bob": 0.8, "cat": -0.8}))
    first, second, rest = said(comparison, "Monday", "Friday", lambda persona: persona.display_name)
    assert first.startswith("Cat: down from ")
    assert "in Monday to " in first
    assert "by more than chance explains (± 0." in first
    assert second.startswith("Bob: up from ")
    assert rest.startswith("6 personas: no difference beyond chance")


def test_nothing_in_common_is_said() -> None:
    comparison = compare(scope(run([], {"ann": {}})), scope(run([], {"bob": {}})))
    assert said(comparison, "A", "B", lambda p: p.id) == ["Only in A: ann.", "Only in B: bob."]


def test_values_that_drift_are_worth_fewer() -> None:
    steady, drifting = [2.0, 4.0] * 40, [2.0] * 40 + [4.0] * 40
    one, other = mean_of(steady), mean_of(drifting)
    assert one is not None
    assert other is not None
    assert one.independent == 80
    assert other.independent < 10
    assert one.error * 3 < other.error


@pytest.mark.parametrize(("freedom", "right"), [(10, 2.228), (30, 2.042), (1_000, 1.962)])
def test_the_limit_is_student_s(freedom: float, right: float) -> None:
    assert limit(freedom) == pytest.approx(right, abs=0.01)
    assert limit(freedom, comparisons=8) > right


# --- two cuts ---


def cut(drop: range, seed: int = 5) -> tuple[Scope, Scope]:
    """A show of twenty segments, and its cut without these; the segments of the cut begin elsewhere in the talk."""
    dice = random.Random(seed)
    texts = [text(dice) for _ in range(20)]
    words = " ".join(each for place, each in enumerate(texts) if place not in drop).split()
    again = [" ".join(words[begin : begin + 55]) for begin in range(0, len(words), 55)]
    ann = {index: lean(4.2 if index in drop else 3.0) for index in range(20)}
    return scope(run(texts, {"ann": ann, "bob": {7: call(1)}})), scope(run(again, {"ann": {}, "bob": {}}))


def test_what_was_left_out_is_found_though_the_segments_moved() -> None:
    before, after = cut(range(6, 9))
    versions = align(before, after)
    assert versions.are_cuts
    (stretch,) = versions.left_out
    assert (stretch.index, stretch.start_ms, stretch.end_ms) == (6, 180_000, 270_000)
    assert versions.new == ()
    assert stretch.means["ann"] == pytest.approx(4.2)
    assert stretch_said(stretch, before.personas, lambda p: p.display_name) == "3:00, 2 min; pleases Ann; tires Bob"


def test_what_is_new_is_found_in_the_later_one() -> None:
    after, before = cut(range(10, 12))
    (stretch,) = align(before, after).new
    assert stretch.index == 10


def test_common_words_make_no_cut_of_a_short_show() -> None:
    dice = random.Random(3)
    common = ["the", "a", "and", "of", "to", "in", "is", "it", "that", "you", "we", "so", "but", "on", "for", "with"]
    talk = [" ".join(dice.choices(common, k=40) + dice.choices(["footy", "rates", "cake"], k=5)) for _ in range(60)]
    short = " ".join(each for word in dice.choices(common, k=40) for each in (word, f"own{dice.random()}"))
    assert not align(scope(run([short], {"ann": {}})), scope(run(talk, {"ann": {}}))).are_cuts


def test_two_shows_are_no_cuts_of_one() -> None:
    one, other = show(1, 40), scope(run([f"word{i} else{i} other{i} thing{i}" * 5 for i in range(40)], {"ann": {}}))
    versions = align(one, other)
    assert not versions.are_cuts
    assert not align(scope(run([], {"ann": {}})), one).are_cuts
