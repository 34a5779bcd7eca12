from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from soniclayer.engine import KEPT, Engine
from soniclayer.run import Run, State
from tests.fakes import ScriptedEvaluator, persona, score, segments

PERSONAS = (persona("ann"),)


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = Engine()
    yield engine
    engine.close()


def wait_until(condition: Callable[[], bool], timeout_s: float = 5) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "timed out"
        time.sleep(0.005)


def make(latency_s: float = 0.0, count: int = 3) -> Run:
    return Run(segments(count), PERSONAS, ScriptedEvaluator(latency_s=latency_s), in_flight=2)


def test_a_run_goes_on_in_the_engine_while_its_starter_does_something_else(engine: Engine) -> None:
    run = engine.start("show", lambda: make(0.01))
    wait_until(lambda: run.complete)
    wait_until(lambda: run.state is State.FINISHED)


def test_the_same_key_attaches_to_the_run_that_is_going_on(engine: Engine) -> None:
    first = engine.start("show", lambda: make(0.05))
    second = engine.start("show", lambda: make(0.05))
    assert first is second is engine.find("show")
    wait_until(lambda: first.state is State.FINISHED)
    evaluator = first.evaluator
    assert isinstance(evaluator, ScriptedEvaluator)
    assert len(evaluator.asked) == len(set(evaluator.asked)) == 6
    assert engine.find("another") is None


def test_starting_a_stopped_run_again_carries_on(engine: Engine) -> None:
    run = engine.start("show", lambda: make(0.02, 20))
    wait_until(lambda: len(run.results) >= 2)
    run.stop()
    wait_until(lambda: run.state is State.STOPPED)
    assert not run.complete
    assert engine.start("show", make) is run
    wait_until(lambda: run.complete)


def test_a_run_that_is_asked_again_is_active_at_once(engine: Engine) -> None:
    run = engine.start("show", lambda: make(0.05, 20))
    wait_until(lambda: len(run.results) >= 2)
    run.stop()
    wait_until(lambda: run.state is State.STOPPED)
    release = threading.Event()
    engine._loop.call_soon_threadsafe(release.wait)
    engine.resume(run)
    assert run.state is State.WAITING
    release.set()
    wait_until(lambda: run.complete)


def test_stop_right_after_start_stops(engine: Engine) -> None:
    run = engine.start("show", lambda: make(0.05, 200))
    run.stop()
    wait_until(lambda: run.state is State.STOPPED)
    assert not run.complete


def test_stop_before_the_engine_got_round_to_the_run_stops(engine: Engine) -> None:
    release = threading.Event()
    engine._loop.call_soon_threadsafe(release.wait)
    run = engine.start("show", make)
    assert run.state is State.WAITING
    run.stop()
    release.set()
    wait_until(lambda: run.state is State.STOPPED)
    assert not run.results


def test_ended_runs_are_forgotten_oldest_first(engine: Engine) -> None:
    runs = []
    for number in range(KEPT + 3):
        runs.append(engine.start(str(number), lambda: make(count=1)))
        wait_until(lambda: runs[-1].state is State.FINISHED)
    assert engine.find("0") is None
    assert engine.find(str(KEPT + 2)) is runs[-1]


def test_call_returns_what_the_coroutine_returns_from_the_engines_thread(engine: Engine) -> None:
    async def where() -> str:
        return threading.current_thread().name

    assert engine.call(where()) == "soniclayer-engine"
    with pytest.raises(TimeoutError):
        engine.call(asyncio.sleep(5), timeout_s=0.01)


def test_work_is_prepared_in_the_loop_before_later_runs(engine: Engine) -> None:
    order: list[str] = []
    engine.prepare(lambda: order.append(threading.current_thread().name))
    evaluator = ScriptedEvaluator(lambda who, s: order.append("run") or score(3))  # type: ignore[func-returns-value]
    run = engine.start("show", lambda: Run(segments(1), PERSONAS, evaluator))
    wait_until(lambda: run.complete)
    assert order == ["soniclayer-engine", "run"]


class Pool:
    """Something shared; remembers where it was closed."""

    closed_in = ""

    async def close(self) -> None:
        self.closed_in = threading.current_thread().name


def test_shared_objects_are_made_once(engine: Engine) -> None:
    assert engine.shared("pool", Pool) is engine.shared("pool", Pool)
    assert engine.shared("pool", Pool) is not engine.shared("other", Pool)


def test_close_cancels_runs_and_closes_what_is_shared_in_its_loop() -> None:
    engine = Engine()
    run = engine.start("show", lambda: make(0.5, 50))
    pool = engine.shared("pool", Pool)
    wait_until(lambda: run.state is State.RUNNING)
    engine.close()
    assert pool.closed_in == "soniclayer-engine"
    assert run.state is State.STOPPED
