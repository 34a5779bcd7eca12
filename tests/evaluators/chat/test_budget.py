"""What a run may cost: the estimate before it, and the limits it keeps to."""

from __future__ import annotations

import pytest

from soniclayer.evaluators.base import Usage
from soniclayer.evaluators.chat.budget import Budget, BudgetError, CostTracker, Price, estimate_tokens
from soniclayer.llm_client.responses import Tokens
from soniclayer.run import Run, State
from tests.chat_evaluator import MemoryStore, evaluator, open_endpoint
from tests.fakes import persona, segments
from tests.stub_server import Stub


async def test_a_limit_on_calls_is_never_passed_and_what_was_paid_is_kept(stub: Stub) -> None:
    stub.latency_s = 0.02
    async with open_endpoint(stub.url, concurrency=4) as endpoint:
        store = MemoryStore()
        chat = evaluator(endpoint, store=store, budget=Budget(max_calls=7))
        run = Run(segments(20), [persona("a")], chat)
        await run.execute()
        assert run.state is State.BROKEN
        assert "limit of 7 calls" in run.fatal
        assert len(stub.calls) == 7
        assert len(store.kept) == len(run.classifications) + len(run.results)


async def test_a_limit_on_money_stops_the_run(stub: Stub) -> None:
    async with open_endpoint(stub.url, concurrency=1) as endpoint:
        # The stub reports 100 tokens in and 20 out: 140 millionths a call at these prices.
        chat = evaluator(endpoint, budget=Budget(max_cost=0.002, price=Price(input=1.0, output=2.0)))
        run = Run(segments(20), [persona("a")], chat)
        await run.execute()
        assert run.state is State.BROKEN
        assert "limit of 0.002" in run.fatal
        assert 2 <= len(stub.calls) <= 14
        assert chat.cost == pytest.approx(len(stub.calls) * 140e-6)


async def test_money_that_calls_in_flight_do_not_need_is_waited_for(stub: Stub) -> None:
    """What is reserved for a call is more than it costs; a limit is met once nothing more can come back."""
    stub.latency_s = 0.05
    price = Price(input=1.0, output=2.0)
    async with open_endpoint(stub.url, concurrency=8) as endpoint:
        chat = evaluator(endpoint, budget=Budget(max_cost=0.006, price=price))
        run = Run(segments(60), [persona("a")], chat)
        await run.execute()
    assert "limit of 0.006" in run.fatal
    one = price.of(700, 150)  # reserved for a call
    assert 0.006 - one < chat.cost <= 0.006


def test_what_is_in_flight_counts_towards_the_limit_on_money() -> None:
    costs = CostTracker(Budget(max_cost=0.001, price=Price(input=1.0)))
    with costs.request("a", 600), pytest.raises(BudgetError), costs.request("a", 600):
        pass
    costs.add("a", Tokens(prompt_tokens=300), 600, 20)
    with costs.request("a", 600):
        pass
    assert costs.usage["a"] == Usage(calls=2, input_tokens=300)


async def test_an_estimate_is_near_what_is_sent(stub: Stub) -> None:
    show, cast = segments(10), [persona("a"), persona("b")]
    async with open_endpoint(stub.url) as endpoint:
        run = Run(show, cast, evaluator(endpoint, show="Breakfast"))
        await run.execute()
        assert run.complete
    estimate = estimate_tokens(show, cast, show="Breakfast")
    sent = sum(len(call.text) for call in stub.calls) / 4
    assert estimate.calls == len(stub.calls) == 22
    assert estimate.input_tokens == pytest.approx(sent, rel=0.05)
    assert estimate.output_tokens > 0
    assert estimate_tokens(show, cast, samples=3).calls == 62


async def test_once_a_limit_ends_a_run_it_sends_nothing_more() -> None:
    """What another show's calls did not need must not start a call that the end of this run would break off."""
    costs = CostTracker(Budget(max_cost=0.001, price=Price(input=1.0)))

    async def question() -> None:
        async with costs.question():
            with costs.request("a", 2_000):
                pass

    with pytest.raises(BudgetError):
        await question()
    with pytest.raises(BudgetError, match=r"limit of 0\.001"), costs.request("a", 1):
        pass
    assert not await costs.more()
