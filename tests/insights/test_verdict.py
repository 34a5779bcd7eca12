"""A test per sentence of the verdict."""

from __future__ import annotations

from soniclayer.feedback import Topic
from soniclayer.insights.verdict import Insight, Sentence
from tests.insights.planted import PLAIN, call, lean, run, scope

SWEARING = ("swearing and foul language",)


def told(made: Insight, kind: str) -> tuple[str, int | None]:
    (found,) = [sentence for sentence in made.verdict if sentence.kind == kind]
    return found.lead + found.rest, found.index


def test_whom_you_lose_where_over_what_and_for_how_long() -> None:
    made = run([PLAIN] * 20, {"ann": {12: call(1), 13: lean(2), 16: call(2)}, "bob": {}}, {12: Topic.BUSINESS})
    assert told(Insight(scope(made)), "losses") == (
        "You lose Ann at 6:00 over Business & Finance, for 60 s, then 8:00.",
        12,
    )


def test_nothing_here_loses_anybody() -> None:
    assert told(Insight(scope(run([PLAIN], {"ann": {}}))), "losses") == ("Nothing here loses anybody.", None)


def test_loses_someone_means_someone_chosen() -> None:
    made = run([PLAIN] * 3, {"ann": {1: call(1)}, "bob": {}})
    assert told(Insight(scope(made, personas=("bob",))), "losses")[1] is None


def test_what_to_cut_for_whom_with_the_words() -> None:
    made = run([PLAIN, "He fell on his arse."], {"ann": {}, "bob": {}}, dislikes={"bob": SWEARING})
    assert told(Insight(scope(made)), "cuts") == ("Cut 0:30 for Bob: “arse” (swearing).", 1)


def test_what_bores_is_to_be_shortened() -> None:
    made = run([PLAIN] * 3, {"ann": {0: lean(2), 1: lean(2)}, "bob": {0: lean(2.5), 1: lean(2.5)}})
    assert told(Insight(scope(made)), "cuts") == ("Shorten 0:00: it bores everybody.", 0)


def test_nothing_to_cut_where_nobody_minds() -> None:
    made = run(["He fell on his arse."], {"ann": {}})
    assert told(Insight(scope(made)), "cuts") == ("Nothing to cut: no word that any of them minds.", None)


def test_what_to_clip_for_whom() -> None:
    made = run([PLAIN] * 6, {"ann": {2: call(5)}, "bob": {2: call(2), 4: call(4)}})
    sentence = "Clip 1:00 for Ann (30 s), though it loses Bob; 2:00 for Bob."
    assert told(Insight(scope(made)), "clips") == (sentence, 2)


def test_no_clip_stands_out() -> None:
    made = run([PLAIN], {"ann": {0: call(4, 0.2)}})
    assert told(Insight(scope(made)), "clips")[0].startswith("No clip stands out")


def test_the_loss_named_next_is_another_stretch() -> None:
    ann = {0: call(5), 1: call(1), 2: call(1), 3: call(1), 4: call(4), 6: call(5), 7: call(1)}
    made = run([PLAIN] * 8, {"ann": ann, "bob": {1: call(4), 2: call(1)}})
    sentence = told(Insight(scope(made)), "losses")[0]
    assert sentence.startswith("You lose Ann at 0:30")
    assert sentence.endswith(", then 3:30.")


def test_where_they_disagree_most() -> None:
    made = run([PLAIN] * 2, {"ann": {1: call(5)}, "bob": {1: call(1)}, "cat": {1: call(1)}})
    sentence = "They disagree most at 0:30: 1 from Bob and Cat, 5 from Ann."
    assert told(Insight(scope(made)), "disagreements") == (sentence, 1)
    assert "disagreements" not in {each.kind for each in Insight(scope(made, personas=("bob", "cat"))).verdict}


def test_of_those_who_disagree_each_side_has_the_scores_that_it_gave() -> None:
    made = run([PLAIN], {"ann": {0: call(4)}, "bob": {0: call(2)}, "cat": {0: call(1)}})
    sentence = "They disagree most at 0:00: 1 to 2 from Bob and Cat, 4 from Ann."
    assert told(Insight(scope(made)), "disagreements") == (sentence, 0)


def test_what_all_of_them_like() -> None:
    made = run([PLAIN] * 3, {"ann": {1: call(5)}, "bob": {1: lean(3.6)}}, {1: Topic.COMMUNITY})
    assert told(Insight(scope(made)), "liked") == (
        "All of them like 0:30: Community & Local, 4.3 of 5 on average.",
        1,
    )
    assert "liked" not in {each.kind for each in Insight(scope(made, personas=("ann",))).verdict}


def test_three_to_five_sentences_the_same_for_the_same_results() -> None:
    made = run([PLAIN] * 4, {"ann": {0: call(1), 1: call(5)}, "bob": {0: call(5), 1: call(5)}})
    first, again = Insight(scope(made)).verdict, Insight(scope(made)).verdict
    assert first == again
    assert len(first) == 5
    assert len(Insight(scope(run([], {"ann": {}}))).verdict) == 3


def test_an_unsure_show_has_no_findings() -> None:
    made = run([PLAIN] * 3, {"ann": {0: call(1, 0.3), 1: call(5, 0.3)}, "bob": {0: call(5, 0.3)}})
    assert all(isinstance(each, Sentence) and each.index is None for each in Insight(scope(made)).verdict)
