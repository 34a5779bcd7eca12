"""Text with a time at the start of lines or turns: Otter, `[00:12] Name: text`, console output, chat logs.

A time only counts where the file as a whole is stamped: times that go forward, on many of the lines.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from soniclayer.transcript.formats.json_speech import SPEAKER_TURN
from soniclayer.transcript.model import Cue
from soniclayer.transcript.reading import Reading
from soniclayer.transcript.speakers import is_generic, is_name, label, plausible
from soniclayer.transcript.text import line_numbers, one_line, strip_tags
from soniclayer.transcript.times import clock_to_ms
from soniclayer.transcript.words import are_words, joined_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_STAMP = r"\d{1,3}:\d{2}(?::\d{2}){0,2}(?:[.,]\d{1,3})?"
_RANGE = rf"({_STAMP})(?:\s{{0,3}}(?:-{{1,3}}>?|[–—→]|to)\s{{0,3}}({_STAMP}))?(?:\s?([AP])\.?M\.?)?"
_BRACKETED = rf"\\?[\[(<{{]\s?{_RANGE}\s?\\?[\])>}}]"
_BARE = rf"{_RANGE}(?=[\s:|]|$)"
_LIKELY = re.compile(r"\d:\d\d")
_LEADING = re.compile(rf"\s{{0,8}}(?:{_BRACKETED}|{_BARE})[:|]?(?:[ \t]{{1,3}}[-–—|](?=\s))?", re.I)
_NAMED = re.compile(
    rf"\s{{0,8}}(?:\[([^\[\]]{{1,60}})\]|([^\s\d:\[\](<][^:\[\](<]{{0,58}}?(?:\([^()\d]{{1,30}}\))?))"
    rf"(\s{{2,20}}|\s?[-–—|,•·:]\s{{1,3}}|\s)?(?:{_BRACKETED}|{_BARE})\s{{0,3}}:?(.*)",
    re.I,
)
_INLINE = re.compile(rf"\\?\[\s?{_RANGE}\s?\\?\]", re.I)
_LOG = re.compile(r"(?:whisper_|ggml_|main: |system_info|output_\w+: )")
_FOOTER = re.compile(r"Transcribed by https://otter\.ai\s*")
_CHAT = re.compile(r"\d{1,2}:\d\d:\d\d(?:\t[^\t\n]{1,80}:\t|\s+From\s.{1,80}\sto\s)|(?:Reacted|Replying) to ")
_SENT = re.compile(r"\s{0,3}From\s{1,3}(\S.{0,60}?)\s{1,3}to\s{1,3}.{1,60}?:\s?", re.I)
_VOICE = re.compile(r"\s{0,8}<v(?:\.\S{1,30})?\s+([^<>]{1,80})>")


@dataclass(slots=True)
class _Stamp:
    """A line with a time: kind is "[" or "0" for bracketed or bare at the line's start, "n" after a name."""

    line: int
    kind: str
    start: int
    end: int | None
    name: str
    rest: str


def read_stamped(text: str) -> Reading | None:
    """The turns of a stamped text, or None where the text is not stamped."""
    lines = text.split("\n")
    stamps = _accepted(list(_stamps(lines)), lines)
    if not stamps:
        return None
    reading = Reading("Timed text", [])
    cues = _turns(lines, stamps, reading.notes)
    names = _names_on_own_lines(cues)
    cues = [part for cue in cues for part in split_inline(_named(cue, names))]
    if any(stamp.end is not None for stamp in stamps) and are_words(cues):
        cues = joined_words(cues)
    reading.labelled = any(cue.speaker for cue in cues)
    reading.cues = _carried(cues) if reading.labelled else cues
    reading.names = labels_beside_times(cues)
    if sum(1 for stamp in stamps if is_chat(lines[stamp.line])) * 2 > len(stamps):
        reading.format = "Chat log"
        reading.notes.append("This looks like a chat log: what people typed, not what was said on air.")
    return reading


def labels_beside_times(cues: Sequence[Cue]) -> frozenset[str] | None:
    """The names, where nearly every time has one: a colon further down is punctuation then."""
    labels = [found[0] for cue in cues if (found := label(cue.text)) and plausible(found[0])]
    return frozenset(labels) if len(labels) >= 3 and len(labels) * 5 >= len(cues) * 4 else None


def is_chat(line: str) -> bool:
    """Whether the line is a message as Zoom saves its chat."""
    return _CHAT.match(line.strip()) is not None


def _stamps(lines: Sequence[str]) -> Iterator[_Stamp]:
    """Every line that could start a turn."""
    for number, line in enumerate(lines):
        if not _LIKELY.search(line):
            continue
        lead = _LEADING.match(line)
        if lead is not None:
            kind, (start, end) = "[" if lead[1] else "0", _times(lead, 1 if lead[1] else 4)
            yield _Stamp(number, kind, start, end, "", line[lead.end() :])
            continue
        named = _NAMED.match(line)
        if named is None:
            continue
        name, apart, bracketed, rest = one_line(named[1] or named[2]).strip("*"), named[3], named[4], named[10]
        # A bare time in mid-line is only a stamp where it stands apart or nothing follows it.
        if plausible(name) and (bracketed or not rest.strip() or (apart and apart != " ")):
            start, end = _times(named, 4 if bracketed else 7)
            yield _Stamp(number, "n", start, end, name, rest)


