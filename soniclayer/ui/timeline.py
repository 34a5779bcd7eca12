"""The timeline: the consensus, who reacts how when, and what it is about. A click chooses a segment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import streamlit as st

from soniclayer.insights.timeline import THEIRS
from soniclayer.phrasing import clock, plural
from soniclayer.run import State
from soniclayer.ui import timeline_chart
from soniclayer.ui import timeline_data as data
from soniclayer.ui.state import go, state
from soniclayer.ui.text import escape

if TYPE_CHECKING:
    from soniclayer.insights.selection import Scope
    from soniclayer.insights.verdict import Insight
    from soniclayer.segments import Segment

AXIS_PX = 83  # around the rows: times, a legend of one line, and what the browser keeps below a chart
BOX_PX = 340  # of many rows some are seen at a time, so that the text stays in sight
ACTIVE = (State.WAITING, State.RUNNING)


def render(insight: Insight, chosen: Segment | None) -> None:
    """Charts on one axis: the consensus, the chosen segment, and the cells with the topics."""
    scope = insight.scope
    if not scope.segments:
        return
    dark = st.context.theme.type == "dark"
    with st.container(gap=None, key="timeline-box", height=_height(scope), border=False):
        st.vega_lite_chart(
            timeline_chart.line(insight, dark),
            width="stretch",
            theme="streamlit",
            key="consensus",
            alt=f"Consensus of {plural(len(scope.personas), 'persona')} over time, with its spread.",
        )
        st.vega_lite_chart(
            timeline_chart.pointer(scope, chosen, dark),
            width="stretch",
            theme="streamlit",
            key="pointer",
            alt=f"{clock(chosen.start_s)} is chosen." if chosen is not None else "No segment is chosen.",
        )
        st.vega_lite_chart(
            timeline_chart.heat_map(insight, dark),
            width="stretch",
            key="timeline",
            on_select=_follow,
            selection_mode="cell",
            alt="Heat map: one row per persona, one column per segment, from orange (1, switches off) to blue "
            "(5, loves it). The table view has the same in words.",
        )
        if scope.reviews.any_stands:
            st.caption(escape(f"{THEIRS} a person's score"))


def _height(scope: Scope) -> int | Literal["content"]:
    if timeline_chart.has_many_rows(scope):
        return BOX_PX
    if scope.whole.state not in ACTIVE:
        return "content"
    # While a run goes on it takes the room of the whole chart, so that nothing below it moves, nor when it has ended.
    above = timeline_chart.LINE_PX + timeline_chart.POINTER_PX
    return above + (len(scope.personas) + 1) * timeline_chart.ROW_PX + AXIS_PX


def _follow() -> None:
    """Callback: look at the segment and persona of the cell that was clicked."""
    picked = st.session_state["timeline"].selection.get("cell") or []
    insight = state().insight
    if picked and insight is not None:
        found = data.opened(insight.scope, int(picked[0]["s"]), str(picked[0]["who"]))
        if found is not None:
            go(segment=found[0], who=found[1])
