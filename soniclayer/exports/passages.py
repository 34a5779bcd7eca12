"""Segments as a report shows them: the words with what was quoted, and the reactions that say something."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from soniclayer.exports.plain import plain
from soniclayer.feedback import call_of, own_of, review_of
from soniclayer.insights.looks import WORDS
from soniclayer.phrasing import clock, day, listed, short_name, sureness

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from soniclayer.feedback import Feedback, Review
    from soniclayer.insights.selection import Scope
    from soniclayer.personas import Persona
    from soniclayer.segments import Segment

MOST_NAME = 60  # letters
MOST_SPEAKERS = 4


@dataclass(frozen=True, slots=True)
class Card:
    """One persona's reaction.

    Attributes:
        name, emoji: who it is.
        score: 1 to 5.
        word: what the score means.
        opinion, rationale, note: as the evaluator gave them.
        sure: "80% sure, stated by the model"; "" where it is unknown.
        review: who gives this score in place of the evaluator, which had said what: "Priya, 28 Nov 2026, …", or "".
        reason: why they do, or "".
    """

    name: str
    emoji: str
    score: int
    word: str
    opinion: str
    rationale: str
    note: str
    sure: str
    review: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A segment with its reactions.

    Attributes:
        index: of the segment.
        at: "6:03 – 6:32".
        about: speakers, topic, tone.
        mean: the consensus, 1.0 to 5.0, or None.
        turns: who speaks, and the words in parts, each with whether somebody's reaction quotes it.
        cards: the reactions that are for or against it or are reviewed, the strongest first.
        quiet: who stays neutral or has no signal here, in words, or "".
        failed: whose answers failed, and why, one sentence each.
    """

    index: int
    at: str
    about: str
    mean: float | None
    turns: tuple[tuple[str, tuple[tuple[str, bool], ...]], ...]
    cards: tuple[Card, ...]
    quiet: str
    failed: tuple[str, ...]


def passage(scope: Scope, segment: Segment) -> Passage:
    """A segment and how those chosen take it."""
    known = scope.run.classifications.get(segment.index)
    about = [listed([plain(name, MOST_NAME) for name in segment.speakers], MOST_SPEAKERS)]
    if known is not None:
        about += [known.topic.value if known.topic else "", known.tone.value if known.tone else ""]
    reactions = scope.reactions(segment)
    called = [each for each in reactions if each[1].score != 3 or review_of(each[1]) is not None]
    called.sort(key=lambda each: -abs(each[1].value - 3))
    quotes = [quote for _, feedback in called for quote in feedback.quotes]
    quiet = [_name(each[0]) for each in reactions if each not in called]
    return Passage(
        index=segment.index,
        at=f"{clock(segment.start_s)} – {clock(segment.end_s)}",
        about=" · ".join(filter(None, about)),
        mean=scope.value(segment),
        turns=_turns(segment, quotes),
        cards=tuple(_card(persona, feedback, scope.run.evaluator.confidence_basis) for persona, feedback in called),
        quiet=listed(quiet, len(quiet) or 1),
        failed=tuple(_failures(scope, segment)),
    )


def _name(persona: Persona) -> str:
    return plain(short_name(persona.display_name), MOST_NAME) or persona.id


def _card(persona: Persona, feedback: Feedback, basis: str) -> Card:
    own, review = own_of(feedback), review_of(feedback)
    sure = "" if own.confidence is None else plain(sureness(own.confidence, basis))
    return Card(
        name=_name(persona),
        emoji=plain(persona.emoji),
        score=feedback.score,
        word=WORDS[feedback.score],
        opinion=plain(own.opinion),
        rationale=plain(own.rationale),
        note=plain(own.note),
        sure=sure,
        review="" if review is None else f"{by_whom(review)}; the evaluator {call_of(own)}",
        reason="" if review is None else plain(review.reason),
    )


def by_whom(review: Review) -> str:
    """Who and when: "Priya, 28 Nov 2026"."""
    return f"{plain(review.who, MOST_NAME)}, {day(review.made)}"


def _failures(scope: Scope, segment: Segment) -> Iterable[str]:
    for persona in scope.personas:
        failure = scope.run.failures.get((segment.index, persona.id))
        if failure is not None:
            yield f"{_name(persona)}: {plain(failure.reason)}"


def _turns(segment: Segment, quotes: Sequence[str]) -> tuple[tuple[str, tuple[tuple[str, bool], ...]], ...]:
    turns = [(turn.speaker, turn.text) for turn in segment.turns] or [(", ".join(segment.speakers), segment.text)]
    return tuple((plain(speaker, MOST_NAME), tuple(_parts(plain(text), quotes))) for speaker, text in turns)


def _parts(line: str, quotes: Sequence[str]) -> Iterable[tuple[str, bool]]:
    """The line cut where quoted words begin and end."""
    marked = [False] * len(line)
    for quote in map(plain, quotes):
        start = line.find(quote) if quote else -1
        if start >= 0:
            marked[start : start + len(quote)] = [True] * len(quote)
    for is_marked, places in groupby(range(len(line)), key=marked.__getitem__):
        where = list(places)
        yield line[where[0] : where[-1] + 1], is_marked
