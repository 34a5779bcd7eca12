"""The JSON export read in again: the same results, as `records.Record` holds them.

Files of older versions have fewer fields: what a persona is asked, turns and the kinds of failures are missing there.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, Field, ValidationError

from soniclayer.errors import RecordError
from soniclayer.evaluators.base import Usage
from soniclayer.exports.json_file import SCHEMA
from soniclayer.feedback import Classification, Failure, Feedback, Review, Tone, Topic, digest_of
from soniclayer.personas import Persona
from soniclayer.progress import State
from soniclayer.records import REMEDY, Record, checked, outside
from soniclayer.results import NO_SPEECH
from soniclayer.segments import Segment
from soniclayer.transcript.model import Cue, Transcript
from soniclayer.turns import Turn

if TYPE_CHECKING:
    from collections.abc import Iterator

WHAT = "The JSON of these results"
HEAD = 400  # bytes within which an export names its schema
Seconds = Annotated[float, Field(ge=0, le=3_600_000, allow_inf_nan=False)]


class _Transcript(BaseModel):
    name: str
    format: str = "JSON"
    notes: list[str] = []


class _Evaluator(BaseModel):
    id: str = ""
    name: str
    model: str = ""
    confidence_basis: str = ""


class _Persona(BaseModel):
    id: str
    display_name: str
    emoji: str = "👤"
    description: str = ""
    system: str = ""
    prompt: str = ""
    likes: tuple[str, ...] = ()
    dislikes: tuple[str, ...] = ()
    rubric: dict[int, str] = {}
    weight: float = 1.0

    def persona(self) -> Persona:
        return Persona(**{**dict(self), "rubric": tuple(self.rubric.items())})


class _Review(BaseModel):
    who: str = ""
    at: datetime
    reason: str = ""


class _Cell(BaseModel):
    score: int | None = None
    evaluator_score: int | None = None
    review: _Review | None = None
    lean: float | None = None
    opinion: str = ""
    rationale: str = ""
    confidence: float | None = None
    note: str = ""
    quotes: tuple[str, ...] = ()
    judged_together: int = 1
    error: str = ""
    kind: str = ""

    def feedback(self) -> Feedback | None:
        """The evaluator's own; None where it gave none."""
        score = self.score if self.evaluator_score is None else self.evaluator_score
        if score is None:
            return None
        return Feedback(
            score, self.opinion, self.rationale, self.confidence, self.note, self.quotes, self.lean,
            self.judged_together,
        )  # fmt: skip


class _Segment(BaseModel):
    index: int
    start: Seconds
    end: Seconds
    speakers: tuple[str, ...] = ()
    text: str
    turns: tuple[Turn, ...] = ()
    estimated: bool = False
    speech: bool | None = None
    topic: Topic | None = None
    tone: Tone | None = None
    feedback: dict[str, _Cell]

    def segment(self, before: _Segment | None) -> Segment:
        cells = self.feedback.values()
        speech = not all(cell.error == NO_SPEECH for cell in cells) if self.speech is None else self.speech
        said = before.text if before is not None and before.index == self.index - 1 else ""
        start, end = round(self.start * 1000), round(self.end * 1000)
        return Segment(
            self.index, start, end, self.speakers, self.text, said, self.estimated, speech or not cells, self.turns
        )


class _Run(BaseModel):
    state: State = State.FINISHED
    fatal: str = ""
    not_judged: dict[int, str] = {}
    unclassified: dict[int, Failure] = {}
    usage: dict[str, Usage] = {}


class _Document(BaseModel):
    transcript: _Transcript
    evaluator: _Evaluator
    personas: list[_Persona]
    segments: list[_Segment]
    run: _Run = _Run()
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True)
class Results:
    """What a JSON export holds.

    Attributes:
        transcript: with one cue per turn; the cues of the first file are not in the results.
        record: the run as the evaluator gave it.
        reviews: what people said beside it, without ids.
    """

    transcript: Transcript
    record: Record
    reviews: tuple[Review, ...]


def is_results(data: bytes) -> bool:
    """Whether a file is a JSON export of ours, and not a transcript."""
    return data.lstrip()[:1] == b"{" and f'"{SCHEMA}"'.encode() in data[:HEAD]


def read_results(data: bytes, *, when: float) -> Results:
    """What `json_file.to_json` wrote.

    when: seconds since 1970 (UTC) to be noted in the record.

    Raises:
        RecordError: it is damaged, or says what cannot be; names the place.
    """
    try:  # pydantic does not take half of a letter, which JSON may hold
        whole = json.dumps(json.loads(data), ensure_ascii=False).encode("utf-8", "replace")
        document = _Document.model_validate_json(whole)
    except ValidationError as error:
        raise outside(error, WHAT) from error
    except (ValueError, RecursionError) as error:
        raise RecordError(f"{WHAT} cannot be read: {error}. {REMEDY}") from error
    segments = [
        each.segment(before) for each, before in zip(document.segments, [None, *document.segments], strict=False)
    ]
    run, judge = document.run, document.evaluator
    kept = Record(
        name=document.transcript.name,
        evaluator=judge.id,
        evaluator_name=judge.name,
        model=judge.model,
        confidence_basis=judge.confidence_basis,
        personas=tuple(each.persona() for each in document.personas),
        segments=tuple(segments),
        results=_by_persona(document, _Cell.feedback),
        failures=_by_persona(document, lambda cell: Failure(cell.error, cell.kind) if cell.kind else None),
        classifications={
            each.index: Classification(each.topic, each.tone)
            for each in document.segments
            if each.topic or each.tone or each.index in run.unclassified
        },
        unclassified=run.unclassified,
        not_judged=run.not_judged,
        fatal=run.fatal,
        state=State.STOPPED if run.state in (State.WAITING, State.RUNNING) else run.state,
        usage=run.usage or {"": document.usage} if document.usage != Usage() else {},
        when=when,
    )
    reviews = tuple(_reviews(document, segments))
    if any(not 1 <= review.score <= 5 for review in reviews):
        raise RecordError(f"{WHAT} cannot be used: a review has a score that there is not. {REMEDY}")
    return Results(_transcript(document.transcript, segments), checked(kept), reviews)


def _reviews(document: _Document, segments: list[Segment]) -> Iterator[Review]:
    for part, segment in zip(document.segments, segments, strict=True):
        for who, cell in part.feedback.items():
            if cell.review is not None and cell.score is not None:
                yield Review(
                    id=0, show="", words=digest_of(segment.text), start_ms=segment.start_ms, persona=who,
                    score=cell.score, reason=cell.review.reason, who=cell.review.who,
                    made=cell.review.at.timestamp(), text=segment.text, said=cell.evaluator_score,
                    evaluator=document.evaluator.name,
                )  # fmt: skip


def _by_persona(document: _Document, read: Any) -> dict[str, dict[int, Any]]:
    found: dict[str, dict[int, Any]] = {}
    for segment in document.segments:
        for who, cell in segment.feedback.items():
            if (each := read(cell)) is not None:
                found.setdefault(who, {})[segment.index] = each
    return found


def _transcript(told: _Transcript, segments: list[Segment]) -> Transcript:
    cues = [
        Cue(segment.start_ms, segment.end_ms, turn.text, turn.speaker)
        for segment in segments
        for turn in segment.turns or (Turn(next(iter(segment.speakers), ""), segment.text),)
    ]
    return Transcript(told.name, told.format, tuple(cues), tuple(told.notes))
