"""Ad breaks, disagreements and repeated themes."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from soniclayer.insights.moment import HIGH, LOW, Moment, heaviest, how_sure, is_sure
from soniclayer.insights.unsafe import unsafe_words
from soniclayer.phrasing import excerpt, plural, span

if TYPE_CHECKING:
    from soniclayer.insights.selection import Scope
    from soniclayer.segments import Segment

PAUSE_MS = 800
CLEAN_MS = 60_000
BETWEEN_MS = 5 * 60_000
MILDEST = 2  # unsafe words from this severity on keep a break away
WIDE = 2  # scores between two that disagree
COMES_BACK = 3  # segments


def ad_breaks(scope: Scope) -> list[Moment]:
    """Where a break can go, in order of time. Choose the advertiser and the target to have it fit both.

    Rule: between two segments where the speaker changes, something other than speech follows, or 0.8 s are silent;
    no unsafe word of severity 2 or more for a minute to both sides; nobody chosen gives a sure 1 or 2 on either
    side, and the consensus of both sides is 3 or more. Of these the best liked, then the earliest, are taken,
    at least five minutes from the start of the show and from each other.
    """
    places = sorted(_breaks(scope), key=lambda place: (-place.weight, place.start_ms))
    taken: list[Moment] = []
    for place in places:
        if place.start_ms >= BETWEEN_MS and all(abs(place.start_ms - t.start_ms) >= BETWEEN_MS for t in taken):
            taken.append(place)
    taken.sort(key=lambda place: place.start_ms)
    return [_after(place, taken[number - 1].start_ms if number else 0) for number, place in enumerate(taken)]


def _after(place: Moment, last_ms: int) -> Moment:
    since = span((place.start_ms - last_ms) / 1000)
    return Moment(
        index=place.index,
        start_ms=place.start_ms,
        end_ms=place.end_ms,
        words=place.words,
        note=f"{since} after the last one" if last_ms else f"{since} into the show",
        who=place.who,
        sure=place.sure,
        weight=place.weight,
    )


def _breaks(scope: Scope) -> list[Moment]:
    dirty = [s for s in scope.run.segments if any(word.severity >= MILDEST for word in unsafe_words(s.text))]
    moments = []
    for before, after in pairwise(scope.run.segments):
        at = before.end_ms
        clean = all(each.end_ms <= at - CLEAN_MS or each.start_ms >= after.start_ms + CLEAN_MS for each in dirty)
        if after.index in scope.chosen and clean and _turns(before, after):
            moment = _break(scope, before, after)
            if moment is not None:
                moments.append(moment)
    return moments


def _turns(before: Segment, after: Segment) -> bool:
    speakers = [segment.turns[place].speaker for segment, place in ((before, -1), (after, 0)) if segment.turns]
    changes = len(set(speakers) - {""}) == 2
    return changes or not before.speech or not after.speech or after.start_ms - before.end_ms >= PAUSE_MS


def _break(scope: Scope, before: Segment, after: Segment) -> Moment | None:
    values = [value for segment in (before, after) if (value := scope.value(segment)) is not None]
    around = [each for segment in (before, after) for each in scope.reactions(segment)]
    if not values or min(values) < 3 or any(call.score < 3 and is_sure(call) for _, call in around):
        return None
    liked = [(persona, call) for persona, call in around if call.score > 3 and is_sure(call)]
    return Moment(
        index=after.index,
        start_ms=before.end_ms,
        end_ms=after.start_ms,
        words=f"{_end(before.text)} ‖ {excerpt(after.text, 70)}",
        who=tuple(dict.fromkeys(persona.id for persona, _ in liked)),
        sure=how_sure(call for _, call in liked),
        weight=sum(values) / len(values),
    )


def _end(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 70 else f"…{line[-70:].partition(' ')[2]}"


def disagreements(scope: Scope) -> list[Moment]:
    """Where those chosen disagree most, the widest first.

    Rule: a chosen segment with a sure call of 4 or 5 and a sure call that is at least two lower. Weight: the
    difference, and a tenth for everybody on the smaller side.
    """
    moments = []
    for segment in scope.segments:
        calls = [(persona, call) for persona, call in scope.reactions(segment) if is_sure(call)]
        scores = [call.score for _, call in calls]
        if not scores or max(scores) < 4 or max(scores) - min(scores) < WIDE:
            continue
        high = tuple(persona.id for persona, call in calls if call.score > 3)
        low = tuple(persona.id for persona, call in calls if call.score <= max(scores) - WIDE and call.score <= 3)
        moments.append(
            Moment(
                index=segment.index,
                start_ms=segment.start_ms,
                end_ms=segment.end_ms,
                words=excerpt(segment.text),
                note=f"{min(scores)} against {max(scores)}",
                who=high,
                against=low,
                sure=how_sure(call for _, call in calls),
                weight=max(scores) - min(scores) + min(len(high), len(low)) / 10,
            )
        )
    return heaviest(moments)


def themes(scope: Scope) -> list[Moment]:
    """Topics that keep coming back, the longest first.

    Rule: a known topic of three chosen segments or more. Stretches are segments of the topic in a row. It pleases
    whose mean value over them is above 3.25, and tires whose is below 2.75. Weight: its minutes.
    """
    by_topic: dict[str, list[Segment]] = {}
    for segment in scope.segments:
        known = scope.run.classifications.get(segment.index)
        if known is not None and known.topic is not None:
            by_topic.setdefault(known.topic, []).append(segment)
    return heaviest(
        _theme(scope, topic, segments) for topic, segments in by_topic.items() if len(segments) >= COMES_BACK
    )


def _theme(scope: Scope, topic: str, segments: list[Segment]) -> Moment:
    stretches = 1 + sum(after.index != before.index + 1 for before, after in pairwise(segments))
    values: dict[str, list[float]] = {}
    for segment in segments:
        for persona, feedback in scope.reactions(segment):
            values.setdefault(persona.id, []).append(feedback.value)
    means = {key: sum(each) / len(each) for key, each in values.items()}
    length_ms = sum(segment.end_ms - segment.start_ms for segment in segments)
    return Moment(
        index=segments[0].index,
        start_ms=segments[0].start_ms,
        end_ms=segments[-1].end_ms,
        words=topic,
        note=f"{span(length_ms / 1000)} in {plural(stretches, 'stretch', 'stretches')}",
        who=tuple(key for key, mean in means.items() if mean > HIGH),
        against=tuple(key for key, mean in means.items() if mean < LOW),
        weight=length_ms / 60_000,
    )
