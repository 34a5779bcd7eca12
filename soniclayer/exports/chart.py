"""The timeline of a report as shares of its width, so that it fits a phone and a sheet of paper alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from soniclayer.exports.plain import plain
from soniclayer.exports.report import MOST_NAME, WITHOUT_PLACE
from soniclayer.insights.looks import CALLS, LOOKS
from soniclayer.insights.moments import MOMENTS
from soniclayer.insights.timeline import NUMBERED, cell, columns, curve, stretches, ticks
from soniclayer.phrasing import clock, short_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from soniclayer.insights.selection import Scope
    from soniclayer.insights.timeline import Level
    from soniclayer.insights.verdict import Insight
    from soniclayer.personas import Persona

MOST_TICKS = 6
WIDTH, HEIGHT = 1000, 100  # of the curve's own measure
MARKED = ("losses", "cuts", "clips", "breaks")
LEAST = 0.35  # per cent: what is shorter could not be seen


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of a lane: where it begins and how wide it is in per cent, how it looks, what is written in it.

    index: the segment to open, or None.
    """

    x: float
    width: float
    look: str
    text: str = ""
    index: int | None = None

    @property
    def middle(self) -> float:
        """Where what is written stands."""
        return self.x + self.width / 2


@dataclass(frozen=True, slots=True)
class Lane:
    """A row of the timeline."""

    name: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """The timeline.

    Attributes:
        band, line: paths of the spread and the consensus, WIDTH x HEIGHT, 5 at the top.
        personas, topics, moments: the rows.
        numbered: the scores stand in the cells.
        ticks: (per cent, label) of the time axis.
        legend: looks that occur.
    """

    band: str
    line: str
    personas: tuple[Lane, ...]
    topics: tuple[Bar, ...]
    moments: tuple[Lane, ...]
    numbered: bool
    ticks: tuple[tuple[float, str], ...]
    legend: tuple[str, ...]


def chart(insight: Insight) -> Chart:
    """The timeline of what was chosen, over the length of the whole show."""
    scope = insight.scope
    end_ms = scope.run.segments[-1].end_ms if scope.run.segments else 1
    numbered = len(columns(scope.segments)) <= NUMBERED
    personas = tuple(_persona(scope, persona, end_ms, numbered) for persona in scope.personas)
    drawn = {bar.look for lane in personas for bar in lane.bars}
    levels = curve(scope)
    return Chart(
        band=" ".join(_band(part, end_ms) for part in _known(levels)),
        line=" ".join(_line(part, end_ms) for part in _known(levels)),
        personas=personas,
        topics=tuple(
            Bar(_share(topic.start_ms, end_ms), _share(topic.end_ms - topic.start_ms, end_ms), "", topic.topic)
            for topic in stretches(scope)
        ),
        moments=tuple(_moments(insight, key, end_ms) for key in MARKED if insight.moments(key)),
        numbered=numbered,
        ticks=tuple(_ticks(end_ms)),
        legend=tuple(look for look in LOOKS if look in drawn or look in CALLS.values()),
    )


def _share(ms: int, end_ms: int) -> float:
    return round(100 * ms / end_ms, 3)


def _persona(scope: Scope, persona: Persona, end_ms: int, numbered: bool) -> Lane:
    bars: list[Bar] = []
    for column in columns(scope.segments):
        found = cell(scope, column, persona)
        x, width = _share(column.start_ms, end_ms), _share(column.end_ms - column.start_ms, end_ms)
        if not numbered and bars and bars[-1].look == found.look and x - bars[-1].x - bars[-1].width < 0.01:
            bars[-1] = Bar(bars[-1].x, round(x + width - bars[-1].x, 3), found.look)
        else:
            bars.append(Bar(x, width, found.look, found.sign if numbered else ""))
    return Lane(plain(short_name(persona.display_name), MOST_NAME) or persona.id, tuple(bars))


def _moments(insight: Insight, key: str, end_ms: int) -> Lane:
    bars = []
    for moment in insight.moments(key):
        width = max(LEAST, _share(moment.end_ms - moment.start_ms, end_ms))
        index = None if key in WITHOUT_PLACE else moment.index
        x = min(_share(moment.start_ms, end_ms), 100 - width)
        bars.append(Bar(x, width, key, clock(moment.start_ms / 1000), index))
    return Lane(MOMENTS[key].label, tuple(bars))


def _ticks(end_ms: int) -> Iterable[tuple[float, str]]:
    for at in ticks(end_ms, MOST_TICKS):
        if (x := _share(at, end_ms)) <= 95:
            yield x, clock(at / 1000)


def _known(levels: Sequence[Level]) -> Iterable[list[Level]]:
    """The stretches of levels without a gap, each with the level at which it ends."""
    part: list[Level] = []
    for level in levels:
        part.append(level)
        if level.mean is None:
            if len(part) > 1:
                yield part
            part = []
    if len(part) > 1:
        yield part


def _x(level: Level, end_ms: int) -> int:
    return round(WIDTH * level.start_ms / end_ms)


def _y(value: float | None) -> float:
    return round(HEIGHT * (5 - (3 if value is None else value)) / 4, 1)


def _line(part: Sequence[Level], end_ms: int) -> str:
    steps = [f"H{_x(level, end_ms)}" + ("" if level.mean is None else f"V{_y(level.mean)}") for level in part[1:]]
    return f"M{_x(part[0], end_ms)} {_y(part[0].mean)}{''.join(steps)}"


def _band(part: Sequence[Level], end_ms: int) -> str:
    there = f"M{_x(part[0], end_ms)} {_y(part[0].high)}"
    for level in part[1:]:
        there += f"H{_x(level, end_ms)}" + ("" if level.high is None else f"V{_y(level.high)}")
    back = ""
    for before, level in zip(reversed(part[:-1]), reversed(part[1:]), strict=True):
        back += f"L{_x(level, end_ms)} {_y(before.low)}H{_x(before, end_ms)}"
    return f"{there}{back}Z"
