"""The whole show at a glance: a heat map of personas over time, and one line per persona."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import streamlit as st

from soniclayer.results import summarize, to_frame
from soniclayer.ui.text import SCORES, clock

if TYPE_CHECKING:
    import pandas as pd

    from soniclayer.run import Run

ROW_PX, FRAME_PX = 34, 110  # of the heat map: one persona; legend and axis
LABEL_PX = 220
MOST_TICKS = 13
SHOWN = ("Mean score", "Scores 1 to 5", "Mean confidence", "Best at", "Worst at")


def render(run: Run) -> None:
    """Heat map and table; where nothing was evaluated yet, one line saying so."""
    frame = to_frame(run)
    scored = frame[frame["score"].notna()]
    if scored.empty:
        st.text("Nothing has been evaluated yet.")
        return
    st.subheader("Who stays with you, and when", icon=":material/grid_on:")
    st.altair_chart(
        _heat_map(run, scored),
        width="stretch",
        alt="Heat map: one row per persona, one column per segment, coloured by score from 1 to 5.",
    )
    st.subheader("Per persona", icon=":material/group:")
    st.dataframe(
        _table(run),
        hide_index=True,
        width="stretch",
        column_order=None if run.failures else ("Persona", *SHOWN),
        column_config={
            "Mean score": st.column_config.ProgressColumn(format="%.2f", min_value=1, max_value=5),
            "Scores 1 to 5": st.column_config.BarChartColumn(y_min=0),
            "Mean confidence": st.column_config.NumberColumn(format="%.0f %%"),
        },
        alt="One line per persona: mean score, distribution, confidence, best and worst moment.",
    )


def _heat_map(run: Run, scored: pd.DataFrame) -> alt.Chart:
    data = scored[["segment", "display_name", "score", "topic", "start_s", "end_s", "opinion"]].copy()
    data["score"] = data["score"].astype("int64")
    data["reaction"] = data["score"].map(lambda score: f"{score} · {SCORES[score].word}")
    data["time"] = data["start_s"].map(clock)
    chart: alt.Chart = (
        alt.Chart(data, height=ROW_PX * len(run.personas) + FRAME_PX)
        .mark_rect()
        .encode(
            x=alt.X(
                "start_s:Q",
                title="Minutes into the show",
                scale=alt.Scale(domain=[0, run.segments[-1].end_s], nice=False),
                axis=alt.Axis(values=_minutes(run.segments[-1].end_s), labelExpr="datum.value / 60", grid=False),
            ),
            x2="end_s:Q",
            y=alt.Y(
                "display_name:N",
                title=None,
                sort=[persona.display_name for persona in run.personas],
                axis=alt.Axis(labelLimit=LABEL_PX, grid=False),
            ),
            color=alt.Color(
                "reaction:O",
                title="Score",
                scale=alt.Scale(
                    domain=[f"{score} · {look.word}" for score, look in SCORES.items()],
                    range=[look.hue for look in SCORES.values()],
                ),
                legend=alt.Legend(orient="top"),
            ),
            tooltip=[
                alt.Tooltip("time:N", title="Time"),
                alt.Tooltip("display_name:N", title="Persona"),
                alt.Tooltip("reaction:N", title="Score"),
                alt.Tooltip("topic:N", title="Topic"),
                alt.Tooltip("opinion:N", title="Opinion"),
            ],
        )
    )
    return chart


def _minutes(end_s: float) -> list[int]:
    """Where the time axis has ticks, in seconds: whole minutes, a dozen or fewer."""
    step = next(step for step in (1, 2, 5, 10, 15, 30, 60, 120, 300, 1000) if end_s / 60 / step <= MOST_TICKS)
    return list(range(0, int(end_s) + 1, 60 * step))


def _table(run: Run) -> list[dict[str, object]]:
    starts = {segment.index: clock(segment.start_s) for segment in run.segments}
    rows: list[dict[str, object]] = []
    for persona in run.personas:
        summary = summarize(run, persona)
        rows.append(
            {
                "Persona": f"{persona.emoji} {persona.display_name}",
                "Mean score": summary.mean_score,
                "Scores 1 to 5": list(summary.distribution.values()),
                "Mean confidence": None if summary.mean_confidence is None else 100 * summary.mean_confidence,
                "Best at": ", ".join(starts[index] for index in summary.top),
                "Worst at": ", ".join(starts[index] for index in summary.bottom),
                "Failed": summary.failed,
            }
        )
    return rows
