"""One HTTP exchange with a model server: what went wrong with it, and whether asking again may help."""

from __future__ import annotations

import email.utils
import json
import re
import time
from collections.abc import Mapping
from datetime import UTC
from enum import Enum, auto

from soniclayer.errors import AnswerError


class Retry(Enum):
    """Whether the same question may be put again."""

    NEVER = auto()
    ONCE = auto()  # the server answered with rubbish, or not in time
    OFTEN = auto()  # the server or the way to it had a moment of weakness
    PATIENTLY = auto()  # the server has too much to do


class WireError(AnswerError):
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


class UnreachableError(WireError):
    """No connection could be made."""


_CONTEXT = re.compile(
    r"context.{0,20}(length|window|size|limit)|(maximum|max).{0,20}context|prompt.{0,20}too long|too many tokens"
    r"|input.{0,20}(too long|exceed)|exceeds.{0,40}context",
    re.IGNORECASE,
)


def refusal(status: int, headers: Mapping[str, str], words: str) -> WireError:
    """The error that an HTTP status other than 200 means.

    words: the server's own explanation, see `explanation`.
    """
    said = f": “{words}”" if words else ""
    if 300 <= status < 400:
        where = headers.get("Location", "another address").partition("?")[0][:200]
        return WireError(
            f"The model server redirects to {where}, which is not followed. Set OPENAI_BASE_URL to where it is.",
            kind="redirect",
            retry=Retry.NEVER,
            status=status,
        )
    if status == 413 or (status < 500 and _CONTEXT.search(words)):
        return WireError(
            f"The segment and its prompt are too long for this model (HTTP {status}){said}. "
            "Use shorter segments or a model with a larger context.",
            kind="too long",
            retry=Retry.NEVER,
            status=status,
            words=words,
        )
    if status in (429, 503, 529):
        return WireError(
            f"The model server is overloaded (HTTP {status}){said}. Retry later, or lower SONICLAYER_CONCURRENCY.",
            kind="overloaded",
            retry=Retry.PATIENTLY,
            status=status,
            words=words,
            wait_s=requested_wait(headers),
        )
    if status in (408, 409) or status >= 500:
        return WireError(
            f"The model server failed (HTTP {status}){said}. Retry later.",
            kind="server error",
            retry=Retry.OFTEN,
            status=status,
            words=words,
            wait_s=requested_wait(headers),
        )
    return WireError(
        f"The model server refused the request (HTTP {status}){said}. Choose another model or server.",
        kind="request refused",
        retry=Retry.NEVER,
        status=status,
        words=words,
    )


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
