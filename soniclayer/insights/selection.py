"""What somebody chose to look at: which personas, which segments. It rules every view, list, sentence and export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from soniclayer.insights.reviews import NO_REVIEWS, Reviews, reviewed
from soniclayer.phrasing import plural
from soniclayer.results import weighted
from soniclayer.run import Cell, Run

if TYPE_CHECKING:
    from soniclayer.feedback import Feedback
    from soniclayer.personas import Persona
    from soniclayer.segments import Segment

ALL_SCORES = (1, 5)


@dataclass(frozen=True, slots=True)
class Selection:
    """A choice. What is empty leaves nothing out.

    Attributes:
        personas: ids of those to look at.
        scores: lowest and highest score; a segment fits that some chosen persona gives such a score.
        topics, tones, speakers: a segment fits that has one of each.
        words: a segment fits that holds all of them, in upper or lower case.
        failed: only segments where a chosen persona's answer failed.
    """

    personas: tuple[str, ...] = ()
    scores: tuple[int, int] = ALL_SCORES
    topics: tuple[str, ...] = ()
    tones: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()
    words: str = ""
    failed: bool = False

    @property
    def filters(self) -> bool:
        """Some segments may be left out."""
        rest = (self.topics, self.tones, self.speakers, self.words.split(), self.failed)
        return self.scores != ALL_SCORES or any(rest)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a selection leaves of a run.

    Attributes:
        live: the run as the evaluator answers it; whatever is asked again is asked of this one.
        whole: the run with the scores of persons where they have overruled it.
        run: the whole with the chosen personas only; every segment, because a moment needs its neighbours.
        segments: those that fit, in order.
        chosen: their indexes.
        reviews: those of the show.
    """

    live: Run
    whole: Run
    run: Run
    segments: tuple[Segment, ...]
    chosen: frozenset[int] = field(repr=False)
    reviews: Reviews = NO_REVIEWS
    _reactions: dict[int, list[tuple[Persona, Feedback]]] = field(default_factory=dict, repr=False, compare=False)
    _values: dict[int, float | None] = field(default_factory=dict, repr=False, compare=False)

    @property
    def personas(self) -> tuple[Persona, ...]:
        """Those chosen, in the order of the file."""
        return self.run.personas

    @property
    def narrowed(self) -> Run:
        """The run with nothing in it but what was chosen, for exports."""
        return self.run if len(self.segments) == len(self.run.segments) else narrow(self.run, self.segments)

    @property
    def left_out(self) -> str:
        """Such as "3 of 8 personas, 12 of 24 segments"; "" where all is there."""
        parts = []
        if len(self.personas) < len(self.whole.personas):
            parts.append(f"{len(self.personas)} of {plural(len(self.whole.personas), 'persona')}")
        if len(self.segments) < len(self.whole.segments):
            parts.append(f"{len(self.segments)} of {plural(len(self.whole.segments), 'segment')}")
        return ", ".join(parts)

    @property
    def cells(self) -> frozenset[Cell] | None:
        """The cells to ask for; None means all."""
        if not self.left_out:
            return None
        return frozenset((segment.index, persona.id) for segment in self.segments for persona in self.personas)

    def reactions(self, segment: Segment) -> list[tuple[Persona, Feedback]]:
        """Who of the chosen personas has reacted to a segment, and how; as it was when this was first asked."""
        index = segment.index
        if index not in self._reactions:
            results = self.run.results
            found = [(who, results.get((index, who.id))) for who in self.run.personas]
            self._reactions[index] = [(who, each) for who, each in found if each is not None]
        return self._reactions[index]

    def value(self, segment: Segment) -> float | None:
        """The consensus of the reactions: of those that were there when these were first asked for."""
        if segment.index not in self._values:
            self._values[segment.index] = weighted(self.reactions(segment))
        return self._values[segment.index]


def select(run: Run, selection: Selection, reviews: Reviews = NO_REVIEWS) -> Scope:
    """What the selection leaves. Ids that the run does not know are ignored; where none is left, all are chosen."""
    whole = reviewed(run, reviews)
    wanted = set(selection.personas)
    personas = [persona for persona in run.personas if persona.id in wanted] or list(run.personas)
    narrowed = whole if len(personas) == len(run.personas) else narrow(whole, run.segments, personas)
    segments = run.segments
    if selection.filters:
        segments = tuple(segment for segment in segments if _fits(narrowed, segment, selection))
    return Scope(run, whole, narrowed, segments, frozenset(segment.index for segment in segments), reviews)


def narrow(run: Run, segments: Sequence[Segment], personas: Sequence[Persona] | None = None) -> Run:
    """A run to read only, over some of the segments and personas; it shares what is answered, now and later."""
    part = Run(segments, run.personas if personas is None else personas, run.evaluator)
    part.classifications, part.unclassified = run.classifications, run.unclassified
    part.results, part.failures = run.results, run.failures
    part.fatal, part.state, part.spent = run.fatal, run.state, run.spent
    part.evaluator_id, part.not_judged = run.evaluator_id, run.not_judged
    return part


def _fits(run: Run, segment: Segment, wanted: Selection) -> bool:
    known = run.classifications.get(segment.index)
    topic, tone = (known.topic, known.tone) if known else (None, None)
    return (
        (not wanted.topics or topic in wanted.topics)
        and (not wanted.tones or tone in wanted.tones)
        and (not wanted.speakers or not set(wanted.speakers).isdisjoint(segment.speakers))
        and holds(segment.text, wanted.words)
        and _scored(run, segment, wanted.scores)
        and (not wanted.failed or any((segment.index, persona.id) in run.failures for persona in run.personas))
    )


def holds(text: str, words: str) -> bool:
    """Whether a text holds all of these words, in upper or lower case."""
    said = text.casefold()
    return all(word in said for word in words.casefold().split())


def _scored(run: Run, segment: Segment, scores: tuple[int, int]) -> bool:
    if scores == ALL_SCORES:
        return True
    found = (run.results.get((segment.index, persona.id)) for persona in run.personas)
    return any(f is not None and f.called and scores[0] <= f.score <= scores[1] for f in found)


Choices = Mapping[str, tuple[str, ...]]


def choices(run: Run) -> Choices:
    """What there is to filter by: the topics, tones and speakers of a run, each in alphabetical order."""
    known = run.classifications.values()
    return {
        "topics": tuple(sorted({each.topic for each in known if each.topic})),
        "tones": tuple(sorted({each.tone for each in known if each.tone})),
        "speakers": tuple(sorted({name for segment in run.segments for name in segment.speakers})),
    }
