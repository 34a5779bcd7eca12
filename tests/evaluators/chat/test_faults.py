"""Whatever a model server does over real HTTP: what the user sees, how often it is asked, what happens to the rest.

One cell of a run of six meets the fault; every other cell must come through.
"""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from pydantic import SecretStr

from soniclayer.errors import SonicLayerError
from soniclayer.evaluators.chat import asking
from soniclayer.evaluators.chat.evaluator import ChatEvaluator
from soniclayer.evaluators.chat.output_parser import UNSUPPORTED
from soniclayer.llm_client.client import Endpoint
from soniclayer.run import Run, State
from tests.fakes import persona, segments
from tests.stub_server import FAULTS, MODELS, Call, Stub, random_faults, serving

KEY = "sk-very-secret"
CELL = (1, "b")
OTHERS = {(index, who) for index in range(3) for who in ("a", "b")} - {CELL}


async def no_store(question: str, ask: Callable[[], object]) -> str:
    answer: str = await ask()  # type: ignore[misc]
    return answer


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "FIRST_BACKOFF_S", 0.01)
    monkeypatch.setattr(asking, "LONGEST_BACKOFF_S", 0.02)


def is_the_cell(call: Call) -> bool:
    return "You are b." in call.text and "The current segment" in call.text and "part 1.\n</said" in _last(call)


def _last(call: Call) -> str:
    """The question itself, without what was said just before."""
    return str(call.body["messages"][1]["content"]).rpartition("The current segment")[2]


def hits_the_cell(name: str, *, times: int = 1000) -> Callable[[Call], str]:
    left = times

    def fault(call: Call) -> str:
        nonlocal left
        if left and is_the_cell(call):
            left -= 1
            return name
        return ""

    return fault


@dataclass
class Ran:
    run: Run
    evaluator: ChatEvaluator
    took_s: float


def run_against(url: str, *, timeout_s: float = 1.0, width: int = 4) -> Ran:
    async def execute() -> Ran:
        endpoint = Endpoint(url, SecretStr(KEY), concurrency=width, timeout_s=timeout_s)
        evaluator = ChatEvaluator(endpoint, MODELS[0], store=no_store)
        run = Run(segments(3), [persona("a"), persona("b")], evaluator)
        started = time.monotonic()
        try:
            async with asyncio.timeout(30):
                await run.execute()
        finally:
            await endpoint.close()
        return Ran(run, evaluator, time.monotonic() - started)

    return asyncio.run(execute())


INVALID = "The model's answer cannot be used"
BROKEN = "not that of a chat model"

LASTING = [
    # fault, calls for the cell, kind of failure, what the card says
    ("400", 1, "request refused", "HTTP 400"),
    ("422", 1, "request refused", "HTTP 422"),
    ("context", 1, "too long", "Use shorter segments or a model with a larger context"),
    ("413", 1, "too long", "Use shorter segments or a model with a larger context"),
    ("redirect", 1, "redirect", "under Settings, or OPENAI_BASE_URL"),
    ("huge", 1, "reply too large", "larger than 1 MB"),
    ("refusal", 1, "refused", "I cannot help with that."),
    ("filter", 1, "refused", "refused to answer"),
    ("stall", 2, "time-out", "did not answer within 1 seconds"),
    ("trickle", 2, "time-out", "did not answer within 1 seconds"),
    ("empty", 2, "broken reply", "is empty, " + BROKEN),
    ("html", 2, "broken reply", "is a web page, " + BROKEN),
    ("truncated", 2, "broken reply", "is cut off or of an unknown form, " + BROKEN),
    ("no-choices", 2, "broken reply", BROKEN),
    ("truncated-content", 2, "invalid answer", INVALID + ": it has no field “opinion”"),
    ("not-json", 2, "invalid answer", INVALID + ": it is not a JSON object"),
    ("empty-content", 2, "invalid answer", INVALID + ": it is empty"),
    ("null-content", 2, "invalid answer", INVALID + ": it is empty"),
    ("schema", 2, "invalid answer", INVALID + ": it has no field “opinion”"),
    ("language", 2, "invalid answer", INVALID + ": it has no field “opinion”"),
    ("range", 2, "invalid answer", INVALID + ": its score is 7, not a whole number from 1 to 5"),
    ("word-score", 2, "invalid answer", INVALID + ": its score is “great”"),
    ("length", 2, "invalid answer", INVALID + ": it was cut off before its end"),
    ("reset", 5, "connection lost", "broke off"),
    ("reset-body", 5, "connection lost", "broke off"),
    ("408", 5, "server error", "HTTP 408"),
    ("409", 5, "server error", "HTTP 409"),
    ("500", 5, "server error", "HTTP 500"),
    ("502", 5, "server error", "HTTP 502"),
    ("429", 9, "overloaded", "lower SONICLAYER_CONCURRENCY"),
    ("503", 9, "overloaded", "lower SONICLAYER_CONCURRENCY"),
    ("529", 9, "overloaded", "lower SONICLAYER_CONCURRENCY"),
]


