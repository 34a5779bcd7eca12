"""Personas: how each took the show, who they are, and how to add one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from soniclayer.phrasing import clock, excerpt, plural
from soniclayer.results import summarize
from soniclayer.shipped import is_own
from soniclayer.ui.state import go
from soniclayer.ui.text import SCORES, escape

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from soniclayer.insights.selection import Scope
    from soniclayer.personas import Persona

BLOCK = """[personas.surfers]
display_name = "Surfers"
emoji = "🏄"
description = "Up before dawn, in the water by six, at work by nine."
likes = ["surf reports", "clean beaches", "road trips"]
dislikes = ["long ad breaks", "city traffic"]
"""


def render(scope: Scope, personas: Mapping[str, Persona], path: Path) -> None:
    """Each of the chosen personas: how it took the show, who it is; and the block to paste for one more."""
    with st.grid(2, min_column_width=420, gap="small"):
        for persona in scope.personas:
            with st.container(border=True, key=f"persona-{persona.id}", height="stretch", gap="xsmall"):
                _headline(persona, scope)
                _moments(scope, persona)
                st.caption(
                    f"{f'**{escape(persona.group)}** · ' if persona.group else ''}{escape(persona.description)}"
                )
                st.caption(f"**Likes** {escape(', '.join(persona.likes) or 'nothing in particular')}")
                st.caption(f"**Dislikes** {escape(', '.join(persona.dislikes) or 'nothing in particular')}")
    if not is_own(path):
        st.markdown(f"`soniclayer init` writes **{escape(path.name)}** into this folder; then load the page again.")
    st.markdown(
        f"Edit **{escape(path.name)}** in your editor and save: the page follows within two seconds. "
        "To add a persona, paste a block such as this at the end of the file:"
    )
    st.code(BLOCK, language=None)  # the colours of TOML are too faint on light ground


def _headline(persona: Persona, scope: Scope) -> None:
    summary = summarize(scope.narrowed, persona)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"##### {escape(persona.emoji)} {escape(persona.display_name)}", width="stretch")
        if summary.mean_score is not None:
            look = SCORES[round(summary.mean_score)]
            st.badge(f"Mean {summary.mean_score:.1f} ± {summary.spread:.1f}", icon=look.icon, color=look.color)
    if summary.evaluated:
        found = called(scope, persona)
        silent = summary.evaluated - sum(found.values())
        counts = [f":{SCORES[score].color}-badge[{score}: {n}]" for score, n in found.items() if score != 3 or n]
        st.markdown(" ".join([*counts, *([f":gray-badge[No signal: {silent}]"] if silent else [])]))
    if summary.failed:
        st.caption(f":material/warning: {plural(summary.failed, 'reaction')} failed.")


def called(scope: Scope, persona: Persona) -> dict[int, int]:
    """How often a persona calls each score."""
    found = [scope.run.results.get((segment.index, persona.id)) for segment in scope.segments]
    scores = [each.score for each in found if each is not None and each.called]
    return {score: scores.count(score) for score in SCORES}


def _moments(scope: Scope, persona: Persona) -> None:
    summary = summarize(scope.narrowed, persona)
    for title, indexes in (("Best", summary.top), ("Worst", summary.bottom)):
        if not indexes:
            st.caption(f"{title}: nothing stands out.")
            continue
        st.caption(f"**{title}**")
        for index in indexes:
            segment = scope.run.segments[index]
            st.button(
                f"**{clock(segment.start_s)}** {escape(excerpt(segment.text, 90))}",
                key=f"{title.lower()}-{persona.id}-{index}",
                type="tertiary",
                wrap=True,
                on_click=go,
                kwargs={"segment": index, "view": "read", "who": persona.id},
            )
