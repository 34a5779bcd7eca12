"""The shows of one programme over time: every persona's mean with its band, losses, and topics that work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from soniclayer.insights.looks import CALLS
from soniclayer.insights.selection import narrow
from soniclayer.insights.trends import Episode, Trend, said, topics, trends
from soniclayer.ui.others import Kept, episodes
from soniclayer.ui.text import escape
from soniclayer.ui.timeline_colours import hues

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soniclayer.insights.selection import Scope
    from soniclayer.personas import Persona
    from soniclayer.run import Run

CHART_PX, HEIGHT_PX = 290, 130
MOST_TOPICS = 20


def render(scope: Scope, run: Run, shows: Sequence[Kept]) -> None:
    """In words, then a chart per chosen persona, then the tables. The whole of every show counts."""
    found = episodes(run, shows)
    if missing := len(shows) - len(found):
        st.caption(escape(f"{missing} of {len(shows)} shows are left out: not judged by {run.evaluator.name}."))
    parts = [Episode(each.name, each.when, narrow(each.run, each.run.segments)) for each in found]
    lines = trends(parts, scope.personas)
    works = topics(parts, scope.personas)
    for sentence in said(lines, works, _name):
        st.markdown(escape(sentence))
    dark = st.context.theme.type == "dark"
    with st.container(horizontal=True, gap="medium"):
        for line in lines:
            if line.points:
                _chart(line, dark)
    _table(lines)
    if works:
        st.markdown("##### Topics that work, and that do not")
        rows = [
            {
                "Topic": each.topic.value,
                "Persona": f"{each.persona.emoji} {each.persona.display_name}",
                "Effect": each.effect,
                "Chance": each.noise,
                "Segments": each.segments,
            }
            for each in works[:MOST_TOPICS]
        ]
        number = st.column_config.NumberColumn
        st.dataframe(
            rows,
            hide_index=True,
            placeholder="–",
            width="stretch",
            column_config={
                "Effect": number(format="%+.2f", help="Mean of the topic's segments less that of all others."),
                "Chance": number(format="± %.2f", help="How much chance alone explains."),
            },
            alt="Topics with whom they please or tire, the strongest first.",
        )


def _name(persona: Persona) -> str:
    return persona.display_name


def _chart(line: Trend, dark: bool) -> None:
    with st.container(width=CHART_PX, gap=None):
        st.markdown(f"**{escape(line.persona.emoji)} {escape(line.persona.display_name)}**")
        st.vega_lite_chart(
            _spec(line, hues(dark)[CALLS[5]]),
            width="stretch",
            theme="streamlit",
            key=f"trend-{line.persona.id}",
            alt=f"Mean of {line.persona.display_name} in {len(line.points)} shows over time, with its band.",
        )


def _spec(line: Trend, colour: str) -> dict[str, Any]:
    points = [
        {"when": point.when * 1000, "Show": point.show, "Mean": point.mean, "low": point.low, "high": point.high}
        for point in line.points
    ]
    when = {
        "field": "when",
        "type": "temporal",
        "title": None,
        "axis": {"format": "%-d %b", "tickCount": 4, "labelOverlap": True, "grid": False},
    }
    scale = {"domain": [1, 5]}
    values = {"values": [1, 2, 3, 4, 5], "title": None}
    return {
        "data": {"values": points},
        "height": HEIGHT_PX,
        "encoding": {"x": when},
        "layer": [
            {
                "mark": {"type": "area", "opacity": 0.25, "color": colour},
                "encoding": {
                    "y": {"field": "low", "type": "quantitative", "scale": scale, "axis": values},
                    "y2": {"field": "high"},
                },
            },
            {
                "mark": {"type": "line", "color": colour, "point": {"color": colour, "size": 40}},
                "encoding": {
                    "y": {"field": "Mean", "type": "quantitative", "scale": scale, "axis": values},
                    "tooltip": [{"field": "Show"}, {"field": "Mean", "format": ".2f", "type": "quantitative"}],
                },
            },
        ],
    }


def _table(lines: Sequence[Trend]) -> None:
    shows = sorted({(point.when, point.show) for line in lines for point in line.points})
    if not shows:
        return
    columns = [f"{number}. {name}" for number, (_, name) in enumerate(shows, 1)]
    rows = []
    for line in lines:
        means = {(point.when, point.show): point.mean for point in line.points}
        rates = [point.losses_an_hour for point in line.points]
        row: dict[str, object] = {"Persona": f"{line.persona.emoji} {line.persona.display_name}"}
        row |= {column: means.get(show) for column, show in zip(columns, shows, strict=True)}
        rows.append(row | {"Losses an hour": rates})
    number = st.column_config.NumberColumn
    st.dataframe(
        rows,
        hide_index=True,
        placeholder="–",
        width="stretch",
        column_config={
            **dict.fromkeys(columns, number(format="%.2f")),
            "Losses an hour": st.column_config.LineChartColumn(
                help="Over the shows, the first on the left.", y_min=0
            ),
        },
        alt="One line per persona, one column per show: the mean; and losses an hour over the shows.",
    )
