"""Time-outs that count from when a server can be expected to begin.

A server that answers one request at a time has the others wait in its own queue. A request can be expected to begin
once those sent before it are answered: its time starts anew with each of their answers. The first that is given up
starts it anew too, once: the server may still be at work on that one, and has not come to the others.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

REMEMBERED = 4096


class Deadlines:
    """The time-outs of the requests to one server."""

    def __init__(self) -> None:
        # (number of a request, when it was answered, or given up as the first since an answer)
        self._ends: deque[tuple[int, float]] = deque(maxlen=REMEMBERED)
        self._given_up = False  # a request was, and none answered since
        self._answer = asyncio.Event()

    def answered(self, number: int) -> None:
        """Request `number` was answered just now."""
        self._ends.append((number, asyncio.get_running_loop().time()))
        self._given_up = False
        self._answer.set()
        self._answer = asyncio.Event()

    async def next_answer(self, timeout_s: float) -> None:
        """Returns once any request has been answered, or `timeout_s` have passed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._answer.wait()

    @asynccontextmanager
    async def limit(self, number: int, timeout_s: float) -> AsyncIterator[None]:
        """Raises TimeoutError in its body `timeout_s` after request `number` can be expected to have begun."""
        loop = asyncio.get_running_loop()
        sent = loop.time()
        timer: asyncio.TimerHandle
        async with asyncio.timeout(None) as scope:

            def due() -> None:
                nonlocal timer
                end = max((at for other, at in self._ends if other < number and at > sent), default=sent) + timeout_s
                if end <= loop.time():
                    if not self._given_up:
                        self._given_up = True
                        self._ends.append((number, loop.time()))
                    scope.reschedule(loop.time())
                else:
                    timer = loop.call_at(end, due)

            timer = loop.call_at(sent + timeout_s, due)
            try:
                yield
            finally:
                timer.cancel()
