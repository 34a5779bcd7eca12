"""What a show costs: eight segments to a call, nothing twice, limits that hold whatever the server reports."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from soniclayer import session
from soniclayer.evaluators.chat import factory
from soniclayer.evaluators.chat.budget import Budget, Price, Spent, estimate_tokens
from soniclayer.evaluators.registry import EVALUATORS
from soniclayer.feedback import Classification, Tone, Topic
from soniclayer.run import Run, State
from soniclayer.settings import Settings
from tests.chat_evaluator import MemoryStore, evaluator, open_endpoint
from tests.fakes import persona, segments
from tests.stub_server import Call, Stub, answer, completion

CAST = [persona("a"), persona("b")]


def persona_calls(stub: Stub) -> list[Call]:
    return [call for call in stub.calls if "You are" in call.text]


async def test_thrifty_mode_asks_about_eight_segments_at_once_and_the_first_two_singly(stub: Stub) -> None:
    async with open_endpoint(stub.url) as endpoint:
        run = Run(segments(18), CAST, evaluator(endpoint, thrifty=True))
        await run.execute()
    assert run.complete
    assert len(persona_calls(stub)) == 2 * (2 + 2)
    assert {run.results[index, "a"].together for index in (0, 1)} == {1}
    assert {run.results[index, "a"].together for index in range(2, 18)} == {8}
    assert estimate_tokens(segments(18), CAST, thrifty=True).calls == len(stub.calls)


async def test_an_answer_to_a_single_question_serves_both_modes_and_one_of_eight_only_thrifty_mode(
    stub: Stub,
) -> None:
    async with open_endpoint(stub.url) as endpoint:
        store = MemoryStore()
        await Run(segments(6), CAST, evaluator(endpoint, store=store)).execute()
        asked = len(stub.calls)
        await Run(segments(10), CAST, evaluator(endpoint, store=store, thrifty=True)).execute()
        assert len(persona_calls(stub)) == 6 * 2 + 2, "four new segments, one call for each persona"
        asked = len(persona_calls(stub))
        await Run(segments(10), CAST, evaluator(endpoint, store=store, thrifty=True)).execute()
        assert len(persona_calls(stub)) == asked
        await Run(segments(10), CAST, evaluator(endpoint, store=store)).execute()
        assert len(persona_calls(stub)) == asked + 4 * 2


async def test_a_broken_element_costs_its_own_cell_and_a_retry_asks_about_it_alone(stub: Stub) -> None:
    def respond(call: Call) -> web.Response | None:
        said = answer(call)
        if "answers" in said and "You are a." in call.text:
            said["answers"][3]["score"] = "great"
            del said["answers"][5]
            return web.json_response(completion(json.dumps(said)))
        return None

    stub.respond = respond
    async with open_endpoint(stub.url) as endpoint:
        run = Run(segments(10), CAST, evaluator(endpoint, thrifty=True))
        await run.execute()
        assert run.failures.keys() == {(5, "a"), (7, "a")}
        assert "score is “great”" in run.failures[5, "a"].reason
        assert "leaves this segment out" in run.failures[7, "a"].reason
        asked = len(stub.calls)
        await run.execute(frozenset({(5, "a")}))
        assert len(stub.calls) == asked + 1
        assert run.results[5, "a"].together == 1


async def test_a_model_that_cannot_answer_in_lists_classifies_one_by_one(stub: Stub) -> None:
    def respond(call: Call) -> web.Response | None:
        if '"answers"' in str(call.body["messages"][0]["content"]):
            return web.json_response(completion('{"topic": "Sports", "tone": "Serious"}'))
        return None

    stub.respond = respond
    async with open_endpoint(stub.url) as endpoint:
        run = Run(segments(4), CAST, evaluator(endpoint))
        await run.execute()
    assert run.complete
    assert not run.unclassified
    assert all(each.topic for each in run.classifications.values())


async def test_renaming_a_file_or_another_guess_of_the_topic_pays_nothing(stub: Stub) -> None:
    async def guess(segment: Any) -> Classification:
        return Classification(Topic.SPORTS, Tone.EXCITED)

    async with open_endpoint(stub.url) as endpoint:
        store = MemoryStore()
        first = Run(segments(4), CAST, evaluator(endpoint, store=store, show="old name.vtt"))
        await first.execute()
        asked = len(stub.calls)
        renamed = Run(segments(4), CAST, evaluator(endpoint, store=store, show="new name.vtt", guess=guess))
        await renamed.execute()
        assert len(stub.calls) == asked
        assert renamed.results == first.results


async def test_a_failed_classification_never_makes_the_personas_be_paid_again(stub: Stub) -> None:
    topics = '"topic"'
    stub.fault = lambda call: "not-json" if topics in call.text else ""
    async with open_endpoint(stub.url) as endpoint:
        store = MemoryStore()
        first = Run(segments(3), CAST, evaluator(endpoint, store=store))
        await first.execute()
        assert len(first.unclassified) == 3
        stub.fault = lambda call: ""
        asked = len(persona_calls(stub))
        again = Run(segments(3), CAST, evaluator(endpoint, store=store))
        await again.execute()
        assert not again.unclassified
        assert len(persona_calls(stub)) == asked


async def test_personas_are_told_the_guess_and_do_not_wait_for_the_classification(stub: Stub) -> None:
    async def guess(segment: Any) -> Classification:
        return Classification(Topic.SPORTS, None)

    stub.latency_s = lambda call: 0.0 if "You are" in call.text else 1.0
    async with open_endpoint(stub.url) as endpoint:
        run = Run(segments(3), CAST, evaluator(endpoint, guess=guess))
        await run.execute()
    assert all("Topic: Sports. Tone: unknown." in call.text for call in persona_calls(stub))
    assert persona_calls(stub)[0].number == 0
    assert run.classifications.keys() == {0, 1, 2}


async def test_a_limit_on_money_holds_on_a_server_that_reports_no_tokens(stub: Stub) -> None:
    def respond(call: Call) -> web.Response:
        return web.json_response({**completion(json.dumps(answer(call))), "usage": None})

    stub.respond = respond
    async with open_endpoint(stub.url, concurrency=2) as endpoint:
        budget = Budget(max_cost=0.01, price=Price(input=1.0, output=3.0))
        chat = evaluator(endpoint, budget=budget)
        run = Run(segments(4), [persona(name) for name in "abcdefgh"], chat)
        await run.execute()
    assert run.state is State.BROKEN
    assert "counted by estimate" in run.fatal
    assert 0 < len(run.results) < 16
    assert chat.cost == pytest.approx(0.01, rel=0.25)
    assert chat.usage["a"].estimated


async def test_limits_hold_for_a_show_over_all_its_runs(stub: Stub) -> None:
    async with open_endpoint(stub.url, concurrency=1) as endpoint:
        spent, budget = Spent(), Budget(max_calls=6)
        first = Run(segments(4), CAST[:1], evaluator(endpoint, spent=spent, budget=budget))
        await first.execute()
        assert first.complete
        assert spent.calls == 5
        second = Run(segments(4), CAST[1:], evaluator(endpoint, spent=spent, budget=budget))
        await second.execute()
        assert second.state is State.BROKEN
        assert "limit of 6 calls" in second.fatal
        assert len(stub.calls) == 6
        await second.execute()
        assert len(stub.calls) == 6, "a retry does not reset it"


def test_a_show_is_known_by_its_words() -> None:
    assert session.show_id(segments(3)) == session.show_id(segments(3))
    assert session.show_id(segments(3)) != session.show_id(segments(4))


async def test_tokens_out_of_the_servers_prompt_cache_are_counted_and_priced(stub: Stub) -> None:
    def respond(call: Call) -> web.Response:
        usage = {"prompt_tokens": 100, "completion_tokens": 10, "prompt_tokens_details": {"cached_tokens": 80}}
        return web.json_response({**completion(json.dumps(answer(call))), "usage": usage})

    stub.respond = respond
    async with open_endpoint(stub.url) as endpoint:
        chat = evaluator(endpoint, budget=Budget(price=Price(input=10.0, output=100.0, cached=1.0)))
        await chat.evaluate(persona("a"), segments(1)[0], Classification())
    assert chat.usage["a"].cached_tokens == 80
    assert chat.cost == pytest.approx((20 * 10 + 80 * 1 + 10 * 100) / 1e6)


async def test_questions_that_begin_alike_tell_the_servers_prompt_cache_so(stub: Stub) -> None:
    async with open_endpoint(stub.url) as endpoint:
        await Run(segments(3), CAST, evaluator(endpoint)).execute()
        keys = {call.text.split("\n")[0]: call.body["prompt_cache_key"] for call in stub.calls}
        assert len(set(keys.values())) == 3
        assert all(call.body["prompt_cache_key"] == keys[call.text.split("\n")[0]] for call in stub.calls)


def test_thrifty_mode_is_another_run() -> None:
    settings = Settings(model="m")
    assert factory.identity(settings) != factory.identity(settings.model_copy(update={"thrifty": True}))
    estimate = EVALUATORS["chat"].estimate
    assert estimate is not None
    show = segments(60)
    usual = estimate(show, CAST, "", settings)
    thrifty = estimate(show, CAST, "", settings.model_copy(update={"thrifty": True}))
    assert thrifty.calls < usual.calls / 4
    assert thrifty.input_tokens < usual.input_tokens / 3
    assert replace(usual, calls=0).output_tokens == thrifty.output_tokens
