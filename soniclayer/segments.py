"""Transcript -> segments: stretches of about half a minute that a listener judges as one.

The cues become one text in which every place where it may be cut has a penalty: none where a new speaker follows
a full sentence, little at the end of a sentence, much in mid-phrase. From the start of each segment the cheapest cut
within reach is taken: penalty plus the distance from the target length. A silence of 8 s always cuts. Times are
integer milliseconds; nothing depends on the clock, on chance or on the locale.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from soniclayer.transcript.text import sounds_only
from soniclayer.transcript.timeline import CJK, THAI, Timeline, joined, timeline
from soniclayer.turns import Turn, turns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soniclayer.transcript.model import Transcript

HARD_GAP_MS, PAUSE_MS = 8_000, 800

# Penalties in thousandths, added to the distance from the target in thousandths of the target.
NEW_SPEAKER, SENTENCE_PAUSE, SPEAKER, SENTENCE, PAUSE, CLAUSE, CUE, PHRASE = 0, 100, 250, 300, 700, 1200, 1500, 3000

_CLOSERS = "\"'”’)\\]»」』）"
_SENTENCE_END = re.compile(rf"[.!?…。！？][{_CLOSERS}]{{0,3}}$")
_SENTENCE = re.compile(rf"[.!?…][{_CLOSERS}]{{0,3}} (?![a-z])|[。！？][{_CLOSERS}]{{0,3}}(?=[^ {_CLOSERS}。！？])")
_ENDS = (". ", "? ", "! ", '" ', "' ", ") ", "] ")  # without any of these, plain text holds no end of a sentence
_CLAUSE = re.compile(r"[,;:–—] |[、，；：](?=\S)")
_ABBREVIATION = re.compile(r"(?:^|[\s(])(?:Mr|Mrs|Ms|Dr|Prof|St|Sr|Jr|vs|No|[A-Z])\.$")
# One character each in scripts without blanks, with the marks and closing signs that must not be parted from it.
_TOKEN = re.compile(
    rf"[เ-ไ]?[{THAI}](?:[\u0e30-\u0e3a\u0e45-\u0e4e\u102b-\u103e\u17b6-\u17d3])*"
    rf"|[{CJK}][ーっゃゅょ々、。，．！？；：」』）…]*"
    rf"|[^\s{CJK}{THAI}]{{1,200}}"
)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of speech that is judged as one.

    Attributes:
        index: 0-based position in the show.
        start_ms, end_ms: integer milliseconds from the start of the show.
        speakers: names, the one who says most first; empty if unknown.
        text: the words, never empty.
        before: the text of the segment just before, or "" at the start of the show.
        estimated: the times come from the number of words, because the file gives none.
        speech: False where the text only names sounds, such as `[Music]`.
        turns: the text again, cut where the speaker changes.
    """

    index: int
    start_ms: int
    end_ms: int
    speakers: tuple[str, ...]
    text: str
    before: str = ""
    estimated: bool = False
    speech: bool = True
    turns: tuple[Turn, ...] = ()

    @property
    def start_s(self) -> float:
        """Start in seconds."""
        return self.start_ms / 1000

    @property
    def end_s(self) -> float:
        """End in seconds."""
        return self.end_ms / 1000


@dataclass(frozen=True, slots=True)
class _Limits:
    """Lengths in milliseconds and characters that follow from the target."""

    target: int
    shortest: int
    longest: int
    chars: int


