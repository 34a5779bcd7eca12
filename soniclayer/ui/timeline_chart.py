"""The charts of the timeline in Vega-Lite. They line up because their names take the same room."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from streamlit.dataframe_util import convert_pandas_df_to_arrow_bytes

from soniclayer.insights.timeline import ticks
from soniclayer.phrasing import clock
from soniclayer.ui import timeline_data as data
from soniclayer.ui.timeline_colours import INK, STRONG_ON, TEXT, hues

if TYPE_CHECKING:
    import pandas as pd

    from soniclayer.insights.selection import Scope
    from soniclayer.insights.verdict import Insight
    from soniclayer.segments import Segment

LINE_PX, TOP_PX, POINTER_PX, ROW_PX = 36, 4, 8, 17
MOST_ROWS = 18  # that are seen all at once
NAMES_PX, NARROW_NAMES_PX = 150, 76
NARROW_PX = 560  # of the chart; from here on names are cut
MOST_TICKS = 13
LEGEND_PX = 112  # of one entry


def _shared(insight: Insight, name: str, make: Any) -> Any:
    """What is drawn, worked out once for the same results."""
    if name not in insight.drawn:
        insight.drawn[name] = make()
    return insight.drawn[name]


def _time(scope: Scope, axis: dict[str, Any] | None = None) -> dict[str, Any]:
    scale = {"domain": [0, scope.run.segments[-1].end_ms], "nice": False}
    return {"field": "s", "type": "quantitative", "title": None, "scale": scale, "axis": axis}


def _clock_times(scope: Scope, side: str) -> dict[str, Any]:
    labelled = {at: clock(at / 1000) for at in ticks(scope.run.segments[-1].end_ms, MOST_TICKS)}
    return {
        "values": list(labelled),
        "labelExpr": f"{json.dumps(labelled)}[datum.value]",
        "orient": side,
        "ticks": False,
        "grid": False,
        "domain": False,
        "labelFlush": True,
    }


def _names(**more: Any) -> dict[str, Any]:
    narrow = f"containerSize()[0] < {NARROW_PX} ? {NARROW_NAMES_PX} : {NAMES_PX}"
    return {
        "minExtent": {"expr": narrow},
        "maxExtent": {"expr": narrow},
        "labelLimit": {"expr": narrow},
        "ticks": False,
        "domain": False,
        "grid": False,
        "labelPadding": 6,
        **more,
    }


def line(insight: Insight, dark: bool) -> dict[str, Any]:
    """The consensus with its spread, as Vega-Lite."""
    scope = insight.scope
    table = _shared(insight, "consensus", lambda: convert_pandas_df_to_arrow_bytes(data.consensus(scope)))
    x = _time(scope)
    who = "Everybody" if len(scope.personas) == len(scope.whole.personas) else "Those chosen"
    y = {
        "type": "quantitative",
        "scale": {"domain": [1, 5]},
        "title": None,
        "axis": _names(values=[3], labelExpr=f"'{who}'", grid=True, gridDash=[2, 3]),
    }
    band = "#3d3954" if dark else "#e4e1ee"
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "area", "interpolate": "step-after", "color": band},
            "encoding": {"x": x, "y": {**y, "field": "lo"}, "y2": {"field": "hi"}},
        },
        {
            "mark": {"type": "line", "interpolate": "step-after", "color": TEXT[dark], "strokeWidth": 1.6},
            "encoding": {
                "x": x,
                "y": {**y, "field": "v"},
                "tooltip": [{"field": "v", "type": "quantitative", "title": "Consensus", "format": ".1f"}],
            },
        },
    ]
    chart = {"height": LINE_PX + TOP_PX, "datasets": {"line": table}, "data": {"name": "line"}, "layer": layers}
    return {**chart, **_frame("fit", dark)}


def pointer(scope: Scope, chosen: Segment | None, dark: bool) -> dict[str, Any]:
    """Where the chosen segment is, as Vega-Lite: apart from the charts, which are not sent again when it changes.

    As high whatever is in it, so that the cells below stay where they are.
    """
    values = [] if chosen is None else [{"s": chosen.start_ms, "e": chosen.end_ms, "row": ""}]
    primary = "#9b87f5" if dark else "#5b3fd6"
    # With an outline, so that it is seen where a segment is a pixel wide.
    mark = {"type": "rect", "color": primary, "stroke": primary, "strokeWidth": 3, "strokeJoin": "round"}
    y = {
        "field": "row",
        "type": "nominal",
        "scale": {"domain": [""], "padding": 0.3},
        "axis": _names(labels=False),
        "title": None,
    }
    return {
        "height": POINTER_PX,
        "data": {"values": values},
        "mark": mark,
        "encoding": {"x": _time(scope), "x2": {"field": "e"}, "y": y},
        **_frame("fit", dark),
        "padding": {"left": 0, "right": 6, "top": 0, "bottom": 0},
    }


def _frame(fit: str, dark: bool) -> dict[str, Any]:
    ink = TEXT[dark]
    return {
        "padding": {"left": 0, "right": 6, "top": TOP_PX, "bottom": 0},
        "autosize": {"type": fit, "contains": "padding"},
        "config": {
            "view": {"stroke": None},
            "axis": {"labelColor": ink},
            "legend": {"labelColor": ink},
        },
    }


def has_many_rows(scope: Scope) -> bool:
    """Whether there are too many personas to show them all at once; times and legend then stand above the rows."""
    return len(scope.personas) + 1 > MOST_ROWS


def heat_map(insight: Insight, dark: bool) -> dict[str, Any]:
    """A row per persona and one of topics, as Vega-Lite."""
    scope = insight.scope
    side = "top" if has_many_rows(scope) else "bottom"
    frame = _shared(insight, "cells", lambda: data.cells(scope))
    # As Streamlit would make them at every turn.
    table = _shared(insight, "cells in Arrow", lambda: convert_pandas_df_to_arrow_bytes(frame))
    strip = _shared(insight, "topics", lambda: convert_pandas_df_to_arrow_bytes(data.topics(scope)))
    rows = [*data.row_names(scope.personas), "Topic"]
    x = _time(scope, _clock_times(scope, side))
    y = {
        "field": "who",
        "type": "nominal",
        "sort": rows,
        "title": None,
        "scale": {"domain": rows, "paddingInner": 0.08, "paddingOuter": 0},
        "axis": _names(labelFontSize=12, labelOverlap=False, labelFlush=False),
    }
    looks = _shared(insight, "looks", lambda: _looks(frame))
    layers = [_cells(x, y, looks, dark, side), _strip(x, y, dark)]
    if len(frame) // max(1, len(scope.personas)) <= data.NUMBERED:
        layers.insert(1, _numbers(x, y, dark, len(data.columns(scope.segments))))
    return {
        "height": ROW_PX * len(rows),
        "datasets": {"cells": table, "topics": strip},
        "data": {"name": "cells"},
        "transform": [{"calculate": "datum.s + datum.d * 100", "as": "e"}],
        "layer": layers,
        **_frame("fit-x", dark),
    }


def _looks(cells: pd.DataFrame) -> list[str]:
    """What a legend of these cells names, in its order."""
    always = {name for score, name in data.CALLS.items() if score != 3}  # a 3 is no call of an evaluator that leans
    seen = always | set(cells["look"].unique())
    return [look for look in data.LOOKS if look in seen]


def _cells(x: dict[str, Any], y: dict[str, Any], looks: list[str], dark: bool, legend: str) -> dict[str, Any]:
    time = "utcFormat(datum.s, datum.s >= 3600000 ? '%-H:%M:%S' : '%-M:%S')"
    edge = "#5f5a70" if not dark else "#6b6585"
    return {
        "transform": [{"calculate": time, "as": "time"}],
        "params": [{"name": "cell", "select": {"type": "point", "fields": ["s", "who"], "toggle": False}}],
        "mark": {"type": "rect", "cursor": "pointer", "strokeWidth": 0.5},
        "encoding": {
            "x": x,
            "x2": {"field": "e"},
            "y": y,
            "color": {
                "field": "look",
                "type": "nominal",
                "scale": {"domain": looks, "range": [hue for look, hue in hues(dark).items() if look in looks]},
                "legend": {
                    "orient": legend,
                    "direction": "horizontal",
                    "title": None,
                    "columns": {"signal": f"max(2, floor(width / {LEGEND_PX}))"},
                    "symbolType": "square",
                    "symbolStrokeColor": edge,
                    "symbolStrokeWidth": 0.5,
                    "labelLimit": 130,
                    "labelFontSize": 11,
                    "rowPadding": 1,
                    "columnPadding": 10,
                    "offset": 2,
                },
            },
            "stroke": {"condition": {"test": f"datum.look === '{data.SILENCE}'", "value": edge}, "value": None},
            "tooltip": [
                {"field": "time", "type": "nominal", "title": "Time"},
                {"field": "who", "type": "nominal", "title": "Persona"},
                {"field": "look", "type": "nominal", "title": "Reaction"},
                {"field": "topic", "type": "nominal", "title": "Topic"},
            ],
        },
    }


def _numbers(x: dict[str, Any], y: dict[str, Any], dark: bool, columns: int) -> dict[str, Any]:
    """Scores in the cells, where a cell is wide enough."""
    plain, strong = INK[dark]
    middle = {**x, "field": "middle"}
    return {
        "transform": [{"calculate": "(datum.s + datum.e) / 2", "as": "middle"}],
        "mark": {
            "type": "text",
            "fontSize": {"expr": f"width / {columns} < 13 ? 0 : 11"},
            "baseline": "middle",
            "tooltip": None,
        },
        "encoding": {
            "x": middle,
            "y": y,
            "text": {"field": "sign", "type": "nominal"},
            "color": {
                "condition": {"test": f"indexof({list(STRONG_ON[dark])}, datum.sign[0]) >= 0", "value": strong},
                "value": plain,
            },
        },
    }


def _strip(x: dict[str, Any], y: dict[str, Any], dark: bool) -> dict[str, Any]:
    row = {**y, "field": "row"}
    ink = "#cfc9e0" if dark else "#4d4760"
    odd, even = ("#2a2638", "#1f1c2b") if dark else ("#e9e6f2", "#f6f4fa")
    span = "(datum.e - datum.s) / domain('x')[1] * width"
    return {
        "data": {"name": "topics"},
        "transform": [
            {"calculate": "'Topic'", "as": "row"},
            {"calculate": "(datum.s + datum.e) / 2", "as": "middle"},
        ],
        "layer": [
            {
                "mark": {"type": "rect"},
                "encoding": {
                    "x": x,
                    "x2": {"field": "e"},
                    "y": row,
                    "color": {"condition": {"test": "datum.odd", "value": odd}, "value": even},
                    "tooltip": [{"field": "topic", "type": "nominal", "title": "Topic"}],
                },
            },
            {
                "transform": [{"filter": f"datum.topic && {span} > 6.2 * length(datum.topic)"}],
                "mark": {"type": "text", "fontSize": 10, "baseline": "middle", "color": ink},
                "encoding": {"x": {**x, "field": "middle"}, "y": row, "text": {"field": "topic", "type": "nominal"}},
            },
        ],
    }
