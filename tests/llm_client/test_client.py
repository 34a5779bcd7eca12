"""The endpoint: addresses, keys, what is sent, what the server understands, what its errors mean."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import socket
import time
from functools import partial
from typing import Any

import pytest
from pydantic import SecretStr
from yarl import URL

from soniclayer.errors import AnswerError, FatalError, SettingsError
from soniclayer.evaluators.chat.prompts import CLASSIFICATION_FORMAT
from soniclayer.llm_client import client
from soniclayer.llm_client.capabilities import Capabilities
from soniclayer.llm_client.client import Endpoint
from soniclayer.llm_client.gate import HEAD_START_S
from soniclayer.llm_client.network import proxy_for
from tests import chat_evaluator
from tests.stub_server import MODELS, Stub, serving

KEY = "sk-very-secret"


def payload(number: int = 0, **changes: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": f"Question {number}"}]
    return {
        "model": MODELS[0],
        "messages": messages,
        "temperature": 0.2,
        "max_completion_tokens": 50,
        "stream": False,
        **changes,
    }


open_endpoint = partial(chat_evaluator.open_endpoint, key=KEY)


async def ask(endpoint: Endpoint, number: int = 0, **changes: Any) -> str:
    slot = endpoint.queue().slot(number)
    reply = await endpoint.complete(payload(number, **changes), CLASSIFICATION_FORMAT, slot, contextlib.nullcontext)
    return reply.choices[0].message.content or ""


@pytest.mark.parametrize(
    ("given", "address"),
    [
        (None, "https://api.openai.com/v1"),
        ("http://localhost:11434", "http://localhost:11434/v1"),
        ("http://localhost:11434/", "http://localhost:11434/v1"),
        ("http://localhost:1234/v1/", "http://localhost:1234/v1"),
        (" http://localhost:1234/v1/chat/completions ", "http://localhost:1234/v1"),
        ("https://user:pass@example.org/llm/v1?version=2#x", "https://example.org/llm/v1"),
    ],
)
def test_an_address_is_understood_and_shown_without_secrets(given: str | None, address: str) -> None:
    endpoint = Endpoint(given, SecretStr(KEY))
    assert endpoint.address == address
    assert repr(endpoint) == f"Endpoint('{address}')"


@pytest.mark.parametrize("given", ["localhost:11434", "ftp://example.org", "http://", "not an address", "http://x:y"])
def test_what_is_no_address_is_refused(given: str) -> None:
    with pytest.raises(SettingsError, match="OPENAI_BASE_URL"):
        Endpoint(given)


@pytest.mark.parametrize("key", ["sk-\nX: y", "sk-ключ", "sk-a\x00b"])
def test_what_is_no_key_is_refused_without_repeating_it(key: str) -> None:
    with pytest.raises(SettingsError, match="OPENAI_API_KEY") as caught:
        Endpoint(None, SecretStr(key))
    assert key not in str(caught.value)


def authorization(stub: Stub) -> str | None:
    return stub.calls[-1].headers.get("Authorization")


async def test_the_key_is_sent_and_its_surrounding_blanks_are_not() -> None:
    with serving(keys=(KEY,)) as stub:
        async with open_endpoint(stub.url, key=f" {KEY}\n") as endpoint:
            await ask(endpoint)
            assert authorization(stub) == f"Bearer {KEY}"


async def test_no_key_is_sent_where_none_is_set() -> None:
    with serving() as stub:
        async with open_endpoint(stub.url, key="") as endpoint:
            await ask(endpoint)
            assert authorization(stub) is None


async def test_a_user_name_in_the_address_is_sent_as_such() -> None:
    with serving() as stub:
        async with open_endpoint(stub.url.replace("://", "://me:pass@"), key="") as endpoint:
            await ask(endpoint)
            assert authorization(stub) == "Basic " + base64.b64encode(b"me:pass").decode()


async def test_the_models_of_a_server_are_listed() -> None:
    with serving(keys=(KEY,)) as stub:
        async with open_endpoint(stub.url) as endpoint:
            assert await endpoint.models() == sorted(MODELS)


async def test_listing_models_with_a_bad_key_names_the_key_setting() -> None:
    with serving(keys=("another",)) as stub:
        async with open_endpoint(stub.url) as endpoint:
            with pytest.raises(FatalError, match="OPENAI_API_KEY") as caught:
                await endpoint.models()
            assert KEY not in str(caught.value)


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/v1", "http://nowhere.invalid/v1"])
async def test_listing_models_where_nothing_answers_names_the_address_setting(address: str) -> None:
    async with open_endpoint(address) as endpoint:
        with pytest.raises(AnswerError, match=r"Nothing answers at .* OPENAI_BASE_URL"):
            await endpoint.models()


async def test_listing_models_elsewhere_says_so() -> None:
    with serving() as stub:
        async with open_endpoint(stub.url.removesuffix("/v1") + "/elsewhere") as endpoint:
            with pytest.raises(FatalError, match="OPENAI_BASE_URL"):
                await endpoint.models()


def outputs(stub: Stub) -> list[str]:
    return [call.output for call in stub.calls]


@pytest.mark.parametrize(
    ("understood", "tried"),
    [
        (("json_schema", "json_object", "text"), ["json_schema"]),
        (("json_object", "text"), ["json_schema", "json_object"]),
        (("text",), ["json_schema", "json_object", "text"]),
    ],
)
async def test_the_best_output_format_is_found_once_and_remembered(
    understood: tuple[str, ...], tried: list[str]
) -> None:
    with serving(outputs=understood) as stub:
        async with open_endpoint(stub.url) as endpoint:
            assert json.loads(await ask(endpoint, 1))["topic"]
            assert outputs(stub) == tried
            await ask(endpoint, 2)
            assert outputs(stub) == [*tried, tried[-1]]


async def test_only_the_first_of_many_calls_finds_out() -> None:
    with serving(outputs=("json_object",), latency_s=0.05) as stub:
        async with open_endpoint(stub.url) as endpoint:
            await asyncio.gather(*(ask(endpoint, number) for number in range(20)))
            assert outputs(stub).count("json_schema") == 1
            assert outputs(stub).count("json_object") == 20


async def test_a_server_elsewhere_at_work_on_the_first_answer_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(client, "is_local", lambda url: False)
    with serving(latency_s=1.0) as stub:
        async with open_endpoint(stub.url) as endpoint:
            started = time.monotonic()
            await asyncio.gather(*(ask(endpoint, number) for number in range(5)))
            assert time.monotonic() - started < 1.0 + HEAD_START_S + 0.5


async def test_each_model_has_capabilities_of_its_own() -> None:
    with serving() as stub:
        async with open_endpoint(stub.url) as endpoint:
            stub.outputs = ("text",)
            await ask(endpoint, model=MODELS[0])
            stub.outputs = ("json_schema",)
            await ask(endpoint, model=MODELS[1])
            assert outputs(stub)[-1] == "json_schema"


@pytest.mark.parametrize(
    ("unknown", "sent"),
    [
        (("temperature",), {"max_tokens"}),
        (("max_tokens",), {"temperature"}),
        (("temperature", "max_tokens"), set()),
        ((), {"temperature", "max_tokens"}),
    ],
)
async def test_a_parameter_that_a_server_refuses_is_left_out(unknown: tuple[str, ...], sent: set[str]) -> None:
    with serving(unknown=unknown) as stub:
        async with open_endpoint(stub.url) as endpoint:
            await ask(endpoint, 1)
            await ask(endpoint, 2)
            assert len(stub.calls) == len(unknown) + 2
            assert {"temperature", "max_tokens", "max_completion_tokens"} & stub.calls[-1].body.keys() == sent
            assert outputs(stub)[-1] == "json_schema"


def test_openai_is_sent_the_newer_name_of_the_limit_and_others_may_follow() -> None:
    body = Capabilities().body(payload(), CLASSIFICATION_FORMAT)
    assert body["max_completion_tokens"] == 50
    words = "Unsupported parameter: 'max_completion_tokens'. Use 'max_tokens' instead."
    older = next(Capabilities().after_refusal(400, words))
    assert older.body(payload(), CLASSIFICATION_FORMAT)["max_tokens"] == 50


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "This model's maximum context length is 512 tokens."),
        (500, "The server had an error."),
    ],
)
def test_a_refusal_for_another_reason_changes_nothing(status: int, words: str) -> None:
    assert not list(Capabilities().after_refusal(status, words))
    assert not list(Capabilities().after_unexplained_refusal(status, words))


async def test_a_refusal_of_one_request_does_not_change_what_works() -> None:
    with serving() as stub:
        async with open_endpoint(stub.url) as endpoint:
            await ask(endpoint, 1)
            stub.fault = lambda call: "400"
            with pytest.raises(AnswerError, match="refused the request"):
                await ask(endpoint, 2)
            assert outputs(stub) == ["json_schema", "json_schema"]


async def test_a_server_that_takes_no_connection_is_given_up_and_named() -> None:
    """What a firewall does: nobody refuses, nobody answers. Here the server's queue of callers is full."""
    with contextlib.ExitStack() as stack:
        deaf = stack.enter_context(socket.socket())
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        for _ in range(3):
            caller = stack.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(deaf.getsockname())
        await asyncio.sleep(0.1)
        async with open_endpoint(f"http://127.0.0.1:{deaf.getsockname()[1]}", connect_s=0.3) as endpoint:
            with pytest.raises(AnswerError, match=r"Nothing answers at .*no connection within 0.3 seconds"):
                await ask(endpoint)
            with pytest.raises(AnswerError, match="Nothing answers"):
                await endpoint.models()


