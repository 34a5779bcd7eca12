"""What a run costs: an estimate before it starts, and limits it must keep to."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from soniclayer.errors import FatalError
from soniclayer.evaluators.base import Estimate, Usage
from soniclayer.evaluators.chat.prompts import (
    CLASSIFY_SEVERAL_QUESTION,
    CLASSIFY_SEVERAL_SYSTEM,
    EVALUATE_QUESTION,
    EVALUATE_SEVERAL_QUESTION,
    evaluate_several_prompt,
    persona_system,
    scene,
    several,
)
from soniclayer.evaluators.chat.together import FIRST_SINGLY, TOGETHER, codes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence

    from soniclayer.personas import Persona
    from soniclayer.segments import Segment

CHARACTERS_PER_TOKEN = 4
CLASSIFICATION_TOKENS = 20
FEEDBACK_TOKENS = 160
"""Tokens of a usual answer."""


class TokenCounts(Protocol):
    """Tokens as a server reports them; see `llm_client.responses.Tokens`."""

    @property
    def prompt_tokens(self) -> int:
        """Of the request."""

    @property
    def completion_tokens(self) -> int:
        """Of the reply."""

    @property
    def cached_tokens(self) -> int:
        """Of the request, those in the server's prompt cache."""


class BudgetError(FatalError):
    """A limit that its owner set is reached."""


@dataclass(frozen=True, slots=True)
class Price:
    """Money per million tokens, in any currency.

    Attributes:
        input, output: of a request and of its reply.
        cached: of the part of a request that the server had in its prompt cache; None for the price of `input`.
    """

    input: float = 0.0
    output: float = 0.0
    cached: float | None = None

    def of(self, input_tokens: int, output_tokens: int, cached_tokens: int = 0) -> float:
        """Money for so many tokens; `cached_tokens` are some of the `input_tokens`."""
        cached = self.input if self.cached is None else self.cached
        fresh = max(0, input_tokens - cached_tokens)
        return (fresh * self.input + cached_tokens * cached + output_tokens * self.output) / 1_000_000


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits for one show; None means no limit.

    Attributes:
        max_calls: requests to the model server, repeated ones included.
        max_cost: money, in the currency of `price`.
        price: what tokens cost.
    """

    max_calls: int | None = None
    max_cost: float | None = None
    price: Price = Price()


@dataclass(slots=True)
class Spent:
    """What was spent on a show by all its runs in this process.

    Attributes:
        calls: requests sent.
        cost: money for what they brought back.
        in_flight: money that those under way may cost.
        requests: how many are under way.
        limit: money that may be spent so far, where `grant` hands it out in parts; None for that of the budget.
        grant: gives the next part, 0.0 where there is none left.
    """

    calls: int = 0
    cost: float = 0.0
    in_flight: float = 0.0
    requests: int = 0
    limit: float | None = None
    grant: Callable[[], Awaitable[float]] | None = None
    asking: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)
    settled: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    async def more(self) -> bool:
        """Whether there may be money again, for whoever has met the limit: handed out, or not needed by a request.

        What requests under way may cost is more than most of them do.
        """
        if self.grant is not None and self.limit is not None:
            met = self.limit
            async with self.asking:
                if self.limit == met:  # else another has asked meanwhile
                    self.limit += await self.grant()
            if self.limit > met:
                return True
        if not self.requests:
            return False
        self.settled.clear()
        await self.settled.wait()
        return True

    async def close(self) -> None:
        """Nothing to close."""


class CostTracker:
    """What one run has cost so far, kept within the budget of its show.

    Attributes:
        usage: by persona id, and "" for classification.
    """

    def __init__(self, budget: Budget | None = None, spent: Spent | None = None) -> None:
        self.usage: dict[str, Usage] = {"": Usage()}
        self._budget = budget or Budget()
        self._spent = spent or Spent()
        self._open = 0
        self._over = ""
        self._settled = asyncio.Event()

    @property
    def cost(self) -> float:
        """Money spent by this run so far, by the budget's price."""
        price = self._budget.price
        return sum(
            price.of(each.input_tokens, each.output_tokens, each.cached_tokens) for each in self.usage.values()
        )

    async def more(self) -> bool:
        """See `Spent`; not for a run that a limit is ending."""
        return not self._over and await self._spent.more()

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
        except BudgetError as error:
            self._over = str(error)  # nothing more is sent, so that nothing is in flight when the run ends
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
    def request(self, who: str, input_tokens: int, expected: int = FEEDBACK_TOKENS) -> Iterator[None]:
        """Counts one request, and reserves what it may cost for as long as it is in flight.

        expected: output tokens of a usual reply.

        Raises:
            BudgetError: it would pass a limit of the budget, and must not be sent.
        """
        if self._over:
            raise BudgetError(self._over)
        budget, spent = self._budget, self._spent
        reserved = budget.price.of(input_tokens, expected)
        if budget.max_calls is not None and spent.calls >= budget.max_calls:
            raise BudgetError(
                f"The limit of {budget.max_calls:,} calls is reached. "
                "Everything answered is kept; raise SONICLAYER_MAX_CALLS to go on."
            )
        limit = budget.max_cost if spent.limit is None else spent.limit
        if limit is not None and spent.cost + spent.in_flight + reserved > limit:
            estimated = " (counted by estimate: the server does not report tokens)" if self._estimated else ""
            raise BudgetError(
                f"The limit of {budget.max_cost or limit:g} in money is reached{estimated}. "
                "Everything answered is kept; raise SONICLAYER_MAX_COST to go on."
            )
        self.of(who).calls += 1
        spent.calls += 1
        spent.in_flight += reserved
        spent.requests += 1
        try:
            yield
        finally:
            spent.in_flight -= reserved
            spent.requests -= 1
            spent.settled.set()

    @property
    def _estimated(self) -> bool:
        return any(each.estimated for each in self.usage.values())

    def add(self, who: str, used: TokenCounts, asked: int, said: int) -> None:
        """Tokens of one reply, whether its answer can be used or not.

        used: as the server reports them; where it reports none, the estimates `asked` and `said` count.
        """
        usage = self.of(who)
        counts = (used.prompt_tokens, used.completion_tokens, used.cached_tokens)
        if not any(counts):
            usage.estimated += 1
            counts = (asked, said, 0)
        usage.input_tokens += counts[0]
        usage.output_tokens += counts[1]
        usage.cached_tokens += min(counts[2], counts[0])
        self._spent.cost += self._budget.price.of(*counts)


