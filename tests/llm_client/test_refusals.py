"""What servers say when they refuse, in words as they are met in the field: one row for each way."""

from __future__ import annotations

import json
from typing import Any

import pytest

from soniclayer.errors import FatalError
from soniclayer.llm_client.capabilities import Capabilities, folded, plain, room_for_output
from soniclayer.llm_client.errors import RequestError, Retry
from soniclayer.llm_client.explanations import Said, read_error
from soniclayer.llm_client.refusal_rules import EMBEDDED
from soniclayer.llm_client.refusals import refusal
from soniclayer.llm_client.responses import read_completion, read_models
from soniclayer.llm_client.waits import wait_in_words

STOPS = [
    (401, "Invalid token", "OPENAI_API_KEY"),
    (400, "API key not valid. Please pass a valid API key.", "OPENAI_API_KEY"),
    (EMBEDDED, "Incorrect API key provided", "OPENAI_API_KEY"),
    (EMBEDDED, "Unauthorized", "OPENAI_API_KEY"),
    (402, "This request requires more credits", "no credit left"),
    (400, "Your credit balance is too low to access the API.", "no credit left"),
    (400, "You have reached your specified API usage limits.", "no credit left"),
    (429, "You exceeded your current quota, please check your plan and billing details.", "no credit left"),
    (403, "Insufficient balance", "no credit left"),
    (429, "Quota exceeded: GenerateRequestsPerDayPerProject", "Evaluate again tomorrow"),
    (429, "Rate limit reached on tokens per day (TPD). Please try again in 7m12s.", "wait 7 minutes"),
    (400, "No models loaded. Please load a model.", "Load one there"),
    (404, 'model "qwen:7b" not found, try pulling it first', "SONICLAYER_MODEL"),
    (400, "foo/bar is not a valid model ID", "SONICLAYER_MODEL"),
    (EMBEDDED, "Unexpected endpoint or method. (POST /chat/completions)", "OPENAI_BASE_URL"),
    (405, "", "OPENAI_BASE_URL"),
    (400, "The plain HTTP request was sent to HTTPS port", "https://"),
    (407, "", "password"),
]


@pytest.mark.parametrize(("status", "words", "remedy"), STOPS)
def test_what_does_not_pass_stops_the_run_and_names_the_remedy(status: int, words: str, remedy: str) -> None:
    error = refusal(status, {}, Said(words))
    assert isinstance(error, FatalError)
    assert remedy in str(error)


FAILS = [
    (429, "Too many requests", "overloaded", Retry.THROTTLED, 0.0),
    (429, "You exceeded your current quota (billing). Please retry in 9.3s.", "overloaded", Retry.THROTTLED, 9.3),
    (429, "Rate limit reached (RPM): 3. Add a payment method in billing.", "overloaded", Retry.THROTTLED, 0.0),
    (403, "Rate limit exceeded", "overloaded", Retry.THROTTLED, 0.0),
    (498, "Flex tier capacity exceeded", "overloaded", Retry.THROTTLED, 0.0),
    (529, "Overloaded", "overloaded", Retry.THROTTLED, 0.0),
    (503, "Loading model", "overloaded", Retry.THROTTLED, 0.0),
    (503, "The model is loading; estimated_time 20.0", "overloaded", Retry.THROTTLED, 20.0),
    (429, "This model is temporarily unavailable upstream", "overloaded", Retry.THROTTLED, 0.0),
    (408, "", "server error", Retry.TRANSIENT, 0.0),
    (424, "Failed dependency", "server error", Retry.TRANSIENT, 0.0),
    (425, "Too early", "server error", Retry.TRANSIENT, 0.0),
    (400, "Failed to generate JSON. Please adjust your prompt.", "server error", Retry.TRANSIENT, 0.0),
    (EMBEDDED, "Provider returned error", "server error", Retry.TRANSIENT, 0.0),
    (403, "Your input was flagged for violence", "refused", Retry.NEVER, 0.0),
    (400, "The prompt triggered the content management policy", "refused", Retry.NEVER, 0.0),
    (403, "Country, region, or territory not supported", "forbidden", Retry.NEVER, 0.0),
    (404, "No endpoints found that can handle the requested parameters", "request refused", Retry.NEVER, 0.0),
    (400, "'temperature' is not supported with this model", "request refused", Retry.NEVER, 0.0),
    (400, "Unknown model parameter: response_format", "request refused", Retry.NEVER, 0.0),
    (413, "", "too long", Retry.NEVER, 0.0),
    (400, "prompt is too long: 9000 tokens > 4096 maximum", "too long", Retry.NEVER, 0.0),
]  # fmt: skip


@pytest.mark.parametrize(("status", "words", "kind", "retry", "wait_s"), FAILS)
def test_what_concerns_one_question_fails_it_and_is_tried_again_where_that_may_help(
    status: int, words: str, kind: str, retry: Retry, wait_s: float
) -> None:
    error = refusal(status, {}, Said(words))
    assert isinstance(error, RequestError)
    assert (error.kind, error.retry, error.wait_s) == (kind, retry, wait_s)
    assert words in str(error) or "413" in str(error)


