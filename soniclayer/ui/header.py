"""The header of an open show, in one line: which show, its facts, and the menus."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from soniclayer.ui import audio_menu, show, sources
from soniclayer.ui.state import changed, set_widget, state
from soniclayer.ui.text import escape

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from soniclayer.settings import Settings
    from soniclayer.ui.show import Show

SWITCHER_PX = 260


class Places(NamedTuple):
    """Where the parts of the header go, from left to right."""

    left: DeltaGenerator
    facts: DeltaGenerator
    add: DeltaGenerator
    export: DeltaGenerator
    settings: DeltaGenerator


def places() -> Places:
    """The line, still empty."""
    with st.container(horizontal=True, vertical_alignment="center", key="header"):
        left = st.container(horizontal=True, width="content", vertical_alignment="center")
        facts = st.container(width="stretch", gap=None)
        with st.container(horizontal=True, width="content", vertical_alignment="center", gap="small"):
            menus = [st.container(width="content") for _ in range(3)]
    return Places(left, facts, *menus)


def brand(bar: Places) -> None:
    """The name, large, where no show is open."""
    bar.left.title("SonicLayer", icon=":material/graphic_eq:", anchor=False)
    bar.facts.space("small")  # pushes the menu to the right edge


def switcher(bar: Places, settings: Settings) -> None:
    """The name, small, and the shows of this session to switch between."""
    here = state()
    with bar.left:
        st.markdown("**:material/graphic_eq: SonicLayer**", width="content")
        set_widget("current", here.place.show)
        st.selectbox(
            "Show",
            list(here.shows),
            format_func=lambda key: here.shows[key],
            key="current",
            label_visibility="collapsed",
            width=SWITCHER_PX,
            on_change=changed,
            args=("current", _switch),
        )
    with bar.add:
        menu = st.popover("Add show", icon=":material/add:", type="tertiary", key=sources.MENU, on_change="rerun")
    with menu, st.container(width=520):
        sources.ways_in(settings)


def _switch(show: str) -> None:
    """Callback: look at another show. After a rename the browser tells the old name once, which is no choice."""
    here = state()
    if show in here.shows:
        here.open(show, here.shows[show])


def facts(bar: Places, opened: Show, settings: Settings) -> None:
    """What the show is, and the menu with what was understood of its file."""
    with bar.facts, st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(escape(opened.facts), width="content")
        if any(segment.estimated for segment in opened.segments):
            st.badge("Times estimated", icon=":material/timer_off:", color="orange")
        show.report(opened, settings.max_bytes)
        audio_menu.render(opened, settings)
