"""Every kind of moment finds what is planted, and nothing where nothing is."""

from __future__ import annotations

import csv
import io

import pytest

from soniclayer.exports.moments_file import to_csv
from soniclayer.feedback import Topic
from soniclayer.insights.clips import clips
from soniclayer.insights.cuts import cuts
from soniclayer.insights.losses import losses
from soniclayer.insights.moment import Moment
from soniclayer.insights.moments import MOMENTS
from soniclayer.insights.stretches import ad_breaks, disagreements, themes
from tests.insights.planted import PLAIN, call, lean, run, scope, segment

NOTHING = run([PLAIN] * 12, {"ann": {}, "bob": {}})


@pytest.mark.parametrize("kind", [kind for kind in MOMENTS if kind != "breaks"])
def test_where_nobody_calls_anything_there_are_no_moments(kind: str) -> None:
    assert MOMENTS[kind].find(scope(NOTHING)) == []


def test_nothing_comes_of_an_empty_run() -> None:
    for kind in MOMENTS.values():
        assert kind.find(scope(run([], {"ann": {}}))) == []


def test_a_loss_lasts_for_as_long_as_the_persona_stays_low() -> None:
    made = run([PLAIN] * 8, {"ann": {1: call(4), 2: call(5), 3: call(1), 4: lean(2.4), 5: call(2), 6: lean(3.1)}})
    (loss,) = losses(scope(made))
    assert (loss.index, loss.start_ms, loss.end_ms, loss.who) == (3, 90_000, 180_000, ("ann",))
    assert loss.note == "falls from 4.5 to 1.0"
    assert loss.sure == pytest.approx(0.8)


def test_losses_that_begin_together_are_one_and_the_worst_comes_first() -> None:
    made = run([PLAIN] * 8, {"ann": {1: call(2), 5: call(1)}, "bob": {5: call(1)}})
    worst, lesser = losses(scope(made))
    assert (worst.index, worst.who) == (5, ("ann", "bob"))
    assert (lesser.index, lesser.who) == (1, ("ann",))


def test_an_unsure_call_or_a_leaning_alone_loses_nobody() -> None:
    assert losses(scope(run([PLAIN] * 3, {"ann": {0: call(1, 0.3), 1: lean(1.5), 2: lean(2.0)}}))) == []


def test_whoever_is_low_throughout_is_lost_once() -> None:
    (loss,) = losses(scope(run([PLAIN] * 6, {"ann": {index: call(1) for index in range(6)}})))
    assert (loss.start_ms, loss.end_ms) == (0, 180_000)


def test_a_filter_leaves_out_losses_that_begin_elsewhere() -> None:
    made = run([PLAIN, "Footy again, and more footy than anybody needs.", PLAIN], {"ann": {1: call(1), 2: call(1)}})
    assert [moment.index for moment in losses(scope(made, words="footy"))] == [1]
    assert losses(scope(made, words="tide")) == []


STORY = (
    "And so it goes. A farmer in Dunnabrook found a lost kelpie on her roof this morning. "
    "Nobody knows how the dog got there, and the ladder was in the shed. What a"
)


def test_a_clip_is_whole_sentences_that_need_nothing_before() -> None:
    made = run([PLAIN, STORY, PLAIN], {"ann": {1: call(5)}, "bob": {1: call(2)}, "cat": {0: call(3)}})
    (clip,) = clips(scope(made))
    assert clip.words.startswith("A farmer in Dunnabrook")
    assert clip.words.endswith("in the shed.")
    assert clip.index == 1
    assert 30_000 < clip.start_ms < clip.end_ms < 60_000
    assert 15 <= clip.seconds <= 60
    assert (clip.who, clip.against) == (("ann",), ("bob",))


def test_a_clip_keeps_the_words_that_are_loved() -> None:
    made = run([STORY], {"ann": {0: call(5, quotes=("And so it goes.",))}})
    assert clips(scope(made)) == []


def test_a_short_segment_is_clipped_with_the_next() -> None:
    short = segment(0, "The kelpie is on the roof again.")
    texts = [short.__class__(0, 0, 9_000, ("Kim",), short.text), segment(1, "She barks at the moon, every night.")]
    (clip,) = clips(scope(run(texts, {"ann": {0: call(4), 1: call(4)}})))
    assert (clip.start_ms, clip.end_ms) == (0, 60_000)
    assert clip.words == "The kelpie is on the roof again. She barks at the moon, every night."


@pytest.mark.parametrize(
    "text", ["And it never came back to us that day.", "The bastard never came back.", "no end and no beginning"]
)
def test_no_clip_leans_on_what_was_before_swears_or_breaks_off(text: str) -> None:
    assert clips(scope(run([text], {"ann": {0: call(5)}}))) == []


