"""One HTTP exchange with a model server: what went wrong with it, and whether asking again may help."""

from __future__ import annotations

import email.utils
import json
import re
import time
from datetime import UTC
from enum import Enum, auto
from typing import TYPE_CHECKING

from soniclayer.errors import AnswerError, FatalError

if TYPE_CHECKING:
    from collections.abc import Mapping


class Retry(Enum):
    """Whether the same question may be put again."""

    NEVER = auto()
    ONCE = auto()  # the server answered with rubbish, or not in time
    TRANSIENT = auto()  # transient failure: 5xx, or the connection was reset
    THROTTLED = auto()  # rate limit or overload


class RequestError(AnswerError):
    """An exchange without a usable reply.

    Attributes:
        retry: whether to ask again.
        status: HTTP status, or 0 where none came.
        words: what the server said about it, without the key; "" where nothing.
        wait_s: how long the server asks to be left alone, in seconds; 0.0 where it does not say.
    """

    def __init__(
        self, message: str, *, kind: str, retry: Retry, status: int = 0, words: str = "", wait_s: float = 0.0
    ) -> None:
        super().__init__(message, kind=kind)
        self.retry = retry
        self.status = status
        self.words = words
        self.wait_s = wait_s


class UnreachableError(RequestError):
    """No connection could be made."""

    def __init__(self, address: str, reason: str, *, retry: Retry) -> None:
        super().__init__(
            f"Nothing answers at {address} ({reason}). "
            "Check that the model server runs and that OPENAI_BASE_URL is its address.",
            kind="unreachable",
            retry=retry,
        )


class ConnectionLostError(RequestError):
    """The connection broke off before the whole reply was there."""

    def __init__(self) -> None:
        super().__init__(
            "The connection to the model server broke off. Retry; if it keeps happening, look at the server.",
            kind="connection lost",
            retry=Retry.TRANSIENT,
        )


class RequestTimeoutError(RequestError):
    """The whole reply was not there in time."""

    def __init__(self, after_s: float) -> None:
        super().__init__(
            f"The model server did not answer within {after_s:g} seconds. Retry, or choose a faster model.",
            kind="time-out",
            retry=Retry.ONCE,
        )


class InvalidResponseError(RequestError):
    """The reply is not that of a model server."""

    def __init__(self, address: str, what: str) -> None:
        super().__init__(
            f"The reply of {address} is {what}, not that of a chat model. "
            "Retry; if it stays so, check OPENAI_BASE_URL, which usually ends in /v1.",
            kind="broken reply",
            retry=Retry.ONCE,
        )


class ResponseTooLargeError(RequestError):
    """The reply is larger than any answer."""

    def __init__(self) -> None:
        super().__init__(
            "The model server's reply is larger than 1 MB and was not read. Choose another model or server.",
            kind="reply too large",
            retry=Retry.NEVER,
        )


_CONTEXT = re.compile(
    r"context.{0,20}(length|window|size|limit)|(maximum|max).{0,20}context|prompt.{0,20}too long|too many tokens"
    r"|input.{0,20}(too long|exceed)|exceeds.{0,40}context",
    re.IGNORECASE,
)
_NO_CREDIT = re.compile(r"current quota|insufficient|no credit|billing|balance", re.IGNORECASE)


LONGEST_WAIT_S = 120.0
"""A server that asks for more is not waited for."""


def refusal(status: int, headers: Mapping[str, str], words: str) -> RequestError | FatalError:
    """The error that an HTTP status other than 200 means: for this question, or for all.

    words: the server's own explanation, see `explanation`.
    """
    said = f": “{words}”" if words else ""
    if fatal := _fatal(status, headers, words, said):
        return FatalError(fatal)
    kind, retry, message = _kind(status, headers, words)
    wait_s = requested_wait(headers) if retry in (Retry.TRANSIENT, Retry.THROTTLED) else 0.0
    return RequestError(
        message.replace("{said}", f"(HTTP {status}){said}"),
        kind=kind,
        retry=retry,
        status=status,
        words=words,
        wait_s=wait_s,
    )


