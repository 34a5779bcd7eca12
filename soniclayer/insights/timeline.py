"""What a timeline draws: one column per segment (or per few of a very long show), one cell per persona and column."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from soniclayer.feedback import Reviewed
from soniclayer.insights.looks import FAILED, FOREIGN, OPEN, SILENCE, look_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soniclayer.feedback import Feedback
    from soniclayer.insights.selection import Scope
    from soniclayer.personas import Persona
    from soniclayer.segments import Segment

MOST_COLUMNS = 240  # beyond that a column holds several segments: thinner ones could not be told apart
NUMBERED = 60  # columns up to which scores stand in the cells
THEIRS = "*"
"""Behind a score that a person gives."""
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 1000)  # minutes from one label of the time axis to the next
SIGNS = {FAILED: "×", FOREIGN: "?", SILENCE: "–"}


@dataclass(frozen=True, slots=True)
class Column:
    """Segments that are drawn as one."""

    segments: tuple[Segment, ...]

    @property
    def start_ms(self) -> int:
        """Start in milliseconds."""
        return self.segments[0].start_ms

    @property
    def end_ms(self) -> int:
        """End in milliseconds."""
        return self.segments[-1].end_ms


class Cell(NamedTuple):
    """One persona in one column: the segment to open, a look of `looks.LOOKS`, and what is written in it."""

    segment: int
    look: str
    sign: str


class Level(NamedTuple):
    """The consensus from `start_ms` on, with one standard deviation to both sides; None where nobody has a say."""

    start_ms: int
    mean: float | None
    low: float | None
    high: float | None


class Stretch(NamedTuple):
    """Columns in a row of one topic, or of none (""), in milliseconds."""

    start_ms: int
    end_ms: int
    topic: str


def columns(segments: Sequence[Segment]) -> list[Column]:
    """The segments, so many to a column that there are at most MOST_COLUMNS."""
    size = max(1, -(-len(segments) // MOST_COLUMNS))
    return [Column(tuple(segments[start : start + size])) for start in range(0, len(segments), size)]


def cell(scope: Scope, column: Column, persona: Persona) -> Cell:
    """What is drawn for a persona: of several segments that of the strongest reaction."""
    found = [(_strength(scope, segment, persona), segment) for segment in column.segments]
    _, segment = max(found, key=lambda item: item[0])
    if not segment.speech:
        return Cell(segment.index, SILENCE, SIGNS[SILENCE])
    if segment.index in scope.run.not_judged:
        return Cell(segment.index, FOREIGN, SIGNS[FOREIGN])
    feedback = scope.run.results.get((segment.index, persona.id))
    if feedback is None:
        look = FAILED if (segment.index, persona.id) in scope.run.failures else OPEN
        return Cell(segment.index, look, SIGNS.get(look, ""))
    return Cell(segment.index, look_of(feedback), sign_of(feedback))


def sign_of(feedback: Feedback) -> str:
    """A call as it is written where there is little room: "4"; "4*" where it is a person's; "" without one."""
    if not feedback.called:
        return ""
    return f"{feedback.score}{THEIRS}" if isinstance(feedback, Reviewed) else str(feedback.score)


def _strength(scope: Scope, segment: Segment, persona: Persona) -> float:
    feedback = scope.run.results.get((segment.index, persona.id))
    if feedback is None:
        return -1.0 if segment.speech else -2.0
    return abs(feedback.value - 3) + feedback.called * 4 + isinstance(feedback, Reviewed) * 8


def topic_of(scope: Scope, column: Column) -> str:
    """The first known topic of a column, or ""."""
    known = (scope.run.classifications.get(segment.index) for segment in column.segments)
    return next((each.topic.value for each in known if each and each.topic), "")


def curve(scope: Scope) -> list[Level]:
    """The consensus, column by column, and once more at the end: a step needs a last point."""
    levels: list[Level] = []
    for column in columns(scope.segments):
        means = [value for segment in column.segments if (value := scope.value(segment)) is not None]
        values = [each.value for segment in column.segments for _, each in scope.reactions(segment)]
        if not means:
            levels.append(Level(column.start_ms, None, None, None))
            continue
        mean, spread = sum(means) / len(means), _spread(values)
        levels.append(Level(column.start_ms, mean, max(1, mean - spread), min(5, mean + spread)))
    if levels:
        levels.append(levels[-1]._replace(start_ms=scope.segments[-1].end_ms))
    return levels


def _spread(values: list[float]) -> float:
    """The standard deviation; that of `statistics` is exact, and forty times slower."""
    mean = sum(values) / len(values)
    return math.sqrt(sum((value - mean) ** 2 for value in values) / len(values))


def stretches(scope: Scope) -> list[Stretch]:
    """The columns, those of one topic in a row taken together."""
    found = []
    for topic, stretch in groupby(columns(scope.segments), key=lambda column: topic_of(scope, column)):
        parts = list(stretch)
        found.append(Stretch(parts[0].start_ms, parts[-1].end_ms, topic))
    return found


def ticks(end_ms: int, most: int) -> list[int]:
    """Where a time axis has labels, in milliseconds: whole minutes, about as many as `most` or fewer."""
    step = next((step for step in _STEPS if end_ms / 60_000 / step <= most), _STEPS[-1])
    return list(range(0, end_ms + 1, 60_000 * step))
