"""The chat evaluator against a stub server: chains, store, retries, order, usage, limits."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import replace
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableSequence
from langchain_core.tracers.context import collect_runs
from pydantic import SecretStr

from soniclayer.errors import AnswerError
from soniclayer.evaluators.base import Evaluator, Usage
from soniclayer.evaluators.chat.chain import AnswerParser
from soniclayer.evaluators.chat.evaluator import ChatEvaluator, median
from soniclayer.evaluators.chat.prompts import CLASSIFY_PROMPT, evaluate_prompt, scene
from soniclayer.feedback import Classification, Feedback, Tone, Topic
from soniclayer.llm_client.client import Endpoint
from soniclayer.run import Run, State
from tests.chat_evaluator import MemoryStore, evaluator, open_endpoint
from tests.evaluators.chat.test_injection import ATTACKS
from tests.fakes import persona, segments
from tests.stub_server import MODELS, Call, Stub, answer

KNOWN = Classification(Topic.FOOD, Tone.HUMOROUS)


async def test_both_questions_are_asked_over_a_langchain_chain(stub: Stub) -> None:
    async with open_endpoint(stub.url) as endpoint:
        chat = evaluator(endpoint, show="Breakfast")
        known: Evaluator = chat
        segment = segments(2)[1]
        classification = await known.classify(segment)
        feedback = await known.evaluate(persona("genz"), segment, classification)
        said = answer(stub.calls[0])
        assert classification == Classification(Topic(said["topic"]), Tone(said["tone"]))
        said = answer(stub.calls[1])
        assert (feedback.score, feedback.quotes) == (said["score"], tuple(said["quotes"]))
        for question in (chat._questions.of(None), chat._questions.of(persona("genz"))):
            assert isinstance(question.chain, RunnableSequence)
            prompt, model, parser = question.chain.steps
            assert isinstance(prompt, ChatPromptTemplate)
            assert isinstance(model, BaseChatModel)
            assert isinstance(parser, AnswerParser)


async def test_what_is_sent_is_the_prompt_the_schema_and_the_settings(stub: Stub) -> None:
    async with open_endpoint(stub.url) as endpoint:
        segment = segments(2)[1]
        await evaluator(endpoint, show="Breakfast", temperature=0.7).evaluate(persona("genz"), segment, KNOWN)
        body = stub.calls[0].body
        told = scene(segment, show="Breakfast", classification=KNOWN)
        prompt = evaluate_prompt(persona("genz"))
        assert [message["role"] for message in body["messages"]] == ["system", "user"]
        assert [message["content"] for message in body["messages"]] == [
            prompt.system,
            prompt.question.replace("{scene}", told),
        ]
        assert body["temperature"] == 0.7
        assert body["model"] == MODELS[0]
        assert body["response_format"]["json_schema"]["strict"] is True


async def test_a_stored_answer_costs_nothing_and_is_the_same(stub: Stub) -> None:
    async with open_endpoint(stub.url) as endpoint:
        store = MemoryStore()
        first, second = (evaluator(endpoint, store=store) for _ in range(2))
        segment = segments(1)[0]
        assert await first.classify(segment) == await second.classify(segment)
        fresh = await first.evaluate(persona("a"), segment, KNOWN)
        assert await second.evaluate(persona("a"), segment, KNOWN) == fresh
        assert len(stub.calls) == 2
        assert first.usage == {"": Usage(1, 0, 100, 20), "a": Usage(1, 0, 100, 20)}
        assert second.usage == {"": Usage(0, 1, 0, 0), "a": Usage(0, 1, 0, 0)}


async def test_equal_questions_of_two_runs_are_one_call(stub: Stub) -> None:
    stub.latency_s = 0.05
    async with open_endpoint(stub.url) as endpoint:
        store = MemoryStore()
        runs = [Run(segments(3), [persona("a"), persona("b")], evaluator(endpoint, store=store)) for _ in range(2)]
        await asyncio.gather(*(run.execute() for run in runs))
        assert all(run.complete for run in runs)
        assert runs[0].results == runs[1].results
        assert len([call for call in stub.calls if "You are" in call.text]) == 6


@pytest.mark.parametrize(
    ("changes", "asked_again"),
    [
        ({}, False),
        ({"timeout_s": 7.0}, False),
        ({"concurrency": 3}, False),
        ({"key": "another"}, False),
        ({"query": "?x=secret"}, False),
        ({"model": MODELS[1]}, True),
        ({"temperature": 0.9}, True),
        ({"show": "Drive time"}, False),
        ({"who": replace(persona("a"), likes=("chess",))}, True),
        ({"who": replace(persona("a"), weight=9.0, emoji="🦊")}, False),
        ({"classification": Classification()}, False),
        ({"before": "Something else."}, True),
    ],
)
def test_a_question_is_known_by_what_decides_its_answer(
    stub: Stub, changes: dict[str, Any], asked_again: bool
) -> None:
    store = MemoryStore()

    async def ask(**given: Any) -> None:
        settings = {name: given[name] for name in ("timeout_s", "concurrency") if name in given}
        endpoint = Endpoint(stub.url + given.get("query", ""), SecretStr(given.get("key", "one")), **settings)
        options = {name: given[name] for name in ("temperature", "show") if name in given}
        chat = ChatEvaluator(endpoint, given.get("model", MODELS[0]), store=store, **options)
        segment = replace(segments(1)[0], before=given.get("before", "Earlier."))
        await chat.evaluate(given.get("who", persona("a")), segment, given.get("classification", KNOWN))
        await endpoint.close()

    asyncio.run(ask())
    asyncio.run(ask(**changes))
    assert len(stub.calls) == 1 + asked_again
    assert not any("secret" in question or "another" in question for question in store.kept)


async def test_a_bad_answer_is_shown_to_the_model_with_its_error_and_counted(stub: Stub) -> None:
    stub.fault = lambda call: "range" if call.number == 0 else ""
    async with open_endpoint(stub.url) as endpoint:
        chat = evaluator(endpoint)
        assert (await chat.evaluate(persona("a"), segments(1)[0], KNOWN)).score in range(1, 6)
        roles = [message["role"] for message in stub.calls[1].body["messages"]]
        assert roles == ["system", "user", "assistant", "user"]
        bad, correction = (message["content"] for message in stub.calls[1].body["messages"][2:])
        assert '"score": 7' in bad
        assert "its score is 7, not a whole number from 1 to 5" in correction
        assert chat.usage["a"] == Usage(calls=2, cached=0, input_tokens=200, output_tokens=40)


async def test_a_failed_question_is_not_stored(stub: Stub) -> None:
    stub.fault = lambda call: "400" if call.number < 3 else ""  # one for each output format
    async with open_endpoint(stub.url) as endpoint:
        chat = evaluator(endpoint)
        with pytest.raises(AnswerError, match="HTTP 400"):
            await chat.evaluate(persona("a"), segments(1)[0], KNOWN)
        assert await chat.evaluate(persona("a"), segments(1)[0], KNOWN)


async def test_stopping_frees_slots_and_lets_go_of_the_server_at_once(stub: Stub) -> None:
    async with open_endpoint(stub.url, concurrency=8) as endpoint:
        await evaluator(endpoint).evaluate(persona("warm"), segments(1)[0], KNOWN)
        stub.latency_s = 30
        run = Run(segments(50), [persona("a")], evaluator(endpoint))
        task = asyncio.create_task(run.execute())
        while stub.in_flight < 8:
            await asyncio.sleep(0.01)
        stopped = time.monotonic()
        run.stop()
        await task
        assert time.monotonic() - stopped < 0.2
        assert run.state is State.STOPPED
        while stub.in_flight:
            await asyncio.sleep(0.01)
        assert time.monotonic() - stopped < 0.5
        assert stub.stats()["abandoned"] == 8
        stub.latency_s = 0
        await run.execute()
        assert run.complete


async def test_a_short_run_is_not_stuck_behind_a_long_one(stub: Stub) -> None:
    stub.latency_s = 0.02
    async with open_endpoint(stub.url, concurrency=2) as endpoint:
        long = Run(segments(60), [persona("a")], evaluator(endpoint))
        short = Run(segments(2), [persona("b")], evaluator(endpoint))
        going = asyncio.create_task(long.execute())
        while len(stub.calls) < 10:
            await asyncio.sleep(0.01)
        await short.execute()
        assert short.complete
        assert len(long.results) < 20
        long.stop()
        await going


async def test_cards_come_in_listening_order(stub: Stub) -> None:
    stub.latency_s = 0.02
    async with open_endpoint(stub.url, concurrency=2) as endpoint:
        run = Run(segments(12), [persona("a"), persona("b")], evaluator(endpoint))
        await run.execute()
        order = [index for index, _ in run.results]
        assert all(abs(place // 2 - index) <= 2 for place, index in enumerate(order))


async def test_no_more_calls_are_in_flight_than_set(stub: Stub) -> None:
    stub.latency_s = 0.02
    async with open_endpoint(stub.url, concurrency=5) as endpoint:
        await Run(segments(20), [persona("a")], evaluator(endpoint)).execute()
        assert stub.peak == 5


async def test_of_several_samples_the_median_counts(stub: Stub) -> None:
    async with open_endpoint(stub.url) as endpoint:
        store = MemoryStore()
        feedback = await evaluator(endpoint, store=store, samples=3).evaluate(persona("a"), segments(1)[0], KNOWN)
        assert len(stub.calls) == 3
        assert len(store.kept) == 3
        assert feedback.confidence == 1.0  # the stub always says the same


@pytest.mark.parametrize(
    ("scores", "score", "confidence"),
    [([4], 4, 1.0), ([4, 4, 4], 4, 1.0), ([5, 3, 4], 4, 0.5), ([1, 5, 5], 5, 0.0), ([2, 3], 2, 0.75)],
)
def test_the_median_of_scores_and_their_agreement(scores: list[int], score: int, confidence: float) -> None:
    samples = [Feedback(value, f"says {value}", "r", 0.9) for value in scores]
    chosen = median(samples)
    assert (chosen.score, chosen.opinion, chosen.confidence) == (score, f"says {score}", confidence)


@pytest.mark.parametrize("line", ATTACKS)
async def test_a_line_for_a_model_is_told_as_data_and_changes_no_other_segment(stub: Stub, line: str) -> None:
    """The stub plays a model that obeys a line unless it stands in a fence that the line itself cannot close."""

    def obedient(call: Call) -> str:
        fenced = re.findall(r"<said-([0-9a-f]{32})>\n(.*?)\n</said-\1>", call.text, re.DOTALL)
        return "not-json" if call.text.count(line) > sum(said.count(line) for _, said in fenced) else ""

    stub.fault = obedient
    async with open_endpoint(stub.url) as endpoint:
        clean = segments(3)
        hit = replace(clean[1], text=f"Back to the show. {line} And now the news.")
        run = Run([clean[0], hit, replace(clean[2], before=hit.text)], [persona("a")], evaluator(endpoint))
        await run.execute()
        assert run.complete
        assert sum(line in call.text for call in stub.calls if "You are a." in call.text) == 2, "no word is withheld"


async def test_no_tracer_hears_what_was_said(stub: Stub) -> None:
    async with open_endpoint(stub.url) as endpoint:
        with collect_runs() as heard:
            await evaluator(endpoint).evaluate(persona("a"), segments(1)[0], KNOWN)
        assert heard.traced_runs == []


async def test_an_explanation_is_the_prompt_and_the_raw_answer(stub: Stub) -> None:
    async with open_endpoint(stub.url) as endpoint:
        chat = evaluator(endpoint)
        segment = segments(1)[0]
        with pytest.raises(AnswerError, match="no stored answer"):
            await chat.explain(persona("a"), segment, KNOWN)
        await chat.evaluate(persona("a"), segment, KNOWN)
        explanation = await chat.explain(persona("a"), segment, KNOWN)
        assert len(stub.calls) == 1
        (_, prompt), (_, said) = explanation.excerpts
        assert "You are a." in prompt
        assert segment.text in prompt
        assert '"score"' in said


def test_the_classifier_is_not_told_what_it_shall_find_out() -> None:
    assert "Topic: unknown" not in CLASSIFY_PROMPT.text(scene(segments(1)[0]))