def tokens(characters: int) -> int:
    """Roughly the tokens of a text of that many characters."""
    return -(-characters // CHARACTERS_PER_TOKEN)


def estimate_tokens(
    segments: Sequence[Segment],
    personas: Sequence[Persona],
    *,
    show: str = "",
    samples: int = 1,
    thrifty: bool = False,
) -> Estimate:
    """Calls and tokens of a run over these segments and personas with a chat model."""
    together = TOGETHER if thrifty and samples == 1 else 1
    singly = [[segment] for segment in (segments if together == 1 else segments[:FIRST_SINGLY])]
    groups = [] if together == 1 else _chunks(segments[FIRST_SINGLY:], together)
    topics = _chunks(segments, TOGETHER)
    characters = sum(len(CLASSIFY_SEVERAL_SYSTEM) + _size(group, show, CLASSIFY_SEVERAL_QUESTION) for group in topics)
    heard_singly = sum(_size(group, show, EVALUATE_QUESTION) for group in singly) * samples
    heard_together = sum(_size(group, show, EVALUATE_SEVERAL_QUESTION) for group in groups)
    for persona in personas:
        characters += heard_singly + samples * len(singly) * len(persona_system(persona))
        characters += heard_together + len(groups) * len(evaluate_several_prompt(persona).system)
    return Estimate(
        calls=len(topics) + len(personas) * (samples * len(singly) + len(groups)),
        input_tokens=tokens(characters),
        output_tokens=len(segments) * (CLASSIFICATION_TOKENS + len(personas) * samples * FEEDBACK_TOKENS),
    )


def _chunks(segments: Sequence[Segment], size: int) -> list[Sequence[Segment]]:
    return [segments[begin : begin + size] for begin in range(0, len(segments), size)]


def _size(segments: Sequence[Segment], show: str, question: str) -> int:
    told = scene(segments[0], show=show) if len(segments) == 1 else several(segments, codes(segments), show=show)
    return len(told) + len(question)
