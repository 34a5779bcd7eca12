"""A run as tables: one row per segment x persona, and what they sum up to. pandas, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean, pstdev
from typing import TYPE_CHECKING

from soniclayer.evaluators.base import Usage
from soniclayer.feedback import own_of, review_of
from soniclayer.phrasing import timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pandas as pd

    from soniclayer.feedback import Failure, Feedback
    from soniclayer.personas import Persona
    from soniclayer.run import Run
    from soniclayer.segments import Segment

SCORES = (1, 2, 3, 4, 5)
NO_SPEECH = "Nothing is said here, only sounds or music; it is not judged."
NOT_JUDGED = "Not judged."
NOT_REACHED = "Not evaluated: the run ended before this cell."
QUOTE_SEPARATOR = " | "
TOP = 3  # segments named as a persona's best and worst

COLUMNS = {
    "segment": "int64",
    "start_s": "float64",
    "end_s": "float64",
    "speakers": "str",
    "text": "str",
    "topic": "str",
    "tone": "str",
    "persona": "str",
    "display_name": "str",
    "score": "Int64",
    "lean": "float64",
    "opinion": "str",
    "rationale": "str",
    "confidence": "float64",
    "note": "str",
    "quotes": "str",
    "error": "str",
    "evaluator_score": "Int64",
    "review": "str",
    "reviewer": "str",
    "reviewed_at": "str",
}


def to_frame(run: Run) -> pd.DataFrame:
    """One row per cell in listening order; columns as `COLUMNS`.

    A cell without feedback is a row with `error` and without a score. Topic and tone are ""
    where unknown. `start_s` and `end_s` are seconds. Where a person has overruled the evaluator, `score` is the
    person's, `evaluator_score` the evaluator's, as are the columns between them; the last three are the reason, the
    name and the time in UTC.
    """
    import pandas as pd  # 0.3 s that parsing, the command line's JSON and the first cards need not wait for

    return pd.DataFrame(list(rows(run)), columns=list(COLUMNS)).astype(COLUMNS)


def rows(run: Run) -> Iterator[tuple[object, ...]]:
    """What `to_frame` holds, row by row; None where there is no score."""
    for position in range(len(run.segments)):
        for persona in run.personas:
            yield _row(run, position, persona)


def _row(run: Run, position: int, persona: Persona) -> tuple[object, ...]:
    segment = run.segments[position]
    known = run.classifications.get(segment.index)
    cell = (segment.index, persona.id)
    feedback = run.results.get(cell)
    judged: tuple[object, ...] = (None, None, "", "", None, "", "")
    review: tuple[object, ...] = (None, "", "", "")
    if feedback is not None:
        own = own_of(feedback)
        quotes = QUOTE_SEPARATOR.join(own.quotes)
        judged = (feedback.score, own.lean, own.opinion, own.rationale, own.confidence, own.note, quotes)
        if (theirs := review_of(feedback)) is not None:
            review = (own.score, theirs.reason, theirs.who, timestamp(theirs.made))
    return (
        segment.index,
        segment.start_s,
        segment.end_s,
        ", ".join(segment.speakers),
        segment.text,
        known.topic.value if known and known.topic else "",
        known.tone.value if known and known.tone else "",
        persona.id,
        persona.display_name,
        *judged,
        "" if feedback is not None else why_not(run, segment, persona),
        *review,
    )


def why_not(run: Run, segment: Segment, persona: Persona) -> str:
    """Why a cell has no feedback, in one sentence."""
    if not segment.speech:
        return NO_SPEECH
    if (reason := run.not_judged.get(segment.index)) is not None:
        return f"{NOT_JUDGED} {reason}"
    failure = run.failures.get((segment.index, persona.id))
    return failure.reason if failure is not None else run.fatal or NOT_REACHED


def consensus(run: Run, index: int) -> float | None:
    """Mean value of a segment over its personas by their weight, 1.0 to 5.0; None where none has a say."""
    found = ((persona, run.results.get((index, persona.id))) for persona in run.personas)
    return weighted((persona, feedback) for persona, feedback in found if feedback is not None)


def weighted(reactions: Iterable[tuple[Persona, Feedback]]) -> float | None:
    """Mean of the values by the personas' weights, 1.0 to 5.0; None where none has a say."""
    heard = [(feedback.value, persona.weight) for persona, feedback in reactions if persona.weight > 0]
    weight = sum(share for _, share in heard)
    return sum(score * share for score, share in heard) / weight if weight else None


def total_usage(run: Run) -> Usage:
    """What the run's answers have cost, over all personas and the classification."""
    return sum(run.usage.values(), start=Usage())


