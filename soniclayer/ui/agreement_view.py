"""The same segments judged twice: how far the two agree, and where they do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from soniclayer.phrasing import clock
from soniclayer.results import agreement, widest_differences
from soniclayer.ui import overrule
from soniclayer.ui.state import go
from soniclayer.ui.text import SCORES, escape

if TYPE_CHECKING:
    from soniclayer.feedback import Feedback, Review
    from soniclayer.insights.reviews import Reviews
    from soniclayer.personas import Persona
    from soniclayer.run import Run
    from soniclayer.segments import Segment

MOST_DIFFERENCES = 12


def render(one: Run, other: Run, names: tuple[str, str], reviews: Reviews) -> None:
    """Two runs of the same segments side by side; names: what each is called. reviews: of those segments."""
    st.dataframe(
        _table(one, other),
        hide_index=True,
        placeholder="–",
        width="stretch",
        column_config={
            "Same score": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1),
            "Rise and fall together": st.column_config.NumberColumn(
                format="%.2f", help="1: they rank the segments alike. 0: they do not. -1: the other way round."
            ),
            "Points apart": st.column_config.NumberColumn(format="%.1f", help="On average, of a scale from 1 to 5."),
        },
        alt="One line per persona: how alike the two score.",
    )
    with st.container(key="compare-differences"):
        st.markdown("##### Where they differ most", anchors=False)
        found = widest_differences(one, other, MOST_DIFFERENCES)
        if not found:
            st.caption("Nowhere: every score is the same.")
        for segment, persona, left, right in found:
            review = reviews.standing((segment.index, persona.id))
            _difference(segment, persona, dict(zip(names, (left, right), strict=True)), review)


def _difference(segment: Segment, persona: Persona, sides: dict[str, Feedback], review: Review | None) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"**{clock(segment.start_s)}** · {escape(persona.emoji)} {escape(persona.display_name)}",
                width="stretch",
            )
            st.button(
                f"Open {clock(segment.start_s)} for {escape(persona.display_name)}",
                key=f"compare-{segment.index}-{persona.id}",
                type="tertiary",
                icon=":material/chevron_right:",
                on_click=go,
                kwargs={"segment": segment.index, "view": "read", "who": persona.id},
            )
        st.text(segment.text)
        for (name, feedback), side in zip(sides.items(), st.columns(2), strict=True):
            with side:
                _side(name, feedback)
        if review is not None:
            st.text(overrule.told(review))


def _table(one: Run, other: Run) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for persona in one.personas:
        alike = agreement(one, other, persona)
        rows.append(
            {
                "Persona": f"{persona.emoji} {persona.display_name}",
                "Segments": alike.cells,
                "Rise and fall together": alike.correlation,
                "Points apart": alike.mean_difference,
                "Same score": alike.same,
            }
        )
    return rows


def _side(name: str, feedback: Feedback) -> None:
    look = SCORES[feedback.score]
    st.text(name)
    st.badge(f"{feedback.score} · {look.word}", icon=look.icon, color=look.color)
    st.text(feedback.opinion)