def _times(match: re.Match[str], group: int) -> tuple[int, int | None]:
    """Start and end in milliseconds from three groups: start, end, A or P for a twelve-hour clock."""
    start = clock_to_ms(match[group]) or 0
    end = clock_to_ms(match[group + 1]) if match[group + 1] else None
    half = (match[group + 2] or "").upper()
    if half == "P" and start < 12 * 3_600_000:
        start += 12 * 3_600_000
    elif half == "A" and start >= 12 * 3_600_000:
        start -= 12 * 3_600_000
    return start, end


def _accepted(stamps: list[_Stamp], lines: Sequence[str]) -> list[_Stamp]:
    """The stamps of the kinds that this file uses: on a fifth of its lines, at most paragraphs, or alone on lines."""
    accepted: list[_Stamp] = []
    filled = sum(1 for line in lines if line.strip())
    begins = {
        number for number, line in enumerate(lines) if line.strip() and not (number and lines[number - 1].strip())
    }
    for kind in "[0n":
        found = [stamp for stamp in stamps if stamp.kind == kind]
        times = [stamp.start for stamp in found]
        alone = sum(1 for stamp in found if not stamp.rest.strip())
        paragraphs = sum(1 for stamp in found if stamp.line in begins)
        regular = len(found) * 5 >= filled or alone * 2 > len(found) or paragraphs * 2 > len(begins) > 2
        opening = kind != "0" and bool(found) and found[0].line == 0 and filled <= 2
        if opening or (len(found) >= 2 and forward(times) and regular):
            accepted.extend(found)
    return sorted(accepted, key=lambda stamp: stamp.line)


def forward(times: Sequence[int]) -> bool:
    """Whether at least four in five steps do not go back in time."""
    return sum(b >= a for a, b in pairwise(times)) * 5 >= (len(times) - 1) * 4


def _turns(lines: Sequence[str], stamps: Sequence[_Stamp], notes: list[str]) -> list[Cue]:
    """One cue per stamp with all text up to the next; what stands before the first is a heading."""
    cues = _heading(lines[: stamps[0].line], notes)
    left_out: list[int] = []
    changed = False
    ends = [stamp.line for stamp in stamps[1:]] + [len(lines)]
    for stamp, end in zip(stamps, ends, strict=True):
        body = [stamp.rest]
        for number in range(stamp.line + 1, end):
            if _FOOTER.fullmatch(lines[number]) or _LOG.match(lines[number]):
                left_out.append(number + 1)
            else:
                body.append(lines[number])
        text, name = "\n".join(body), stamp.name
        voice = _VOICE.match(text) or _SENT.match(text)
        if voice is not None:
            name, text = voice[1].strip(), text[voice.end() :]
        text = strip_tags(text)
        mark = ">> " if changed else ""
        changed = SPEAKER_TURN in text
        # Two blanks follow a stamp; a third is the recogniser's sign that a word begins.
        text = text.replace(SPEAKER_TURN, " ").removeprefix("  ")
        cues.append(Cue(stamp.start, stamp.end, mark + text.rstrip(), name))
    if left_out:
        notes.append(f"Messages of the transcription tool left out: {line_numbers(left_out)}.")
    return cues


def _heading(lines: Sequence[str], notes: list[str]) -> list[Cue]:
    """Title, date and keywords are left out; longer text before the first time is kept as speech."""
    text = "\n".join(lines)
    if not text.strip():
        return []
    if len(text.split()) > 60 and "SUMMARY KEYWORDS" not in text:
        return [Cue(None, None, text)]
    numbers = [number for number, line in enumerate(lines, 1) if line.strip()]
    notes.append(f"Heading before the first time left out: {line_numbers(numbers)} (“{one_line(text)[:60]}”).")
    return []


def _names_on_own_lines(cues: Sequence[Cue]) -> frozenset[str]:
    """Names that stand alone on the line below the time."""
    firsts = Counter(
        one_line(cue.text.strip().partition("\n")[0]) for cue in cues if not cue.speaker and "\n" in cue.text.strip()
    )
    names = {name: times for name, times in firsts.items() if is_name(name) and (times >= 3 or is_generic(name))}
    return frozenset(names) if sum(names.values()) * 2 > len(cues) else frozenset()


def _named(cue: Cue, names: frozenset[str]) -> Cue:
    first, _, rest = cue.text.strip().partition("\n")
    if one_line(first) not in names:
        return cue
    return Cue(cue.start_ms, cue.end_ms, rest, one_line(first))


def inline_times(text: str) -> list[int]:
    """The times in square brackets anywhere in a text, in milliseconds."""
    return [_times(match, 1)[0] for match in _INLINE.finditer(text)] if _LIKELY.search(text) else []


def split_inline(cue: Cue) -> list[Cue]:
    """The cue divided where its text holds later times in square brackets."""
    if not _LIKELY.search(cue.text):
        return [cue]
    cues, begin, start, end = [], 0, cue.start_ms, cue.end_ms
    for match in _INLINE.finditer(cue.text):
        time, _ = _times(match, 1)
        if start is None or (time >= start and (cue.end_ms is None or time <= cue.end_ms)):
            cues.append(Cue(start, None, cue.text[begin : match.start()], cue.speaker))
            begin, start = match.end(), time
    cues.append(Cue(start, end, cue.text[begin:], cue.speaker))
    return [part for part in cues if part.text.strip()] or [cue]


def _carried(cues: Sequence[Cue]) -> list[Cue]:
    """A turn without a name belongs to the last one named."""
    result, speaker = [], ""
    for cue in cues:
        speaker = cue.speaker or speaker
        result.append(Cue(cue.start_ms, cue.end_ms, cue.text, speaker))
    return result
