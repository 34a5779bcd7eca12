"""Table: a row per segment, a column per persona; it sorts, searches, and a click opens the segment."""

from __future__ import annotations

from statistics import pstdev
from typing import TYPE_CHECKING

import streamlit as st

from soniclayer.insights.timeline import THEIRS, sign_of
from soniclayer.phrasing import clock
from soniclayer.ui.read_view import nothing
from soniclayer.ui.state import go, state
from soniclayer.ui.text import SCORES, escape
from soniclayer.ui.timeline_data import row_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from streamlit.elements.lib.column_types import ColumnConfig

    from soniclayer.insights.selection import Scope
    from soniclayer.insights.verdict import Insight
    from soniclayer.segments import Segment

ROWS_PX = 560
LETTERS = 160  # of a segment's words; the whole text is one click away


def render(insight: Insight) -> None:
    """The chosen segments and personas."""
    scope = insight.scope
    if not scope.segments:
        nothing()
        return
    if "table" not in insight.drawn:
        insight.drawn["table"] = frame(scope)
    dark = st.context.theme.type == "dark"
    names = row_names(scope.personas)
    theirs = f" {THEIRS}: a person's score." if scope.reviews.any_stands else ""
    st.caption(escape(f"Click a row to open its segment, a heading to sort; Ctrl+F searches.{theirs}"))
    st.dataframe(
        insight.drawn["table"],
        key="table",
        hide_index=True,
        height=ROWS_PX,
        width="stretch",
        on_select=_open,
        selection_mode="single-cell",
        column_config={
            "Time": st.column_config.TextColumn(pinned=True, width=80),
            "Words": st.column_config.TextColumn(width="medium"),
            "Consensus": st.column_config.NumberColumn(format="%.1f", width=90),
            "Spread": st.column_config.NumberColumn(format="%.1f", width=70),
            **{name: _column(who.display_name, dark) for name, who in zip(names, scope.personas, strict=True)},
        },
        alt="One row per segment: time, speakers, words, topic, tone, consensus, spread, and a score per persona.",
    )


def _column(name: str, dark: bool) -> ColumnConfig:
    return st.column_config.MultiselectColumn(
        options=[f"{score}{mark}" for mark in ("", THEIRS) for score in SCORES],
        color=[*chips(dark), *chips(dark)],
        width=90,
        help=" ".join(name.split()),
    )


def chips(dark: bool) -> Iterable[str]:
    """The colours of the scores, 1 to 5. Streamlit writes black on what is light, else white; both can be read."""
    plain = {score: look.dark if dark else look.light for score, look in SCORES.items()}
    return (plain | ({5: "#3670db"} if dark else {1: "#ffab40", 4: "#9cc4f0"})).values()


def frame(scope: Scope) -> pd.DataFrame:
    """One row per chosen segment. A persona's cell holds its call, or nothing where it has none."""
    import pandas as pd

    names = row_names(scope.personas)
    return pd.DataFrame([_row(scope, segment, names) for segment in scope.segments])


def _row(scope: Scope, segment: Segment, names: list[str]) -> dict[str, object]:
    known = scope.run.classifications.get(segment.index)
    values = [feedback.value for _, feedback in scope.reactions(segment)]
    called = {persona.id: feedback for persona, feedback in scope.reactions(segment) if feedback.called}
    return {
        "Time": clock(segment.start_s),
        "Speakers": ", ".join(segment.speakers),
        "Words": segment.text[:LETTERS],
        "Topic": known.topic.value if known and known.topic else "",
        "Tone": known.tone.value if known and known.tone else "",
        "Consensus": scope.value(segment),
        "Spread": pstdev(values) if values else None,
        **{
            name: [sign_of(called[persona.id])] if persona.id in called else []
            for name, persona in zip(names, scope.personas, strict=True)
        },
    }


def _open() -> None:
    """Callback: read the segment whose row was clicked; of a persona's cell, with what that persona quotes."""
    cells = st.session_state["table"].selection.cells
    insight = state().insight
    if cells and insight is not None and cells[0][0] < len(insight.scope.segments):
        row, column = cells[0]
        personas = insight.scope.personas
        ids = {name: persona.id for name, persona in zip(row_names(personas), personas, strict=True)}
        go(segment=insight.scope.segments[row].index, who=ids.get(column, ""), view="read")
