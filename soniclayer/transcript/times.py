"""Times as files write them -> integer milliseconds."""

from __future__ import annotations

import math
import re
from itertools import accumulate
from typing import Any

MAX_MS = 100 * 3_600_000  # 100 hours: beyond that a number is not a time in a show

# One clock-like stamp. Every quantifier is bounded, so a match costs constant time at any position.
CLOCK = r"(?:\d{1,6}[ ]?[:：][ ]?){0,3}\d{1,6}(?:[ ]?[.,][ ]?\d{1,9}(?:\.\d{1,20})?|;\d{1,3})?"
_CLOCK = re.compile(r"\s*(-?)\s*(" + CLOCK + r")\s*")

FRAME_MS = 40.0  # 25 frames a second, where no stamp counts further
_FRAMES = re.compile(r"\d\d:\d\d:\d\d([:;])(\d\d)(?![\d:;])")


def frame_length(text: str) -> float:
    """Milliseconds of a frame, from the stamps with frames in the text: 25 a second, or as many as are counted."""
    found = _FRAMES.findall(text)
    most = max((int(frame) for _, frame in found), default=0)
    if most >= 30:
        return 1000 / (50 if most < 50 else 60)
    return 1000 / 30 if most >= 25 or any(mark == ";" for mark, _ in found) else FRAME_MS


def clamp(ms: int) -> int:
    """A time within what is representable: not before 0, not after MAX_MS."""
    return 0 if ms < 0 else min(ms, MAX_MS)


def shared(start: int, end: int, texts: list[str]) -> list[int]:
    """The time from `start` to `end` shared out by the length of the texts: where each begins, and `end`."""
    total = sum(map(len, texts)) or 1
    return [start + (end - start) * done // total for done in accumulate(map(len, texts), initial=0)]


def clock_to_ms(stamp: str, frame_ms: float = FRAME_MS) -> int | None:
    """`[[HH:]MM:]SS[.,fff]`, `HH:MM:SS:fff` or, with frames, `HH:MM:SS:ff` in milliseconds; None if it is no time.

    frame_ms: how long a frame lasts; see `frame_length`.

    Minutes and seconds above 59 are taken as they are (`61:27` is an hour and 87 seconds).
    """
    if len(stamp) in (8, 12) and stamp[2] == stamp[5] == ":" and stamp[8:9] in ",." and stamp.isascii():
        hours, minutes, seconds, rest = stamp[:2], stamp[3:5], stamp[6:8], stamp[9:]
        if (hours + minutes + seconds + rest).isdecimal():
            return (int(hours) * 3600 + int(minutes) * 60 + int(seconds)) * 1000 + int(rest or 0)
    if not (match := _CLOCK.fullmatch(stamp)):
        return None
    return 0 if match[1] else _long_clock(match[2], frame_ms)


def _long_clock(stamp: str, frame_ms: float) -> int:
    *parts, last = stamp.replace(",", ".").replace(";", ":").replace("：", ":").replace(" ", "").split(":")
    whole, _, fraction = last.partition(".")
    # Milliseconds may have a fraction of their own: 01,249.0999
    ms = round(float(fraction)) if "." in fraction else int((fraction + "00")[:3]) if fraction else 0
    if len(parts) == 3:  # HH:MM:SS:mmm, or frames
        ms, whole = int(whole) if len(whole) == 3 else round(int(whole) * frame_ms), parts.pop()
    total = 0
    for part in (*parts, whole):
        total = total * 60 + int(part)
    return clamp(total * 1000 + min(ms, 999))


_ISO = re.compile(r"PT(?:(\d{1,4})H)?(?:(\d{1,6})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?", re.I)
_NUMBER = re.compile(r"\s*(-?\d{1,15}(?:[.,]\d{1,15})?)\s*(ms|s|sec|m|h)?\s*", re.I)
_PROTOBUF = {"seconds", "nanos", "nanoseconds"}
_UNITS = {"ms": 1.0, "s": 1000.0, "sec": 1000.0, "m": 60_000.0, "h": 3_600_000.0}


def milliseconds(value: object, unit: float = 1000.0) -> int | None:
    """The time in any way that JSON, XML and tables write it, or None where it is not a time.

    Numbers and plain numeric strings count `unit` milliseconds each. Understood besides: clocks (`1:02:03.5`),
    units (`25.6s`, `1500ms`), ISO 8601 durations (`PT1M2.5S`) and `{"seconds": "705", "nanos": 500000000}`.
    """
    if type(value) is float or type(value) is int:
        return scaled(value, unit)
    if isinstance(value, str):
        return _written(value, unit) if len(value) <= 40 else None
    if isinstance(value, dict) and value.keys() <= _PROTOBUF:
        seconds, nanos = value.get("seconds", 0), value.get("nanos", value.get("nanoseconds", 0))
        whole, part = milliseconds(seconds), milliseconds(nanos, 1e-6)
        return None if whole is None else whole + (part or 0)
    return None


def _written(value: str, unit: float) -> int | None:
    if number := _NUMBER.fullmatch(value):
        return scaled(float(number[1].replace(",", ".")), _UNITS[number[2].lower()] if number[2] else unit)
    if (iso := _ISO.fullmatch(value.strip())) and any(iso.groups()):
        hours, minutes, rest = (float(part or 0) for part in iso.groups())
        return scaled(hours * 3600 + minutes * 60 + rest, 1000.0)
    return clock_to_ms(value.strip())


def scaled(value: float, unit: float) -> int | None:
    """A number of units as milliseconds, within what is representable; None if it is not finite."""
    try:
        ms = value * unit
    except OverflowError:  # an integer of hundreds of digits
        return None
    return round(ms) if 0 <= ms <= MAX_MS else clamp(round(ms)) if math.isfinite(ms) else None


def guess_unit(values: list[Any], words: int) -> float:
    """Milliseconds per unit of plain numbers: 1 where as seconds they would leave over 100 s for every word.

    Whole numbers that are beyond reason as milliseconds too are Microsoft's ticks of 100 ns.
    """
    numbers = [value for value in map(plain_number, values) if value is not None]
    if not numbers or any(not number.is_integer() for number in numbers):
        return 1000.0
    span = max(numbers) - min(min(numbers), 0.0)
    if span > MAX_MS:
        return 1e-4
    return 1.0 if span >= 1000 and span > 100 * words else 1000.0


def plain_number(value: object) -> float | None:
    """The number that a value is, or writes without a unit; None for anything else."""
    if isinstance(value, str) and len(value) < 30:
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e15 or value != value:
        return None
    return float(value)
