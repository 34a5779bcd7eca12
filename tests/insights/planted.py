"""Runs in which something is planted: what is said, by whom, and who gives which score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from soniclayer.feedback import Classification, Failure, Feedback, Topic
from soniclayer.insights.selection import Scope, Selection, select
from soniclayer.run import Run, State
from soniclayer.segments import Segment
from soniclayer.turns import Turn
from tests.fakes import ScriptedEvaluator, persona

PLAIN = "The coast is clear today. Nobody knows what the tide will bring."
NAMES = ("ann", "bob", "cat")


def call(score: int, confidence: float = 0.8, quotes: tuple[str, ...] = ()) -> Feedback:
    return Feedback(score, f"Gives {score}.", "Because.", confidence, quotes=quotes)


def lean(value: float) -> Feedback:
    """No call: a 3 with a leaning."""
    return Feedback(3, "Nothing here is for or against me.", "", 0.3, lean=value)


def segment(index: int, text: str = PLAIN, speaker: str = "Kim", *, gap_ms: int = 0, speech: bool = True) -> Segment:
    """Half a minute, of which the last `gap_ms` are silent."""
    turns = (Turn(speaker, text),)
    end_ms = (index + 1) * 30_000 - gap_ms
    return Segment(index, index * 30_000, end_ms, (speaker,), text, turns=turns, speech=speech)


def run(
    texts: Sequence[str | Segment],
    scores: Mapping[str, Mapping[int, Feedback | Failure]],
    topics: Mapping[int, Topic] | None = None,
    dislikes: Mapping[str, tuple[str, ...]] | None = None,
) -> Run:
    """A run that has ended. Cells that are not planted have a leaning of 3, no signal."""
    from dataclasses import replace

    segments = [each if isinstance(each, Segment) else segment(i, each) for i, each in enumerate(texts)]
    personas = [replace(persona(key), dislikes=(dislikes or {}).get(key, ())) for key in scores]
    made = Run(segments, personas, ScriptedEvaluator())
    for each in segments:
        made.classifications[each.index] = Classification((topics or {}).get(each.index))
        for key, planted in scores.items():
            if not each.speech:
                continue
            outcome = planted.get(each.index, lean(3.0))
            if isinstance(outcome, Failure):
                made.failures[each.index, key] = outcome
            else:
                made.results[each.index, key] = outcome
    made.state = State.FINISHED
    return made


def scope(made: Run, **chosen: object) -> Scope:
    return select(made, Selection(**chosen))  # type: ignore[arg-type]
