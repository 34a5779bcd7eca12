"""One question to a chat model: kept answers first, then the model, again where that may help, never in vain.

Exponential backoff with jitter; attempts by error class. An answer that cannot be used is asked again once, with the
reason shown to the model.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from typing import TYPE_CHECKING, Any

from soniclayer.errors import AnswerError, EvaluatorError, FatalError
from soniclayer.evaluators.base import NotKeptError, absent
from soniclayer.evaluators.chat.budget import BudgetError
from soniclayer.evaluators.chat.chain import CALL, Call, Chain
from soniclayer.evaluators.chat.extraction import InvalidAnswerError
from soniclayer.evaluators.chat.kept import Answered, Reader, read_kept
from soniclayer.evaluators.chat.prompts import correction
from soniclayer.llm_client.errors import (
    LONGEST_WAIT_S,
    RequestError,
    RequestTimeoutError,
    Retry,
    UnreachableError,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from soniclayer.evaluators.base import Store
    from soniclayer.evaluators.chat.budget import CostTracker
    from soniclayer.evaluators.chat.providers import Provider
    from soniclayer.llm_client.client import Endpoint

ATTEMPTS = {Retry.NEVER: 0, Retry.ONCE: 1, Retry.TRANSIENT: 4, Retry.THROTTLED: 8}
"""How often a question is asked again after an error of each class."""
FIRST_BACKOFF_S = 0.5
LONGEST_BACKOFF_S = 20.0
FAILURES_BEFORE_STOP = 3
"""So many failed questions before any answer stop the run."""
SAID_AFTER_ALL = 2
"""How many times as many output tokens are allowed once a limit was used up before anything was said."""
SPOILT = "\n!"
"""What the key of an answer gets where the one that is kept cannot be read."""


class Asker:
    """Asks for one run: its place in the queue for slots, its costs, and whether anything was answered yet."""

    def __init__(self, server: Endpoint | Provider, store: Store, costs: CostTracker) -> None:
        self._server = server
        self._store = store
        self._costs = costs
        self._queue = server.queue()
        self._answers = 0
        self._failures = 0

    async def look_up(self, key: str, read: Reader) -> Answered | None:
        """The kept answer of a key; None where there is none that can be read."""
        for each in (key, key + SPOILT):
            try:
                text = await self._store(each, absent)
            except NotKeptError:
                return None
            if (answered := read_kept(text, read)) is not None:
                return answered
        return None

    async def kept_or(self, who: str, key: str, read: Reader, ask: Callable[[], Awaitable[Answered]]) -> Answered:
        """The kept answer of a key, else what `ask` gives, which is then kept.

        who: whose usage counts it if it was kept. An `ask` that found it kept elsewhere counts it itself.
        """
        fresh: Answered | None = None

        async def asking() -> str:
            nonlocal fresh
            fresh = await ask()
            return fresh.kept()

        for each in (key, key + SPOILT):
            text = await self._store(each, asking)
            if fresh is not None:
                return fresh
            if (answered := read_kept(text, read)) is not None:
                self._costs.of(who).cached += 1
                return answered
        raise AnswerError("The folder of kept answers gives back what was never kept. Clear it.", kind="not kept")

    async def keep(self, key: str, answered: Answered) -> None:
        """Keep an answer that came together with others."""

        async def known() -> str:
            return answered.kept()

        await self._store(key, known)

    async def alone(self, key: str, act: Callable[[], Awaitable[None]]) -> None:
        """Act while nobody else does under this key, in this process or another; nothing is kept under it."""

        async def acting() -> str:
            await act()
            return await absent()

        with contextlib.suppress(NotKeptError):
            await self._store(key, acting)

    async def ask(self, chain: Chain, order: int, told: str, *, most: int, expected: int) -> Answered:
        """Ask the model; once more, with what was wrong, if its answer cannot be used.

        order: place among the run's questions that wait for a slot.
        most: output tokens allowed.
        expected: output tokens of a usual reply.
        """
        call = Call(self._queue.slot(order), most, expected)
        given: dict[str, Any] = {"scene": told}
        try:
            return await self._with_backoff(chain, call, given)
        except InvalidAnswerError as error:
            if error.unsaid:
                call = Call(call.slot, SAID_AFTER_ALL * most, expected)
            else:
                given["correction"] = correction(error.text, str(error))
        try:
            return await self._with_backoff(chain, call, given)
        except InvalidAnswerError as error:
            raise self._final(_unusable(error)) from error

    async def _with_backoff(self, chain: Chain, call: Call, told: dict[str, Any]) -> Answered:
        failures = 0
        CALL.set(call)
        while True:
            try:
                answered = await chain.ainvoke(told)
            except BudgetError:
                if not await self._costs.more():
                    raise
                continue
            except RequestError as error:
                failures += 1
                if failures > ATTEMPTS[error.retry]:
                    raise self._final(error) from error
                wait_s = max(backoff(failures), min(error.wait_s, LONGEST_WAIT_S))
                if isinstance(error, RequestTimeoutError):
                    await self._server.moves_on()
            else:
                self._answers += 1
                return answered
            await asyncio.sleep(wait_s)

    def _final(self, error: AnswerError) -> EvaluatorError:
        """What a failure that is not tried again means: for this question, or for all."""
        if isinstance(error, UnreachableError):
            return FatalError(str(error))
        if not self._answers:
            if isinstance(error, RequestError) and error.stops:
                return FatalError(str(error))
            if error.kind not in ("overloaded", "refused"):
                self._failures += 1
            if self._failures >= FAILURES_BEFORE_STOP:
                return FatalError(f"Not one of the first {self._failures} questions was answered. {error}")
        return AnswerError(str(error), kind=error.kind)


def _unusable(error: InvalidAnswerError) -> AnswerError:
    remedy = "Retry, or choose another model (SONICLAYER_MODEL)."
    if error.unsaid:
        remedy = "Choose a model that thinks less, or set SONICLAYER_EXTRA_BODY to what makes this one think less."
    return AnswerError(f"The model's answer cannot be used: {error}. {remedy}", kind="invalid answer")


def backoff(failures: int) -> float:
    """Seconds to wait after so many failures: doubling, and drawn so that callers do not return all at once."""
    longest = min(FIRST_BACKOFF_S * 2.0 ** (failures - 1), LONGEST_BACKOFF_S)
    return random.uniform(longest / 2, longest)
