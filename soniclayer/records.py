"""A run written down: everything that was judged and by whom, to be read again without evaluating anything.

`record` takes a run as it stands, `to_bytes` and `from_bytes` are its form on disk (compact JSON), and `restore`
makes a run of it again: cards, verdict, timeline, exports and comparisons work on that as on the first one.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from soniclayer.errors import RecordError
from soniclayer.evaluators.base import Usage
from soniclayer.evaluators.kept import KeptEvaluator
from soniclayer.feedback import Classification, Failure, Feedback
from soniclayer.personas import Persona
from soniclayer.progress import State
from soniclayer.run import Run
from soniclayer.segments import Segment

if TYPE_CHECKING:
    from soniclayer.evaluators.base import Evaluator

V = TypeVar("V")
MOST_MS = 1_000 * 3_600 * 1_000  # a thousand hours


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A run as it was at one moment.

    Attributes:
        name: title of the show, as data.
        evaluator: id of its row in the table of evaluators, or "" where none is known.
        evaluator_name, model, confidence_basis: as `Evaluator` has them.
        personas: as they were then.
        segments: all of the show, with their turns.
        results: Feedback by persona id and segment index.
        failures: Failure by persona id and segment index.
        classifications: by segment index; topic and tone None where classifying failed.
        unclassified: by segment index, why a segment could not be classified.
        not_judged: by segment index, why the evaluator passed a segment over.
        fatal: why the run broke off as a whole, or "".
        state: where the run stood; one that was under way counts as stopped.
        usage: what the answers cost, by persona id, and under "" for classification.
        when: seconds since 1970 (UTC) when it was written down.
    """

    name: str
    evaluator: str = ""
    evaluator_name: str
    model: str = ""
    confidence_basis: str = ""
    personas: tuple[Persona, ...]
    segments: tuple[Segment, ...]
    results: Mapping[str, Mapping[int, Feedback]]
    failures: Mapping[str, Mapping[int, Failure]]
    classifications: Mapping[int, Classification]
    unclassified: Mapping[int, Failure]
    not_judged: Mapping[int, str]
    fatal: str = ""
    state: State
    usage: Mapping[str, Usage]
    when: float


def record(run: Run, *, name: str, when: float | None = None) -> Record:
    """The run as it stands; it may go on meanwhile in another thread.

    name: title of the show. when: see `Record`, by default now.
    """
    return Record(
        name=name,
        evaluator=run.evaluator_id,
        evaluator_name=run.evaluator.name,
        model=run.evaluator.model,
        confidence_basis=run.evaluator.confidence_basis,
        personas=run.personas,
        segments=run.segments,
        results=_by_persona(run, run.results.copy()),
        failures=_by_persona(run, run.failures.copy()),
        classifications=_within(run, run.classifications.copy()),
        unclassified=_within(run, run.unclassified.copy()),
        not_judged=_within(run, run.not_judged.copy()),
        fatal=run.fatal,
        state=State.STOPPED if run.state in (State.WAITING, State.RUNNING) else run.state,
        usage={who: Usage(**asdict(usage)) for who, usage in dict(run.usage).items()},
        when=time.time() if when is None else when,
    )


def restore(kept: Record, evaluator: Evaluator | None = None) -> Run:
    """The run that was written down, ended, with everything in it.

    evaluator: who goes on with what is missing and explains; by default one that asks nobody, see `KeptEvaluator`.
    """
    judge = evaluator or KeptEvaluator(
        kept.evaluator, kept.evaluator_name, kept.model, kept.confidence_basis, kept.personas, kept.results
    )
    run = Run(kept.segments, kept.personas, judge)
    run.results = dict(_cells(kept.results))
    run.failures = dict(_cells(kept.failures))
    run.classifications, run.unclassified = dict(kept.classifications), dict(kept.unclassified)
    run.not_judged, run.fatal, run.state = dict(kept.not_judged), kept.fatal, kept.state
    run.spent, run.evaluator_id = dict(kept.usage), kept.evaluator
    return run


