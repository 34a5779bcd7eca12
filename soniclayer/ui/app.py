"""SonicLayer, the page from top to bottom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from soniclayer import settings
from soniclayer.errors import SettingsError
from soniclayer.ui import evaluation, personas_file, personas_tab, show, sidebar, sources, usage
from soniclayer.ui.tabs import TABS, View
from soniclayer.ui.text import escape

if TYPE_CHECKING:
    from soniclayer.settings import Settings


def main() -> None:
    """Draw the page."""
    # An emoji, because a Material icon would be fetched from the web for the tab.
    st.set_page_config(page_title="SonicLayer", page_icon="🎙️", layout="wide")
    st.title("SonicLayer", icon=":material/graphic_eq:", anchor=False)
    st.markdown(
        "A focus group for your transcript: every persona reacts to every half minute of the show.  \n"
        "See where you lose whom, what is not brand-safe, and which clips to promote."
    )
    configuration = _settings()
    personas = personas_file.current(configuration.personas)
    choice = sidebar.render(configuration, personas)
    source = sources.pick(configuration.max_mb)
    if source is None:
        personas_tab.invite(personas)
        return
    chosen = show.read(source, configuration.max_bytes)
    if chosen is None:
        return
    run = evaluation.prepare(chosen, personas, choice)
    if run is None:
        evaluation.plan(chosen, personas, choice, configuration)
        return
    view = View(run, chosen, personas, configuration)
    pace_s = evaluation.pace_s(run)
    live = st.fragment(_live, run_every=pace_s)
    with st.container():  # as in `personas_file.current`
        live(view, pace_s)


def _settings() -> Settings:
    try:
        return settings.read(sidebar.secrets())
    except SettingsError as error:
        st.error(escape(str(error)), title="A setting cannot be used", icon=":material/settings_alert:")
        st.stop()


def _live(view: View, pace_s: float | None) -> None:
    """Everything that changes while the run goes on; drawn again alone, so that no click waits.

    pace_s: how often the page does so by itself.
    """
    due_s = evaluation.pace_s(view.run)  # before anything is drawn: what changes from here on has to be drawn again
    usage.render(view.run, view.settings)
    evaluation.controls(view.run)
    places = st.tabs([f"{tab.icon} {tab.label}" for tab in TABS], on_change="rerun", key="view")
    for tab, place in zip(TABS, places, strict=True):
        if place.open or tab.always_drawn:
            with place:
                tab.render(view, bool(place.open))
    if due_s != pace_s:
        st.rerun()  # begin to watch a run that was taken up again, or leave one that has ended


if __name__ == "__main__":  # `streamlit run` of this very file, which is how the installed command opens the page
    main()
