"""Nothing is spent without a press: what one covers, what is asked about, what is stopped."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from pydantic import SecretStr

from soniclayer.approval import Approvals, StartedRuns, clearing_question
from soniclayer.evaluators.registry import EVALUATORS
from soniclayer.run import Run, State
from soniclayer.settings import Settings
from tests.fakes import ScriptedEvaluator, persona, segments

CHAT = EVALUATORS["chat"]
PRICED = Settings(model="m", price_input=0.4, price_output=1.6)


def test_a_press_covers_the_personas_that_were_on_the_page() -> None:
    approvals = Approvals()
    assert not approvals.given("show")
    approvals.press("show", [persona("a"), persona("b")])
    assert approvals.given("show")
    assert not approvals.given("another show")
    assert not approvals.uncovered("show", [persona("b"), persona("a")])
    edited = replace(persona("a"), likes=("chess",))
    assert approvals.uncovered("show", [edited, persona("b"), persona("c")]) == (edited, persona("c"))
    assert approvals.covered_cells("show", segments(2), [edited, persona("b")]) == {(0, "b"), (1, "b")}


def test_what_changes_no_answer_needs_no_press() -> None:
    approvals = Approvals()
    approvals.press("show", [persona("a")])
    dressed = replace(persona("a"), emoji="🦊", weight=3.0, display_name="Another name", group="Core audience")
    assert not approvals.uncovered("show", [dressed])


def test_the_page_asks_with_calls_and_money() -> None:
    approvals = Approvals()
    cast = [replace(persona("tradies"), likes=("utes",)), persona("b")]
    approvals.press("show", [persona("tradies"), persona("b")])
    asked = approvals.question("show", cast, segments(24), "", CHAT, PRICED)
    assert asked == "Tradies changed: 24 calls, about $0.01"
    both = approvals.question("show", [*cast, persona("c")], segments(24), "", CHAT, Settings(model="m"))
    assert both == "Tradies changed, C is new: 48 calls"
    many = [persona(name) for name in "defgh"]
    assert approvals.question("show", many, segments(1), "", CHAT, PRICED).startswith("5 personas are new or changed")
    assert approvals.question("show", cast[1:], segments(24), "", CHAT, PRICED) == ""


async def test_superseded_runs_stop_and_stop_stops_everything() -> None:
    started = StartedRuns()
    runs = [Run(segments(50), [persona("a")], ScriptedEvaluator(latency_s=0.05)) for _ in range(3)]
    tasks = [asyncio.create_task(run.execute()) for run in runs]
    await asyncio.sleep(0.01)
    started.add("one show", runs[0])
    started.add("one show", runs[1])
    started.add("another", runs[2])
    await tasks[0]
    assert runs[0].state is State.STOPPED
    assert runs[1].state is runs[2].state is State.RUNNING
    started.stop_all()
    await asyncio.gather(*tasks)
    assert {run.state for run in runs} == {State.STOPPED}


def test_clearing_says_how_many_and_what_they_cost() -> None:
    assert clearing_question(216, PRICED) == (
        "Forget 216 kept answers? Asking again takes as many calls, about $0.15."
    )
    assert "about" not in clearing_question(216, Settings())
    assert clearing_question(1, Settings(), "morning.vtt") == (
        "Forget 1 kept answer about morning.vtt? Asking again takes a call. What another show uses too is kept."
    )
    assert clearing_question(0, PRICED, "morning.vtt") == "No answer is kept for morning.vtt alone."


@pytest.mark.parametrize("locked", [True, False])
def test_a_locked_page_asks_no_address_and_spends_no_key_of_a_visitors_choice(locked: bool) -> None:
    settings = Settings(
        base_url="http://own/v1", api_key=SecretStr("sk-own"), model="m", headers={"X-Team": "t"}, locked=locked
    )
    chosen = settings.chosen(base_url="http://internal/v1", model="other", concurrency=500, timeout_s=3, thrifty=True)
    assert (chosen.model, chosen.thrifty) == ("other", True)
    if locked:
        assert chosen == settings.model_copy(update={"model": "other", "thrifty": True})
    else:
        assert (chosen.base_url, chosen.api_key, chosen.headers) == ("http://internal/v1", None, {})
        own = settings.chosen(base_url="http://own/v1/")
        assert own.api_key is not None
        assert own.headers == {"X-Team": "t"}
