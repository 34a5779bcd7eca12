"""The page without a show: what this is, the ways in, who would listen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import streamlit as st

from soniclayer.phrasing import plural
from soniclayer.ui import archive_shows, recent_shows, sources
from soniclayer.ui.text import escape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soniclayer.personas import Persona
    from soniclayer.settings import Settings


_Color = Literal["orange", "blue", "violet", "gray"]
ANSWERS: tuple[tuple[str, _Color, str, str], ...] = (
    (":material/trending_down:", "orange", "Where you lose them", "Whom, at what minute, over which words."),
    (":material/content_cut:", "orange", "What to cut", "Words that an advertiser minds, and what bores for long."),
    (":material/movie:", "blue", "What to clip", "15 to 60 seconds that stand alone, and for whom."),
    (":material/call_split:", "blue", "Where they disagree", "What pleases some of them and drives others away."),
)


def render(settings: Settings, personas: Mapping[str, Persona], *, gone: bool) -> None:
    """gone: the address names a show that is not kept any more."""
    st.markdown(
        "**A focus group for your transcript**: every persona reacts to every half minute of the show.  \n"
        "See where you lose whom, what is not brand-safe, and which clips to promote."
    )
    if gone:
        st.info(
            "The show of this address is not kept here any more. Upload its file again to see it.",
            icon=":material/link_off:",
        )
    left, right = st.columns([3, 2], gap="medium")
    with left, st.container(border=True, height="stretch"):
        sources.ways_in(settings)
    with right, st.container(border=True, height="stretch"):
        _listeners(personas)
    recent_shows.render(settings)
    archive_shows.render(settings)
    _answers()


def _answers() -> None:
    """What a show is told, in four places that look like those of the desk."""
    with st.grid(len(ANSWERS), min_column_width=220, gap="small"):
        for icon, color, question, answer in ANSWERS:
            with st.container(border=True, height="stretch", gap="xxsmall"):
                st.badge(question, icon=icon, color=color)
                st.caption(answer)


def _listeners(personas: Mapping[str, Persona]) -> None:
    st.markdown(f"##### {plural(len(personas), 'persona')} will listen", anchors=False)
    with st.container(horizontal=True, gap="xsmall"):
        for persona in personas.values():
            # st.badge puts backslashes of its own before brackets, which would show beside those of escape.
            name = f"{escape(persona.emoji)} {escape(persona.display_name)}"
            st.markdown(f":violet-badge[{name}]", width="content", help=escape(persona.description))
