"""The chain as LangChain's users know it: invoked, with callbacks, with another provider's model."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest
from langchain_core.callbacks import AsyncCallbackHandler
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from typing_extensions import override

from soniclayer.errors import AnswerError, FatalError, SettingsError
from soniclayer.evaluators.chat import providers
from soniclayer.evaluators.chat.evaluator import ChatEvaluator
from soniclayer.evaluators.chat.providers import Package, Provider
from soniclayer.feedback import Classification
from soniclayer.llm_client.provider_names import provider_of
from tests.chat_evaluator import MemoryStore, evaluator, open_endpoint
from tests.evaluators.chat.test_extraction import TEXT
from tests.fakes import persona, segments
from tests.stub_server import Stub


class Listener(AsyncCallbackHandler):
    def __init__(self) -> None:
        self.heard: list[str] = []

    @override
    async def on_chain_start(self, *given: Any, **more: Any) -> None:
        self.heard.append("chain")

    @override
    async def on_chat_model_start(self, *given: Any, **more: Any) -> None:
        self.heard.append("model")

    @override
    async def on_llm_end(self, *given: Any, **more: Any) -> None:
        self.heard.append("answer")


async def test_callbacks_that_a_caller_passes_are_called(stub: Stub) -> None:
    listener = Listener()
    async with open_endpoint(stub.url) as endpoint:
        chain = evaluator(endpoint)._questions.of(persona("a")).chain
        answered = await chain.ainvoke({"scene": "Said."}, config={"callbacks": [listener]})
        assert answered.value.score in range(1, 6)
    assert listener.heard[0] == "chain"
    assert {"model", "answer"} <= set(listener.heard)


async def test_invoke_says_why_it_is_not_to_be_had(stub: Stub) -> None:
    async with open_endpoint(stub.url) as endpoint:
        chain = evaluator(endpoint)._questions.of(persona("a")).chain
        with pytest.raises(NotImplementedError, match="ainvoke"):
            chain.invoke({"scene": "Said."})
    assert not stub.calls


@pytest.mark.parametrize(
    ("model", "provider"),
    [
        ("anthropic:claude", "anthropic"),
        ("google_genai:gemini", "google_genai"),
        ("bedrock_converse:nova", "bedrock_converse"),
        ("mistral:7b", ""),
        ("openai:gpt", ""),
        ("anthropic:", ""),
        ("anthropic", ""),
    ],
)
def test_only_three_prefixes_are_providers(model: str, provider: str) -> None:
    assert provider_of(model) == provider


def test_a_missing_package_is_named_with_the_extra_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(providers.PACKAGES, "anthropic", Package("no_such_package", "anthropic", ()))
    with pytest.raises(SettingsError, match=r"no-such-package.*soniclayer\[anthropic\]"):
        Provider("anthropic")


class ProviderError(Exception):
    """As a provider's package raises it."""

    def __init__(self, message: str, status_code: int | None = None) -> None:
        super().__init__(message)
        self.status_code = status_code


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    """A provider whose package is this module."""
    package = ModuleType("fake_provider")
    package.ProviderError = ProviderError  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "fake_provider", package)
    found = Package("json", "anthropic", (("fake_provider", "ProviderError"), ("fake_provider", "Missing")))
    monkeypatch.setitem(providers.PACKAGES, "anthropic", found)
    return Provider("anthropic")


def answering(monkeypatch: pytest.MonkeyPatch, *messages: AIMessage | ProviderError) -> dict[str, Any]:
    """Lets `init_chat_model` make a model that says these; returns what it was made with."""
    made: dict[str, Any] = {}
    left = iter(messages)

    class Fake(GenericFakeChatModel):
        @override
        def _generate(self, *given: Any, **more: Any) -> Any:
            message = next(left)
            if isinstance(message, ProviderError):
                raise message
            self.messages = iter([message])
            return super()._generate(*given, **more)

    def init_chat_model(name: str, **given: Any) -> Fake:
        made.update(given, name=name)
        return Fake(messages=iter(()))

    monkeypatch.setattr("langchain.chat_models.init_chat_model", init_chat_model)
    return made


async def test_another_provider_goes_through_the_same_chain_limiter_and_budget(
    monkeypatch: pytest.MonkeyPatch, provider: Provider
) -> None:
    used = {"input_tokens": 50, "output_tokens": 9, "total_tokens": 59, "input_token_details": {"cache_read": 40}}
    made = answering(monkeypatch, AIMessage(TEXT, usage_metadata=used))
    chat = ChatEvaluator(provider, "anthropic:claude-x", store=MemoryStore())
    feedback = await chat.evaluate(persona("a"), segments(1)[0], Classification())
    assert feedback.score == 5
    assert (made["name"], made["model_provider"], made["max_retries"]) == ("claude-x", "anthropic", 0)
    usage = chat.usage["a"]
    assert (usage.calls, usage.input_tokens, usage.output_tokens, usage.cached_tokens) == (1, 50, 9, 40)
    assert provider.traffic.in_flight == 0


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (ProviderError("invalid x-api-key", 401), "refuses the key"),
        (ProviderError("Your credit balance is too low", 400), "no credit left"),
        (ProviderError("model: claude-0 not found", 404), "SONICLAYER_MODEL"),
    ],
)
async def test_a_providers_errors_mean_what_a_servers_do(
    monkeypatch: pytest.MonkeyPatch, provider: Provider, error: ProviderError, shown: str
) -> None:
    answering(monkeypatch, error)
    chat = ChatEvaluator(provider, "anthropic:claude-x", store=MemoryStore())
    with pytest.raises(FatalError, match=shown):
        await chat.evaluate(persona("a"), segments(1)[0], Classification())


async def test_a_provider_that_throttles_is_asked_again(monkeypatch: pytest.MonkeyPatch, provider: Provider) -> None:
    monkeypatch.setattr("soniclayer.evaluators.chat.asking.FIRST_BACKOFF_S", 0.01)
    answering(monkeypatch, ProviderError("rate limit", 429), AIMessage(TEXT))
    chat = ChatEvaluator(provider, "anthropic:claude-x", store=MemoryStore())
    assert (await chat.evaluate(persona("a"), segments(1)[0], Classification())).score == 5
    assert provider.limit < provider.concurrency


async def test_a_limit_used_up_before_anything_was_said_is_doubled_once(stub: Stub) -> None:
    stub.fault = lambda call: "unsaid"
    async with open_endpoint(stub.url) as endpoint:
        with pytest.raises(AnswerError, match="used up its 6,000 tokens"):
            await evaluator(endpoint).evaluate(persona("a"), segments(1)[0], Classification())
    assert [call.body["max_tokens"] for call in stub.calls] == [3000, 6000]
