"""What a report says, whatever file it goes into. All its texts stand on one line and hold nothing that acts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from soniclayer.exports.passages import Passage, by_whom, passage
from soniclayer.exports.plain import plain
from soniclayer.feedback import Reviewed, call_of
from soniclayer.insights.looks import FAILED, LOOKS, look_of
from soniclayer.insights.moments import MOMENTS
from soniclayer.phrasing import clock, plural, short_name, span, sureness
from soniclayer.results import summarize

if TYPE_CHECKING:
    from soniclayer.evaluators.base import Evaluator
    from soniclayer.insights.moment import Moment
    from soniclayer.insights.moments import Kind
    from soniclayer.insights.selection import Scope
    from soniclayer.insights.verdict import Insight, Sentence
    from soniclayer.personas import Persona
    from soniclayer.segments import Segment
    from soniclayer.transcript import Transcript

MOST_MOMENTS = 4  # of a kind; all of them are in the workbook
MOST_TITLE, MOST_NAME, MOST_WORDS = 120, 60, 240  # letters
WITHOUT_PLACE = ("themes",)  # kinds of moments that are no single place


@dataclass(frozen=True, slots=True)
class Place:
    """A moment of the show to go to: its time ("6:03"), its words, and the index of its segment."""

    at: str
    words: str
    index: int


@dataclass(frozen=True, slots=True)
class Listener:
    """How one persona took the show.

    Attributes:
        name, emoji, about: who it is.
        mean, spread: of its values, 1.0 to 5.0; None where nothing was judged.
        looks: number of segments by look, of those that occur, in the order of a legend.
        best, worst: what it likes best and least, extreme first; empty where nothing is truly good or bad.
    """

    name: str
    emoji: str
    about: str
    mean: float | None
    spread: float | None
    looks: dict[str, int]
    best: tuple[Place, ...]
    worst: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One moment of a list.

    Attributes:
        place: where it begins, and its words.
        what: how long it is, and what it is.
        told: whom it loses or is for, and how sure that is.
    """

    place: Place
    what: str
    told: str


