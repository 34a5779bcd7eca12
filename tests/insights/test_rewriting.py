from __future__ import annotations

from soniclayer.edits import Edit, apply
from soniclayer.feedback import digest_of
from soniclayer.insights.rewriting import changed, effect, rewritten_run
from soniclayer.insights.selection import Selection, select
from soniclayer.insights.verdict import Insight
from soniclayer.run import Run
from tests.insights.planted import call, run

RUN = run(["All is well.", "This loses you.", "All is well again."], {"ann": {0: call(4), 1: call(1), 2: call(4)}})
TEXTS = [each.text for each in RUN.segments]


def after(edit: Edit, judged: dict[int, Run]) -> Insight:
    return Insight(select(rewritten_run(RUN, apply(RUN.segments, [edit]), judged), Selection()))


def test_what_is_struck_out_takes_its_loss_along() -> None:
    edit = Edit("show", digest_of(TEXTS[1]), 30_000, None, ((0, 99),))
    found = effect(Insight(select(RUN, Selection())), after(edit, {}), apply(RUN.segments, [edit]))
    assert found.length_ms == (90_000, 60_000)
    assert [(before, now) for _, before, now in found.means] == [(3, 4)]
    assert found.moments["losses"] == (1, 0)


def test_other_words_have_the_reactions_to_them_and_none_before_they_are_judged() -> None:
    edit = Edit("show", digest_of(TEXTS[1]), 30_000, "This keeps you.")
    edited = apply(RUN.segments, [edit])
    assert changed(RUN, edited) == (1,)
    alone = run(["This keeps you."], {"ann": {0: call(5)}})
    scope = after(edit, {1: alone}).scope
    assert [feedback.score for each in scope.segments for _, feedback in scope.reactions(each)] == [4, 5, 4]
    assert (1, "ann") not in after(edit, {}).scope.run.results