@pytest.mark.parametrize(("fault", "calls", "kind", "shown"), LASTING, ids=[row[0] for row in LASTING])
def test_a_lasting_fault_fails_its_own_cell_and_no_other(
    stub: Stub, fault: str, calls: int, kind: str, shown: str
) -> None:
    stub.fault = hits_the_cell(fault)
    ran = run_against(stub.url)
    assert ran.run.failures.keys() == {CELL}
    failure = ran.run.failures[CELL]
    assert failure.kind == kind
    assert shown in failure.reason
    assert ran.run.results.keys() == OTHERS
    assert sum(map(is_the_cell, stub.calls)) == calls
    assert len(stub.calls) == 6 + calls  # one for all topics, 5 other cells
    assert sum(each.calls for each in ran.evaluator.usage.values()) == len(stub.calls)


PASSING = [fault for fault, calls, *_ in LASTING if calls > 1]


@pytest.mark.parametrize("fault", PASSING)
def test_a_passing_fault_costs_one_more_call_and_nothing_else(stub: Stub, fault: str) -> None:
    stub.fault = hits_the_cell(fault, times=1)
    ran = run_against(stub.url)
    assert ran.run.results.keys() == OTHERS | {CELL}
    assert sum(map(is_the_cell, stub.calls)) == 2
    assert set(stub.answered.values()) == {1}


@pytest.mark.parametrize(
    ("fault", "at_least_s"), [("429-seconds", 1.0), ("503-seconds", 1.0), ("429-date", 1.0), ("429-reset", 0.5)]
)
def test_a_server_that_asks_for_time_gets_it(stub: Stub, fault: str, at_least_s: float) -> None:
    stub.fault = hits_the_cell(fault, times=1)
    ran = run_against(stub.url)
    assert ran.run.complete
    assert at_least_s <= ran.took_s < at_least_s + 2
    assert sum(map(is_the_cell, stub.calls)) == 2


FATAL = [
    ("401", "OPENAI_API_KEY"),
    ("403", "OPENAI_API_KEY"),
    ("404", "SONICLAYER_MODEL"),
    ("429-quota", "has no credit left"),
    ("429-hour", "asks to wait 60 minutes"),
]


@pytest.mark.parametrize(("fault", "shown"), FATAL)
def test_what_no_call_can_get_past_stops_the_run_with_one_message(stub: Stub, fault: str, shown: str) -> None:
    stub.fault = lambda call: fault
    ran = run_against(stub.url, width=1)
    assert ran.run.state is State.BROKEN
    assert shown in ran.run.fatal
    assert ran.run.failures == {}
    assert len(stub.calls) == 1


@pytest.mark.parametrize("fault", ["400", "huge", "context", "500", "range"])
def test_a_run_in_which_nothing_is_answered_stops_by_itself(stub: Stub, fault: str) -> None:
    stub.fault = lambda call: fault
    ran = run_against(stub.url, width=1)
    assert ran.run.state is State.BROKEN
    assert re.match(r"Not one of the first \d questions was answered", ran.run.fatal)
    assert len(ran.run.failures) < 6


@pytest.mark.parametrize(
    ("fault", "shown", "calls"), [("redirect", "under Settings, or OPENAI_BASE_URL", 1), ("html", "a web page", 2)]
)
def test_what_cannot_be_a_chat_server_stops_the_run_at_once(stub: Stub, fault: str, shown: str, calls: int) -> None:
    stub.fault = lambda call: fault
    ran = run_against(stub.url, width=32)
    assert ran.run.state is State.BROKEN
    assert shown in ran.run.fatal
    assert len(stub.calls) <= calls + 1


