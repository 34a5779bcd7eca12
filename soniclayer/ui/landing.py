"""The page without a show: what this is, the ways in, who would listen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from soniclayer.phrasing import plural
from soniclayer.ui import recent_shows, sources
from soniclayer.ui.text import escape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soniclayer.personas import Persona
    from soniclayer.settings import Settings


def render(settings: Settings, personas: Mapping[str, Persona], *, gone: bool) -> None:
    """gone: the address names a show that is not kept any more."""
    st.markdown(
        "A focus group for your transcript: every persona reacts to every half minute of the show.  \n"
        "See where you lose whom, what is not brand-safe, and which clips to promote."
    )
    if gone:
        st.info(
            "The show of this address is not kept here any more. Upload its file again to see it.",
            icon=":material/link_off:",
        )
    left, right = st.columns([3, 2], gap="large")
    with left:
        sources.ways_in(settings)
    with right:
        _listeners(personas)
    recent_shows.render(settings)


def _listeners(personas: Mapping[str, Persona]) -> None:
    st.markdown(f"##### {plural(len(personas), 'persona')} will listen")
    with st.container(horizontal=True, gap="small"):
        for persona in personas.values():
            # st.badge puts backslashes of its own before brackets, which would show beside those of escape.
            name = f"{escape(persona.emoji)} {escape(persona.display_name)}"
            st.markdown(f":violet-badge[{name}]", width="content", help=escape(persona.description))