def to_bytes(kept: Record) -> bytes:
    """Compact JSON. A character that UTF-8 cannot hold becomes a question mark."""
    document = _adapter().dump_python(kept, exclude_defaults=True)
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8", "replace")


def from_bytes(data: bytes) -> Record:
    """The record that was written.

    Raises:
        RecordError: the bytes are not one, or say what cannot be (a score of 9, a cell of nobody); names the place.
    """
    try:
        kept = _adapter().validate_json(data)
    except ValidationError as error:
        raise outside(error, "Kept results") from error
    return checked(kept)


def outside(error: ValidationError, what: str) -> RecordError:
    """The error to raise where `what` has something in it that it cannot have."""
    first = error.errors(include_input=False, include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "the beginning"
    return RecordError(f"{what} cannot be read at {_short(place)}: {first['msg']}. {REMEDY}")


REMEDY = "Evaluate the show again, or take another copy."


def checked(kept: Record) -> Record:
    """The record itself, if all of it can be. Raises RecordError as `from_bytes` does."""
    for place, wrong in _faults(kept):
        raise RecordError(f"Kept results cannot be used: {_short(place)} {wrong}. {REMEDY}")
    return kept


def _faults(kept: Record) -> Iterator[tuple[str, str]]:
    """Where a record says what cannot be, and what is wrong there."""
    personas = {persona.id for persona in kept.personas}
    if len(personas) < len(kept.personas):
        yield "personas", "names one persona twice"
    last = -1
    for segment in kept.segments:
        timed = 0 <= segment.start_ms <= segment.end_ms <= MOST_MS
        if segment.index <= last or not timed or not segment.text:
            yield f"segment {segment.index}", "has no words, or another place or time than it can have"
        last = segment.index
    for persona in kept.personas:
        if not persona.id or not 0 <= persona.weight <= 1000:
            yield f"persona “{persona.id}”", "has no id, or a weight that is not between 0 and 1,000"
    indexes = {segment.index for segment in kept.segments}
    for who, cells in (*kept.results.items(), *kept.failures.items()):
        if who not in personas or not indexes.issuperset(cells):
            yield f"persona “{who}”", "judges what is not there"
    for index in (*kept.classifications, *kept.unclassified, *kept.not_judged):
        if index not in indexes:
            yield f"segment {index}", "is not there"
    for (index, who), feedback in _cells(kept.results):
        if not _possible(feedback):
            yield f"segment {index}, persona “{who}”", "has a score, leaning or confidence that there is not"


def _possible(feedback: Feedback) -> bool:
    lean, confidence = feedback.lean, feedback.confidence
    return (
        1 <= feedback.score <= 5
        and (lean is None or 1 <= lean <= 5)
        and (confidence is None or 0 <= confidence <= 1)
        and feedback.together >= 1
    )


def _by_persona(run: Run, cells: Mapping[tuple[int, str], Any]) -> dict[str, dict[int, Any]]:
    indexes = {segment.index for segment in run.segments}  # a narrowed run shares the cells of the whole one
    found: dict[str, dict[int, Any]] = {persona.id: {} for persona in run.personas}
    for (index, who), each in cells.items():
        if who in found and index in indexes:
            found[who][index] = each
    return {who: part for who, part in found.items() if part}


def _within(run: Run, by_index: Mapping[int, V]) -> dict[int, V]:
    return {segment.index: by_index[segment.index] for segment in run.segments if segment.index in by_index}


def _cells(by_persona: Mapping[str, Mapping[int, Any]]) -> Iterator[tuple[tuple[int, str], Any]]:
    return (((index, who), each) for who, cells in by_persona.items() for index, each in cells.items())


def _short(place: str) -> str:
    return place if len(place) <= 80 else f"{place[:80]}…"


@cache
def _adapter() -> TypeAdapter[Record]:
    return TypeAdapter(Record)