BODIES: list[tuple[Any, str]] = [
    ({"detail": [{"loc": ["body", "top_k"], "msg": "Extra inputs are not permitted"}]}, "top_k: Extra inputs are"),
    ({"errors": [{"message": "first"}, {"message": "second"}]}, "first; second"),
    (
        {"error": {"message": "Provider returned error", "metadata": {"raw": '{"error": {"message": "no seed"}}'}}},
        "Provider returned error: no seed",
    ),
    ("bare words", "bare words"),
    ([{"error": {"message": "in a list", "code": 400}}], "in a list"),
    ({"error": {"message": "wrong value", "param": "temperature"}}, "temperature: wrong value"),
    ({"error": "plain", "error_type": "validation"}, "plain"),
    ({"message": "outer", "details": [{"description": "inner"}]}, "outer: inner"),
    ({"status": "failed", "unheard": {"of": 1}}, '"unheard"'),
]


@pytest.mark.parametrize(("body", "words"), BODIES)
def test_an_error_is_read_out_of_every_shape(body: Any, words: str) -> None:
    assert words in read_error(json.dumps(body).encode()).words


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"Client sent an HTTP request.\n", "Client sent an HTTP request."),
        (b"<html><head><title>403 Forbidden</title></head></html>", "403 Forbidden"),
        (b"\xef\xbb\xbf" + b'{"error": "with a BOM"}', "with a BOM"),
        (b'{"error": {"message": "a\\u001b[31m\\u202ered"}}', "a [31m red"),
        (b'data: {"error": {"message": "streamed"}}', "streamed"),
    ],
)
def test_an_error_that_is_no_json_is_read_too(body: bytes, words: str) -> None:
    assert read_error(body).words == words


@pytest.mark.parametrize("key", ["x", "token", "max"])
def test_a_short_key_is_masked_as_a_whole_word_only(key: str) -> None:
    words = f"Unsupported parameter: 'max_tokens' for {key}."
    said = read_error(json.dumps({"error": words}).encode(), key).words
    assert said == "Unsupported parameter: 'max_tokens' for …."


@pytest.mark.parametrize(
    ("words", "asked", "room"),
    [
        ("maximum context length is 4096 tokens and your request has 1143 input tokens (3000 > 4096 - 1143). "
         "(parameter=max_tokens, value=3000)", 3000, 2657),
        ("`inputs` tokens + `max_new_tokens` must be <= 2048. Given: 900 `inputs` tokens and 3000 `max_new_tokens`",
         3000, 1033),
        ("This model's maximum context length is 4097 tokens. However, you requested 4500 tokens "
         "(1500 in the messages, 3000 in the completion).", 3000, 2337),
        ("This endpoint's maximum context length is 8,192 tokens. However, you requested about 9000 tokens "
         "(6,000 of text input, 3000 in the output).", 3000, 1972),
        ("max_tokens is too large: 3000. This model supports at most 2048 completion tokens", 3000, 2048),
        ("max_tokens: 3000 > 1024, which is the maximum allowed number of output tokens", 3000, 1024),
        ("`max_tokens` must be less than or equal to `512`", 3000, 512),
        ("Invalid max_tokens value, the valid range of max_tokens is [1, 2000]", 3000, 2000),
        ("Request too large on tokens per minute (TPM): Limit 6000, Requested 7134, reduce your message", 3000, 1679),
        ("Unsupported parameter: 'max_tokens'", 3000, None),
        ("the request exceeds the available context size (4096 tokens)", 3000, None),
    ],
)  # fmt: skip
def test_the_room_for_an_answer_is_read_out_of_the_numbers(words: str, asked: int, room: int | None) -> None:
    assert room_for_output(words, asked) == room


@pytest.mark.parametrize(
    ("words", "change"),
    [
        ("Unsupported: 'max_tokens'. Use 'max_completion_tokens' instead.", {"limit": "max_completion_tokens"}),
        ("max_tokens: Extra inputs are not permitted", {"limit": ""}),
        ("System role not supported", {"system": False}),
        ("Developer instruction is not enabled for models/gemma", {"system": False}),
        ("messages.0.role: Input should be 'user' or 'assistant'", {"system": False}),
        ("Please use the `max_completion_tokens` parameter, not max_tokens", {"limit": "max_completion_tokens"}),
        ("Conversation roles must alternate user/assistant", {"system": False}),
        ("This model only support stream mode", {"stream": True}),
        ("parameter.enable_thinking must be set to false for non-streaming calls", {"thinking": False}),
        ('Unknown name "prompt_cache_key": Cannot find field.', {"cache_key": False}),
        ("temperature: must be 1", {"temperature": False}),
        ("response_schema.properties[score].enum[0]: Invalid value (TYPE_STRING), 1", {"output": "plain_schema"}),
        ("Grammar is too large", {"output": "plain_schema"}),
        ("'response_format' of type 'json_schema' is not supported", {"output": "json_object"}),
    ],
)  # fmt: skip
def test_a_named_parameter_is_changed_first(words: str, change: dict[str, Any]) -> None:
    tried = next(Capabilities(limit="max_tokens").after_refusal(400, words, 3000))
    assert {name: getattr(tried, name) for name in change} == change


