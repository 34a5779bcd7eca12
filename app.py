"""SonicLayer, the page from top to bottom."""

from __future__ import annotations

import streamlit as st

from soniclayer import settings
from soniclayer.errors import SettingsError
from soniclayer.personas import Registry
from soniclayer.run import Run
from soniclayer.settings import Settings
from soniclayer.ui import bill, cards, compare, downloads, evaluation, people, registry, show, sidebar, sources
from soniclayer.ui.words import escape


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
    personas = registry.current(configuration.personas)
    choice = sidebar.render(configuration, personas)
    source = sources.pick(configuration.max_mb)
    if source is None:
        people.invite(personas)
        return
    chosen = show.read(source, configuration.max_bytes)
    if chosen is None:
        return
    run = evaluation.prepare(chosen, personas, choice)
    if run is None:
        evaluation.plan(chosen, personas, choice, configuration)
        return
    pace_s = evaluation.pace_s(run)
    live = st.fragment(_live, run_every=pace_s)
    with st.container():  # as in `registry.current`
        live(run, chosen, personas, configuration, pace_s)


def _settings() -> Settings:
    try:
        return settings.read(sidebar.secrets())
    except SettingsError as error:
        st.error(escape(str(error)), title="A setting cannot be used", icon=":material/settings_alert:")
        st.stop()


def _live(run: Run, chosen: show.Show, personas: Registry, configuration: Settings, pace_s: float | None) -> None:
    """Everything that changes while the run goes on; drawn again alone, so that no click waits.

    pace_s: how often the page does so by itself.
    """
    due_s = evaluation.pace_s(run)  # before anything is drawn: what changes from here on has to be drawn again
    bill.render(run, configuration)
    evaluation.controls(run)
    segments, overall, alike, who, files = st.tabs(
        [
            ":material/view_agenda: Segments",
            ":material/grid_on: Overview",
            ":material/compare_arrows: Agreement",
            ":material/group: Personas",
            ":material/download: Downloads",
        ],
        on_change="rerun",
        key="view",
    )
    with segments:
        cards.render(run, chosen.identity, visible=bool(segments.open))
    if overall.open:
        from soniclayer.ui import overview  # brings Altair, which a first look at the page need not wait for

        with overall:
            overview.render(run)
    if alike.open:
        with alike:
            compare.render(evaluation.judged(chosen, personas))
    if who.open:
        with who:
            people.render(personas, configuration.personas)
    if files.open:
        with files:
            downloads.render(run, chosen.transcript)
    if due_s != pace_s:
        st.rerun()  # begin to watch a run that was taken up again, or leave one that has ended


main()
