"""A run as a workbook: overview, listeners, moments, segments, reactions. Text is text, never a formula."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from soniclayer.exports.plain import plain, said
from soniclayer.exports.report import report
from soniclayer.insights.looks import CALLS, HUES
from soniclayer.insights.moments import MOMENTS
from soniclayer.phrasing import short_name
from soniclayer.results import QUOTE_SEPARATOR, why_not

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from openpyxl.cell import Cell
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

    from soniclayer.exports.report import Report
    from soniclayer.insights.verdict import Insight
    from soniclayer.transcript import Transcript

    Value = str | float | int | None
    Rows = Iterable[Sequence[Value]]

LONGEST = 32_767  # letters that a cell takes
DAY_MS = 86_400_000.0
TIME = "[h]:mm:ss"
MOST_HEADING = 60  # letters of a persona's name above a column
_BOLD, _WRAPPED = Font(bold=True), Alignment(wrap_text=True, vertical="top")
_FILLS = {score: PatternFill("solid", fgColor=HUES[look].light.removeprefix("#")) for score, look in CALLS.items()}
_WHITE = Font(color="FFFFFF")


class _Time(float):
    """Milliseconds, shown as a time."""


class _Score(int):
    """1 to 5, on its colour."""


def to_xlsx(insight: Insight, transcript: Transcript) -> bytes:
    """Five sheets. Times are days, as spreadsheets count them, shown as h:mm:ss; scores and means are numbers."""
    book = Workbook(write_only=True)
    told = report(insight, transcript)
    _sheet(book, "Overview", (100,), [], _overview(told))
    _sheet(book, "Listeners", (28, 10, 10, *[14] * len(CALLS)), _LISTENERS, _listeners(told))
    _sheet(book, "Moments", (16, 11, 11, 60, 26, 30, 30, 8), _MOMENTS, _moments(insight))
    names = [plain(short_name(persona.display_name), MOST_HEADING) for persona in insight.scope.personas]
    _sheet(
        book, "Segments", (11, 11, 20, 80, 18, 18, 11, *[11] * len(names)), (*_SEGMENTS, *names), _segments(insight)
    )
    _sheet(book, "Reactions", (11, 24, 8, 40, 40, 10, 30, 40, 30), _REACTIONS, _reactions(insight))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _sheet(book: Workbook, title: str, widths: Sequence[float], heading: Sequence[str], rows: Rows) -> None:
    sheet = book.create_sheet(title)
    for number, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    if heading:
        sheet.freeze_panes = "A2"
        cells = [_cell(sheet, name) for name in heading]
        for cell in cells:
            cell.font = _BOLD
        sheet.append(cells)
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])


def _cell(sheet: WriteOnlyWorksheet, value: Value) -> Cell:
    if isinstance(value, str):
        return _text(sheet, value)
    if isinstance(value, _Time):
        cell = WriteOnlyCell(sheet, float(value) / DAY_MS)
        cell.number_format = TIME
        return cell
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, _Score):
        cell.value, cell.fill = int(value), _FILLS[value]
        if value == 5:
            cell.font = _WHITE
    elif isinstance(value, float):
        cell.number_format = "0.00"
    return cell


def _text(sheet: WriteOnlyWorksheet, text: str) -> Cell:
    cell = WriteOnlyCell(sheet, plain(text)[:LONGEST])
    cell.data_type = "s"  # openpyxl takes "=1+1" for a formula and "#N/A" for an error
    cell.quotePrefix = True  # and a spreadsheet would, once the cell is edited
    cell.alignment = _WRAPPED
    return cell


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
_REACTIONS = ("Start", "Persona", "Score", "Opinion", "Rationale", "Sure", "Note", "Quotes", "Why there is none")


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
            quotes = QUOTE_SEPARATOR.join(call.quotes)
            yield (*who, _Score(call.score), call.opinion, call.rationale, call.confidence, call.note, quotes, "")
