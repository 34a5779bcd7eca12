"""Losses: where a persona falls and stays low."""

from __future__ import annotations

from statistics import fmean
from typing import TYPE_CHECKING

from soniclayer.feedback import Feedback
from soniclayer.insights.moment import LOW, Moment, heaviest, how_sure, is_sure
from soniclayer.personas import Persona
from soniclayer.phrasing import excerpt
from soniclayer.segments import Segment

if TYPE_CHECKING:
    from soniclayer.insights.selection import Scope

BEFORE = 2  # segments that say where a persona stood
START = 3.0  # where a persona stands before the first segment
LONGEST = 8  # segments of a stretch that count for its weight

_Stretch = tuple[Persona, list[tuple[Segment, Feedback]], float]


def losses(scope: Scope) -> list[Moment]:
    """Where somebody chosen is lost, the worst first.

    Rule: a loss begins with a sure call of 1 or 2 and goes on over the segments after it for as long as the
    persona's value stays below 2.75. It falls from the mean of the two values before it (3 at the start of the show)
    to its lowest value. Losses of several personas that begin together are one moment. Its weight is the sum of the
    falls, and half a score for every further segment of the longest, eight at most.
    """
    at: dict[int, list[_Stretch]] = {}
    for persona in scope.personas:
        for stretch in _stretches(scope, persona):
            at.setdefault(stretch[1][0][0].index, []).append(stretch)
    return heaviest(_moment(stretches) for index, stretches in at.items() if index in scope.chosen)


def losses_an_hour(scope: Scope) -> dict[str, float]:
    """By persona id, how often it is lost in an hour of the chosen segments; who is never lost is not there."""
    hours = sum(segment.end_ms - segment.start_ms for segment in scope.segments) / 3_600_000
    lost = [who for moment in losses(scope) for who in moment.who]
    return {who: lost.count(who) / hours for who in lost} if hours else {}


def _stretches(scope: Scope, persona: Persona) -> list[_Stretch]:
    found: list[_Stretch] = []
    recent: list[float] = []
    low: list[tuple[Segment, Feedback]] = []
    for segment in scope.run.segments:
        feedback = scope.run.results.get((segment.index, persona.id))
        if feedback is None:
            low = []
            continue
        if feedback.value < LOW and (low or (feedback.score < 3 and is_sure(feedback))):
            if not low:
                found.append((persona, low := [], fmean(recent) if recent else START))
            low.append((segment, feedback))
        else:
            low = []
        recent = [*recent, feedback.value][-BEFORE:]
    return [stretch for stretch in found if stretch[2] > min(each.value for _, each in stretch[1])]


def _moment(stretches: list[_Stretch]) -> Moment:
    first = stretches[0][1][0][0]
    calls = [stretch[0][1] for _, stretch, _ in stretches]
    longest = max((stretch for _, stretch, _ in stretches), key=len)
    falls = [(before, min(each.value for _, each in stretch)) for _, stretch, before in stretches]
    before, lowest = max(falls, key=lambda fall: fall[0] - fall[1])
    quote = next((call.quotes[0] for call in calls if call.quotes), "")
    return Moment(
        index=first.index,
        start_ms=first.start_ms,
        end_ms=longest[-1][0].end_ms,
        words=quote or excerpt(first.text),
        note=f"falls from {before:.1f} to {lowest:.1f}",
        who=tuple(persona.id for persona, _, _ in stretches),
        sure=how_sure(calls),
        weight=sum(high - low for high, low in falls) + min(len(longest), LONGEST) / 2,
    )
