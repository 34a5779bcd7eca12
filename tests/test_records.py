"""A run written down and read again: the same results, without asking anybody."""

from __future__ import annotations

import asyncio
import json

import pytest

from soniclayer.errors import AnswerError, RecordError
from soniclayer.evaluators.base import Usage
from soniclayer.exports import EXPORTS
from soniclayer.feedback import Classification
from soniclayer.insights.selection import Selection, select
from soniclayer.insights.verdict import Insight
from soniclayer.records import Record, from_bytes, record, restore, to_bytes
from soniclayer.results import agreement, total_usage
from soniclayer.run import Run, State
from soniclayer.session import evaluate
from soniclayer.transcript import parse
from tests.fakes import ScriptedEvaluator, no_answer, persona, score, segments
from tests.ui.page_driver import VTT

ANN, BOB = persona("ann", weight=2.5), persona("bob")


def judged(count: int = 4) -> Run:
    """A run with feedback, failures and a segment that could not be classified."""
    run = Run(
        segments(count),
        (ANN, BOB),
        ScriptedEvaluator(
            lambda who, segment: no_answer() if (who, segment.index) == ("bob", 1) else score(segment.index % 5 + 1),
            classify=lambda segment: no_answer() if segment.index == 2 else Classification(),
        ),
    )
    asyncio.run(run.execute())
    return run


def written(run: Run) -> Record:
    return from_bytes(to_bytes(record(run, name="Friday.vtt", when=1.5)))


def test_what_is_read_back_equals_what_was_written() -> None:
    run = judged()
    first = record(run, name="Friday.vtt", when=1.5)
    assert from_bytes(to_bytes(first)) == first
    again = restore(first)
    assert (again.segments, again.personas) == (run.segments, run.personas)
    assert (again.results, again.failures) == (run.results, run.failures)
    assert (again.classifications, again.unclassified) == (run.classifications, run.unclassified)
    assert again.state is State.FINISHED
    assert total_usage(again) == total_usage(run)
    assert record(again, name="Friday.vtt", when=1.5) == first


def test_the_built_in_evaluators_run_gives_the_same_exports_verdict_and_agreement() -> None:
    transcript = parse("friday.vtt", VTT)
    run = evaluate(transcript, evaluator="builtin")
    again = restore(from_bytes(to_bytes(record(run, name=transcript.name))))
    one, other = (Insight(select(each, Selection())) for each in (run, again))
    assert one.verdict == other.verdict
    for ending in (".json", ".csv", ".md", ".vtt", ".txt"):
        assert EXPORTS[ending].write(one, transcript) == EXPORTS[ending].write(other, transcript), ending
    assert agreement(run, again, run.personas[0]).same == 1


async def test_a_kept_run_judges_nothing_and_explains_only_what_asks_nobody() -> None:
    run = await asyncio.to_thread(judged)
    again = restore(written(run))
    with pytest.raises(AnswerError, match="Evaluate the show again"):
        await again.evaluator.explain(ANN, run.segments[0], Classification())
    await again.execute()
    assert again.failures[1, "bob"].kind == "kept"
    assert again.results == run.results


async def test_the_built_in_evaluator_explains_its_kept_scores_and_disowns_others() -> None:
    transcript = parse("friday.vtt", VTT)
    run = await asyncio.to_thread(evaluate, transcript, evaluator="builtin")
    who, segment = run.personas[0], run.segments[0]
    kept = record(run, name=transcript.name)
    known = run.classifications[0]
    assert await restore(kept).evaluator.explain(who, segment, known) == await run.evaluator.explain(
        who, segment, known
    )
    run.results[0, who.id] = score(1 if run.results[0, who.id].score > 1 else 5)
    changed = restore(record(run, name=transcript.name))
    with pytest.raises(AnswerError, match="earlier version"):
        await changed.evaluator.explain(who, segment, known)


async def test_a_live_evaluator_carries_on_and_the_bill_goes_on_too() -> None:
    run = Run(segments(3), (ANN,), ScriptedEvaluator(lambda who, segment: no_answer() if segment.index else score(4)))
    await run.execute()
    again = restore(written(run), live := ScriptedEvaluator())
    await again.execute()
    assert again.complete
    assert (0, "ann") not in live.asked
    assert total_usage(again).calls == total_usage(run).calls + len(live.asked)


def test_a_run_under_way_is_written_as_stopped() -> None:
    run = judged()
    run.state = State.RUNNING
    assert written(run).state is State.STOPPED


def test_a_narrowed_run_holds_only_what_was_chosen() -> None:
    run = judged()
    part = select(run, Selection(personas=("ann",), words="part 3")).narrowed
    kept = written(part)
    assert [segment.index for segment in kept.segments] == [3]
    assert set(restore(kept).results) == {(3, "ann")}


def test_characters_that_utf_8_cannot_hold_do_not_lose_the_run() -> None:
    kept = record(judged(), name="Fri\ud800day")
    assert from_bytes(to_bytes(kept)).name == "Fri?day"


def damaged() -> dict[str, object]:
    document: dict[str, object] = json.loads(to_bytes(record(judged(), name="Friday")))
    return document


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"results": {"ann": {"0": {"score": 9, "opinion": "", "rationale": "", "confidence": 0.5}}}}, "segment 0"),
        ({"results": {"ann": {"0": {"score": 3, "opinion": "", "rationale": "", "confidence": 7}}}}, "segment 0"),
        ({"results": {"eve": {}}}, "eve"),
        ({"results": {"ann": {"77": {"score": 3, "opinion": "", "rationale": "", "confidence": 1}}}}, "ann"),
        ({"failures": {"bob": {"x": {"reason": "no"}}}}, "failures.bob.x"),
        ({"classifications": {"99": {}}}, "segment 99"),
        ({"segments": [{"index": 0, "start_ms": 5, "end_ms": 1, "speakers": [], "text": "x"}]}, "segment 0"),
        ({"personas": [{"id": "ann"}]}, "personas.0"),
        ({"state": "dreaming"}, "state"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(change: dict[str, object], place: str) -> None:
    with pytest.raises(RecordError, match=f"{place}.*(Evaluate the show again)"):
        from_bytes(json.dumps(damaged() | change).encode())


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe", b"[]", b"{}", b"[" * 100_000, to_bytes(record(judged(), name="F"))[:-9]]
)
def test_what_is_no_record_is_refused(data: bytes) -> None:
    with pytest.raises(RecordError, match="Kept results cannot be read"):
        from_bytes(data)


def test_usages_add_up() -> None:
    assert Usage(1, 2, 3, 4, 5, 6) + Usage(1, 1, 1, 1, 1, 1) == Usage(2, 3, 4, 5, 6, 7)
