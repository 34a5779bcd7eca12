"""Replies, refusals, waits and quotas, read without a connection."""

from __future__ import annotations

import email.utils
import json
import time
import traceback
from collections.abc import Mapping

import pytest

from soniclayer.errors import AnswerError, FatalError
from soniclayer.llm_client.explanations import Said, read_error, shortened
from soniclayer.llm_client.refusals import refusal
from soniclayer.llm_client.responses import read_completion
from soniclayer.llm_client.waits import quotas, requested_wait, seconds

KEY = "sk-very-secret"


def test_a_broken_reply_is_not_repeated_in_what_may_be_logged() -> None:
    private = "".join(reversed("detcepsus ydobon"))  # a traceback shows this line too
    with pytest.raises(AnswerError) as caught:
        read_completion(json.dumps({"choices": private}).encode(), "http://x/v1", "")
    assert private not in "".join(traceback.format_exception(caught.value))


def test_an_error_inside_a_good_status_is_that_error() -> None:
    body = json.dumps({"error": {"message": "Provider is down", "code": 502}}).encode()
    with pytest.raises(AnswerError, match=r"HTTP 502.*Provider is down"):
        read_completion(body, "http://x/v1", "")


@pytest.mark.parametrize("content", ["hello", [{"type": "text", "text": "hel"}, {"type": "text", "text": "lo"}]])
def test_a_message_in_parts_is_put_together(content: object) -> None:
    body = {
        "choices": [{"message": {"content": content}}],
        "usage": {"prompt_tokens": None, "completion_tokens": "x"},
    }
    reply = read_completion(json.dumps(body).encode(), "http://x/v1", "")
    assert reply.choices[0].message.content == "hello"
    assert reply.usage.prompt_tokens == reply.usage.completion_tokens == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20", 20.0),
        ("1.5", 1.5),
        ("1s", 1.0),
        ("6m0s", 360.0),
        ("1h2m3.5s", 3723.5),
        ("120ms", 0.12),
        ("5m", 300.0),
        ("", None),
        ("soon", None),
        ("-3", None),
        ("1e9", None),
        ("9" * 40, None),
    ],
)
def test_durations_in_headers_are_read(text: str, expected: float | None) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, 0.0),
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after-ms": "1500", "Retry-After": "2"}, 1.5),
        ({"Retry-After": email.utils.formatdate(0, usegmt=True)}, 0.0),
        ({"Retry-After": "tomorrow"}, 0.0),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "6s"}, 6.0),
        ({"x-ratelimit-remaining-tokens": "5", "x-ratelimit-reset-tokens": "6s"}, 0.0),
        ({"x-ratelimit-remaining-requests": "0"}, 0.0),
    ],
)
def test_the_wait_that_a_server_asks_for_is_read(headers: Mapping[str, str], expected: float) -> None:
    assert requested_wait(headers) == expected


def test_a_wait_until_a_date_is_read() -> None:
    assert 28 < requested_wait({"Retry-After": email.utils.formatdate(time.time() + 30, usegmt=True)}) <= 30


def test_a_token_quota_binds_only_when_it_is_used_up() -> None:
    names = {"x-ratelimit-remaining-requests": "3", "x-ratelimit-reset-requests": "1s"}
    assert quotas({**names, "x-ratelimit-remaining-tokens": "900", "x-ratelimit-reset-tokens": "2s"}) == [(3, 1.0)]
    assert (0, 2.0) in quotas({**names, "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "2s"})


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"error": {"message": "No\\n such model", "code": 1}}', "No such model"),
        (b'{"error": "plain"}', "plain"),
        (b'{"detail": "from FastAPI"}', "from FastAPI"),
        (b'{"message": "flat"}', "flat"),
        (b"<html>", ""),
        (b"", ""),
        (b'{"error": {"message": "Your key sk-very-secret is bad"}}', "Your key … is bad"),
        (json.dumps({"error": "x" * 900}).encode(), "x" * 199 + "…"),
        (b"[" * 100_000, ""),
    ],
)
def test_what_a_server_says_is_shown_in_one_line_without_the_key(body: bytes, expected: str) -> None:
    assert shortened(read_error(body, KEY).words) == expected


@pytest.mark.parametrize(
    ("status", "headers", "words", "shown"),
    [
        (401, {}, "", "OPENAI_API_KEY"),
        (403, {}, "Your API key has been disabled", "OPENAI_API_KEY"),
        (404, {}, "The model `x` does not exist", "SONICLAYER_MODEL"),
        (429, {}, "You exceeded your current quota", "no credit left"),
        (429, {"Retry-After": "3600"}, "", "wait 60 minutes"),
    ],
)
def test_what_no_question_can_get_past_is_fatal(
    status: int, headers: Mapping[str, str], words: str, shown: str
) -> None:
    error = refusal(status, headers, Said(words))
    assert isinstance(error, FatalError)
    assert shown in str(error)
