"""Reviews: where a person's scores belong in a show, and how far the evaluator agrees with them."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from soniclayer.feedback import Review, Reviewed, digest_of, overruled
from soniclayer.insights.moment import HIGH, LOW

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from soniclayer.feedback import Feedback
    from soniclayer.run import Cell, Run
    from soniclayer.segments import Segment

ENOUGH = 10  # reviews before an agreement is told


COUNTS, REPLACED, UNDONE, CHANGED = "counts", "replaced by a later one", "taken back", "words have changed since"
"""What has become of a review."""


class Entry(NamedTuple):
    """A review, the cell where it stands, and what has become of it."""

    cell: Cell
    review: Review
    status: str


@dataclass(frozen=True, slots=True)
class Reviews:
    """The reviews of a show, each at its cell, the oldest first.

    Attributes:
        placed: by cell, those of the words that stand there now, those taken back among them.
        changed: by cell, those of other words that stood there at that time; they are not applied.
    """

    placed: Mapping[Cell, tuple[Review, ...]] = field(default_factory=dict)
    changed: Mapping[Cell, tuple[Review, ...]] = field(default_factory=dict)

    def standing(self, cell: Cell) -> Review | None:
        """The one that counts: the latest that nobody took back."""
        return next((each for each in reversed(self.placed.get(cell, ())) if each.stands), None)

    @property
    def any_stands(self) -> bool:
        """Whether any of them counts."""
        return any(self.standing(cell) is not None for cell in self.placed)

    @property
    def entries(self) -> list[Entry]:
        """Every review of the show, the newest first."""
        found = [Entry(cell, each, CHANGED) for cell, reviews in self.changed.items() for each in reviews]
        for cell, reviews in self.placed.items():
            found += [Entry(cell, each, COUNTS if each is self.standing(cell) else REPLACED) for each in reviews]
        found = [entry if entry.review.stands else entry._replace(status=UNDONE) for entry in found]
        return sorted(found, key=lambda entry: (-entry.review.made, -entry.review.id))


NO_REVIEWS = Reviews()


def place(segments: Sequence[Segment], reviews: Iterable[Review]) -> Reviews:
    """Each review at the segment with the same words; of several the nearest in time.

    One whose words stand nowhere any more is kept at the segment that stands at its time, as changed.
    """
    placed: dict[Cell, list[Review]] = {}
    changed: dict[Cell, list[Review]] = {}
    by_words: dict[str, list[Segment]] = {}
    for review in sorted(reviews, key=lambda each: (each.made, each.id)):
        if not by_words:  # not before there is a review: a show of hours has thousands of segments
            for segment in segments:
                by_words.setdefault(digest_of(segment.text), []).append(segment)
        same = by_words.get(review.words)
        found = min(same or segments, key=lambda segment: _distance(segment, review), default=None)
        if found is not None:
            side = placed if same else changed
            side.setdefault((found.index, review.persona), []).append(review)
    return Reviews(
        {cell: tuple(each) for cell, each in placed.items()}, {cell: tuple(each) for cell, each in changed.items()}
    )


def _distance(segment: Segment, review: Review) -> int:
    """From where the words stood to where they stand, in milliseconds."""
    return abs(segment.start_ms - review.start_ms)


def reviewed(run: Run, reviews: Reviews) -> Run:
    """A run to read only in which what persons have overruled has their scores; `run` itself where there is nothing.

    It shares everything with the run but the results, which are those of this moment.
    """
    results = dict(run.results)
    for cell in reviews.placed:
        own, review = results.get(cell), reviews.standing(cell)
        if own is not None and review is not None:
            results[cell] = overruled(own, review)
    if not any(isinstance(results.get(cell), Reviewed) for cell in reviews.placed):
        return run
    part = copy(run)
    part.results = results
    return part


@dataclass(frozen=True, slots=True)
class Agreement:
    """How an evaluator's scores stand to those of persons.

    Attributes:
        cells: reactions with a review that stands.
        same: share of them with the same score, 0.0 to 1.0.
        side: share on the same side: for, against or neither.
        mean_difference: mean of the absolute differences of the scores, 0.0 to 4.0.
    """

    cells: int
    same: float
    side: float
    mean_difference: float


def agreement(run: Run, reviews: Reviews, persona: str = "") -> Agreement | None:
    """How the evaluator stands to the reviews of this persona, or of all of them; None without any.

    run: as `reviewed` gives it.
    """
    cells = [cell for cell in reviews.placed if persona in ("", cell[1])]
    found = [each for cell in cells if isinstance(each := run.results.get(cell), Reviewed)]
    if not found:
        return None
    gaps = [abs(each.score - each.own.score) for each in found]
    sides = [_side(each) == _side(each.own) for each in found]
    count = len(found)
    return Agreement(count, gaps.count(0) / count, sum(sides) / count, sum(gaps) / count)


def _side(feedback: Feedback) -> int:
    return (feedback.value > HIGH) - (feedback.value < LOW)