def _fatal(status: int, headers: Mapping[str, str], words: str, said: str) -> str:
    if status in (401, 403):
        # What the server says is left out: some repeat the key.
        return f"The model server refuses the key (HTTP {status}). Check OPENAI_API_KEY."
    if status == 404:
        return (
            f"The model server does not know this model or address (HTTP 404){said}. "
            "Check SONICLAYER_MODEL, and OPENAI_BASE_URL, which usually ends in /v1."
        )
    if status in (402, 429) and _NO_CREDIT.search(words):
        return (
            f"The account of OPENAI_API_KEY has no credit left (HTTP {status}){said}. Top it up, or set another key."
        )
    if status in (429, 503) and (wait_s := requested_wait(headers)) > LONGEST_WAIT_S:
        return (
            f"The model server asks to wait {wait_s / 60:.0f} minutes (HTTP {status}){said}. "
            "Press Evaluate again then; everything answered is kept."
        )
    return ""


def _kind(status: int, headers: Mapping[str, str], words: str) -> tuple[str, Retry, str]:
    if 300 <= status < 400:
        where = headers.get("Location", "another address").partition("?")[0][:200]
        message = f"The model server sends on to {where}, which is not followed. Set OPENAI_BASE_URL to where it is."
        return "redirect", Retry.NEVER, message
    if status == 413 or (status < 500 and is_about_context(words)):
        message = (
            "The segment is too long for this model {said}. Use shorter segments or a model with a larger context."
        )
        return "too long", Retry.NEVER, message
    if status in (429, 503, 529):
        message = "The model server is overloaded {said}. Retry later, or lower SONICLAYER_CONCURRENCY."
        return "overloaded", Retry.THROTTLED, message
    if status in (408, 409) or status >= 500:
        return "server error", Retry.TRANSIENT, "The model server failed {said}. Retry later."
    message = "The model server refused the request {said}. Choose another model or server."
    return "request refused", Retry.NEVER, message


def is_about_context(words: str) -> bool:
    """The server's words say that the prompt does not fit into the model's context."""
    return _CONTEXT.search(words) is not None


def explanation(body: bytes, key: str) -> str:
    """What a server says about an error, in one line of at most 200 characters, without the key."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    found = document.get("error", document) if isinstance(document, dict) else document
    if isinstance(found, dict):
        found = next((found[name] for name in ("message", "detail", "error") if isinstance(found.get(name), str)), "")
    if not isinstance(found, str):
        found = json.dumps(found)
    words = " ".join(found.split())
    if key:
        words = words.replace(key, "…")
    return words if len(words) <= 200 else words[:199] + "…"


_DURATION = re.compile(
    r"(?:(\d{1,6})h)?(?:(\d{1,6})m(?!s))?(?:(\d{1,9}(?:\.\d{1,9})?)s)?(?:(\d{1,9}(?:\.\d{1,9})?)ms)?"
)


def seconds(text: str) -> float | None:
    """Seconds out of "20", "1.5s", "6m0s" or "120ms"; None for anything else."""
    text = text.strip()
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text):
        return float(text)
    match = _DURATION.fullmatch(text)
    if not text or match is None:
        return None
    hours, minutes, whole, milli = (float(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + whole + milli / 1000


def requested_wait(headers: Mapping[str, str]) -> float:
    """How long a server asks to be left alone, in seconds: Retry-After, else when a used-up quota starts anew."""
    milli = headers.get("retry-after-ms", "")
    if (wait := seconds(milli)) is not None:
        return wait / 1000
    text = headers.get("Retry-After", "")
    if (wait := seconds(text)) is not None:
        return wait
    if text:
        try:
            moment = email.utils.parsedate_to_datetime(text)
        except ValueError:
            return 0.0
        return max(0.0, moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() - time.time())
    used_up = [reset for remaining, reset in quotas(headers) if remaining == 0]
    return max(used_up, default=0.0)


def quotas(headers: Mapping[str, str]) -> list[tuple[int, float]]:
    """What `x-ratelimit-*` says: (requests that may follow, seconds until the count starts anew).

    A used-up token quota counts as no request left; a token quota with something left does not bind.
    """
    found = []
    for what in ("requests", "tokens"):
        remaining = headers.get(f"x-ratelimit-remaining-{what}", "")
        reset = seconds(headers.get(f"x-ratelimit-reset-{what}", ""))
        if (
            reset is not None
            and remaining.isascii()
            and remaining.isdigit()
            and (what == "requests" or remaining == "0")
        ):
            found.append((int(remaining), reset))
    return found
