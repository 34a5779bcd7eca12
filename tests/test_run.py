from __future__ import annotations

import asyncio

import pytest
from typing_extensions import override

from soniclayer.errors import FatalError, NotJudgedError
from soniclayer.feedback import Classification, Failure, Feedback, Topic
from soniclayer.results import why_not
from soniclayer.run import Run, State
from soniclayer.segments import Segment
from tests.fakes import ScriptedEvaluator, no_answer, persona, score, segments

PERSONAS = (persona("ann"), persona("bob"))


def test_every_cell_is_answered_after_its_segment_was_classified() -> None:
    evaluator = ScriptedEvaluator(lambda who, segment: score(1 + segment.index))
    run = Run(segments(4), PERSONAS, evaluator)
    asyncio.run(run.execute())
    assert run.state is State.FINISHED
    assert {cell: feedback.score for cell, feedback in run.results.items()} == {
        (index, who): 1 + index for index in range(4) for who in ("ann", "bob")
    }
    for index in range(4):
        order = [who for position, who in evaluator.asked if position == index]
        assert order[0] == ""
        assert sorted(order[1:]) == ["ann", "bob"]


async def test_personas_of_a_segment_do_not_wait_for_other_segments() -> None:
    stuck = asyncio.Event()

    class OneStuck(ScriptedEvaluator):
        @override
        async def classify(self, segment: Segment) -> Classification:
            if segment.index == 0:
                await stuck.wait()
            return await super().classify(segment)

    run = Run(segments(3), PERSONAS, OneStuck())
    task = asyncio.create_task(run.execute())
    for _ in range(20):
        await asyncio.sleep(0)
    assert set(run.results) == {(1, "ann"), (1, "bob"), (2, "ann"), (2, "bob")}
    stuck.set()
    await task
    assert run.complete


def test_a_failed_cell_carries_its_reason_and_no_score_and_the_others_come_through() -> None:
    evaluator = ScriptedEvaluator(lambda who, s: no_answer() if (s.index, who) == (1, "bob") else score(4))
    run = Run(segments(3), PERSONAS, evaluator)
    asyncio.run(run.execute())
    assert run.state is State.FINISHED
    assert run.failures == {(1, "bob"): Failure("The server said no.", "server error")}
    assert len(run.results) == 5
    assert not run.complete


def test_a_segment_that_cannot_be_classified_is_evaluated_as_unknown() -> None:
    seen: list[Classification] = []

    class Watching(ScriptedEvaluator):
        @override
        async def evaluate(self, persona: object, segment: Segment, classification: Classification) -> Feedback:
            seen.append(classification)
            return score(3)

    run = Run(segments(1), PERSONAS, Watching(classify=lambda segment: no_answer("No idea.")))
    asyncio.run(run.execute())
    assert seen == [Classification(None, None)] * 2
    assert run.unclassified == {0: Failure("No idea.", "server error")}
    assert run.complete


def test_a_fatal_error_stops_everything_at_once_with_one_message() -> None:
    def answer(who: str, segment: Segment) -> Feedback | Exception:
        return FatalError("The key was refused. Correct OPENAI_API_KEY.") if segment.index == 2 else score(3)

    evaluator = ScriptedEvaluator(answer)
    run = Run(segments(50), PERSONAS, evaluator, in_flight=1)
    asyncio.run(run.execute())
    assert run.state is State.BROKEN
    assert run.fatal == "The key was refused. Correct OPENAI_API_KEY."
    assert not run.failures
    assert len(evaluator.asked) < 15


def test_retry_asks_only_what_failed() -> None:
    broken = True
    evaluator = ScriptedEvaluator(lambda who, s: no_answer() if broken and s.index == 1 else score(5))
    run = Run(segments(3), PERSONAS, evaluator)
    asyncio.run(run.execute())
    assert set(run.failures) == {(1, "ann"), (1, "bob")}
    broken = False
    evaluator.asked.clear()
    asyncio.run(run.execute(frozenset({(1, "bob")})))
    assert evaluator.asked == [(1, "bob")]
    assert set(run.failures) == {(1, "ann")}
    asyncio.run(run.execute())
    assert evaluator.asked == [(1, "bob"), (1, "ann")]
    assert run.complete


def test_retry_classifies_again_what_could_not_be_classified() -> None:
    broken = True
    evaluator = ScriptedEvaluator(
        lambda who, s: no_answer() if broken else score(5),
        classify=lambda s: no_answer() if broken else Classification(Topic.FOOD, None),
    )
    run = Run(segments(1), PERSONAS, evaluator)
    asyncio.run(run.execute())
    broken = False
    asyncio.run(run.execute())
    assert run.classifications[0].topic is Topic.FOOD
    assert not run.unclassified


async def test_stop_cancels_what_is_in_flight_keeps_what_is_answered_and_can_be_resumed() -> None:
    evaluator = ScriptedEvaluator(latency_s=0.02)
    run = Run(segments(40), PERSONAS, evaluator, in_flight=4)
    task = asyncio.create_task(run.execute())
    while len(run.results) < 6:
        await asyncio.sleep(0.005)
    await asyncio.sleep(0.01)  # half of a latency: the next calls are in flight
    run.stop()
    async with asyncio.timeout(0.2):
        await task
    assert run.state is State.STOPPED
    assert evaluator.cancelled > 0
    kept = dict(run.results)
    assert 6 <= len(kept) < run.total
    answered = set(kept)
    evaluator.asked.clear()
    await run.execute()
    assert run.complete
    assert not answered & set(evaluator.asked)