def test_what_capabilities_mean_in_a_request() -> None:
    payload = {"messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "U"}], "temperature": 0.2,
               "max_completion_tokens": 3000, "prompt_cache_key": "k"}  # fmt: skip
    schema = {"json_schema": {"schema": {"a": {"enum": [1, 2], "type": "integer"}, "b": {"enum": ["x"]}}}}
    form = Capabilities("plain_schema", False, "max_tokens", 100, False, True, True, False, False)
    body = form.body(payload, schema)
    assert body == {
        "messages": [{"role": "user", "content": "S\n\nU"}],
        "max_tokens": 100,
        "stream": True,
        "stream_options": {"include_usage": True},
        "enable_thinking": False,
        "response_format": {"json_schema": {"schema": {"a": {"type": "integer"}, "b": {"enum": ["x"]}}}},
    }
    assert folded([{"role": "user", "content": "U"}]) == [{"role": "user", "content": "U"}]
    assert plain({"enum": [0.5]}) == {}


@pytest.mark.parametrize(
    "listed",
    [
        {"data": [{"id": "b"}, {"id": "a"}]},
        [{"id": "a"}, {"id": "b"}],
        ["a", "b"],
        {"models": [{"name": "a"}, {"model": "b"}]},
        {"data": ["a", "b"]},
        {"data": {"a": {}, "b": {}}},
        {"data": [{"id": "a"}, {"id": "b"}, {"id": None}, {}, 3, {"id": "x\x1b"}]},
    ],
)
def test_models_are_listed_out_of_every_shape(listed: Any) -> None:
    assert read_models(json.dumps(listed).encode(), "http://x/v1") == ["a", "b"]


@pytest.mark.parametrize("body", [b"<html>", b"3", b'{"object": "list"}', b""])
def test_what_lists_no_models_is_said(body: bytes) -> None:
    with pytest.raises(RequestError, match="http://x/v1"):
        read_models(body, "http://x/v1")


MESSAGES: list[tuple[dict[str, Any], list[str]]] = [
    ({"content": "", "reasoning": "{}"}, ["{}"]),
    ({"content": None, "reasoning_content": "{}"}, ["{}"]),
    ({"content": "thinking", "tool_calls": [{"function": {"arguments": "{}"}}]}, ["thinking", "{}"]),
    ({"content": None, "tool_calls": [{"function": {"arguments": {"a": 1}}}]}, ['{"a": 1}']),
    ({"content": None, "function_call": {"arguments": "{}"}}, ["{}"]),
    ({"content": {"a": 1}}, ['{"a": 1}']),
    ({"content": ["{", "}"]}, ["{}"]),
    ({"content": None, "tool_calls": None}, []),
]


@pytest.mark.parametrize(("message", "texts"), MESSAGES)
def test_an_answer_is_looked_for_wherever_servers_put_it(message: dict[str, Any], texts: list[str]) -> None:
    body = json.dumps({"choices": [{"message": message}]}).encode()
    assert read_completion(body, "http://x/v1", "").choices[0].message.texts == texts


@pytest.mark.parametrize(
    "usage",
    [
        {"prompt_tokens": 10, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 8}},
        {"input_tokens": 10, "output_tokens": 2, "input_tokens_details": {"cached_tokens": 8}},
        {"prompt_tokens": 10, "completion_tokens": 2, "prompt_cache_hit_tokens": 8},
    ],
)
def test_tokens_are_counted_under_every_name(usage: dict[str, Any]) -> None:
    body = json.dumps({"choices": [{"message": {"content": "x"}}], "usage": usage}).encode()
    used = read_completion(body, "http://x/v1", "").usage
    assert (used.prompt_tokens, used.completion_tokens, used.cached_tokens) == (10, 2, 8)


@pytest.mark.parametrize(
    ("words", "wait_s"),
    [
        ("Please retry in 17.3s.", 17.3),
        ("Please try again in 7m12.5s. Visit", 432.5),
        ("try again in 20 seconds", 20.0),
        ("retryDelay 18s", 18.0),
        ("try again in 350ms", 0.35),
        ("try again later", None),
    ],
)
def test_a_wait_is_read_out_of_the_words(words: str, wait_s: float | None) -> None:
    assert wait_in_words(words) == wait_s


@pytest.mark.parametrize(
    "choice",
    [{"text": "hello"}, {"message": "hello"}, {"delta": {"content": "hello"}}, {"message": {"content": "hello"}}],
)
def test_a_choice_is_read_in_every_shape(choice: dict[str, Any]) -> None:
    body = json.dumps({"choices": [choice]}).encode()
    assert read_completion(body, "http://x/v1", "").choices[0].message.texts == ["hello"]


def test_comments_that_keep_a_connection_open_are_passed_over() -> None:
    body = b": PROCESSING\n\n: PROCESSING\n\n" + json.dumps({"choices": [{"message": {"content": "hi"}}]}).encode()
    assert read_completion(body, "http://x/v1", "").choices[0].message.content == "hi"
