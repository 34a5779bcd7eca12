"""Times, numbers and names in words for people; no markup."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

MEASURED = "such calls are right"
"""What a confidence is (`Evaluator.confidence_basis`) where it is the share of such calls that proved right."""

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""As they are written here; those of `strftime` follow the machine's language."""

ACTIVE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
"""Control characters but for blanks; marks that turn the direction of text; what XML and a terminal must not meet."""

_NUMBERS = re.compile(r"\d+(?::\d{1,2}){0,2}")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_IN_BRACKETS = re.compile(r"\s*\([^)]*\)\s*$")


def clock(seconds: float) -> str:
    """Seconds as m:ss, or h:mm:ss from one hour on."""
    minutes, second = divmod(int(seconds), 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02}:{second:02}" if hour else f"{minute}:{second:02}"


def seconds_of(text: str) -> float | None:
    """A time as it is typed ("1:03:20", "63:20", "63" for minutes) in seconds; None where it is none."""
    clean = text.strip().removesuffix("min").strip()
    if not _NUMBERS.fullmatch(clean):
        return None
    parts = [int(part) for part in clean.split(":")]
    if len(parts) == 1:
        return parts[0] * 60.0
    return float(sum(part * 60**power for power, part in enumerate(reversed(parts))))


def span(seconds: float) -> str:
    """A duration, roughly, in words."""
    if seconds < 1:
        return "a moment"
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def day(at: float, zone: tzinfo = UTC) -> str:
    """A time in seconds since 1970 as a day: "28 Nov 2026"."""
    when = datetime.fromtimestamp(at, zone)
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}"


def timestamp(at: float) -> str:
    """A time in seconds since 1970 as programs read it: "2026-11-28T06:03:00Z"."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def plural(count: int, one: str, many: str = "") -> str:
    """How many of something: "1 segment", "1,024 segments"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def recent_day(when: float, today: date) -> str:
    """A time in seconds since 1970 as a day here: "today", "yesterday", "Fri 27 Nov", "27 Nov 2025"."""
    then = datetime.fromtimestamp(when).date()
    ago = (today - then).days
    if ago in (0, 1):
        return ("today", "yesterday")[ago]
    month = f"{then.day} {MONTHS[then.month - 1]}"
    return f"{_DAYS[then.weekday()]} {month}" if then.year == today.year else f"{month} {then.year}"


def money(amount: float) -> str:
    """An amount such as "$0.05"; below a cent "under $0.01"."""
    return "under $0.01" if 0 < amount < 0.01 else f"${amount:,.2f}"


_SHARES = (
    (0.93, "Sure: more than 9 of 10"),
    (0.85, "Sure: about 9 of 10"),
    (0.775, "Sure: about 4 of 5"),
    (0.7, "Sure: about 3 of 4"),
    (0.58, "Fairly sure: about 2 of 3"),
    (0.0, "Not sure: about half of"),
)


def sureness(confidence: float | None, basis: str) -> str:
    """How sure a call is: "Sure: about 3 of 4 such calls are right", "80% sure, stated by the model".

    confidence: 0.0 to 1.0, or None where it is unknown.
    basis: what the confidence is, see `Evaluator.confidence_basis`.
    """
    if confidence is None:
        return "Does not say how sure"
    if basis == MEASURED:
        return f"{next(words for least, words in _SHARES if confidence >= least)} {MEASURED}"
    return f"{confidence:.0%} sure, {basis}"


def listed(names: Sequence[str], most: int = 3) -> str:
    """Names in a row: "Ann, Bob and Cat"; of more than `most`, the first ones and how many more."""
    if len(names) > most:
        return f"{', '.join(names[: most - 1])} and {len(names) - most + 1} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else ""


def short_name(name: str) -> str:
    """A name without what stands in brackets at its end: "Advertiser (brand safety)" -> "Advertiser"."""
    return _IN_BRACKETS.sub("", name) or name


def excerpt(text: str, length: int = 140) -> str:
    """The beginning of a text, on one line, cut between two words."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    head = line[:length]
    return f"{head.rpartition(' ')[0] or head}…"
