"""Which segments of a run are asked about together, and how many groups of them are open at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soniclayer.evaluators.base import Evaluator, TogetherEvaluator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from soniclayer.personas import Persona
    from soniclayer.segments import Segment


def groups(
    evaluator: Evaluator, segments: Sequence[Segment], missing: Callable[[Segment], list[Persona]]
) -> Iterator[tuple[tuple[Segment, ...], list[Persona]]]:
    """Consecutive segments that are asked about together, with the personas that still have to judge them.

    missing: the personas that have to judge a segment; asked when its turn comes.
    """
    size, singly = 1, 0
    if isinstance(evaluator, TogetherEvaluator):
        size, singly = evaluator.together, evaluator.first_singly
    first = {segment.index for segment in segments[:singly]}
    group: list[Segment] = []
    wanted: list[Persona] = []
    for segment in segments:
        personas = missing(segment)
        if group and (personas != wanted or len(group) >= size or group[-1].index in first):
            yield tuple(group), wanted
            group = []
        if personas:
            group, wanted = [*group, segment], personas
    if group:
        yield tuple(group), wanted


def width(in_flight: int, personas: int, evaluator: Evaluator) -> int:
    """How many groups are open at once: some times what fills the calls in flight.

    Of those that are open some wait to be asked again, and hold no call in flight meanwhile.
    """
    if isinstance(evaluator, TogetherEvaluator):
        return 4 * in_flight // max(1, personas) + 2
    # A segment is one call for one latency, then one per persona for another; at the start all that can be asked is
    # what each segment is about.
    return max(in_flight, 4 * in_flight // (1 + personas) + 1)
