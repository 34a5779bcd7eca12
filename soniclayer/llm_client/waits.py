"""How long a server asks to be left alone: in headers (Retry-After, x-ratelimit-*) and in its own words."""

from __future__ import annotations

import email.utils
import re
import time
from datetime import UTC
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_DURATION = re.compile(
    r"(?:(\d{1,6})h)?(?:(\d{1,6})m(?!s))?(?:(\d{1,9}(?:\.\d{1,9})?)s)?(?:(\d{1,9}(?:\.\d{1,9})?)ms)?"
)
# "Please retry in 17.3s", "try again in 7m12.5s", "try again in 20 seconds", "retryDelay 18s"
_IN_WORDS = re.compile(
    r"(?:retry in|try again in|retry after|(?:retrydelay|estimated_time)\W{1,4}|wait)\s*"
    r"((?:\d[\d.]{0,12}\s?(?:ms|s|m|h)?)+)",
    re.IGNORECASE,
)
_UNITS = re.compile(r"\s*(?:seconds?|secs?)\b", re.IGNORECASE)


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


def requested_wait(headers: Mapping[str, str], words: str = "") -> float:
    """How long a server asks to be left alone, in seconds; 0.0 where it does not say.

    Retry-After counts first, then what the error message says, then when a used-up quota starts anew.
    """
    for found in (_header(headers), wait_in_words(words)):
        if found is not None:
            return found
    used_up = [reset for remaining, reset in quotas(headers) if remaining == 0]
    return max(used_up, default=0.0)


def wait_in_words(words: str) -> float | None:
    """The wait that an error message names ("Please retry in 17.3s"), in seconds."""
    match = _IN_WORDS.search(_UNITS.sub("s", words))
    if match is None:
        return None
    return seconds(match[1].replace(" ", "").rstrip("."))


def _header(headers: Mapping[str, str]) -> float | None:
    if (wait := seconds(headers.get("retry-after-ms", ""))) is not None:
        return wait / 1000
    text = headers.get("Retry-After", "")
    if not text or (wait := seconds(text)) is not None:
        return wait if text else None
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    return max(0.0, moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() - time.time())


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
