"""An open show: header, status, verdict, timeline, choices, and the view that is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from soniclayer.insights.reviews import place
from soniclayer.insights.selection import Scope, select
from soniclayer.insights.verdict import Insight
from soniclayer.ui import (
    address,
    audio_menu,
    choices,
    evaluation,
    exports_menu,
    header,
    landing,
    read_view,
    settings_menu,
    show,
    timeline,
    verdict_box,
)
from soniclayer.ui.library import library, looked_at
from soniclayer.ui.state import State, again, state
from soniclayer.ui.text import escape
from soniclayer.ui.views import VIEWS, Look

if TYPE_CHECKING:
    from soniclayer.insights.reviews import Reviews
    from soniclayer.personas import Registry
    from soniclayer.run import Run
    from soniclayer.segments import Segment
    from soniclayer.settings import Settings
    from soniclayer.ui.settings_menu import Choice
    from soniclayer.ui.show import Show

KEPT = 8  # choices whose findings are kept, for going back to


def render(settings: Settings, registry: Registry, pace_s: float | None) -> None:
    """The page. It draws itself again while a run goes on, and so does a click: neither waits for the other.

    pace_s: how often the page is drawn by itself, in seconds.
    """
    here = state()
    here.pace_s = None
    source = library().source(here.place.show) if here.place.show else None
    bar = header.places()
    with bar.settings:
        choice = settings_menu.render(settings, registry, source)
    with st.container():  # whether there is something in it or not, as in `personas_file.current`
        if problem := library().problem:
            st.warning(escape(problem), icon=":material/hard_drive:")
    if source is None:
        gone = bool(here.place.show)
        header.brand(bar)
        audio_menu.no_player()
        with st.container(key="first-page"):
            landing.render(settings, registry, gone=gone)
        _no_other_page()
    else:
        if here.shows.get(here.place.show) != source.name:
            if here.place.show in here.shows:
                st.session_state["current"] = here.place.show  # renamed: tells the browser, which shows the old name
            here.shows[here.place.show] = source.name
            looked_at(here.place.show)
        header.switcher(bar, settings)
        opened = show.read(here.place.show, source, settings.max_bytes)
        if opened is None:
            audio_menu.no_player()
        else:
            header.facts(bar, opened, settings)
            audio_menu.player(opened)
            run = evaluation.prepare(opened, registry, choice, here.place.selection)
            _no_other_page()  # only now: until there is something to see, the first page stays
            with st.container(key="desk"):
                if run is None:
                    _plan(opened, registry, choice, settings)
                else:
                    _open(opened, run, registry, choice, settings, bar)
    address.leave()
    if here.pace_s != pace_s:
        again()  # begin to watch a run that was taken up again, or leave one that has ended


def _no_other_page() -> None:
    """Take away what the first page or the desk, whichever is not drawn, has in this place.

    The browser clears what was not drawn again only at the end of a run of the script, and not at all where the next
    one begins before it has got there; a container that comes in the place of another keeps what that one had.
    """
    st.empty()


def _open(opened: Show, run: Run, registry: Registry, choice: Choice, settings: Settings, bar: header.Places) -> None:
    here = state()
    here.pace_s = evaluation.pace_s(run)  # before anything is drawn: what changes from here on has to be drawn again
    insight = _insight(here, run, _reviews(here, opened))
    scope = insight.scope
    chosen = chosen_of(scope, here.place.segment)
    with bar.export:
        exports_menu.render(scope, opened.transcript)
    evaluation.status(run, insight, settings, can_evaluate=bool(choice.identity))
    evaluation.broken(run)
    verdict_box.render(insight)
    timeline.render(insight, chosen)
    choices.render(insight)
    look = Look(run, insight, chosen, opened, registry, settings)
    view = here.place.view if here.place.view in VIEWS else "read"
    with st.container(key=f"view-{view}", gap="small"):
        VIEWS[view].render(look)


def _plan(opened: Show, registry: Registry, choice: Choice, settings: Settings) -> None:
    """The show before anybody has judged it: what that would ask, and the text."""
    run = evaluation.unstarted(opened, registry, choice)
    scope = select(run, state().place.selection)
    evaluation.plan(opened, scope, choice, settings)
    insight = Insight(scope)
    chosen = chosen_of(scope, state().place.segment)
    choices.render(insight)
    with st.container(key="view-read", gap="small"):
        read_view.text_only(insight, chosen)


def _reviews(here: State, opened: Show) -> Reviews:
    """The reviews of the show at their cells."""
    found = library().ask(opened.id, lambda kept: kept.reviews.list(opened.id)) or []
    key = (opened.identity, *found)
    if here.placed[0] != key:
        here.placed = (key, place(opened.segments, found))
    return here.placed[1]


def _insight(here: State, run: Run, reviews: Reviews) -> Insight:
    """What can be told now; worked out again only where results or choices have changed."""
    state_of = (len(run.results), len(run.failures), len(run.classifications), run.state)
    key = (id(run), here.place.selection, here.placed[0], *state_of)
    if key not in here.insights:
        here.insights[key] = Insight(select(run, here.place.selection, reviews))
        for old in list(here.insights)[:-KEPT]:
            del here.insights[old]
    here.insight = here.insights[key]
    return here.insight


def chosen_of(scope: Scope, index: int) -> Segment | None:
    """The chosen segment; where it does not fit the filters the next one that does, or the last."""
    after = (segment for segment in scope.segments if segment.index >= index)
    return next(after, scope.segments[-1] if scope.segments else None)
