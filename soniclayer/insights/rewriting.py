"""What a show is like after its edits: the results that are still about the same words, and those of the new ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from soniclayer.insights.moments import MOMENTS
from soniclayer.results import summarize
from soniclayer.run import Run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soniclayer.edits import Edited
    from soniclayer.insights.verdict import Insight
    from soniclayer.personas import Persona


def changed(run: Run, edited: Edited) -> tuple[int, ...]:
    """Positions in the edited show of the segments that have other words than before."""
    pairs = enumerate(zip(edited.segments, edited.origins, strict=True))
    return tuple(at for at, (segment, origin) in pairs if segment.text != run.segments[origin].text)


def rewritten_run(run: Run, edited: Edited, judged: Mapping[int, Run]) -> Run:
    """A run to read only over the edited show.

    judged: by position of a segment with other words, the run of that segment alone, as its segment 0.
    """
    part = Run(edited.segments, run.personas, run.evaluator)
    part.state = run.state
    others = set(changed(run, edited))
    for at, origin in enumerate(edited.origins):
        source, index = (judged.get(at), 0) if at in others else (run, origin)
        if source is None:
            continue
        if (known := source.classifications.get(index)) is not None:
            part.classifications[at] = known
        if (reason := source.not_judged.get(index)) is not None:
            part.not_judged[at] = reason
        for persona in run.personas:
            if (feedback := source.results.get((index, persona.id))) is not None:
                part.results[at, persona.id] = feedback
            elif (failure := source.failures.get((index, persona.id))) is not None:
                part.failures[at, persona.id] = failure
    return part


@dataclass(frozen=True, slots=True)
class Effect:
    """What the edits do to a show; each pair is before and after.

    Attributes:
        length_ms: how long the show is.
        means: per persona the mean value, None where nothing was judged.
        moments: per kind how many there are.
    """

    length_ms: tuple[int, int]
    means: tuple[tuple[Persona, float | None, float | None], ...]
    moments: Mapping[str, tuple[int, int]]


def effect(before: Insight, after: Insight, edited: Edited) -> Effect:
    """The difference between a show and the same show edited, for the same personas."""
    one, other = before.scope.run, after.scope.run
    length = one.segments[-1].end_ms if one.segments else 0
    return Effect(
        (length, length - edited.removed_ms),
        tuple(
            (persona, summarize(one, persona).mean_score, summarize(other, persona).mean_score)
            for persona in one.personas
        ),
        {key: (len(before.moments(key)), len(after.moments(key))) for key in MOMENTS},
    )
