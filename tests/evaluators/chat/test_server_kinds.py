"""Whole runs against servers of every kind: what passes is waited for, what does not stops within six calls."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from soniclayer.evaluators.chat import asking
from soniclayer.feedback import Classification
from soniclayer.run import Run, State
from tests.chat_evaluator import evaluator, open_endpoint
from tests.fakes import persona, segments
from tests.stub_server import Call, Stub, completion

CAST = [persona("a"), persona("b")]
Respond = Callable[[Call], web.Response | None]


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "FIRST_BACKOFF_S", 0.01)
    monkeypatch.setattr(asking, "LONGEST_BACKOFF_S", 0.02)


async def run_against(stub: Stub, respond: Respond, *, key: str = "sk-test", **settings: Any) -> Run:
    stub.respond = respond
    async with open_endpoint(stub.url, key=key, **settings) as endpoint:
        run = Run(segments(4), CAST, evaluator(endpoint), in_flight=32)
        await run.execute()
    return run


def says(status: int, body: Any) -> Respond:
    if isinstance(body, str):
        return lambda call: web.Response(status=status, text=body, content_type="text/html" if "<" in body else None)
    return lambda call: web.json_response(body, status=status)


ENDS = [
    ("wrong key", says(401, {"error": {"message": "Invalid API key"}}), "OPENAI_API_KEY"),
    ("wrong key inside 200", says(200, {"error": {"message": "Incorrect API key provided"}}), "OPENAI_API_KEY"),
    ("wrong key inside 200, coded", says(200, {"error": {"code": "401", "message": "no"}}), "OPENAI_API_KEY"),
    ("no credit", says(402, {"error": "Insufficient credits"}), "no credit left"),
    ("credit balance", says(400, {"error": {"message": "Your credit balance is too low"}}), "no credit left"),
    ("usage limits", says(400, {"error": {"message": "You have reached your API usage limits"}}), "no credit left"),
    ("quota", says(429, {"error": {"message": "Check billing", "code": "insufficient_quota"}}), "no credit left"),
    ("no model loaded", says(400, {"error": {"message": "No models loaded."}}), "Load one there"),
    ("no such model", says(404, {"error": {"message": "model 'x' not found"}}), "SONICLAYER_MODEL"),
    ("wrong path, 200", says(200, {"error": "Unexpected endpoint or method. (POST /x)"}), "OPENAI_BASE_URL"),
    ("a web page, 200", says(200, "<html><title>Welcome</title></html>"), "OPENAI_BASE_URL"),
    ("something else, 200", says(200, {"hello": "world"}), "OPENAI_BASE_URL"),
    ("forbidden", says(403, {"error": {"message": "Country not supported"}}), "Country not supported"),
    ("forbidden by a wall", says(403, "<html><title>Just a moment...</title></html>"), "Just a moment..."),
    ("method not allowed", says(405, ""), "OPENAI_BASE_URL"),
    ("sent elsewhere", lambda call: web.Response(status=302, headers={"Location": "http://elsewhere/"}), "elsewhere"),
]


@pytest.mark.parametrize(("respond", "remedy"), [row[1:] for row in ENDS], ids=[row[0] for row in ENDS])
async def test_what_does_not_pass_stops_the_run_within_six_calls_with_one_message(
    stub: Stub, respond: Respond, remedy: str
) -> None:
    run = await run_against(stub, respond)
    assert run.state is State.BROKEN
    assert remedy in run.fatal
    assert len(stub.calls) <= 6


async def test_one_moderated_segment_is_one_failed_cell_for_each_persona(stub: Stub) -> None:
    def respond(call: Call) -> web.Response | None:
        if "You are" in call.text and "This is part 0.\n</said" in call.text.rpartition("The current segment")[2]:
            return web.json_response({"error": {"message": "Your input was flagged", "code": 403}}, status=403)
        return None

    run = await run_against(stub, respond)
    assert run.state is State.FINISHED
    assert run.failures.keys() == {(0, "a"), (0, "b")}
    assert "Your input was flagged" in run.failures[0, "a"].reason


@pytest.mark.parametrize("status", [408, 424, 425, 498, 500, 503, 529])
async def test_a_failure_that_passes_costs_no_cell_and_no_topic(stub: Stub, status: int) -> None:
    def respond(call: Call) -> web.Response | None:
        return web.json_response({"error": {"message": "later"}}, status=status) if call.number < 3 else None

    run = await run_against(stub, respond)
    assert run.complete
    assert not run.unclassified
    assert all(each.topic for each in run.classifications.values())


async def test_a_model_that_fails_to_write_json_now_and_then_is_asked_again_as_before(stub: Stub) -> None:
    def respond(call: Call) -> web.Response | None:
        body = {"error": {"message": "Failed to generate JSON.", "code": "json_validate_failed"}}
        return web.json_response(body, status=400) if call.number % 3 == 0 else None

    run = await run_against(stub, respond)
    assert run.complete
    assert {call.output for call in stub.calls} == {"json_schema"}


async def test_a_per_minute_quota_is_waited_for(stub: Stub) -> None:
    window, taken = [time.monotonic()], [0]

    def respond(call: Call) -> web.Response | None:
        if time.monotonic() - window[0] > 1.0:
            window[0], taken[0] = time.monotonic(), 0
        taken[0] += 1
        if taken[0] <= 4:
            return None
        left = 1.0 - (time.monotonic() - window[0])
        words = f"You exceeded your current quota, check your plan and billing. Please retry in {left:.1f}s."
        error = {"code": 429, "message": words, "status": "RESOURCE_EXHAUSTED", "details": [{"retryDelay": "1s"}]}
        return web.json_response([{"error": error}], status=429)

    run = await run_against(stub, respond)
    assert run.complete
    assert len(stub.calls) < 30


@pytest.mark.parametrize("key", ["x", "token", "max_tokens"])
async def test_a_key_that_is_a_word_hides_no_parameter(stub: Stub, key: str) -> None:
    def respond(call: Call) -> web.Response | None:
        if "max_tokens" in call.body:
            words = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
            return web.json_response({"error": {"message": words}}, status=400)
        return None

    run = await run_against(stub, respond, key=key)
    assert run.complete


async def test_a_parameter_refused_in_the_middle_of_a_run_is_left_out_from_then_on(stub: Stub) -> None:
    def respond(call: Call) -> web.Response | None:
        if call.number > 3 and "temperature" in call.body:
            return web.json_response({"detail": [{"loc": ["body", "temperature"], "msg": "extra"}]}, status=422)
        return None

    run = await run_against(stub, respond, concurrency=1)
    assert run.complete
    refused = sum("temperature" in call.body for call in stub.calls[4:])
    assert refused <= 3, "one for each schema, and one that was let in while the first was asked again"


async def test_capabilities_are_learnt_for_each_schema(stub: Stub) -> None:
    """A server that takes enums of words and refuses enums of numbers."""

    def respond(call: Call) -> web.Response | None:
        if '"enum": [1, 2' in str(call.body.get("response_format")).replace("'", '"'):
            words = "response_schema.properties[score].enum[0]: Invalid value (TYPE_STRING), 1"
            return web.json_response({"error": {"message": words}}, status=400)
        return None

    run = await run_against(stub, respond)
    assert run.complete
    assert {call.output for call in stub.calls} == {"json_schema"}


async def test_nothing_is_lost_where_every_third_answer_is_an_error_inside_200(stub: Stub) -> None:
    def respond(call: Call) -> web.Response | None:
        body = {**completion(None), "choices": None, "error": {"message": "Provider returned error", "code": 502}}
        return web.json_response(body) if call.number % 3 == 2 else None

    assert (await run_against(stub, respond)).complete


async def test_what_was_given_up_is_sent_again_only_once_the_server_moves_on_and_nothing_else_is(stub: Stub) -> None:
    """A server that takes one request at a time and goes on with those whose sender has gone away."""
    free = [0.0]
    arrived: list[tuple[str, float]] = []

    def latency(call: Call) -> float:
        now = time.monotonic()
        arrived.append((call.digest, now))
        takes = 1.0 if len(arrived) == 2 else 0.15
        free[0] = max(free[0], now) + takes
        return free[0] - now

    stub.latency_s = latency
    known = Classification()
    async with open_endpoint(stub.url, timeout_s=0.7, concurrency=8) as endpoint:
        chat = evaluator(endpoint)
        first, *others = segments(7)
        await chat.evaluate(CAST[0], first, known)
        begun = time.monotonic()
        await asyncio.gather(*(chat.evaluate(CAST[0], segment, known) for segment in others))
        limit = endpoint.limit
    times = Counter(digest for digest, _ in arrived)
    slow = arrived[1][0]
    assert [digest for digest, count in times.items() if count > 1] == [slow]
    again = next(at for digest, at in reversed(arrived) if digest == slow)
    assert again - begun > 1.0, "the server had begun on another by then"
    assert limit < 8
