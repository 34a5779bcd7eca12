"""One show of an archive: what has to be done, and what comes of it. Both travel between processes and machines."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from statistics import fmean
from typing import TYPE_CHECKING

from soniclayer import settings as environment
from soniclayer.approval import judging_part
from soniclayer.errors import RecordError
from soniclayer.evaluators.base import Estimate, Shared, Store, Usage, no_store
from soniclayer.evaluators.registry import evaluator_spec
from soniclayer.exports import EXPORTS
from soniclayer.exports.json_results import read_results
from soniclayer.insights.selection import Selection, select
from soniclayer.insights.verdict import Insight
from soniclayer.progress import State
from soniclayer.results import consensus, summarize, total_usage
from soniclayer.segments import split
from soniclayer.session import Resources, assemble, show_id
from soniclayer.transcript import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from soniclayer.personas import Persona
    from soniclayer.records import Record
    from soniclayer.run import Run
    from soniclayer.segments import Segment
    from soniclayer.settings import Settings
    from soniclayer.transcript import Transcript

ARCHIVE = "archive"
"""Whose the limits of the settings are: all shows share one budget."""


@dataclass(frozen=True, slots=True)
class Task:
    """A show to be judged. It holds everything that decides the result, and no key.

    Attributes:
        name: of its file, as data.
        data: its bytes.
        content: `source.content_id` of them.
        personas: who judges.
        evaluator: id of a row in the table of evaluators.
        target_s: length of a segment to aim at, in seconds.
        kept: the JSON of earlier results by the same evaluator, whose cells are not judged again; b"" for none.
    """

    name: str
    data: bytes = field(repr=False)
    content: str
    personas: tuple[Persona, ...]
    evaluator: str
    target_s: float = 30.0
    kept: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Facts:
    """A judged show in figures: its row in the table of shows.

    Attributes:
        name, format, duration_s, speakers: of the transcript; speakers are counted.
        segments: how many.
        not_judged: those of them that the evaluator passed over, and `why` that was all of them, or "".
        cells: segment x persona, of those that are judged.
        judged, failed: cells with feedback, and without for a reason.
        complete: every cell has feedback.
        mean: of the segments' consensus, 1.0 to 5.0; None where nobody has a say.
        means: by persona id.
        usage: what its results have cost.
    """

    name: str
    format: str
    duration_s: float
    speakers: int
    segments: int
    not_judged: int
    why: str
    cells: int
    judged: int
    failed: int
    complete: bool
    mean: float | None
    means: dict[str, float | None]
    usage: Usage


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a task.

    Attributes:
        content: as in the task.
        show: the results as JSON, schema "soniclayer/1".
        facts: of these results.
        judged: cells that were judged for this task, not taken over.
        spent: what was spent on them.
        fatal: why no further show can be judged either, or "".
    """

    content: str
    show: bytes = field(repr=False)
    facts: Facts
    judged: int
    spent: Usage
    fatal: str = ""


def evaluate_show(task: Task) -> Result:
    """Judge a show with an evaluator that costs nothing. The same task always gives the same result.

    Raises:
        TranscriptError: the bytes hold no transcript.
    """
    return asyncio.run(_alone(task))


async def _alone(task: Task) -> Result:
    async with Resources() as shared:
        return await evaluate(task, environment.read(), no_store, shared, lambda run: None)


async def evaluate(
    task: Task, settings: Settings, store: Store, shared: Shared, begun: Callable[[Run], object]
) -> Result:
    """Judge a show in this event loop.

    store, shared: see `evaluators.base.Context`.
    begun: called with the run before it begins, to look at while it goes on.

    Raises:
        TranscriptError: the bytes hold no transcript.
        SettingsError: the evaluator is not set up.
    """
    transcript, segments = _read(task)
    run = assemble(
        segments,
        task.personas,
        evaluator_spec(task.evaluator),
        show=transcript.name,
        settings=settings,
        store=store,
        shared=shared,
        budget_of=ARCHIVE,
    )
    taken_over = _take_over(run, _kept(task, segments))
    begun(run)
    await run.execute()
    if run.state is State.STOPPED:  # somebody cancelled it
        raise asyncio.CancelledError
    spent = sum(run.evaluator.usage.values(), start=Usage())
    show = EXPORTS[".json"].write(Insight(select(run, Selection())), transcript)
    return Result(task.content, show, _facts(run, transcript), len(run.results) - taken_over, spent, run.fatal)


def estimate_show(task: Task, settings: Settings) -> Estimate:
    """What judging it will ask for if no answer is kept; nothing for an evaluator that is free.

    Raises:
        TranscriptError: the bytes hold no transcript.
    """
    estimate = evaluator_spec(task.evaluator).estimate
    transcript, segments = _read(task)
    kept = _kept(task, segments)
    spoken = [segment for segment in segments if segment.speech]
    open_ones = [persona for persona in task.personas if not _has_all(kept, persona, spoken)]
    if estimate is None or not open_ones:
        return Estimate(0, 0, 0)
    return estimate(spoken, open_ones, transcript.name, settings)


def _read(task: Task) -> tuple[Transcript, Sequence[Segment]]:
    # How much may be read was decided where the bytes were read; here any size will do.
    transcript = parse(task.name, task.data, max_bytes=len(task.data))
    return transcript, split(transcript, target_s=task.target_s)


def _kept(task: Task, segments: Sequence[Segment]) -> Record | None:
    """The earlier results, if they are about the same segments and can be read."""
    if not task.kept:
        return None
    try:
        record = read_results(task.kept, when=0).record
    except RecordError:  # as if it were not there
        return None
    return record if show_id(record.segments) == show_id(segments) else None


def _same(kept: Record, personas: Sequence[Persona]) -> set[str]:
    """The ids of the personas that would be asked as they were then."""
    then = {persona.id: judging_part(persona) for persona in kept.personas}
    return {persona.id for persona in personas if then.get(persona.id) == judging_part(persona)}


def _has_all(kept: Record | None, persona: Persona, spoken: Sequence[Segment]) -> bool:
    if kept is None or not _same(kept, (persona,)):
        return False
    return all(segment.index in kept.results.get(persona.id, {}) for segment in spoken)


def _take_over(run: Run, kept: Record | None) -> int:
    """Give the run the cells that are still true; returns how many."""
    if kept is None:
        return 0
    same = _same(kept, run.personas)
    run.results = {(index, who): each for who in same for index, each in kept.results.get(who, {}).items()}
    run.classifications, run.unclassified = dict(kept.classifications), dict(kept.unclassified)
    run.not_judged = dict(kept.not_judged)
    run.spent = {who: usage for who, usage in kept.usage.items() if not who or who in same}
    return len(run.results)


def _facts(run: Run, transcript: Transcript) -> Facts:
    values = [value for segment in run.segments if (value := consensus(run, segment.index)) is not None]
    return Facts(
        name=transcript.name,
        format=transcript.format,
        duration_s=run.segments[-1].end_s if run.segments else 0.0,
        speakers=len(transcript.speakers),
        segments=len(run.segments),
        not_judged=len(run.not_judged),
        why=run.nothing_judged,
        cells=run.total,
        judged=len(run.results),
        failed=len(run.failures),
        complete=run.complete,
        mean=fmean(values) if values else None,
        means={persona.id: summarize(run, persona).mean_score for persona in run.personas},
        usage=total_usage(run),
    )