async def test_no_more_segments_are_open_at_once_than_keep_all_calls_in_flight() -> None:
    evaluator = ScriptedEvaluator(latency_s=0.01)
    run = Run(segments(20), PERSONAS, evaluator, in_flight=2)
    task = asyncio.create_task(run.execute())
    most = 0
    while not task.done():
        begun = {index for index, _ in evaluator.asked}
        ended = {index for index in begun if all((index, p.id) in run.results for p in PERSONAS)}
        most = max(most, len(begun - ended))
        await asyncio.sleep(0.001)
    assert most <= 3


async def test_all_calls_are_in_flight_from_the_start() -> None:
    evaluator = ScriptedEvaluator(latency_s=0.05)
    run = Run(segments(20), [persona(f"p{number}") for number in range(7)], evaluator, in_flight=8)
    task = asyncio.create_task(run.execute())
    await asyncio.sleep(0.02)
    task.cancel()
    assert len(evaluator.asked) == 8


def test_cells_are_answered_in_listening_order_where_nothing_delays_them() -> None:
    run = Run(segments(10), PERSONAS, ScriptedEvaluator(), in_flight=0)
    asyncio.run(run.execute())
    assert [index for index, _ in run.results] == sorted(index for index, _ in run.results)


async def test_progress_counts_and_estimates() -> None:
    run = Run(segments(30), PERSONAS, ScriptedEvaluator(latency_s=0.01), in_flight=2)
    assert run.progress.state is State.WAITING
    task = asyncio.create_task(run.execute())
    await asyncio.sleep(0.1)
    progress = run.progress
    assert progress.state is State.RUNNING
    assert 0 < progress.done < progress.total == 60
    assert progress.eta_s is not None
    assert progress.eta_s > 0
    assert progress.share == progress.done / 60
    await task
    assert run.progress.share == 1.0
    assert run.progress.eta_s is None


def test_a_defect_is_not_hidden_as_a_failure() -> None:
    run = Run(segments(1), PERSONAS, ScriptedEvaluator(lambda who, s: ZeroDivisionError("defect")))
    with pytest.raises(BaseExceptionGroup):
        asyncio.run(run.execute())
    assert run.state is State.BROKEN
    assert run.fatal


def test_nothing_to_judge_is_a_finished_run() -> None:
    run = Run((), PERSONAS, ScriptedEvaluator())
    asyncio.run(run.execute())
    assert run.state is State.FINISHED
    assert run.progress.share == 1.0


async def test_a_failed_cell_can_be_asked_again_while_the_run_goes_on() -> None:
    broken = True
    evaluator = ScriptedEvaluator(
        lambda who, s: no_answer() if broken and s.index == 0 else score(5), latency_s=0.005
    )
    run = Run(segments(30), PERSONAS, evaluator, in_flight=0)
    task = asyncio.create_task(run.execute())
    while len(run.failures) < 2:
        await asyncio.sleep(0.001)
    broken = False
    run.rejoin(frozenset({(0, "bob"), (25, "ann")}))
    assert set(run.failures) == {(0, "ann")}
    await task
    assert run.results[0, "bob"].score == 5
    assert set(run.failures) == {(0, "ann")}
    assert len(run.results) == run.total - 1
    assert evaluator.asked.count((0, "bob")) == 2
    assert evaluator.asked.count((25, "ann")) == 1


def test_a_run_leaves_one_line_of_figures_and_no_word_of_the_transcript(caplog: pytest.LogCaptureFixture) -> None:
    run = Run(segments(3), PERSONAS, ScriptedEvaluator(lambda who, s: no_answer() if s.index == 1 else score(4)))
    with caplog.at_level("INFO", logger="soniclayer"):
        asyncio.run(run.execute())
    (line,) = caplog.messages
    assert line.startswith("run state=finished segments=3 personas=2 answered=4 failed=2 seconds=0.")
    assert line.endswith("calls=9 cached=1 input_tokens=10 output_tokens=5")


def foreign(segment: Segment) -> Classification | Exception:
    return NotJudgedError("Spanish: not read here.", language="Spanish") if segment.index else Classification()


def test_a_segment_that_is_not_for_the_evaluator_has_no_cells_and_nothing_failed() -> None:
    evaluator = ScriptedEvaluator(classify=foreign)
    run = Run(segments(3), PERSONAS, evaluator)
    asyncio.run(run.execute())
    assert run.state is State.FINISHED
    assert run.complete
    assert run.total == 2
    assert run.not_judged == {1: "Spanish: not read here.", 2: "Spanish: not read here."}
    assert not run.failures
    assert not run.unclassified
    assert run.nothing_judged == ""
    assert why_not(run, run.segments[1], PERSONAS[0]) == "Not judged. Spanish: not read here."


def test_a_show_that_is_not_for_the_evaluator_has_one_message() -> None:
    evaluator = ScriptedEvaluator(classify=lambda segment: NotJudgedError("Spanish: not read here."))
    run = Run(segments(3), PERSONAS, evaluator)
    asyncio.run(run.execute())
    assert run.nothing_judged == "Spanish: not read here."
    assert (run.total, run.complete, run.progress.share) == (0, True, 1.0)
    asked = len(evaluator.asked)
    asyncio.run(run.execute())
    assert len(evaluator.asked) == asked


def test_a_run_of_some_cells_counts_those_and_can_be_carried_on_with_the_rest() -> None:
    evaluator = ScriptedEvaluator()
    run = Run(segments(3), PERSONAS, evaluator)
    asyncio.run(run.execute(frozenset({(0, "ann"), (2, "ann")})))
    assert (run.progress.done, run.progress.total, run.progress.share) == (2, 2, 1.0)
    assert not run.complete
    asyncio.run(run.execute())
    assert (run.progress.done, run.progress.total) == (6, 6)
    assert len([who for _, who in evaluator.asked if who]) == 6, "nothing is asked twice"
