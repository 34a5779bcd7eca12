"""A run as a workbook: overview, listeners, moments, segments, reactions. Text is text, never a formula."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import xlsxwriter

from soniclayer.exports.plain import plain, said
from soniclayer.exports.report import report
from soniclayer.feedback import own_of, review_of
from soniclayer.insights.looks import CALLS, HUES
from soniclayer.insights.moments import MOMENTS
from soniclayer.phrasing import day, short_name
from soniclayer.results import QUOTE_SEPARATOR, why_not

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from soniclayer.exports.report import Report
    from soniclayer.insights.verdict import Insight
    from soniclayer.transcript import Transcript

    Value = str | float | int | None
    Rows = Iterable[Sequence[Value]]

LONGEST = 32_767  # letters that a cell takes
DAY_MS = 86_400_000.0
MOST_HEADING = 60  # letters of a persona's name above a column


class _Time(float):
    """Milliseconds, shown as a time."""


class _Score(int):
    """1 to 5, on its colour."""


def to_xlsx(insight: Insight, transcript: Transcript) -> bytes:
    """Five sheets. Times are days, as spreadsheets count them, shown as h:mm:ss; scores and means are numbers."""
    target = io.BytesIO()
    told = report(insight, transcript)
    names = [plain(short_name(persona.display_name), MOST_HEADING) for persona in insight.scope.personas]
    with xlsxwriter.Workbook(target, {"in_memory": True}) as file:
        book = _Book(file)
        book.sheet("Overview", (100,), (), _overview(told))
        book.sheet("Listeners", (28, 10, 10, *[14] * len(CALLS)), _LISTENERS, _listeners(told))
        book.sheet("Moments", (16, 11, 11, 60, 26, 30, 30, 8), _MOMENTS, _moments(insight))
        widths = (11, 11, 20, 80, 18, 18, 11, *[11] * len(names))
        book.sheet("Segments", widths, (*_SEGMENTS, *names), _segments(insight))
        book.sheet("Reactions", (11, 24, 8, *_WIDE, 11, 30, 20, 14), _REACTIONS, _reactions(insight))
    return target.getvalue()


class _Book:
    """Writes each value as what it is: text as text, whatever it begins with."""

    def __init__(self, file: xlsxwriter.Workbook) -> None:
        self._file = file
        top: dict[str, object] = {"valign": "top"}
        # With the prefix it stays text when somebody edits the cell.
        self._text = self._format({"text_wrap": True, "quote_prefix": True, **top})
        self._heading = self._format({"bold": True, "text_wrap": True, "quote_prefix": True, **top})
        self._time = self._format({"num_format": "[h]:mm:ss", **top})
        self._number = self._format({"num_format": "0.00", **top})
        self._whole = self._format(top)
        self._scores = {
            score: self._format({"bg_color": HUES[look].light, "font_color": "#ffffff" if score == 5 else "#000000"})
            for score, look in CALLS.items()
        }

    def _format(self, properties: dict[str, object]) -> Format:
        return self._file.add_format(properties)

    def sheet(self, title: str, widths: Sequence[float], heading: Sequence[str], rows: Rows) -> None:
        """A sheet of its own; widths in letters, the heading stays in sight."""
        page = self._file.add_worksheet(title)
        for column, width in enumerate(widths):
            page.set_column(column, column, width)
        for column, name in enumerate(heading):
            page.write_string(0, column, plain(name), self._heading)
        if heading:
            page.freeze_panes(1, 0)
        for number, row in enumerate(rows, start=bool(heading)):
            for column, value in enumerate(row):
                self._write(page, number, column, value)

    def _write(self, page: Worksheet, row: int, column: int, value: Value) -> None:
        if isinstance(value, str):
            if value:
                page.write_string(row, column, plain(value)[:LONGEST], self._text)
        elif isinstance(value, _Time):
            page.write_number(row, column, value / DAY_MS, self._time)
        elif value is not None:
            whole = self._scores[value] if isinstance(value, _Score) else self._whole
            page.write_number(row, column, value, self._number if isinstance(value, float) else whole)


def _overview(told: Report) -> Iterable[Sequence[Value]]:
    yield (told.title,)
    yield (f"{told.facts} · judged by {told.judge}",)
    for line in (said(told.left_out), *told.caution):
        if line:
            yield (line,)
    yield ("",)
    for sentence in told.verdict:
        yield (f"{sentence.lead}{sentence.rest}",)
    yield ("",)
    yield ("Simulated listeners: a reason to listen again, no measurement of an audience.",)


_LISTENERS = ("Persona", "Mean", "Spread", *CALLS.values())
_MOMENTS = ("Kind", "Start", "End", "Words", "What", "For", "Against", "Sure")
_SEGMENTS = ("Start", "End", "Speakers", "Words", "Topic", "Tone", "Consensus")
_REACTIONS = (
    *("Start", "Persona", "Score", "Opinion", "Rationale", "Sure", "Note", "Quotes", "Why there is none"),
    *("Evaluator's score", "Review", "Reviewed by", "Reviewed on"),
)
_WIDE = (40, 40, 10, 30, 40, 30)


def _listeners(told: Report) -> Iterable[Sequence[Value]]:
    for who in told.listeners:
        yield (who.name, who.mean, who.spread, *(who.looks.get(look, 0) for look in CALLS.values()))


def _moments(insight: Insight) -> Iterable[Sequence[Value]]:
    for key, kind in MOMENTS.items():
        for moment in insight.moments(key):
            names = (", ".join(insight.names[who] for who in ids) for ids in (moment.who, moment.against))
            times = (_Time(moment.start_ms), _Time(moment.end_ms))
            yield (kind.label, *times, moment.words, moment.note, *names, moment.sure)


def _segments(insight: Insight) -> Iterable[Sequence[Value]]:
    scope = insight.scope
    for segment in scope.segments:
        known = scope.run.classifications.get(segment.index)
        about = ("", "") if known is None else (known.topic or "", known.tone or "")
        calls = (scope.run.results.get((segment.index, persona.id)) for persona in scope.personas)
        scores = [_Score(call.score) if call is not None and call.called else None for call in calls]
        times = (_Time(segment.start_ms), _Time(segment.end_ms))
        yield (*times, ", ".join(segment.speakers), segment.text, *about, scope.value(segment), *scores)


def _reactions(insight: Insight) -> Iterable[Sequence[Value]]:
    run = insight.scope.narrowed
    for segment in run.segments:
        for persona in run.personas:
            who = (_Time(segment.start_ms), persona.display_name)
            call = run.results.get((segment.index, persona.id))
            if call is None:
                yield (*who, None, "", "", None, "", "", why_not(run, segment, persona))
                continue
            own, review = own_of(call), review_of(call)
            quotes = QUOTE_SEPARATOR.join(own.quotes)
            theirs: tuple[Value, ...] = ()
            if review is not None:
                theirs = (_Score(own.score), review.reason, review.who, day(review.made))
            reasons = (own.opinion, own.rationale, own.confidence, own.note, quotes, "")
            yield (*who, _Score(call.score), *reasons, *theirs)