@dataclass(frozen=True, slots=True)
class Listing:
    """Moments of one kind, the first ones; `none` says that there are none, `more` how many are left out."""

    key: str
    label: str
    none: str
    entries: tuple[Entry, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Report:
    """A show in words and numbers.

    Attributes:
        title: name of the show.
        facts: format, length, segments, speakers.
        judge: who judged it.
        left_out: what was chosen, where that is not everything, or "".
        caution: what to know before believing it, one sentence each.
        verdict: the sentences.
        listeners: one per persona.
        listings: the moments, by kind, and the reviews, where there are any.
        passages: the segments of moments and reviews with their reactions, in order of time.
    """

    title: str
    facts: str
    judge: str
    left_out: str
    caution: tuple[str, ...]
    verdict: tuple[Sentence, ...]
    listeners: tuple[Listener, ...]
    listings: tuple[Listing, ...]
    passages: tuple[Passage, ...]

    @property
    def reviewed(self) -> bool:
        """Some scores in it are a person's."""
        return any(listing.key == "reviews" for listing in self.listings)


def report(insight: Insight, transcript: Transcript) -> Report:
    """The report of what was chosen."""
    scope = insight.scope
    listings = tuple(_listing(insight, key, kind) for key, kind in MOMENTS.items()) + _reviews(scope)
    listeners = tuple(_listener(scope, persona) for persona in scope.personas)
    wanted = {sentence.index for sentence in insight.verdict}
    wanted |= {each.place.index for listed in listings if listed.key not in WITHOUT_PLACE for each in listed.entries}
    segments = [segment for segment in scope.run.segments if segment.index in wanted]
    return Report(
        title=plain(PurePath(transcript.name).stem, MOST_TITLE) or "Transcript",
        facts=_facts(scope, transcript),
        judge=_judge(scope.run.evaluator),
        left_out=scope.left_out,
        caution=tuple(_caution(scope)),
        verdict=insight.verdict,
        listeners=listeners,
        listings=listings,
        passages=tuple(passage(scope, segment) for segment in segments),
    )


def _facts(scope: Scope, transcript: Transcript) -> str:
    segments = scope.whole.segments
    length = clock(segments[-1].end_s) if segments else "0:00"
    parts = [plain(transcript.format, MOST_NAME), length, plural(len(segments), "segment")]
    if transcript.speakers:
        parts.append(plural(len(transcript.speakers), "speaker"))
    return " · ".join(parts)


def _judge(evaluator: Evaluator) -> str:
    names = (plain(evaluator.name, MOST_NAME), plain(evaluator.model, MOST_NAME))
    return " ".join(filter(None, (names[0], f"({names[1]})" if names[1] else "")))


def _caution(scope: Scope) -> list[str]:
    run = scope.narrowed
    found = []
    if any(segment.estimated for segment in run.segments):
        found.append("The file gives no times: all times here are estimated from the number of words.")
    answered = sum((segment.index, who.id) in run.results for segment in run.segments for who in run.personas)
    if missing := run.total - answered:
        found.append(
            f"{missing:,} of {plural(run.total, 'reaction')} are missing: they failed or were not asked for."
        )
    if run.fatal:
        found.append(plain(run.fatal))
    return found


def _listener(scope: Scope, persona: Persona) -> Listener:
    run = scope.narrowed
    summary = summarize(run, persona)
    counts: Counter[str] = Counter()
    for segment in run.segments:
        cell = (segment.index, persona.id)
        if (feedback := run.results.get(cell)) is not None:
            counts[look_of(feedback)] += 1
        elif cell in run.failures:
            counts[FAILED] += 1
    return Listener(
        name=plain(short_name(persona.display_name), MOST_NAME) or persona.id,
        emoji=plain(persona.emoji),
        about=plain(persona.description, MOST_TITLE),
        mean=summary.mean_score,
        spread=summary.spread,
        looks={look: counts[look] for look in LOOKS if counts[look]},
        best=tuple(_place(scope, index, persona) for index in summary.top),
        worst=tuple(_place(scope, index, persona) for index in summary.bottom),
    )


def _place(scope: Scope, index: int, persona: Persona) -> Place:
    segment = scope.run.segments[index]
    feedback = scope.run.results.get((index, persona.id))
    quote = feedback.quotes[0] if feedback is not None and feedback.quotes else segment.text
    return Place(clock(segment.start_s), plain(quote, 120), index)


def _listing(insight: Insight, key: str, kind: Kind) -> Listing:
    found = insight.moments(key)
    entries = tuple(_entry(insight, kind, moment) for moment in found[:MOST_MOMENTS])
    return Listing(key, kind.label, kind.none, entries, max(0, len(found) - MOST_MOMENTS))


def _reviews(scope: Scope) -> tuple[Listing, ...]:
    """The scores of persons that stand in this report, in order of time."""
    found = [
        _review(persona, segment, feedback)
        for segment in scope.segments
        for persona, feedback in scope.reactions(segment)
        if isinstance(feedback, Reviewed)
    ]
    return (Listing("reviews", "Reviews", "", tuple(found), 0),) if found else ()


def _review(persona: Persona, segment: Segment, feedback: Reviewed) -> Entry:
    name = plain(short_name(persona.display_name), MOST_NAME) or persona.id
    what = f"{name}: {feedback.score}, the evaluator {call_of(feedback.own)}"
    return Entry(
        Place(clock(segment.start_s), plain(feedback.review.reason), segment.index), what, by_whom(feedback.review)
    )


def _entry(insight: Insight, kind: Kind, moment: Moment) -> Entry:
    told = [
        f"{word[0].upper()}{word[1:]} {plain(insight.named(ids), MOST_TITLE)}"
        for word, ids in ((kind.who, moment.who), (kind.against, moment.against))
        if word and ids
    ]
    if moment.sure is not None:
        told.append(plain(sureness(moment.sure, insight.scope.run.evaluator.confidence_basis)))
    length = span(moment.seconds) if moment.seconds >= 1 else ""
    return Entry(
        Place(clock(moment.start_ms / 1000), plain(moment.words, MOST_WORDS), moment.index),
        " · ".join(filter(None, (length, plain(moment.note)))),
        " · ".join(told),
    )
