"""Shows of one programme over time: where every persona is going, and which topics work with whom."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from soniclayer.insights.losses import losses_an_hour
from soniclayer.insights.noise import FEWEST, Mean, limit, mean_of
from soniclayer.insights.selection import Selection, select

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from soniclayer.feedback import Topic
    from soniclayer.insights.selection import Scope
    from soniclayer.personas import Persona
    from soniclayer.run import Run

FEWEST_SHOWS = 5
"""Shows below which no trend is told."""
TOPIC_SEGMENTS = 12
TOPIC_SHOWS = 2


@dataclass(frozen=True, slots=True)
class Episode:
    """A show of a programme.

    Attributes:
        name: what it is called.
        when: seconds since 1970 (UTC).
        run: how it was judged.
    """

    name: str
    when: float
    run: Run


@dataclass(frozen=True, slots=True)
class Point:
    """One persona in one show.

    Attributes:
        mean, low, high: the mean value, and the band in which chance alone leaves it; 1.0 to 5.0.
        losses_an_hour: how often it is lost.
    """

    show: str
    when: float
    mean: float
    low: float
    high: float
    losses_an_hour: float


@dataclass(frozen=True, slots=True)
class Trend:
    """One persona over all shows.

    Attributes:
        points: in order of time.
        change: how much its mean changes from the first to the last show, along a straight line; None where there
            are fewer than `FEWEST_SHOWS`.
        noise: how much of that chance alone explains.
    """

    persona: Persona
    points: tuple[Point, ...]
    change: float | None
    noise: float | None

    @property
    def beyond_chance(self) -> bool:
        """It rises or falls."""
        return self.change is not None and self.noise is not None and abs(self.change) > self.noise


@dataclass(frozen=True, slots=True)
class TopicEffect:
    """How a topic works with a persona: the mean value of its segments less the mean of all, over all shows."""

    topic: Topic
    persona: Persona
    effect: float
    noise: float
    segments: int


def programme_of(name: str, tag: str) -> str:
    """The programme of a show: its tag, else the folder in its name (`Breakfast/27 Nov`), else ""."""
    return tag.strip() or name.rpartition("/")[0].strip()


def trends(episodes: Sequence[Episode], personas: Sequence[Persona]) -> list[Trend]:
    """How these personas change over the shows; shows in which a persona judges too little are left out for it.

    Rule: a straight line is laid through the means, each weighted alike. Its noise is that of the scatter of the
    means around it or of their own standard errors, whichever is larger, at the limit of `limit` for all personas.
    """
    ordered = sorted(episodes, key=lambda episode: episode.when)
    scopes = [(episode, select(episode.run, Selection())) for episode in ordered]
    lost = [losses_an_hour(scope) for _, scope in scopes]
    found = []
    for persona in personas:
        rows = [
            (episode, mean, rates.get(persona.id, 0.0))
            for (episode, scope), rates in zip(scopes, lost, strict=True)
            if (mean := mean_of(_values(scope, persona))) is not None
        ]
        change, noise = _slope([mean for _, mean, _ in rows], [row[0].when for row in rows], len(personas))
        points = (Point(episode.name, episode.when, mean.value, *mean.band, rate) for episode, mean, rate in rows)
        found.append(Trend(persona, tuple(points), change, noise))
    return found


def _values(scope: Scope, persona: Persona) -> list[float]:
    results = scope.run.results
    found = (results.get((segment.index, persona.id)) for segment in scope.segments)
    return [feedback.value for feedback in found if feedback is not None]


def _slope(means: Sequence[Mean], times: Sequence[float], comparisons: int) -> tuple[float | None, float | None]:
    """(the change from first to last along the line, its noise)."""
    if len(means) < FEWEST_SHOWS or times[-1] <= times[0]:
        return None, None
    middle, level = fmean(times), fmean(mean.value for mean in means)
    spread = sum((time - middle) ** 2 for time in times)
    slope = sum((t - middle) * (mean.value - level) for t, mean in zip(times, means, strict=True)) / spread
    rest = [mean.value - level - slope * (t - middle) for t, mean in zip(times, means, strict=True)]
    freedom = len(means) - 2
    scatter = max(sum(each**2 for each in rest) / freedom, fmean(mean.error**2 for mean in means))
    length = times[-1] - times[0]
    return slope * length, limit(freedom, comparisons=comparisons) * math.sqrt(scatter / spread) * length


def topics(episodes: Sequence[Episode], personas: Sequence[Persona]) -> list[TopicEffect]:
    """Topics that please or tire somebody by more than chance, the strongest first.

    Rule: a topic of twelve segments or more, in two shows or more, whose mean value differs from that of all other
    segments by more than chance explains for all topics and personas together.
    """
    by_topic: dict[Topic, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    everything: dict[str, list[tuple[Topic | None, float]]] = defaultdict(list)
    shows: dict[Topic, set[int]] = defaultdict(set)
    for number, episode in enumerate(episodes):
        for segment in episode.run.segments:
            known = episode.run.classifications.get(segment.index)
            topic = known.topic if known else None
            for persona in personas:
                feedback = episode.run.results.get((segment.index, persona.id))
                if feedback is None:
                    continue
                everything[persona.id].append((topic, feedback.value))
                if topic is not None:
                    shows[topic].add(number)
                    by_topic[topic][persona.id].append(feedback.value)
    often = [topic for topic, seen in shows.items() if len(seen) >= TOPIC_SHOWS]
    tried = [(topic, p) for topic in often for p in personas if len(by_topic[topic][p.id]) >= TOPIC_SEGMENTS]
    found = []
    for topic, persona in tried:
        mine = mean_of(by_topic[topic][persona.id])
        rest = mean_of([value for other, value in everything[persona.id] if other != topic])
        if mine is None or rest is None:
            continue
        error = math.hypot(mine.error, rest.error)
        noise = limit(min(mine.independent, rest.independent) - 1, comparisons=len(tried)) * error
        if abs(mine.value - rest.value) > noise:
            found.append(TopicEffect(topic, persona, mine.value - rest.value, noise, mine.count))
    return sorted(found, key=lambda each: -abs(each.effect))


def said(found: Sequence[Trend], works: Sequence[TopicEffect], name: Callable[[Persona], str]) -> list[str]:
    """What the shows say together, in sentences, the most important first."""
    moved = [(trend, trend.change) for trend in found if trend.beyond_chance and trend.change is not None]
    sentences = [
        f"{name(trend.persona)}: {'up' if change > 0 else 'down'} by {abs(change):.1f} over {len(trend.points)}"
        f" shows, by more than chance explains (± {trend.noise:.1f})."
        for trend, change in sorted(moved, key=lambda each: each[1])
    ]
    if not sentences and any(trend.change is not None for trend in found):
        sentences.append("Nobody moves up or down by more than chance explains.")
    elif not sentences:
        sentences.append(
            f"A trend takes {FEWEST_SHOWS} shows on different days, each with {FEWEST} judged segments or more;"
            " there are fewer."
        )
    sentences += [
        f"{each.topic.value} {'works with' if each.effect > 0 else 'tires'} {name(each.persona)}"
        f" ({each.effect:+.1f} in {each.segments} segments)."
        for each in works[:6]
    ]
    return sentences
