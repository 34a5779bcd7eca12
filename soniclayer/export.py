"""Results -> files: JSON and CSV, as bytes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass

from soniclayer.evaluators import Usage
from soniclayer.feedback import Classification
from soniclayer.personas import Persona
from soniclayer.results import consensus, summarize, to_frame, why_not
from soniclayer.run import Run
from soniclayer.segments import Segment
from soniclayer.transcript import Transcript

SCHEMA = "soniclayer/1"


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
        "evaluator": {"name": run.evaluator.name, "model": run.evaluator.model},
        "personas": [
            {"id": p.id, "display_name": p.display_name, "emoji": p.emoji, "description": p.description}
            for p in run.personas
        ],
        "segments": [_segment(run, segment) for segment in run.segments],
        "summary": {persona.id: _summary(run, persona) for persona in run.personas},
        "usage": asdict(total_usage(run)),
    }


def total_usage(run: Run) -> Usage:
    """What the run's answers have cost, over all personas and the classification."""
    spent = list(run.evaluator.usage.values())
    return Usage(
        calls=sum(usage.calls for usage in spent),
        cached=sum(usage.cached for usage in spent),
        input_tokens=sum(usage.input_tokens for usage in spent),
        output_tokens=sum(usage.output_tokens for usage in spent),
    )


def _segment(run: Run, segment: Segment) -> dict[str, object]:
    known = run.classifications.get(segment.index, Classification())
    return {
        "index": segment.index,
        "start": segment.start_s,
        "end": segment.end_s,
        "speakers": list(segment.speakers),
        "text": segment.text,
        "topic": known.topic,
        "tone": known.tone,
        "consensus": _rounded(consensus(run, segment.index)),
        "feedback": {persona.id: _feedback(run, segment, persona) for persona in run.personas},
    }


def _feedback(run: Run, segment: Segment, persona: Persona) -> dict[str, object]:
    cell = (segment.index, persona.id)
    if (feedback := run.results.get(cell)) is not None:
        return {
            "score": feedback.score,
            "opinion": feedback.opinion,
            "rationale": feedback.rationale,
            "confidence": feedback.confidence,
            "note": feedback.note,
            "quotes": list(feedback.quotes),
        }
    return {"error": why_not(run, segment, persona)}


def _summary(run: Run, persona: Persona) -> dict[str, object]:
    summary = asdict(summarize(run, persona))
    summary["mean_score"] = _rounded(summary["mean_score"])
    summary["mean_confidence"] = _rounded(summary["mean_confidence"])
    return summary


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def to_json(run: Run, transcript: Transcript) -> bytes:
    """`document` as UTF-8 JSON, indented, with a newline at the end."""
    text = json.dumps(document(run, transcript), ensure_ascii=False, indent=2, allow_nan=False)
    return f"{text}\n".encode()


def to_csv(run: Run, transcript: Transcript) -> bytes:
    """One line per cell, columns as `results.COLUMNS`, UTF-8 with BOM so that Excel reads it as such.

    Text that a spreadsheet would run as a formula is prefixed with an apostrophe.
    """
    frame = to_frame(run)
    for column in frame.columns[frame.dtypes == "str"]:
        frame[column] = frame[column].map(_harmless)
    return frame.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """One kind of file the results go out as."""

    label: str
    mime: str
    write: Callable[[Run, Transcript], bytes]


FORMATS = {
    ".json": ExportFormat("JSON", "application/json", to_json),
    ".csv": ExportFormat("CSV", "text/csv", to_csv),
}
"""By the ending of the file's name."""
