"""The timeline as tables for its charts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soniclayer.insights.looks import AGAINST, CALLS, FAILED, FOR, FOREIGN, LOOKS, NO_SIGNAL, OPEN, SILENCE, look_of
from soniclayer.insights.timeline import MOST_COLUMNS, NUMBERED, cell, columns, curve, stretches, topic_of
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
    """One row per column and persona: `s`, `e` (ms), `i` (segment to open), `who`, `look`, `sign`, `topic`."""
    import pandas as pd

    names = row_names(scope.personas)
    rows = [
        (column.start_ms, column.end_ms, *cell(scope, column, persona), number, topic_of(scope, column))
        for column in columns(scope.segments)
        for number, persona in enumerate(scope.personas)
    ]
    frame = pd.DataFrame(rows, columns=["s", "e", "i", "look", "sign", "who", "topic"])
    frame = frame.astype({"s": "int32", "e": "int32", "i": "int32", "sign": "category", "topic": "category"})
    frame["look"] = pd.Categorical(frame["look"], categories=list(LOOKS))
    frame["who"] = pd.Categorical([names[number] for number in frame["who"]], categories=names)
    return frame


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
