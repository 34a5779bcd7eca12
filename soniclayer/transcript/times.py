"""Times as files write them -> integer milliseconds."""

from __future__ import annotations

import math
import re

MAX_MS = 100 * 3_600_000  # 100 hours: beyond that a number is not a time in a show

# One time of day-like stamp. Every quantifier is bounded, so a match costs constant time at any position.
CLOCK = r"(?:\d{1,4}[ ]?[:：][ ]?){0,3}\d{1,6}(?:[ ]?[.,][ ]?\d{1,9})?"
_CLOCK = re.compile(r"\s*(-?)\s*(" + CLOCK + r")\s*")
_SEPARATOR = re.compile(r"\s*[:：]\s*")


def clamp(ms: int) -> int:
    return 0 if ms < 0 else min(ms, MAX_MS)


def seconds_to_ms(seconds: float) -> int | None:
    """Milliseconds, or None for what is not a finite number."""
    if not math.isfinite(seconds):
        return None
    return clamp(round(min(max(seconds, 0.0), MAX_MS / 1000) * 1000))


def clock_to_ms(stamp: str) -> int | None:
    """`[[HH:]MM:]SS[.,fff]` or `HH:MM:SS:fff` in milliseconds, or None where it is not a time.

    Minutes and seconds above 59 are taken as they are (`61:27` is an hour and 87 seconds).
    """
    if len(stamp) == 12 and stamp[2] == stamp[5] == ":" and stamp[8] in ",." and stamp.isascii():
        try:
            return int(stamp[:2]) * 3_600_000 + int(stamp[3:5]) * 60_000 + int(stamp[6:8]) * 1000 + int(stamp[9:])
        except ValueError:
            return None
    match = _CLOCK.fullmatch(stamp)
    if match is None:
        return None
    return 0 if match[1] else _long_clock(match[2])


def _long_clock(stamp: str) -> int:
    parts = _SEPARATOR.split(stamp.replace(",", "."))
    last = parts[-1].replace(" ", "")
    whole, _, fraction = last.partition(".")
    ms = int((fraction + "00")[:3]) if fraction else 0
    fields = [int(part) for part in parts[:-1]] + [int(whole)]
    if len(fields) == 4:  # HH:MM:SS:mmm, or frames, which say less than a 25th of a second
        *fields, tail = fields
        ms = tail if len(whole) == 3 else tail * 40
    total = 0
    for field in fields:
        total = total * 60 + field
    return clamp(total * 1000 + min(ms, 999))
