"""What the open show can be compared with: other evaluators, its kept runs, other shows, and its programme."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from soniclayer.errors import RecordError
from soniclayer.insights.reviews import place, reviewed
from soniclayer.insights.trends import Episode, programme_of
from soniclayer.phrasing import recent_day
from soniclayer.records import restore
from soniclayer.ui import kept_runs
from soniclayer.ui.library import library
from soniclayer.ui.state import state

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from soniclayer.insights.reviews import Reviews
    from soniclayer.library import Library, RunRow, ShowRow
    from soniclayer.run import Run
    from soniclayer.ui.show import Show

MOST_SHOWS = 50


@dataclass(frozen=True, slots=True)
class Other:
    """One run to compare with.

    Attributes:
        key: stands in the address of the page.
        show: id of the show that was judged.
        label: in the list.
        name: in sentences.
        evaluator: name of who judged.
        read: the run; None where what is kept cannot be read.
    """

    key: str
    show: str
    label: str
    name: str
    evaluator: str
    read: Callable[[], Run | None]


@dataclass(frozen=True, slots=True)
class Kept:
    """A show of the library with its runs, the latest first."""

    row: ShowRow
    runs: tuple[RunRow, ...]


def kept_shows(show: str, *, locked: bool) -> list[Kept]:
    """The shows that this session may see, the one looked at last first; those of others not, where it is locked.

    show: the open one; beside one of the archive stand those of its programme there.
    """
    if library().is_archived(show):
        return library().ask(show, lambda kept: _of_programme(kept, show)) or []
    opened = tuple(state().shows)
    mine = opened if locked else None
    passing = _listed(library().unkept, opened)
    return [*passing, *(library().ask("", lambda kept: _listed(kept, mine)) or [])]


def _of_programme(kept: Library, show: str) -> list[Kept]:
    names = kept.shows.names()
    programme = programme_of(names.get(show, ""), "")
    same = [each for each, name in names.items() if programme and programme_of(name, "") == programme] or [show]
    place = same.index(show)
    around = same[max(0, place - MOST_SHOWS // 2) :][:MOST_SHOWS]
    return _listed(kept, around)


def _listed(kept: Library, only: Collection[str] | None) -> list[Kept]:
    rows = kept.shows.recent(MOST_SHOWS, only=only)
    runs = kept.runs.of([row.id for row in rows])
    return [Kept(row, tuple(run for run in runs if run.show == row.id and run.answered)) for row in rows]


def judge_of(name: str, model: str) -> str:
    """What an evaluator is called."""
    return " ".join(filter(None, (name, model)))


def others(show: Show, run: Run, judged: dict[str, Run], shows: Sequence[Kept], personas: str) -> list[Other]:
    """All there is: first this show by other evaluators and personas, then other shows.

    judged: runs of this show in this session, by name of the evaluator. personas: fingerprint of those of today.
    """
    found = [
        Other(f"by-{name}", show.id, f"This show by {name}", name, name, partial(_same, other))
        for name, other in judged.items()
        if other is not run
    ]
    known = {judge_of(run.evaluator.name, run.evaluator.model), *judged}
    today = date.today()
    for kept in shows:
        here = kept.row.id == show.id
        seen: set[str] = set()
        for row in kept.runs:
            judge = judge_of(row.name, row.model)
            same = here and ((judge in known and row.personas == personas) or kept_runs.shown(row) is run)
            if judge in seen or same:
                continue
            if not here:
                seen.add(judge)  # of another show the last run by each evaluator
            when = recent_day(row.saved, today)
            label = f"This show by {judge}, {when}" if here else f"{kept.row.name} · {judge} · {when}"
            name = f"the run of {when}" if here else kept.row.name
            found.append(Other(f"run-{row.id}", row.show, label, name, judge, partial(_run, row)))
    return found


def programme(show: Show, run: Run, shows: Sequence[Kept]) -> tuple[str, list[Kept]]:
    """(the programme of the open show, its shows that have been judged), or ("", [])."""
    row = next((kept.row for kept in shows if kept.row.id == show.id), None)
    name = programme_of(row.name, row.tag) if row is not None else ""
    if not name:
        return "", []
    return name, [kept for kept in shows if kept.runs and programme_of(kept.row.name, kept.row.tag) == name]


def episodes(run: Run, shows: Sequence[Kept]) -> list[Episode]:
    """The shows of a programme, each by the evaluator of the open run and with the scores of persons.

    Those judged by other evaluators only are left out.
    """
    found = []
    for kept in shows:
        same = (run.evaluator.name, run.evaluator.model)
        row = next((row for row in kept.runs if (row.name, row.model) == same), None)
        if row is not None and (read := _run(row)) is not None:
            found.append(Episode(kept.row.name, kept.row.when, reviewed(read, reviews_of(kept.row.id, read))))
    return found


def reviews_of(show: str, run: Run) -> Reviews:
    """The reviews of a show at the cells of one of its runs."""
    return place(run.segments, library().ask(show, lambda kept: kept.reviews.list(show)) or [])


def _same(run: Run) -> Run:
    return run


def _run(row: RunRow) -> Run | None:
    try:
        return _restored(row.show, row.id, row.saved)
    except RecordError:
        return None


@st.cache_resource(max_entries=MOST_SHOWS, show_spinner="Reading kept results")
def _restored(show: str, run: int, saved: float) -> Run:
    record = library().ask(show, lambda kept: kept.runs.record(run))
    if record is None:
        raise RecordError("The library cannot be read.")
    return restore(record)
