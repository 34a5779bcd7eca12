"""What a run costs: an estimate before it starts, and limits it must keep to."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from soniclayer.errors import FatalError
from soniclayer.evaluators.base import Estimate, Usage
from soniclayer.evaluators.chat.prompts import CLASSIFY_SYSTEM, EVALUATE_QUESTION, persona_system, scene

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from soniclayer.personas import Persona
    from soniclayer.segments import Segment

CHARACTERS_PER_TOKEN = 4
CLASSIFICATION_TOKENS = 20
FEEDBACK_TOKENS = 160
"""Tokens of a usual answer."""


class BudgetError(FatalError):
    """The run has reached a limit that its owner set."""


@dataclass(frozen=True, slots=True)
class Price:
    """Money per million tokens, in any currency."""

    input: float = 0.0
    output: float = 0.0

    def of(self, input_tokens: int, output_tokens: int) -> float:
        """Money for these tokens."""
        return (input_tokens * self.input + output_tokens * self.output) / 1_000_000


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits for one run; None means no limit.

    Attributes:
        max_calls: requests to the model server, repeated ones included.
        max_cost: money, in the currency of `price`.
        price: what tokens cost.
    """

    max_calls: int | None = None
    max_cost: float | None = None
    price: Price = Price()


class CostTracker:
    """What one run has cost so far, kept within its budget.

    Attributes:
        usage: by persona id, and "" for classification.
    """

    def __init__(self, budget: Budget | None = None) -> None:
        self.usage: dict[str, Usage] = {"": Usage()}
        self._budget = budget or Budget()
        self._in_flight_cost = 0.0
        self._open = 0
        self._settled = asyncio.Event()

    @property
    def cost(self) -> float:
        """Money spent so far, by the budget's price."""
        price = self._budget.price
        return sum(price.of(each.input_tokens, each.output_tokens) for each in self.usage.values())

    def of(self, who: str) -> Usage:
        """The usage of a persona id, or of "" for classification."""
        return self.usage.setdefault(who, Usage())

    @asynccontextmanager
    async def question(self) -> AsyncIterator[None]:
        """Spans a question from asking to answer. A BudgetError leaves only when no other question is open.

        It ends the whole run, and what is in flight by then is paid for.
        """
        self._open += 1
        self._settled.clear()
        try:
            yield
        except BudgetError:
            self._close()
            await self._settled.wait()
            raise
        except BaseException:
            self._close()
            raise
        self._close()

    def _close(self) -> None:
        self._open -= 1
        if not self._open:
            self._settled.set()

    @contextmanager
    def request(self, who: str, input_tokens: int) -> Iterator[None]:
        """Counts one request, and reserves what it may cost for as long as it is in flight.

        Raises:
            BudgetError: it would pass a limit of the budget, and must not be sent.
        """
        budget = self._budget
        expected = budget.price.of(input_tokens, FEEDBACK_TOKENS)
        if budget.max_calls is not None and sum(each.calls for each in self.usage.values()) >= budget.max_calls:
            raise BudgetError(
                f"The run has reached its limit of {budget.max_calls:,} calls. "
                "Everything answered is kept; raise SONICLAYER_MAX_CALLS to go on."
            )
        if budget.max_cost is not None and self.cost + self._in_flight_cost + expected > budget.max_cost:
            raise BudgetError(
                f"The run has reached its limit of {budget.max_cost:g} in money. "
                "Everything answered is kept; raise SONICLAYER_MAX_COST to go on."
            )
        self.of(who).calls += 1
        self._in_flight_cost += expected
        try:
            yield
        finally:
            self._in_flight_cost -= expected

    def add(self, who: str, input_tokens: int, output_tokens: int) -> None:
        """Tokens of one reply, whether its answer can be used or not."""
        usage = self.of(who)
        usage.input_tokens += input_tokens
        usage.output_tokens += output_tokens


def tokens(characters: int) -> int:
    """Roughly the tokens of a text of that many characters."""
    return -(-characters // CHARACTERS_PER_TOKEN)


def estimate_tokens(
    segments: Sequence[Segment], personas: Sequence[Persona], *, show: str = "", samples: int = 1
) -> Estimate:
    """Calls and tokens of a run over these segments and personas with a chat model."""
    scenes = sum(len(scene(segment, show=show)) + len(EVALUATE_QUESTION) for segment in segments)
    classify = scenes + len(segments) * len(CLASSIFY_SYSTEM)
    evaluate = sum(scenes + len(segments) * len(persona_system(persona)) for persona in personas) * samples
    cells = len(segments) * len(personas) * samples
    return Estimate(
        calls=len(segments) + cells,
        input_tokens=tokens(classify + evaluate),
        output_tokens=len(segments) * CLASSIFICATION_TOKENS + cells * FEEDBACK_TOKENS,
    )
