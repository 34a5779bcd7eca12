"""What is said about a segment: the words Topic, Tone, Classification, Feedback and Failure."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a cell has no feedback. It never carries a score.

    Attributes:
        reason: one sentence for the card.
        kind: a short stable name to group failures by.
    """

    reason: str
    kind: str = "failed"
