"""The timeline as data: one column per segment (or per few segments of a very long show), one cell per persona."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from soniclayer.insights.moment import HIGH, LOW
from soniclayer.phrasing import short_name
from soniclayer.ui.text import SCORES

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from soniclayer.feedback import Feedback
    from soniclayer.insights.selection import Scope
    from soniclayer.personas import Persona
    from soniclayer.segments import Segment

MOST_COLUMNS = 240  # beyond that a column holds several segments: thinner ones could not be told apart
NUMBERED = 60  # columns up to which scores stand in the cells
NAME_LETTERS = 22
OTHER_LANGUAGE = "not English"  # kind of a failure

AGAINST, NO_SIGNAL, FOR = "leans against", "no signal", "leans for"
FAILED, FOREIGN, SILENCE, OPEN = "failed", "another language", "nobody speaks", "not answered yet"
CALLS = {score: f"{score} {look.word.lower()}" for score, look in SCORES.items()}
LOOKS = (*CALLS.values(), AGAINST, NO_SIGNAL, FOR, FAILED, FOREIGN, SILENCE, OPEN)
"""Everything a cell can look like, as the legend names it."""
SIGNS = {FAILED: "×", FOREIGN: "?", SILENCE: "–"}


@dataclass(frozen=True, slots=True)
class Column:
    """Segments that are drawn as one."""

    segments: tuple[Segment, ...]

    @property
    def start_ms(self) -> int:
        """Where it begins, in milliseconds."""
        return self.segments[0].start_ms

    @property
    def end_ms(self) -> int:
        """Where it ends, in milliseconds."""
        return self.segments[-1].end_ms


def columns(segments: Sequence[Segment]) -> list[Column]:
    """The segments, so many to a column that there are at most MOST_COLUMNS."""
    size = max(1, -(-len(segments) // MOST_COLUMNS))
    return [Column(tuple(segments[start : start + size])) for start in range(0, len(segments), size)]


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
        (column.start_ms, column.end_ms, *_cell(scope, column, persona), number, _topic(scope, column.segments))
        for column in columns(scope.segments)
        for number, persona in enumerate(scope.personas)
    ]
    frame = pd.DataFrame(rows, columns=["s", "e", "i", "look", "sign", "who", "topic"])
    frame = frame.astype({"s": "int32", "e": "int32", "i": "int32", "sign": "category", "topic": "category"})
    frame["look"] = pd.Categorical(frame["look"], categories=list(LOOKS))
    frame["who"] = pd.Categorical([names[number] for number in frame["who"]], categories=names)
    return frame


def _cell(scope: Scope, column: Column, persona: Persona) -> tuple[int, str, str]:
    """Segment to open, look, and what is written in it: of several segments those of the strongest."""
    found = [(_strength(scope, segment, persona), segment) for segment in column.segments]
    _, segment = max(found, key=lambda item: item[0])
    if not segment.speech:
        return segment.index, SILENCE, SIGNS[SILENCE]
    feedback = scope.run.results.get((segment.index, persona.id))
    if feedback is None:
        failure = scope.run.failures.get((segment.index, persona.id))
        look = OPEN if failure is None else FOREIGN if failure.kind == OTHER_LANGUAGE else FAILED
        return segment.index, look, SIGNS.get(look, "")
    return segment.index, look_of(feedback), str(feedback.score) if feedback.called else ""


def _strength(scope: Scope, segment: Segment, persona: Persona) -> float:
    feedback = scope.run.results.get((segment.index, persona.id))
    if feedback is None:
        return -1.0 if segment.speech else -2.0
    return abs(feedback.value - 3) + feedback.called * 4


def look_of(feedback: Feedback) -> str:
    """How a reaction is drawn: a call in its full colour, a leaning pale."""
    if feedback.called:
        return CALLS[feedback.score]
    return AGAINST if feedback.value < LOW else FOR if feedback.value > HIGH else NO_SIGNAL


def _topic(scope: Scope, segments: Sequence[Segment]) -> str:
    known = (scope.run.classifications.get(segment.index) for segment in segments)
    return next((each.topic.value for each in known if each and each.topic), "")


def consensus(scope: Scope) -> pd.DataFrame:
    """One row per column: `s` (ms), the mean value `v`, and one standard deviation to both sides, `lo` and `hi`."""
    import pandas as pd

    rows: list[tuple[int, float | None, float | None, float | None]] = []
    for column in columns(scope.segments):
        means = [value for segment in column.segments if (value := scope.value(segment)) is not None]
        values = [each.value for segment in column.segments for _, each in scope.reactions(segment)]
        if not means:
            rows.append((column.start_ms, None, None, None))
            continue
        mean, spread = sum(means) / len(means), _spread(values)
        rows.append((column.start_ms, mean, max(1, mean - spread), min(5, mean + spread)))
    if rows:  # a step needs a last point
        rows.append((scope.segments[-1].end_ms, *rows[-1][1:]))
    frame = pd.DataFrame(rows, columns=["s", "v", "lo", "hi"])
    return frame.astype({"s": "int32", "v": "float32", "lo": "float32", "hi": "float32"})


def _spread(values: list[float]) -> float:
    """The standard deviation; the one of `statistics` is exact, and forty times slower."""
    mean = sum(values) / len(values)
    return math.sqrt(sum((value - mean) ** 2 for value in values) / len(values))


def topics(scope: Scope) -> pd.DataFrame:
    """One row per stretch of one topic: `s`, `e` (ms), `topic`, and whether it is the odd one (`odd`)."""
    import pandas as pd

    rows: list[tuple[int, int, str, bool]] = []
    for topic, stretch in groupby(columns(scope.segments), key=lambda column: _topic(scope, column.segments)):
        parts = list(stretch)
        rows.append((parts[0].start_ms, parts[-1].end_ms, topic, len(rows) % 2 == 1))
    return pd.DataFrame(rows, columns=["s", "e", "topic", "odd"])
