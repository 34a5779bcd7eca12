"""SonicLayer, the page from top to bottom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from soniclayer import settings
from soniclayer.errors import SettingsError
from soniclayer.ui import address, broken_off, desk, personas_file, settings_menu
from soniclayer.ui.state import state
from soniclayer.ui.text import escape

if TYPE_CHECKING:
    from soniclayer.settings import Settings


def main() -> None:
    """Draw the page."""
    broken_off.drop_references()
    # An emoji, because a Material icon would be fetched from the web for the tab.
    st.set_page_config(page_title="SonicLayer", page_icon="🎙️", layout="wide")
    configuration = _settings()
    personas = personas_file.current(configuration.personas)
    address.arrive()
    pace_s = state().pace_s
    live = st.fragment(desk.render, run_every=pace_s)
    # Where server and network are slow, Streamlit drops what a fragment drew once that fragment is due again. Without
    # a place of its own, everything around it would move, and the browser would end on a blank page.
    with st.container():
        live(configuration, personas, pace_s)
    personas_file.follow(configuration.personas)


def _settings() -> Settings:
    try:
        return settings.read(settings_menu.secrets())
    except SettingsError as error:
        st.error(escape(str(error)), title="A setting cannot be used", icon=":material/settings_alert:")
        st.stop()


if __name__ == "__main__":  # `streamlit run` of this very file, which is how the installed command opens the page
    main()
