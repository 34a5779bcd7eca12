"""Times as people and tools write them into text: clocks, times of day, seconds with an s, timecode, and ranges."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from soniclayer.transcript.speakers import plausible
from soniclayer.transcript.text import one_line
from soniclayer.transcript.times import FRAME_MS, clock_to_ms, frame_length, milliseconds, scaled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from soniclayer.transcript.model import Cue

SPEAKER_TURN = "[SPEAKER_TURN]"  # tinydiarize: the speaker changes after this; shown as captions do, by `>>`
_DAY_MS = 24 * 3_600_000
_DATE = r"(?:\d{1,4}[./-]\d{1,2}[./-]\d{1,4}(?:,?\s|T)|(?:to|yester)day at )"
_FIRST_HALF = r"(?:上午|下午|午前|午後|오전|오후)\s?"
_SECOND_HALF = r"\s?[AP]\.?\s?M\b\.?"
_CLOCK = r"\d{1,3}:\d{2}(?::\d{2}){0,2}(?:[.,;]\d{1,9}(?![\d:]))?(?!\d)"
_TIME = rf"(?:{_DATE})?(?:{_FIRST_HALF})?{_CLOCK}(?:{_SECOND_HALF}|Z)?"
_SECONDS = r"\d{1,6}(?:[.,]\d{1,3})?\s?s\b|\d{1,6}[.,]\d{1,3}"
_DASH = r"\s{0,3}(?:-{1,3}>?|[–—→~]>?|to|bis)\s{0,3}"
_FULL = r"\d{1,3}:\d{2}:\d{2}(?:[:;.,]\d{1,3}(?![\d:]))?"
# Two timecodes side by side are start and end; a third is how long that is.
_PAIR = rf"{_FULL}[ \t,]{{1,4}}{_FULL}(?:[ \t]{{1,4}}\d\d:\d\d(?:[:;]\d\d){{0,2}}(?=\s|$))?"
_CLOCKS = rf"(?:{_PAIR}|{_TIME}(?:{_DASH}{_TIME})?)"
_NUMBERS = rf"(?:(?:{_SECONDS})(?:{_DASH}(?:{_SECONDS}))?|\d{{1,6}}{_DASH}\d{{1,6}})"
_BRACKET = rf"\\?[\[(<{{]\s?(?:{_CLOCKS}|{_NUMBERS})\s?\\?[\])>}}]"
_BARE = rf"(?:{_CLOCKS}|(?:{_SECONDS}){_DASH}(?:{_SECONDS}))(?=[\s:|,]|$)"
_BULLET = (
    r"\s{0,8}(?:(?:[-*•]|\d{1,4}[.)])[ \t]{1,3}|\d{1,5}[ \t]{1,4}(?=\d{1,3}:\d\d:\d\d[:;.,]?\d{0,3}[ \t,]{1,4}\d))?"
)
# It begins with one set of characters, so that the search passes quickly over what is none of them.
_LIKELY = re.compile(r"[\d\[(<{](?:(?<=\d)(?::\d\d|\s?s\s{0,3}[-–—→])|(?<=[\[(<{])\s?\d{1,6}(?:[.,]\d|\s?[s–>-]))")
_LEADING = re.compile(
    rf"{_BULLET}(?:({_BRACKET}(?:(?:{_DASH}|\s?){_BRACKET})?)|({_BARE}))[:|,]?(?:[ \t]{{1,3}}[-–—|,](?=\s))?", re.I
)
_NAMED = re.compile(
    rf"{_BULLET}(?:\[([^\[\]]{{1,60}})\]|([^\s\d:\[\](<][^:\[\](<]{{0,58}}?(?:\([^()\d]{{1,30}}\))?))"
    rf"(\s{{2,20}}|\s?[-–—|,•·:]\s{{1,3}}|\s)?(?:({_BRACKET})|({_BARE}))\s{{0,3}}:?(.*)",
    re.I,
)
_PIECE = re.compile(rf"({_DATE})?({_FIRST_HALF})?({_CLOCK})({_SECOND_HALF}|Z)?", re.I)
_NUMBER = re.compile(r"\d{1,6}(?:[.,]\d{1,3})?")
_WHOLE = re.compile(rf"\s*(?:{_BRACKET}|{_CLOCKS}|{_NUMBERS})\s*", re.I)
_INLINE = re.compile(rf"\\?\[\s?{_TIME}(?:{_DASH}{_TIME})?\s?\\?\]", re.I)
_SPELLED = re.compile(r"^(\s{0,4}[\[(]?)(?:(\d{1,2})\s?h\s?)?(\d{1,3})\s?m(?:in)?\s?(\d{1,2})\s?s(?=[\s\])|:])", re.M)
_MINUTES = re.compile(r"m(?:in)?\s?\d{1,2}\s?s")  # in every spelled time
_DOTTED = re.compile(r"^(\s{0,4}[\[(])(\d{1,2})\.(\d\d)\.(\d\d)(?=[\])])", re.M)
_TOGETHER = re.compile(rf"^\s{{0,4}}\[([^\W\d_][^\[\]:]{{0,58}}?)(?:,|\s[-–—|@])\s({_CLOCKS})\]:?", re.M)
_DATED = re.compile(r"\b(?:19|20)\d\d\b|\d[./-]\d{1,2}[./-]\d")


@dataclass(slots=True)
class Stamp:
    """A line with a time in milliseconds, what stands before and after it, and whether it is a time of day.

    kind: "[" or "0" for bracketed or bare at the line's start, "n" after a name.
    """

    line: int
    kind: str
    start: int
    end: int | None
    wall: bool
    name: str
    rest: str


def usual_clocks(text: str) -> str:
    """The text with `1m 15s` and `[10.02.13]` at the start of lines as clocks, `[Name, 0:12]` as `[0:12] Name:`."""
    if _MINUTES.search(text):
        text = _SPELLED.sub(lambda match: f"{match[1]}{match[2] or 0}:{int(match[3]):02}:{int(match[4]):02}", text)
    return _TOGETHER.sub(r"[\2] \1:", _DOTTED.sub(r"\1\2:\3:\4", text)) if "[" in text or "(" in text else text


def find_stamps(lines: Sequence[str]) -> Iterator[Stamp]:
    """Every line that could start a turn."""
    text = "\n".join(lines)
    if not _LIKELY.search(text):
        return
    frame_ms = frame_length(text)
    for number, line in enumerate(lines):
        if not _LIKELY.search(line):
            continue
        if lead := _LEADING.match(line):
            start, end, wall = times_in(lead[1] or lead[2], frame_ms)
            yield Stamp(number, "[" if lead[1] else "0", start, end, wall, "", line[lead.end() :])
            continue
        if not (named := _NAMED.match(line)):
            continue
        name, apart, bracketed, rest = one_line(named[1] or named[2]).strip("*_-–— "), named[3], named[4], named[6]
        # A bare time in mid-line is only a stamp where it stands apart or nothing follows it.
        likely = bracketed or not rest.strip() or (apart and apart != " ")
        if plausible(name) and likely and not _DATED.search(name):
            start, end, wall = times_in(bracketed or named[5], frame_ms)
            yield Stamp(number, "n", start, end, wall, name, rest)


def times_in(text: str, frame_ms: float = FRAME_MS) -> tuple[int, int | None, bool]:
    """(start, end or None, whether they are times of day) of a stamp or a range, in milliseconds."""
    if (alone := clock_to_ms(text.strip("\\[](){}<> "), frame_ms)) is not None:
        return alone, None, False
    if not (clocks := list(_PIECE.finditer(text))):
        numbers = [milliseconds(number) or 0 for number in _NUMBER.findall(text)]
        return numbers[0], numbers[1] if len(numbers) > 1 else None, False
    times, wall = [], False
    for date, before, stamp, after in (match.groups() for match in clocks[:2]):
        times.append(clock_to_ms(stamp, frame_ms) or 0)
        half = (before or after or "").strip().upper()[:2]
        if date or half not in ("", "Z"):
            wall = True
            if stamp.count(":") == 1:  # hours and minutes, not minutes and seconds
                times[-1] *= 60
        if half not in ("", "Z"):
            afternoon = half[0] == "P" or half in ("下午", "午後", "오후")
            times[-1] += (afternoon - (times[-1] >= _DAY_MS // 2)) * (_DAY_MS // 2)
    if wall and len(times) > 1 and times[1] < times[0]:
        times[1] += _DAY_MS
    return times[0], times[1] if len(times) > 1 else None, wall


def span(value: object, unit: float = 1000.0, frame_ms: float = FRAME_MS) -> tuple[int | None, int | None]:
    """(start, end) in milliseconds of a value of JSON or a table; None where it says nothing of the kind.

    Understood besides what `milliseconds` reads: `[1.5, 2]`, `{"relative": 1.5}`, `[00:01 - 00:04]`, dates.
    """
    if type(value) is float or type(value) is int:
        return scaled(value, unit), None
    if isinstance(value, str):
        return _written_span(value, unit, frame_ms) if len(value) <= 60 else (None, None)
    if isinstance(value, dict) and "relative" in value:
        value = value["relative"]
    if isinstance(value, list):
        start, end = (*value, None, None)[:2]
        return milliseconds(start, unit), milliseconds(end, unit)
    return milliseconds(value, unit), None


@lru_cache(4096)
def _written_span(value: str, unit: float, frame_ms: float) -> tuple[int | None, int | None]:
    plain = milliseconds(value, unit)
    if (plain is not None and value.count(":") < 3 and ";" not in value) or _WHOLE.fullmatch(value) is None:
        return plain, None
    return times_in(value, frame_ms)[:2]


def inline_stamps(text: str) -> Iterator[tuple[int, int, int]]:
    """(begin, end, milliseconds) of the times in square brackets anywhere in a text."""
    if "[" in text:
        for match in _INLINE.finditer(text):
            yield match.start(), match.end(), times_in(match[0])[0]


def turn_marks(cues: Iterable[Cue]) -> Iterator[Cue]:
    """The cues with `>>` where the one before says that the speaker changes."""
    mark = ""
    for cue in cues:
        turned = SPEAKER_TURN in cue.text
        text = cue.text.replace(SPEAKER_TURN, " ") if turned else cue.text
        yield replace(cue, text=mark + text.strip() if mark else text) if mark or turned else cue
        mark = ">> " if turned else ""


def carried(cues: Iterable[Cue]) -> list[Cue]:
    """A turn without a name belongs to the last one named."""
    name = ""
    return [cue if (name := cue.speaker or name) == cue.speaker else replace(cue, speaker=name) for cue in cues]
