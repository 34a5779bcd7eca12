"""Cuts: what must go before somebody hears it, and what bores for longest."""

from __future__ import annotations

from statistics import fmean
from typing import TYPE_CHECKING

from soniclayer.feedback import review_of
from soniclayer.insights.moment import LOW, Moment, heaviest, how_sure, is_sure
from soniclayer.insights.unsafe import UnsafeWord, minds, unsafe_words
from soniclayer.phrasing import excerpt

if TYPE_CHECKING:
    from soniclayer.insights.selection import Scope
    from soniclayer.segments import Segment

MINDED = 10.0  # what somebody chosen minds comes before what nobody does
SHORTEST_BORE = 2  # segments


def cuts(scope: Scope) -> list[Moment]:
    """What to cut, unsafe words first, the worst first; then what bores most for longest.

    Rule for words: every chosen segment with unsafe words is a moment. It is for those chosen whose dislikes name its
    category, or who give a sure 1 or 2 there; not for whom a person has overruled to 3 or more. Weight: ten where it
    is for somebody, the gravest word's severity (1 to 5), a tenth for every further one.
    Rule for bores: two segments or more in a row whose consensus is below 2.75, without unsafe words. Weight: how far
    below 3, times the minutes; always below 1, so that they come after the words.
    """
    return heaviest([*_unsafe(scope), *_bores(scope)])


def _unsafe(scope: Scope) -> list[Moment]:
    minded = {persona.id: minds(persona) for persona in scope.personas}
    moments = []
    for segment in scope.segments:
        if found := unsafe_words(segment.text):
            categories = {word.category for word in found}
            calls = list(scope.reactions(segment))
            low = [(who, call) for who, call in calls if call.score < 3 and is_sure(call)]
            fine = [who.id for who, call in calls if call.score > 2 and review_of(call) is not None]
            who = [key for key, kinds in minded.items() if kinds & categories and key not in fine]
            who += [persona.id for persona, _ in low if persona.id not in who]
            moments.append(_cut(segment, found, tuple(who), how_sure(call for _, call in low)))
    return moments


def _cut(segment: Segment, found: tuple[UnsafeWord, ...], who: tuple[str, ...], sure: float | None) -> Moment:
    worst = max(word.severity for word in found)
    by_category: dict[str, list[str]] = {}
    for word in sorted(found, key=lambda word: -word.severity):
        said = by_category.setdefault(word.category, [])
        if word.words not in said:
            said.append(word.words)
    return Moment(
        index=segment.index,
        start_ms=segment.start_ms,
        end_ms=segment.end_ms,
        words=", ".join(dict.fromkeys(f"“{word}”" for said in by_category.values() for word in said)),
        note=", ".join(by_category),
        who=who,
        sure=sure,
        weight=(MINDED if who else 1.0) + worst + (len(found) - 1) / 10,
    )


def _bores(scope: Scope) -> list[Moment]:
    stretches: list[list[Segment]] = [[]]
    for segment in scope.run.segments:
        value = scope.value(segment)
        if value is not None and value < LOW and segment.index in scope.chosen and not unsafe_words(segment.text):
            stretches[-1].append(segment)
        elif stretches[-1]:
            stretches.append([])
    return [_bore(scope, stretch) for stretch in stretches if len(stretch) >= SHORTEST_BORE]


def _bore(scope: Scope, stretch: list[Segment]) -> Moment:
    values = [value for segment in stretch if (value := scope.value(segment)) is not None]
    reactions = [each for segment in stretch for each in scope.reactions(segment)]
    low = [(persona, call) for persona, call in reactions if call.value < LOW]
    dull = (3 - fmean(values)) * (stretch[-1].end_ms - stretch[0].start_ms) / 60_000
    return Moment(
        index=stretch[0].index,
        start_ms=stretch[0].start_ms,
        end_ms=stretch[-1].end_ms,
        words=excerpt(stretch[0].text),
        note=f"bores: consensus {fmean(values):.1f}",
        who=tuple(dict.fromkeys(persona.id for persona, _ in low)),
        sure=how_sure(call for _, call in low if call.called),
        weight=dull / (1 + dull),
    )
