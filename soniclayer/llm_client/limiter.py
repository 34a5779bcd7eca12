"""How many calls may be in flight to one server, and whose turn it is.

Adaptive concurrency (AIMD): the limit starts at a setting, halves when the server throttles, and grows back by one
per window of successes. It halves once per window: answers to calls that were already under way do not halve it
again. And a server that refuses a few calls at random, without a word about when to come back, is not one that has
too many: the limit halves where a share of the last window was refused, or nothing of it answered.
Free slots go round robin over the queues, one queue per run, so a short run is not stuck behind a long one;
inside a queue the lowest segment goes first, so cards fill in listening order.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

log = logging.getLogger(__name__)

REFUSED_SHARE = 0.4
"""Share of a window of calls whose refusal says that the limit is too high."""
SMALLEST_WINDOW = 8
"""Calls that are looked at, where the limit is lower."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """Calls to one server at one moment.

    Attributes:
        in_flight: calls in flight.
        limit: calls that may be.
        maximum: the setting.
        paused_s: seconds for which the server asked to be left alone; 0.0 if it did not.
    """

    in_flight: int
    limit: int
    maximum: int
    paused_s: float

    @property
    def throttled(self) -> bool:
        """The server has asked for less than the setting."""
        return self.limit < self.maximum or self.paused_s >= 1

    @property
    def words(self) -> str:
        """The same in words, for the page and the terminal."""
        calls = f"{self.in_flight} of {self.maximum} calls in flight"
        if self.paused_s >= 1:
            return f"{calls}; the server asks to wait {self.paused_s:.0f} s"
        if self.throttled:
            return f"{calls}; the server throttles, {self.limit} at a time"
        return calls


class Limiter:
    """Slots for calls to one server. Lives in one event loop.

    Attributes:
        limit: calls that may be in flight now.
        maximum: the setting the limit starts at and grows back to.
        in_flight: calls in flight now.
        started: calls started so far.
    """

    def __init__(self, maximum: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = self.maximum = max(1, maximum)
        self.in_flight = 0
        self.started = 0
        self._clock = clock
        self._turns: deque[Queue] = deque()  # queues with somebody waiting, next in turn first
        self._successes = 0
        self._outcomes: deque[bool] = deque()  # of the last window of calls, whether they were answered
        self._cut_at = 0  # `started` when the limit was last halved
        self._paused_until = 0.0
        self._quota: tuple[int, float] | None = None  # no call number above this before that time
        self._timer: asyncio.TimerHandle | None = None

    @property
    def traffic(self) -> Traffic:
        """The limiter at this moment."""
        return Traffic(self.in_flight, self.limit, self.maximum, max(0.0, self._closed_for()))

    def queue(self) -> Queue:
        """A queue of its own for one run."""
        return Queue(self)

    def resize(self, maximum: int) -> None:
        """Change the setting; a limit that was cut goes on growing from where it is."""
        uncut = self.limit == self.maximum
        self.maximum = max(1, maximum)
        self.limit = self.maximum if uncut else min(self.limit, self.maximum)
        self.dispatch()

    def succeeded(self) -> None:
        """A call was answered: after a window of successes the limit grows by one."""
        self._note(answered=True)
        self._successes += 1
        if self._successes >= self.limit and self.limit < self.maximum:
            self.limit += 1
            self._successes = 0
            self.dispatch()

    def throttled(self, number: int, wait_s: float = 0.0, *, surely: bool = False) -> None:
        """The server refused call `number` (its value of `started`) for being too many.

        wait_s: how long the server asks to be left alone, in seconds.
        surely: the limit is too high, whatever became of other calls; a call has timed out, say.
        """
        self._note(answered=False)
        self.pause(wait_s)
        refused = self._outcomes.count(False)
        too_many = refused == len(self._outcomes) or refused >= REFUSED_SHARE * self._window
        if number > self._cut_at and (surely or wait_s > 0 or too_many):
            self._successes = 0
            self._cut_at = self.started
            self.limit = max(1, self.limit // 2)
            log.warning("throttled limit=%d pause_s=%.1f", self.limit, wait_s)
        self.dispatch()

    @property
    def _window(self) -> int:
        return max(SMALLEST_WINDOW, self.limit)

    def _note(self, *, answered: bool) -> None:
        self._outcomes.append(answered)
        while len(self._outcomes) > self._window:
            self._outcomes.popleft()

    def pause(self, wait_s: float) -> None:
        """Start no call for so many seconds."""
        self._paused_until = max(self._paused_until, self._clock() + wait_s)

    def quota(self, number: int, remaining: int, reset_s: float) -> None:
        """The server said with its answer to call `number` how many more it takes within the next seconds."""
        self._quota = (number + remaining, self._clock() + reset_s)

    def dispatch(self) -> None:
        """Give free slots to those whose turn it is."""
        while self._turns and self.in_flight < self.limit:
            if (wait_s := self._closed_for()) > 0:
                self._wake_in(wait_s)
                return
            queue = self._turns.popleft()
            ticket = queue.pop()
            if queue.waiting:
                self._turns.append(queue)
            if ticket is not None:
                self._start()
                ticket.set_result(None)

    def enter(self) -> bool:
        """Take a slot at once if one is free and nobody waits."""
        if self._turns or self.in_flight >= self.limit or self._closed_for() > 0:
            return False
        self._start()
        return True

    def leave(self) -> None:
        """Give a slot back."""
        self.in_flight -= 1
        self.dispatch()

    def enqueue(self, queue: Queue) -> None:
        """A queue has got its first waiting call."""
        self._turns.append(queue)
        self.dispatch()

    def _start(self) -> None:
        self.in_flight += 1
        self.started += 1

    def _closed_for(self) -> float:
        """Seconds until the next call may start."""
        now = self._clock()
        if self._quota is not None:
            last, until = self._quota
            if now >= until:
                self._quota = None
            elif self.started >= last:
                return max(until - now, self._paused_until - now)
        return self._paused_until - now

    def _wake_in(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self.dispatch)


class Queue:
    """One run's queue for slots."""

    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter
        self._tickets: list[tuple[int, int, asyncio.Future[None]]] = []
        self._count = 0

    @property
    def waiting(self) -> bool:
        """Whether anybody waits in it."""
        return bool(self._tickets)

    def slot(self, order: int) -> Slot:
        """`async with queue.slot(order):` holds one slot; of those waiting in this queue the lowest order is next."""
        return Slot(self, order)

    def pop(self) -> asyncio.Future[None] | None:
        """The next call that still wants a slot."""
        while self._tickets:
            ticket = heapq.heappop(self._tickets)[2]
            if not ticket.done():
                return ticket
        return None

    async def acquire(self, order: int) -> None:
        """Wait for a slot and take it; of those waiting the lowest order is next."""
        if self._limiter.enter():
            return
        ticket: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        first = not self._tickets
        self._count += 1
        heapq.heappush(self._tickets, (order, self._count, ticket))
        if first:
            self._limiter.enqueue(self)
        try:
            await ticket
        except asyncio.CancelledError:
            if ticket.done() and not ticket.cancelled():
                self._limiter.leave()  # the slot was granted while the caller was being cancelled
            raise

    def release(self) -> None:
        """Give a slot back."""
        self._limiter.leave()


class Slot:
    """Permission for one call in flight."""

    __slots__ = ("_order", "_queue")

    def __init__(self, queue: Queue, order: int) -> None:
        self._queue = queue
        self._order = order

    async def __aenter__(self) -> None:
        await self._queue.acquire(self._order)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._queue.release()