async def test_a_quota_told_with_an_answer_is_kept_to() -> None:
    told = {"x-ratelimit-remaining-requests": "1", "x-ratelimit-reset-requests": "500ms"}
    with serving(headers=told) as stub:
        async with open_endpoint(stub.url) as endpoint:
            await ask(endpoint, 0)
            stub.headers.clear()
            started = time.monotonic()
            await asyncio.gather(*(ask(endpoint, number) for number in range(1, 4)))
            assert time.monotonic() - started >= 0.4


async def test_after_a_refusal_nobody_calls_until_the_time_asked_for() -> None:
    with serving(fault=lambda call: "" if call.number else "429-seconds") as stub:
        async with open_endpoint(stub.url) as endpoint:
            with pytest.raises(AnswerError, match="overloaded"):
                await ask(endpoint, 0)
            started = time.monotonic()
            await ask(endpoint, 1)
            assert 0.9 <= time.monotonic() - started < 3


def test_the_proxy_of_the_environment_is_used_except_where_it_says_not_to(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", "http://proxy:3128")
    monkeypatch.setenv("no_proxy", "localhost,.internal")
    assert proxy_for(URL("https://api.openai.com/v1")) == URL("http://proxy:3128")
    assert proxy_for(URL("https://llm.internal/v1")) is None
    assert proxy_for(URL("http://example.org/v1")) is None
