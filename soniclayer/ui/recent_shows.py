"""The shows of the library on the landing page: the recent ones, a search, and bringing back what was deleted."""

from __future__ import annotations

import time
from datetime import date
from typing import TYPE_CHECKING

import streamlit as st

from soniclayer.evaluators.registry import EVALUATORS, preferred
from soniclayer.library import UNDO_S
from soniclayer.phrasing import clock, money, plural, recent_day, short_name
from soniclayer.ui.library import library
from soniclayer.ui.state import go, state
from soniclayer.ui.text import escape

if TYPE_CHECKING:
    from collections.abc import Collection

    from soniclayer.library import Library, RunRow, ShowRow
    from soniclayer.settings import Settings

PAGE = 10  # shows in the list before "Show more"
MOST_MEANS = 8


def render(settings: Settings) -> None:
    """The list. Where others may open the page, nobody sees another session's shows."""
    removed()
    mine = tuple(state().shows) if settings.locked else None
    total = len(mine) if mine is not None else library().ask("", lambda kept: kept.shows.count()) or 0
    shown = _rows(mine, "", PAGE * state().pages_of_shows)
    if not shown and not total:
        return
    words = search("Recent shows", "Search shows", "search-shows")
    found = _rows(mine, words, PAGE * state().pages_of_shows) if words else shown
    if not found:
        st.caption("No show has these words.")
        return
    runs = _runs(found)
    for row in found:
        _show(row, runs.get(row.id, []), settings)
    if not words and len(found) < total:
        st.button("Show more", key="more-shows", type="tertiary", icon=":material/expand_more:", on_click=_more)


def search(heading: str, label: str, key: str) -> str:
    """A heading with a search beside it; the words that are looked for, or ""."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.markdown(f"##### {escape(heading)}", width="stretch", anchors=False)
        return st.text_input(
            label,
            key=key,
            placeholder="Search names and words",
            icon=":material/search:",
            label_visibility="collapsed",
            width=260,
        ).strip()


def _more() -> None:
    state().pages_of_shows += 1


def _rows(mine: Collection[str] | None, words: str, most: int) -> list[ShowRow]:
    """From disk, and before them those that are not kept but open in this session."""

    def find(kept: Library, only: Collection[str] | None) -> list[ShowRow]:
        return kept.shows.search(words, most, only=only) if words else kept.shows.recent(most, only=only)

    passing = find(library().unkept, tuple(state().shows))
    return [*passing, *(library().ask("", lambda kept: find(kept, mine)) or [])][:most]


def _runs(rows: list[ShowRow]) -> dict[str, list[RunRow]]:
    found: dict[str, list[RunRow]] = {row.id: [] for row in rows}
    for run in (*library().unkept.runs.of(found), *(library().ask("", lambda kept: kept.runs.of(found)) or [])):
        found[run.show].append(run)
    return found


def _show(row: ShowRow, runs: list[RunRow], settings: Settings) -> None:
    with st.container(gap=None, key=f"show-{row.id}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.button(
                escape(row.name), key=f"recent-{row.id}", icon=":material/history:", type="tertiary",
                on_click=go, kwargs={"show": row.id, "evaluator": evaluator_of(runs, settings)},
            )  # fmt: skip
            st.caption(escape(" · ".join(_facts(row, runs))), width="content")
        if runs:
            st.caption(escape(_means(runs[0])))
        if row.found:
            st.text(row.found)


def evaluator_of(runs: list[RunRow], settings: Settings) -> str:
    """Who judged it last; "" where that is whom the page begins with."""
    last = runs[0].evaluator if runs else ""
    return last if last in EVALUATORS and last != preferred(settings).id else ""


def _facts(row: ShowRow, runs: list[RunRow]) -> list[str]:
    parts = [row.tag, recent_day(row.opened, date.today())]
    if row.duration_s:
        parts.append(clock(row.duration_s))
    parts += dict.fromkeys(run.model or run.name for run in runs)
    costs = [run.cost for run in runs if run.cost is not None]
    if costs:
        parts.append(money(sum(costs)))
    return [part for part in parts if part]


def _means(run: RunRow) -> str:
    """Such as "Tradies 3.6 · Gen Z 2.4": who likes it most comes first."""
    known = [(mean.mean, mean.name) for mean in run.means if mean.mean is not None]
    ranked = sorted(known, key=lambda each: -each[0])
    words = [f"{short_name(name)} {mean:.1f}" for mean, name in ranked[:MOST_MEANS]]
    if len(ranked) > len(words):
        words.append(f"and {plural(len(ranked) - len(words), 'more persona')}")
    return " · ".join(words)


def removed() -> None:
    """What was deleted in this session a moment ago, each with its way back."""
    here = state()
    for show, (name, when) in list(here.removed.items()):
        if time.time() - when > UNDO_S:
            del here.removed[show]
            continue
        with st.container(horizontal=True, vertical_alignment="center", border=True, key=f"removed-{show}"):
            st.text(f"{name} is deleted, and gone for good in a minute.", width="stretch")
            st.button(
                f"Bring {escape(name)} back", key=f"bring-back-{show}", icon=":material/undo:", on_click=bring_back,
                args=(show,),
            )  # fmt: skip


def bring_back(show: str) -> None:
    """Callback: undo the deletion of a show, and look at it."""
    library().bring_back(show)
    state().removed.pop(show, None)
    go(show=show)