def test_an_overloaded_server_is_no_reason_to_stop(stub: Stub) -> None:
    stub.fault = lambda call: "429"
    ran = run_against(stub.url, width=1)
    assert ran.run.state is State.FINISHED
    assert len(ran.run.failures) == 6


def test_nothing_listening_stops_the_run_and_names_the_address_setting() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        ran = run_against(f"http://127.0.0.1:{port}/v1")
    assert ran.run.state is State.BROKEN
    assert f"Nothing answers at http://127.0.0.1:{port}/v1" in ran.run.fatal
    assert "OPENAI_BASE_URL" in ran.run.fatal
    assert ran.took_s < 5


def test_thinking_aloud_and_fences_are_no_fault(stub: Stub) -> None:
    stub.fault = lambda call: "think"
    ran = run_against(stub.url)
    assert ran.run.complete
    assert len(stub.calls) == 7


def test_a_quote_that_nobody_said_is_dropped_and_told(stub: Stub) -> None:
    stub.fault = hits_the_cell("quotes")
    ran = run_against(stub.url)
    assert ran.run.results[CELL].quotes == ()
    assert ran.run.results[CELL].note == UNSUPPORTED
    assert all(ran.run.results[cell].quotes for cell in OTHERS)


def test_the_key_is_never_sent_where_a_redirect_points(stub: Stub) -> None:
    with serving() as elsewhere:
        moved = hits_the_cell("redirect")
        stub.fault = moved
        ran = run_against(stub.url)
        assert ran.run.failures.keys() == {CELL}
        assert elsewhere.calls == []


@pytest.mark.parametrize("fault", sorted(set(FAULTS) - {"429-seconds", "503-seconds", "429-date"}))
def test_no_error_and_no_log_shows_the_key_or_the_transcript(
    stub: Stub, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    stub.fault = lambda call: fault
    stub.keys = ()
    caplog.set_level(logging.DEBUG)

    async def ask() -> str:
        endpoint = Endpoint(stub.url, SecretStr(KEY), timeout_s=0.2)
        evaluator = ChatEvaluator(endpoint, MODELS[0], store=no_store)
        try:
            await evaluator.classify(segments(1)[0])
        except SonicLayerError as error:
            return repr(endpoint) + "".join(traceback.format_exception(error))
        finally:
            await endpoint.close()
        return repr(endpoint)

    shown = asyncio.run(ask()) + caplog.text
    assert KEY not in shown
    assert "This is part 0" not in shown


SOAK_FAULTS = (
    *("400", "408", "409", "413", "422", "429", "500", "502", "503", "529", "reset", "reset-body"),
    *("empty", "html", "truncated", "truncated-content", "not-json", "schema", "range", "language", "length"),
    *("refusal", "huge", "redirect"),
)


@pytest.mark.slow
def test_a_long_run_with_a_fifth_of_faults_loses_nothing_and_asks_nothing_twice(stub: Stub) -> None:
    stub.fault = random_faults(0.2, SOAK_FAULTS, seed=4)
    cast = [persona(name) for name in "abcde"]

    async def execute() -> Run:
        endpoint = Endpoint(stub.url, SecretStr(KEY), concurrency=32)
        evaluator = ChatEvaluator(endpoint, MODELS[0], store=no_store)
        run = Run(segments(1000), cast, evaluator)
        try:
            async with asyncio.timeout(300):
                await run.execute()
        finally:
            await endpoint.close()
        return run

    run = asyncio.run(execute())
    assert run.state is State.FINISHED
    assert len(run.results) + len(run.failures) == 5000
    assert run.results.keys().isdisjoint(run.failures)
    assert len(run.results) > 4500
    kinds = Counter(failure.kind for failure in run.failures.values())
    never_retried = {"request refused", "too long", "refused", "reply too large", "redirect"}
    assert kinds.keys() <= never_retried | {"invalid answer", "broken reply", "server error", "connection lost"}
    assert sum(count for kind, count in kinds.items() if kind not in never_retried) < 100
    assert all(failure.reason.endswith(".") for failure in run.failures.values())
    assert stub.stats()["repeated"] == 0
