"""The personas as they are, and how to add one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from soniclayer.shipped import is_own
from soniclayer.ui.text import escape

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from soniclayer.personas import Persona

BLOCK = """[personas.surfers]
display_name = "Surfers"
emoji = "🏄"
description = "Up before dawn, in the water by six, at work by nine."
likes = ["surf reports", "clean beaches", "road trips"]
dislikes = ["long ad breaks", "city traffic"]
"""


def invite(personas: Mapping[str, Persona]) -> None:
    """Who would listen, for a page without a show yet."""
    st.caption(f"{len(personas)} personas are waiting to listen")
    with st.container(horizontal=True, gap="small"):
        for persona in personas.values():
            # st.badge puts backslashes of its own before brackets, which would show beside those of escape.
            name = f"{escape(persona.emoji)} {escape(persona.display_name)}"
            st.markdown(f":violet-badge[{name}]", width="content", help=escape(persona.description))


def render(personas: Mapping[str, Persona], path: Path) -> None:
    """Who listens, and the block to paste for one more."""
    if not is_own(path):
        st.markdown(f"`soniclayer init` writes **{escape(path.name)}** into this folder; then load the page again.")
    st.markdown(
        f"Edit **{escape(path.name)}** in your editor and save: the page follows within two seconds. "
        "To add a persona, paste a block such as this at the end of the file:"
    )
    st.code(BLOCK, language="toml")
    with st.grid(min_column_width=320, gap="small"):
        for persona in personas.values():
            with st.container(border=True, key=f"persona-{persona.id}", height="stretch", gap="xsmall"):
                st.markdown(f"{escape(persona.emoji)} **{escape(persona.display_name)}**")
                st.text(persona.description)
                st.caption(f"Likes {escape(', '.join(persona.likes) or 'nothing in particular')}")
                st.caption(f"Dislikes {escape(', '.join(persona.dislikes) or 'nothing in particular')}")