def split(transcript: Transcript, *, target_s: float = 30) -> tuple[Segment, ...]:
    """The segments of a transcript, in order of time; none where it has no cues.

    Every character of the cues' text but white space is in one segment, once and in order. Segments last from half
    of `target_s` to twice `target_s` and have up to 1,600 characters per 30 s; shorter ones only end a
    stretch before a silence.

    Raises:
        ValueError: target_s is not between 1 and 3,600 seconds.
    """
    if not 1 <= target_s <= 3_600:
        raise ValueError(f"target_s must be between 1 and 3,600 seconds, not {target_s}")
    target = round(target_s * 1000)
    lines = timeline(transcript.cues)
    if not lines.texts:
        return ()
    script = _Script(lines, _Limits(target, target // 2, target * 2, target * 1600 // 30_000))
    segments: list[Segment] = []
    for span in _spans(script):
        text, before = script.text[span.begin : span.end], segments[-1].text if segments else ""
        said = turns(lines, script.text, script.begins, span.begin, span.end, span.line, span.start_ms)
        speakers, speech = script.speakers(span), text[0].isalnum() or not sounds_only(text)
        segments.append(
            Segment(len(segments), span.start_ms, span.end_ms, speakers, text, before, lines.estimated, speech, said)
        )
    return tuple(segments)


@dataclass(frozen=True, slots=True)
class _Span:
    """Characters `begin` to `end` of the script; line is that of the first character."""

    begin: int
    end: int
    start_ms: int
    end_ms: int
    line: int


class _Script:
    """The whole text, and where its lines, pauses and silences are.

    Attributes:
        text: the lines joined by blanks (by nothing between Han or kana).
        begins: index in `text` of each line's first character.
        edges: the penalty of a cut after each line.
        silences: lines that a hard cut follows; the last line is one.
    """

    def __init__(self, lines: Timeline, limits: _Limits) -> None:
        self.lines = lines
        self.limits = limits
        self.named = any(lines.speakers)
        self.text, self.begins = joined(lines.texts)
        self.edges = [_edge(lines, i) for i in range(len(lines.texts) - 1)] + [0]
        gaps = zip(lines.ends, lines.starts[1:], strict=False)
        self.silences = [i for i, (end, start) in enumerate(gaps) if start - end >= HARD_GAP_MS]
        self.silences.append(len(lines.texts) - 1)

    def line_at(self, position: int) -> int:
        return bisect_right(self.begins, position) - 1

    def line_end(self, line: int) -> int:
        return self.begins[line] + len(self.lines.texts[line])

    def time_at(self, position: int, line: int) -> int:
        """Milliseconds at a character of a line, as if every character took the same time."""
        start, length = self.lines.starts[line], len(self.lines.texts[line])
        return start + (self.lines.ends[line] - start) * (position - self.begins[line]) // length

    def speakers(self, span: _Span) -> tuple[str, ...]:
        """Names by the number of characters said, most first."""
        if not self.named:
            return ()
        said: dict[str, int] = {}
        names, last = self.lines.speakers, self.line_at(span.end - 1)
        for line in range(span.line, last + 1):
            if names[line]:
                said[names[line]] = said.get(names[line], 0) + len(self.lines.texts[line])
        if len(said) > 1:  # what stands outside the segment only matters where there is somebody to compare with
            for line, length in (
                (span.line, span.begin - self.begins[span.line]),
                (last, self.line_end(last) - span.end),
            ):
                if names[line]:
                    said[names[line]] -= length
        return tuple(sorted(said, key=lambda name: -said[name]))


def _edge(lines: Timeline, line: int) -> int:
    """The penalty of a cut between a line and the next."""
    text, following = lines.texts[line : line + 2]
    speaker = lines.speakers[line] != lines.speakers[line + 1] or following.startswith(">>")
    ending = _SENTENCE_END.search(text, max(0, len(text) - 4))
    sentence = ending is not None and not _ABBREVIATION.search(text, max(0, len(text) - 6))
    pause = lines.starts[line + 1] - lines.ends[line] >= PAUSE_MS
    if sentence:
        return NEW_SPEAKER if speaker else SENTENCE_PAUSE if pause else SENTENCE
    if speaker or pause:
        return SPEAKER if speaker else PAUSE
    return CLAUSE if text[-1] in ",;:–—、，；：" else CUE


def _spans(script: _Script) -> Iterator[_Span]:
    """The script cut into segments; what lies between two silences is cut on its own."""
    line = 0
    for silence in script.silences:
        spans: list[_Span] = []
        position, end = script.begins[line], script.line_end(silence)
        while position < end:
            span, position = _next(script, position, silence)
            spans.append(span)
        yield from _without_short_tail(spans, script.limits)
        line = silence + 1


def _without_short_tail(spans: list[_Span], limits: _Limits) -> list[_Span]:
    """A last segment that is too short joins the one before it where both fit into one."""
    if len(spans) < 2 or spans[-1].end_ms - spans[-1].start_ms >= limits.shortest:
        return spans
    *others, first, last = spans
    if last.end_ms - first.start_ms > limits.longest or last.end - first.begin > limits.chars:
        return spans
    return [*others, _Span(first.begin, last.end, first.start_ms, last.end_ms, first.line)]


def _next(script: _Script, begin: int, silence: int) -> tuple[_Span, int]:
    """The segment that starts at a character, and where the one after it starts."""
    line = script.line_at(begin)
    start = script.time_at(begin, line)
    end, following = _Search(script, begin, start, line, silence).best()
    last = script.line_at(end - 1)
    return _Span(begin, end, start, script.time_at(end, last), line), following


class _Search:
    """The cheapest cut within reach of one segment's start; `best` is (cost, end, start of the next segment)."""

    def __init__(self, script: _Script, begin: int, start: int, line: int, silence: int) -> None:
        self.script, self.begin, self.start, self.line, self.silence = script, begin, start, line, silence
        self.last_ms = start + script.limits.longest
        self.last = min(begin + script.limits.chars, script.line_end(silence))
        self.found: tuple[int, int, int] | None = None

    def best(self) -> tuple[int, int]:
        script, limits = self.script, self.script.limits
        reach = bisect_left(script.lines.ends, self.start + limits.shortest, self.line, self.silence + 1)
        if reach > self.silence and self.last == script.line_end(self.silence):
            return self.last, self.last + 1  # all that is left before the silence is short
        self._lines(reach)
        if self.found is None or self.found[0] > CLAUSE * limits.target:
            self._clauses(reach)
        furthest = (0, 0, 0) if self.found else self._tokens()
        _, end, following = self.found or furthest
        return end, following

    def _consider(self, end: int, following: int, end_ms: int, penalty: int) -> bool:
        """Whether the cut is within reach; it is kept if it is long enough and the cheapest so far."""
        if end > self.last or end_ms > self.last_ms:
            return False
        duration, target = end_ms - self.start, self.script.limits.target
        if duration >= self.script.limits.shortest and end > self.begin:
            cost = penalty * target + 1000 * abs(duration - target)
            if self.found is None or cost < self.found[0]:
                self.found = (cost, end, following)
        return True

    def _lines(self, line: int) -> None:
        """Ends of lines, and ends of sentences inside them."""
        script = self.script
        lines, target = script.lines, script.limits.target
        while line <= self.silence:
            first, text = script.begins[line], lines.texts[line]
            inside = len(text) > 200 or not text.isascii() or any(map(text.__contains__, _ENDS))
            for match in (
                _SENTENCE.finditer(text, max(0, self.begin - first), self.last - first + 1) if inside else ()
            ):
                end = match.end() - (match[0][-1] == " ")
                if _ABBREVIATION.search(text, max(0, end - 6), end):
                    continue
                position = first + end
                if not self._consider(position, first + match.end(), script.time_at(position, line), SENTENCE):
                    return
            end = first + len(text)
            following = script.begins[line + 1] if line < self.silence else end + 1
            if not self._consider(end, following, lines.ends[line], script.edges[line] if line < self.silence else 0):
                return
            line += 1
            if self.found and 1000 * (lines.ends[line - 1] - self.start - target) >= self.found[0]:
                return

    def _clauses(self, line: int) -> None:
        script = self.script
        begin = max(self.begin, script.begins[min(line, self.silence)])
        for match in _CLAUSE.finditer(script.text, begin, self.last):
            end = match.start() + 1
            if not self._consider(end, match.end(), script.time_at(end, script.line_at(end - 1)), CLAUSE):
                return

    def _tokens(self) -> tuple[int, int, int]:
        """Between any two words. Returns the furthest cut within reach, for where none of them is long enough."""
        script, furthest = self.script, (0, 0, 0)
        for match in _TOKEN.finditer(script.text, self.begin, script.line_end(self.silence)):
            end = match.end()
            following = end + (script.text[end : end + 1] == " ")
            end_ms = script.time_at(end, script.line_at(end - 1))
            if not self._consider(end, following, end_ms, PHRASE) and furthest[1]:
                break
            furthest = (0, end, following)
        return furthest
