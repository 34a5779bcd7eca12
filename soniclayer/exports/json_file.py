"""A run as one JSON document, schema "soniclayer/1"; `json_results` reads it in again."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from soniclayer.exports.plain import said
from soniclayer.feedback import Classification, own_of, review_of
from soniclayer.phrasing import timestamp
from soniclayer.results import consensus, summarize, total_usage, why_not

if TYPE_CHECKING:
    from soniclayer.feedback import Feedback
    from soniclayer.insights.verdict import Insight
    from soniclayer.personas import Persona
    from soniclayer.run import Run
    from soniclayer.segments import Segment
    from soniclayer.transcript import Transcript

SCHEMA = "soniclayer/1"
ESCAPED = re.compile(  # what is below \x20 `json` escapes itself
    "[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)


def document(run: Run, transcript: Transcript) -> dict[str, object]:
    """The whole run as one JSON document, schema "soniclayer/1"; times in seconds.

    A cell has either feedback or `{"error": text}`, never a made-up score.
    """
    return {
        "schema": SCHEMA,
        "transcript": {
            "name": transcript.name,
            "format": transcript.format,
            "duration": run.segments[-1].end_s if run.segments else 0.0,
            "speakers": list(transcript.speakers),
            "notes": list(transcript.notes),
        },
        "evaluator": {
            "id": run.evaluator_id,
            "name": run.evaluator.name,
            "model": run.evaluator.model,
            "confidence_basis": run.evaluator.confidence_basis,
        },
        "personas": [asdict(persona) | {"rubric": dict(persona.rubric)} for persona in run.personas],
        "run": _run(run),
        "segments": [_segment(run, segment) for segment in run.segments],
        "summary": {persona.id: _summary(run, persona) for persona in run.personas},
        "usage": _usage(run),
    }


def _run(run: Run) -> dict[str, object]:
    """How the run ended, and what could not be judged or classified, by segment index; for reading it in again."""
    chosen = [segment.index for segment in run.segments]
    return {
        "state": run.state,
        "fatal": run.fatal,
        "not_judged": {index: run.not_judged[index] for index in chosen if index in run.not_judged},
        "unclassified": {index: asdict(run.unclassified[index]) for index in chosen if index in run.unclassified},
        "usage": {who: asdict(usage) for who, usage in run.usage.items()},
    }


def _segment(run: Run, segment: Segment) -> dict[str, object]:
    known = run.classifications.get(segment.index, Classification())
    odd = {"estimated": True} if segment.estimated else {}
    odd |= {} if segment.speech else {"speech": False}
    return {
        "index": segment.index,
        "start": segment.start_s,
        "end": segment.end_s,
        "speakers": list(segment.speakers),
        "text": segment.text,
        **({"turns": [asdict(turn) for turn in segment.turns]} if segment.turns else {}),
        **odd,
        "topic": known.topic,
        "tone": known.tone,
        "consensus": _rounded(consensus(run, segment.index)),
        "feedback": {persona.id: _feedback(run, segment, persona) for persona in run.personas},
    }


def _feedback(run: Run, segment: Segment, persona: Persona) -> dict[str, object]:
    cell = (segment.index, persona.id)
    if (feedback := run.results.get(cell)) is not None:
        own = own_of(feedback)
        together = {"judged_together": own.together} if own.together > 1 else {}
        return {
            "score": feedback.score,
            "lean": own.lean,
            "opinion": own.opinion,
            "rationale": own.rationale,
            "confidence": own.confidence,
            "note": own.note,
            "quotes": list(own.quotes),
            **together,
            **_review(feedback),
        }
    failure = run.failures.get(cell)
    return {"error": why_not(run, segment, persona), **({"kind": failure.kind} if failure is not None else {})}


def _review(feedback: Feedback) -> dict[str, object]:
    """Where a person has overruled the evaluator, whose `score` that is; everything beside it is the evaluator's."""
    review = review_of(feedback)
    if review is None:
        return {}
    theirs = {"who": review.who, "at": timestamp(review.made), "reason": review.reason}
    return {"evaluator_score": own_of(feedback).score, "review": theirs}


def _summary(run: Run, persona: Persona) -> dict[str, object]:
    summary = asdict(summarize(run, persona))
    summary["mean_score"] = _rounded(summary["mean_score"])
    summary["spread"] = _rounded(summary["spread"])
    summary["mean_confidence"] = _rounded(summary["mean_confidence"])
    return summary


def _usage(run: Run) -> dict[str, int]:
    """What the run cost; counts of what most servers do not have are left out where they are 0."""
    usage = asdict(total_usage(run))
    return {name: count for name, count in usage.items() if count or name not in ("cached_tokens", "estimated")}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def to_json(insight: Insight, transcript: Transcript) -> bytes:
    """`document` of what was chosen as UTF-8 JSON, indented, with a newline at the end.

    Characters that would act on a terminal are written as escapes; a reader gets them back as they were. Where
    personas or segments are left out, the last of the transcript's notes says so.
    """
    if note := said(insight.scope.left_out):
        transcript = replace(transcript, notes=(*transcript.notes, note))
    text = json.dumps(document(insight.scope.narrowed, transcript), ensure_ascii=False, indent=2, allow_nan=False)
    return f"{ESCAPED.sub(_escape, text)}\n".encode()


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"
