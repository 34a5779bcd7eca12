"""What is said about a segment: the words Topic, Tone, Classification, Feedback, Review and Failure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum


class Topic(StrEnum):
    """What a segment is about. The one list of topics: prompts, schema and page read it here."""

    HEALTH = "Health"
    ENTERTAINMENT = "Entertainment"
    POLITICS = "Politics"
    TECHNOLOGY = "Technology"
    FOOD = "Food"
    EDUCATION = "Education"
    ENVIRONMENT = "Environment"
    SCIENCE = "Science"
    BUSINESS = "Business & Finance"
    SPORTS = "Sports"
    TRAVEL = "Travel"
    LIFESTYLE = "Lifestyle"
    CULTURE = "Culture & Arts"
    CRIME = "Crime & Law"
    WEATHER = "Weather & Climate"
    COMMUNITY = "Community & Local"
    INTERNATIONAL = "International Affairs"
    ADVERTISING = "Advertising & Marketing"
    RELIGION = "Religion & Spirituality"
    OPINION = "Opinion & Editorial"


class Tone(StrEnum):
    """How a segment sounds. The one list of tones."""

    INFORMATIVE = "Informative"
    HUMOROUS = "Humorous"
    EXCITED = "Excited"
    NEUTRAL = "Neutral"
    CONTROVERSIAL = "Controversial"
    SERIOUS = "Serious"
    POSITIVE = "Positive / Uplifting"
    NEGATIVE = "Negative / Concerned"
    SARCASTIC = "Sarcastic"
    EMOTIONAL = "Emotional / Heartfelt"
    INSPIRATIONAL = "Inspirational"
    DRAMATIC = "Dramatic"
    CAUTIOUS = "Cautious / Reserved"
    ANALYTICAL = "Analytical"
    CASUAL = "Casual / Conversational"


@dataclass(frozen=True, slots=True)
class Classification:
    """Topic and tone of one segment; None means unknown (it could not be classified)."""

    topic: Topic | None = None
    tone: Tone | None = None


@dataclass(frozen=True, slots=True)
class Feedback:
    """One persona's reaction to one segment.

    Attributes:
        score: 1 (switches off) to 5 (loves it).
        opinion: what the persona would say, one or two sentences.
        rationale: why the score is what it is.
        confidence: 0.0 to 1.0, as the evaluator states it; None where it is unknown.
        note: a remark for the producer, or "".
        quotes: up to two literal excerpts of the segment that drove the score.
        lean: the mean score that the evaluator expects, 1.0 to 5.0, where it can tell that but may not call a score.
        together: how many segments were judged in one question, this one among them.
    """

    score: int
    opinion: str
    rationale: str
    confidence: float | None
    note: str = ""
    quotes: tuple[str, ...] = ()
    lean: float | None = None
    together: int = 1

    @property
    def value(self) -> float:
        """What curves and means are made of, 1.0 to 5.0: the leaning where there is one, else the score."""
        return self.score if self.lean is None else self.lean

    @property
    def called(self) -> bool:
        """The evaluator commits itself to the score. One that gives leanings says with a 3 that it has no signal."""
        return self.score != 3 or self.lean is None


def digest_of(words: str) -> str:
    """Tells words apart; how they are parted by blanks and line breaks does not matter."""
    return hashlib.blake2b(" ".join(words.split()).encode("utf-8", "replace"), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Review:
    """A score that a person gives in a persona's place, and why. Times are seconds since 1970 in UTC.

    Attributes:
        id: to take it back by.
        show: id of the show in the library.
        words: digest of the segment's words, see `digest_of`: it holds for these words, wherever they stand.
        start_ms: where the segment began then, in milliseconds.
        persona: id of the persona.
        score: the person's, 1 to 5.
        reason, who: why, and the person's name, as typed.
        made: when.
        undone: when it was taken back, or None while it stands.
        undone_by: who took it back, or "".
        text: the segment's words as they were.
        said: what the evaluator had said, 1 to 5; None where that is not known.
        evaluator: its name.
    """

    id: int
    show: str
    words: str
    start_ms: int
    persona: str
    score: int
    reason: str
    who: str
    made: float
    undone: float | None = None
    undone_by: str = ""
    text: str = ""
    said: int | None = None
    evaluator: str = ""

    @property
    def stands(self) -> bool:
        """Nobody has taken it back."""
        return self.undone is None


@dataclass(frozen=True, slots=True)
class Reviewed(Feedback):
    """A reaction that a person has overruled: the score is theirs, the opinion their reason.

    Attributes:
        review: the person's review.
        own: what the evaluator gave.
    """

    review: Review = field(kw_only=True)
    own: Feedback = field(kw_only=True)


def overruled(own: Feedback, review: Review) -> Reviewed:
    """The evaluator's reaction with a person's score in its place, to which the person commits themselves."""
    return Reviewed(review.score, review.reason, "", None, review=review, own=own)


def call_of(own: Feedback) -> str:
    """What an evaluator did, to stand after its name: "said 2", "had no signal"."""
    return f"said {own.score}" if own.called else "had no signal"


def own_of(feedback: Feedback) -> Feedback:
    """What the evaluator gave, whether or not a person has overruled it."""
    return feedback.own if isinstance(feedback, Reviewed) else feedback


def review_of(feedback: Feedback) -> Review | None:
    """The review behind a reaction, where there is one."""
    return feedback.review if isinstance(feedback, Reviewed) else None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a cell has no feedback. It never carries a score.

    Attributes:
        reason: one sentence for the card.
        kind: a short stable name to group failures by.
    """

    reason: str
    kind: str = "failed"