def repeats_theme(run: Run, position: int) -> bool:
    """Whether the segment at this position has the same, known topic as the one before."""
    if position == 0:
        return False
    before = run.classifications.get(run.segments[position - 1].index)
    here = run.classifications.get(run.segments[position].index)
    return before is not None and here is not None and here.topic is not None and here.topic == before.topic


@dataclass(frozen=True, slots=True)
class Summary:
    """How one persona took the whole show.

    Attributes:
        mean_score: mean of the values (see `Feedback.value`), 1.0 to 5.0, or None where nothing was evaluated.
        spread: their standard deviation, or None where nothing was evaluated.
        distribution: number of segments per score, 1 to 5.
        mean_confidence: of those that are known, 0.0 to 1.0, or None.
        top, bottom: indexes of the segments liked best (4 and 5) and least (1 and 2), extreme first, at most three.
        evaluated, failed: number of cells with feedback, and of failed ones.
    """

    mean_score: float | None
    spread: float | None
    distribution: dict[int, int]
    mean_confidence: float | None
    top: tuple[int, ...]
    bottom: tuple[int, ...]
    evaluated: int
    failed: int


def summarize(run: Run, persona: Persona) -> Summary:
    """How one persona took the whole show.

    Ties in `top` and `bottom` go by the leaning, then to the surer, then to the earlier segment.
    """
    answered: list[tuple[int, Feedback]] = []
    failed: list[Failure] = []
    for segment in run.segments:
        cell = (segment.index, persona.id)
        if (feedback := run.results.get(cell)) is not None:
            answered.append((segment.index, feedback))
        elif (failure := run.failures.get(cell)) is not None:
            failed.append(failure)
    ranked = sorted(
        answered, key=lambda item: (-item[1].score, -item[1].value, -(item[1].confidence or 0.0), item[0])
    )
    reverse = sorted(answered, key=lambda item: (item[1].score, item[1].value, -(item[1].confidence or 0.0), item[0]))
    known = [feedback.confidence for _, feedback in answered if feedback.confidence is not None]
    scores = [feedback.score for _, feedback in answered]
    values = [feedback.value for _, feedback in answered]
    return Summary(
        mean_score=fmean(values) if values else None,
        spread=pstdev(values) if values else None,
        distribution={score: scores.count(score) for score in SCORES},
        mean_confidence=sum(known) / len(known) if known else None,
        top=tuple(index for index, feedback in ranked[:TOP] if feedback.score > 3),
        bottom=tuple(index for index, feedback in reverse[:TOP] if feedback.score < 3),
        evaluated=len(answered),
        failed=len(failed),
    )


@dataclass(frozen=True, slots=True)
class Agreement:
    """How alike two runs of one show score for one persona.

    Attributes:
        cells: segments that both scored.
        correlation: Spearman's rank correlation, -1.0 to 1.0; None where either gives one score to all.
        mean_difference: mean of the absolute differences of scores, 0.0 to 4.0; None without cells.
        same: share of cells with equal scores, 0.0 to 1.0; None without cells.
    """

    cells: int
    correlation: float | None
    mean_difference: float | None
    same: float | None


def agreement(one: Run, other: Run, persona: Persona) -> Agreement:
    """How alike two runs of the same segments score for this persona."""
    pairs = [
        (a.score, b.score)
        for segment in one.segments
        if (a := one.results.get((segment.index, persona.id)))
        and (b := other.results.get((segment.index, persona.id)))
    ]
    if not pairs:
        return Agreement(0, None, None, None)
    import pandas as pd

    scores = pd.DataFrame(pairs, columns=["one", "other"])
    # Pearson's of the ranks is Spearman's; pandas' own wants scipy for it.
    varied = bool((scores.nunique() > 1).all())
    correlation = float(scores["one"].rank().corr(scores["other"].rank())) if varied else None
    gap = (scores["one"] - scores["other"]).abs()
    return Agreement(len(pairs), correlation, float(gap.mean()), float((gap == 0).mean()))


def widest_differences(one: Run, other: Run, count: int) -> list[tuple[Segment, Persona, Feedback, Feedback]]:
    """The cells that two runs of the same segments score most differently, widest first, then in listening order."""
    both = [
        (segment, persona, a, b)
        for segment in one.segments
        for persona in one.personas
        if (a := one.results.get((segment.index, persona.id)))
        and (b := other.results.get((segment.index, persona.id)))
        and a.score != b.score
    ]
    return sorted(both, key=lambda cell: -abs(cell[2].score - cell[3].score))[:count]
