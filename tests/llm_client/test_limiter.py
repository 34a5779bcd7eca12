"""Who may call, how many at once, and how that changes with what the server says."""

from __future__ import annotations

import asyncio
import time

import pytest

from soniclayer.llm_client.limiter import Limiter, Queue


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


class Callers:
    """Calls that hold their slot until told to finish; `started` is the order in which they got one."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self._gates: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def add(self, queue: Queue, name: str, order: int = 0) -> None:
        self._gates[name] = asyncio.Event()
        self.tasks[name] = asyncio.create_task(self._call(queue, name, order))
        await settle()

    async def _call(self, queue: Queue, name: str, order: int) -> None:
        async with queue.slot(order):
            self.started.append(name)
            await self._gates[name].wait()

    async def finish(self, *names: str) -> None:
        for name in names:
            self._gates[name].set()
            await settle()

    async def finish_all(self) -> None:
        while any(not task.done() for task in self.tasks.values()):
            await self.finish(*self.started)
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)


async def test_no_more_calls_are_in_flight_than_the_limit() -> None:
    limiter, callers = Limiter(2), Callers()
    queue = limiter.queue()
    for name in "abcd":
        await callers.add(queue, name)
    assert callers.started == ["a", "b"]
    await callers.finish("a")
    assert callers.started == ["a", "b", "c"]
    assert limiter.in_flight == 2
    await callers.finish_all()
    assert limiter.in_flight == 0


async def test_the_lowest_segment_of_a_queue_is_next() -> None:
    limiter, callers = Limiter(1), Callers()
    queue = limiter.queue()
    for name, order in (("first", 9), ("late", 5), ("early", 1), ("early too", 1), ("middle", 3)):
        await callers.add(queue, name, order)
    await callers.finish_all()
    assert callers.started == ["first", "early", "early too", "middle", "late"]


async def test_queues_take_turns() -> None:
    limiter, callers = Limiter(1), Callers()
    long, short = limiter.queue(), limiter.queue()
    for number in range(6):
        await callers.add(long, f"long {number}", number)
    for number in range(2):
        await callers.add(short, f"short {number}", number)
    await callers.finish_all()
    assert callers.started[:5] == ["long 0", "long 1", "short 0", "long 2", "short 1"]


async def test_a_cancelled_call_leaves_the_queue_and_gives_its_slot_back() -> None:
    limiter, callers = Limiter(1), Callers()
    queue = limiter.queue()
    for name in ("holds", "waits", "next"):
        await callers.add(queue, name)
    callers.tasks["waits"].cancel()
    callers.tasks["holds"].cancel()
    await settle()
    assert callers.started == ["holds", "next"]
    await callers.finish_all()
    assert limiter.in_flight == 0


async def test_a_slot_granted_to_a_call_just_cancelled_is_not_lost() -> None:
    limiter, callers = Limiter(1), Callers()
    queue = limiter.queue()
    async with queue.slot(0):
        for name in ("waits", "next"):
            await callers.add(queue, name)
    callers.tasks["waits"].cancel()  # it has the slot, but has not woken yet
    await settle()
    assert callers.started == ["next"]
    await callers.finish_all()
    assert limiter.in_flight == 0


async def test_a_throttled_window_halves_the_limit_once() -> None:
    limiter, callers = Limiter(8), Callers()
    queue = limiter.queue()
    for name in "abcdefgh":
        await callers.add(queue, name)
    for number in range(1, 9):  # all eight calls of the window are refused
        limiter.throttled(number)
    assert limiter.limit == 4
    await callers.finish_all()
    await callers.add(queue, "after")
    limiter.throttled(limiter.started)
    assert limiter.limit == 2
    await callers.finish_all()


async def test_the_limit_never_falls_below_one() -> None:
    limiter, callers = Limiter(2), Callers()
    queue = limiter.queue()
    for number in range(5):
        await callers.add(queue, str(number))
        limiter.throttled(limiter.started)
        await callers.finish_all()
    assert limiter.limit == 1


async def test_the_limit_grows_by_one_per_window_of_successes_up_to_the_setting() -> None:
    limiter = Limiter(8)
    limiter.started = 1
    limiter.throttled(1)
    limits = []
    for _ in range(60):
        limiter.succeeded()
        limits.append(limiter.limit)
    assert limits[2:4] == [4, 5]
    assert limits[7:9] == [5, 6]
    assert limits[-1] == 8


async def test_nobody_calls_before_the_time_the_server_asked_for() -> None:
    limiter, callers = Limiter(4), Callers()
    queue = limiter.queue()
    limiter.throttled(0, 0.2)
    started = time.monotonic()
    await callers.add(queue, "waits")
    assert callers.started == []
    await asyncio.sleep(0.1)
    assert callers.started == []
    while not callers.started:
        await asyncio.sleep(0.01)
    assert 0.2 <= time.monotonic() - started < 0.5
    await callers.finish_all()


async def test_a_used_up_quota_is_waited_out() -> None:
    limiter, callers = Limiter(8), Callers()
    queue = limiter.queue()
    await callers.add(queue, "a")
    limiter.quota(limiter.started, remaining=2, reset_s=0.2)
    for name in "bcde":
        await callers.add(queue, name)
    assert callers.started == ["a", "b", "c"]
    await asyncio.sleep(0.25)
    assert callers.started == ["a", "b", "c", "d", "e"]
    await callers.finish_all()


@pytest.mark.parametrize("width", [1, 3])
async def test_many_calls_of_many_queues_all_get_through(width: int) -> None:
    limiter = Limiter(width)
    peak = 0
    done = 0

    async def call(queue: Queue, order: int) -> None:
        nonlocal peak, done
        async with queue.slot(order):
            peak = max(peak, limiter.in_flight)
            await asyncio.sleep(0)
            done += 1

    queues = [limiter.queue() for _ in range(5)]
    tasks = [asyncio.create_task(call(queue, order)) for order in range(40) for queue in queues]
    await asyncio.sleep(0)
    for task in tasks[::7]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert done == sum(not task.cancelled() for task in tasks)
    assert peak == width
    assert limiter.in_flight == 0


async def test_the_setting_can_be_changed_while_calls_wait() -> None:
    limiter, callers = Limiter(1), Callers()
    queue = limiter.queue()
    for name in "abcd":
        await callers.add(queue, name)
    assert callers.started == ["a"]
    limiter.resize(3)
    await settle()
    assert callers.started == ["a", "b", "c"]
    limiter.resize(1)
    await callers.finish("a")
    assert callers.started == ["a", "b", "c"]
    await callers.finish_all()
    limiter.resize(8)
    limiter.throttled(limiter.started)
    assert (limiter.limit, limiter.maximum) == (4, 8)
    limiter.resize(16)
    assert (limiter.limit, limiter.maximum) == (4, 16)
    limiter.resize(2)
    assert (limiter.limit, limiter.maximum) == (2, 2)


def outcomes(limiter: Limiter, refused: str) -> None:
    """Lets calls end one after another: "x" refused, "." answered."""
    for mark in refused:
        limiter.started += 1
        if mark == "x":
            limiter.throttled(limiter.started)
        else:
            limiter.succeeded()


def test_a_few_calls_refused_at_random_do_not_lower_the_limit() -> None:
    limiter = Limiter(32)
    outcomes(limiter, "....x" * 40)
    assert limiter.limit == 32


def test_a_share_of_refusals_lowers_the_limit_until_they_end() -> None:
    limiter = Limiter(32)
    outcomes(limiter, "." * 20 + "x" * 13)
    assert limiter.limit == 16
    outcomes(limiter, ".x" * 8)
    assert limiter.limit < 16


def test_a_server_that_names_a_wait_or_times_out_is_believed_at_once() -> None:
    limiter = Limiter(32)
    outcomes(limiter, "." * 20)
    limiter.throttled(limiter.started, 0.01)
    assert limiter.limit == 16
    outcomes(limiter, "." * 10)
    limiter.throttled(limiter.started, surely=True)
    assert limiter.limit == 8


def test_what_is_going_on_can_be_told() -> None:
    limiter = Limiter(8)
    assert not limiter.traffic.throttled
    limiter.started = 1
    limiter.throttled(1, 5.0)
    traffic = limiter.traffic
    assert (traffic.in_flight, traffic.limit, traffic.maximum) == (0, 4, 8)
    assert 4 < traffic.paused_s <= 5
    assert traffic.words == "0 of 8 calls in flight; the server asks to wait 5 s"
    assert traffic.throttled