def test_cuts_name_the_literal_words_by_category_the_gravest_first() -> None:
    made = run(
        [PLAIN, "Bloody hot today.", "He fell on his arse, the poor bastard.", PLAIN],
        {"ann": {}, "bob": {}},
        dislikes={"ann": ("swearing and foul language",)},
    )
    grave, mild = cuts(scope(made))
    assert (grave.index, grave.words, grave.note, grave.who) == (2, "“arse”, “bastard”", "swearing", ("ann",))
    assert (mild.index, mild.words, mild.who) == (1, "“Bloody”", ("ann",))


def test_a_cut_is_for_whoever_calls_it_low_too_and_last_where_nobody_minds() -> None:
    made = run(["He fell on his arse.", "What an arse."], {"ann": {0: call(1)}})
    assert [(moment.index, moment.who) for moment in cuts(scope(made))] == [(0, ("ann",)), (1, ())]


def test_what_bores_for_long_comes_after_the_words() -> None:
    dull = {index: lean(2.2) for index in (2, 3, 4, 7)}
    made = run([PLAIN] * 9 + ["Damn it."], {"ann": dull, "bob": dull})
    words, bore = cuts(scope(made))
    assert words.index == 9
    assert (bore.start_ms, bore.end_ms, bore.note) == (60_000, 150_000, "bores: consensus 2.2")


def test_ad_breaks_are_clean_liked_and_apart() -> None:
    texts = [segment(index, PLAIN, "Kim" if index % 2 else "Lee") for index in range(40)]
    texts[14] = segment(14, "What a bastard he was.", "Lee")
    likes = {index: call(4) for index in (10, 11, 14, 28, 29)}
    made = run(texts, {"ann": likes, "bob": {22: call(1), 23: call(1)}})
    found = ad_breaks(scope(made))
    assert [moment.index for moment in found][:2] == [11, 29]
    assert found[0].note == "6 min into the show"
    assert found[1].note == "9 min after the last one"
    for moment in found:
        assert not 12 < moment.index < 18, "a minute to both sides of the swearing"
        assert moment.index not in (22, 23, 24), "where bob is lost"
    assert found[0].who == ("ann",)


def test_ad_breaks_need_a_turn_or_a_pause() -> None:
    assert ad_breaks(scope(run([PLAIN] * 30, {"ann": {}}))) == []
    texts = [segment(index, gap_ms=1_000 if index == 19 else 0) for index in range(30)]
    assert [moment.index for moment in ad_breaks(scope(run(texts, {"ann": {}})))] == [20]


def test_disagreements_say_who_stands_where() -> None:
    made = run(
        [PLAIN] * 3,
        {
            "ann": {0: call(5), 1: call(4), 2: call(5)},
            "bob": {0: call(1), 1: call(2), 2: call(1, 0.2)},
            "cat": {0: call(4)},
        },
    )
    wide, narrow = disagreements(scope(made))
    assert (wide.index, wide.who, wide.against, wide.note) == (0, ("ann", "cat"), ("bob",), "1 against 5")
    assert narrow.index == 1


def test_themes_are_topics_that_come_back() -> None:
    topics = {0: Topic.SPORTS, 1: Topic.SPORTS, 2: Topic.FOOD, 4: Topic.SPORTS, 6: Topic.FOOD}
    liked = {index: lean(4.0) for index in (0, 1, 4)}
    made = run([PLAIN] * 8, {"ann": liked, "bob": {0: lean(2), 1: lean(2), 4: lean(2.5)}}, topics)
    (theme,) = themes(scope(made))
    assert (theme.words, theme.note, theme.index) == ("Sports", "2 min in 2 stretches", 0)
    assert (theme.who, theme.against) == (("ann",), ("bob",))


def test_the_same_results_give_the_same_moments() -> None:
    made = run([PLAIN] * 6, {"ann": {1: call(1), 3: call(1)}, "bob": {1: call(5), 3: call(5)}})
    for kind in MOMENTS.values():
        assert kind.find(scope(made)) == kind.find(scope(made))


def test_a_list_goes_out_as_a_table_that_runs_no_formula() -> None:
    moment = Moment(index=0, start_ms=61_000, end_ms=90_500, words="=1+1", note="swearing", who=("ann",), sure=0.5)
    rows = list(csv.DictReader(io.StringIO(to_csv([moment], {"ann": "Ann"}).decode("utf-8-sig"))))
    assert rows == [
        {
            "start": "1:01",
            "end": "1:30",
            "start_s": "61.0",
            "end_s": "90.5",
            "words": "'=1+1",
            "note": "swearing",
            "for": "Ann",
            "against": "",
            "sure": "0.50",
        }
    ]
