"""A moment: a stretch of a show that is worth a producer's attention."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from soniclayer.feedback import Feedback

SURE = 0.5  # a call with less confidence makes no moment
LOW, HIGH = 2.75, 3.25  # values between these say neither


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A stretch worth attention.

    Attributes:
        index: the segment to open.
        start_ms, end_ms: integer milliseconds from the start of the show.
        words: literal words of the transcript.
        note: what it is, in a few words.
        who: ids of the personas it is for, or whom it loses.
        against: ids of those who see it the other way.
        sure: 0.0 to 1.0, how sure the calls behind it are; None where that is not known.
        weight: how much it matters among its kind.
    """

    index: int
    start_ms: int
    end_ms: int
    words: str
    note: str = ""
    who: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    sure: float | None = None
    weight: float = 0.0

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return (self.end_ms - self.start_ms) / 1000


def is_sure(feedback: Feedback) -> bool:
    """A call that a moment may rest on: a score the evaluator commits itself to, and not with little confidence."""
    known: float | None = feedback.confidence
    return feedback.called and (known is None or known >= SURE)


def how_sure(calls: Iterable[Feedback]) -> float | None:
    """The mean confidence of these calls, of those that state one."""
    known: list[float | None] = [feedback.confidence for feedback in calls]
    stated = [each for each in known if each is not None]
    return fmean(stated) if stated else None


def heaviest(moments: Iterable[Moment]) -> list[Moment]:
    """The weightiest first, then in order of time."""
    return sorted(moments, key=lambda moment: (-moment.weight, moment.start_ms))
