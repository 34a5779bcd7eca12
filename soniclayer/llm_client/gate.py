"""Who goes first to a model that has not answered yet, and what the others do meanwhile."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

HEAD_START_S = 0.25
"""How long other calls wait for the first one to show what is understood. A refusal comes before any token is
generated, so it comes fast; a server that takes longer than this is at work on the answer."""


class Gate:
    """Lets one call through, and the others once one was answered (`open`) or has had its head start.

    A call that fails lets the next one try.
    """

    def __init__(self, *, until_answered: bool) -> None:
        """until_answered: the others wait for an answer however long it takes: a local server may load its model."""
        self.is_open = False
        self._until_answered = until_answered
        self._first: asyncio.Event | None = None

    def open(self) -> None:
        """A call was answered: nobody waits any more."""
        self.is_open = True

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[bool]:
        """Spans one call; tells it whether it goes first."""
        while not self.is_open and self._first is not None:
            await self._wait(self._first)
        if self.is_open:
            yield False
            return
        self._first = first = asyncio.Event()
        try:
            yield True
        finally:
            self._first = None
            first.set()

    async def _wait(self, first: asyncio.Event) -> None:
        if self._until_answered:
            await first.wait()
            return
        try:
            async with asyncio.timeout(HEAD_START_S):
                await first.wait()
        except TimeoutError:
            self.is_open = True
