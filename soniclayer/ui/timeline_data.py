"""The timeline as tables for its charts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soniclayer.insights.looks import AGAINST, CALLS, FAILED, FOR, FOREIGN, LOOKS, NO_SIGNAL, OPEN, SILENCE, look_of
from soniclayer.insights.timeline import (
    MOST_COLUMNS,
    NUMBERED,
    Column,
    cell,
    columns,
    curve,
    stretches,
    topic_of,
)
from soniclayer.phrasing import short_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from soniclayer.insights.selection import Scope
    from soniclayer.personas import Persona

NAME_LETTERS = 22

__all__ = [
    "AGAINST",
    "CALLS",
    "FAILED",
    "FOR",
    "FOREIGN",
    "LOOKS",
    "MOST_COLUMNS",
    "NO_SIGNAL",
    "NUMBERED",
    "OPEN",
    "SILENCE",
    "cells",
    "columns",
    "consensus",
    "look_of",
    "opened",
    "row_names",
    "topics",
]


def row_names(personas: Sequence[Persona]) -> list[str]:
    """What the rows are called: short names, each one different."""
    names: list[str] = []
    for persona in personas:
        name = short_name(" ".join(persona.display_name.split()))
        name = name if len(name) <= NAME_LETTERS else f"{name[: NAME_LETTERS - 1]}…"
        while name in names:
            name += "\N{ZERO WIDTH SPACE}"
        names.append(name)
    return names


def cells(scope: Scope) -> pd.DataFrame:
    """One row per column and persona: `s` (start in ms), `d` (length in 0.1 s), `who`, `look`, `sign`, `topic`.

    What a click opens is looked up then, see `opened`: this goes to the browser with every filter.
    """
    import pandas as pd

    names = row_names(scope.personas)
    rows = [
        (column.start_ms, _tenths(column), *cell(scope, column, persona)[1:], number, topic_of(scope, column))
        for column in columns(scope.segments)
        for number, persona in enumerate(scope.personas)
    ]
    frame = pd.DataFrame(rows, columns=["s", "d", "look", "sign", "who", "topic"])
    frame = frame.astype({"s": "int32", "d": "uint16", "sign": "category", "topic": "category"})
    frame["look"] = pd.Categorical(frame["look"], categories=list(LOOKS))
    frame["who"] = pd.Categorical([names[number] for number in frame["who"]], categories=names)
    return frame


def _tenths(column: Column) -> int:
    return min(65_535, max(1, round((column.end_ms - column.start_ms) / 100)))


def opened(scope: Scope, start_ms: int, row: str) -> tuple[int, str] | None:
    """Segment and persona of the cell that starts then, in the row of this name; None where there is none."""
    named = dict(zip(row_names(scope.personas), scope.personas, strict=True))
    column = next((column for column in columns(scope.segments) if column.start_ms == start_ms), None)
    if column is None or row not in named:
        return None
    return cell(scope, column, named[row]).segment, named[row].id


def consensus(scope: Scope) -> pd.DataFrame:
    """One row per column: `s` (ms), the mean value `v`, and one standard deviation to both sides, `lo` and `hi`."""
    import pandas as pd

    frame = pd.DataFrame(curve(scope), columns=["s", "v", "lo", "hi"])
    return frame.astype({"s": "int32", "v": "float32", "lo": "float32", "hi": "float32"})


def topics(scope: Scope) -> pd.DataFrame:
    """One row per stretch of one topic: `s`, `e` (ms), `topic`, and whether it is the odd one (`odd`)."""
    import pandas as pd

    rows = [(*stretch, number % 2 == 1) for number, stretch in enumerate(stretches(scope))]
    return pd.DataFrame(rows, columns=["s", "e", "topic", "odd"])
