"""The text a model returned -> Classification or Feedback.

Models think aloud, wrap their JSON in fences and prose, and write a score as "4/5" or "four": all that is
understood. What has no plain meaning (a 7, "great", a missing opinion) is refused, never bent into a score.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from soniclayer.evaluators.chat.prompts import ClassificationAnswer, FeedbackAnswer
from soniclayer.feedback import Classification, Feedback, Tone, Topic

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_CHARACTERS = 200_000
"""Longest answer that is looked into; an answer has some 800."""

MAX_OBJECTS = 50
"""How many "{" are tried as the start of an answer."""


class InvalidAnswerError(ValueError):
    """A model's text cannot be used; the message is a clause ("its score is 7, not a whole number from 1 to 5").

    Attributes:
        text: what the model returned, or "" where the text itself is not to be shown to it again.
    """

    def __init__(self, reason: str, text: str = "") -> None:
        super().__init__(reason)
        self.text = text


def read_classification(text: str) -> Classification:
    """Topic and tone out of a model's text. Raises InvalidAnswerError."""
    found = _find(text, {"topic", "tone"})
    topic = _label(found["topic"], _TOPICS, "topic")
    tone = _label(found["tone"], _TONES, "tone")
    answer = ClassificationAnswer(topic=Topic(topic), tone=Tone(tone))
    return Classification(answer.topic, answer.tone)


def read_feedback(text: str) -> Feedback:
    """A persona's reaction out of a model's text, its quotes as given (see `check_quotes`).

    Raises:
        InvalidAnswerError: no JSON object with these fields, or a field without a plain meaning.
    """
    found = _find(text, {"score", "opinion", "rationale", "confidence"})
    fields = {
        "rationale": found["rationale"],
        "quotes": _quotes(found.get("quotes")),
        "opinion": found["opinion"],
        "score": read_score(found["score"]),
        "confidence": read_confidence(found["confidence"]),
        "note": found.get("note") or "",
    }
    try:
        answer = FeedbackAnswer.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidAnswerError(f"its {first['loc'][0]} is wrong ({first['msg'].lower()})") from error
    quotes = tuple(quote for quote in answer.quotes if quote)
    return Feedback(answer.score, answer.opinion, answer.rationale, answer.confidence, answer.note, quotes)


UNSUPPORTED = "The reason is unsupported: what it quotes was not said in this segment."
PARTLY_SUPPORTED = "The reason is partly unsupported: one of its quotes was not said in this segment."


def check_quotes(feedback: Feedback, said: str) -> Feedback:
    """The feedback with only those quotes that are words of the segment, spelled as the segment spells them.

    said: the words of the segment. Where a quote had to be dropped, the note says that the reason is unsupported.
    """
    literal = [_literal(quote, said) for quote in feedback.quotes]
    quotes = tuple(dict.fromkeys(quote for quote in literal if quote))
    note = feedback.note
    if not all(literal):
        note = f"{note} {PARTLY_SUPPORTED if quotes else UNSUPPORTED}".strip()
    return replace(feedback, quotes=quotes, note=note)


_SCORE = re.compile(r"(?P<score>[0-9]{1,3}(?:\.0{1,3})?|one|two|three|four|five)(?:\s*(?:/|out of|of)\s*(?:5|five))?")
_SCORE_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}


def read_score(value: object) -> int:
    """1 to 5 out of 4, 4.0, "4", "4/5", "4 out of 5" or "four". Raises InvalidAnswerError."""
    score: float | None = None
    if isinstance(value, int | float) and not isinstance(value, bool):
        score = value
    elif isinstance(value, str) and (match := _SCORE.fullmatch(value.strip().lower())):
        word = match["score"]
        score = _SCORE_WORDS[word] if word in _SCORE_WORDS else float(word)
    if score not in (1, 2, 3, 4, 5):
        raise InvalidAnswerError(f"its score is {_shown(value)}, not a whole number from 1 to 5")
    return int(score)


_CONFIDENCE = re.compile(r"(?P<number>[0-9]{1,3}(?:\.[0-9]{1,20})?|\.[0-9]{1,20})\s*(?P<percent>%?)")


def read_confidence(value: object) -> float:
    """0.0 to 1.0 out of 0.8, "0.8" or "80%". Raises InvalidAnswerError."""
    confidence: float | None = None
    if isinstance(value, int | float) and not isinstance(value, bool):
        confidence = value
    elif isinstance(value, str) and (match := _CONFIDENCE.fullmatch(value.strip())):
        confidence = float(match["number"]) / (100 if match["percent"] else 1)
    if confidence is None or not 0 <= confidence <= 1:  # NaN fails the comparison too
        raise InvalidAnswerError(f"its confidence is {_shown(value)}, not a number from 0 to 1")
    return float(confidence)


def _quotes(given: object) -> list[str]:
    quotes = given if isinstance(given, list) else [given]
    return [quote for quote in quotes if isinstance(quote, str)][:2]


def _find(text: str, keys: set[str]) -> Mapping[str, Any]:
    """The last JSON object in a text that has all these keys; their case and surrounding blanks do not count."""
    if len(text) > MAX_CHARACTERS:
        raise InvalidAnswerError("it is far too long")
    text = text.rpartition("</think>")[2]
    if not text.strip() or "<think>" in text:
        raise InvalidAnswerError("it is empty" if not text.strip() else "it stops while still thinking aloud")
    best: dict[str, Any] | None = None
    for found in _objects(text):
        named = {key.strip().lower(): value for key, value in found.items()}
        if keys <= named.keys() or best is None:
            best = named
    if best is None:
        raise InvalidAnswerError("it is not a JSON object, or was cut off")
    if missing := sorted(keys - best.keys()):
        raise InvalidAnswerError(f"it has no field “{missing[0]}”")
    return best


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """The outermost JSON objects in a text, in order."""
    decoder = json.JSONDecoder(strict=False)
    at = text.find("{")
    for _ in range(MAX_OBJECTS):
        if at < 0:
            return
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            yield value
        at = text.find("{", end)


def _plain(label: str) -> str:
    return re.sub(r"[^a-z]+", "", label.lower().replace("&", "and"))


def _spellings(labels: type[Topic] | type[Tone]) -> dict[str, str]:
    """Every spelling that means a label: the label whole, and each of the parts it is joined of."""
    known: dict[str, str] = {}
    for label in labels:
        for spelling in (label.value, *re.split(r"[&/]", label.value)):
            known.setdefault(_plain(spelling), label.value)
    return known


_TOPICS = _spellings(Topic)
_TONES = _spellings(Tone)


def _label(value: object, known: Mapping[str, str], name: str) -> str:
    label = known.get(_plain(value)) if isinstance(value, str) else None
    if label is None:
        raise InvalidAnswerError(f"its {name} is {_shown(value)}, which is not in the list")
    return label


def _shown(value: object) -> str:
    """A value in an error, short."""
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    words = f"“{value}”" if isinstance(value, str) else json.dumps(value)
    return words if len(words) <= 40 else words[:39] + "…"


_STRAIGHT = str.maketrans("‘’“”", "''\"\"")


def _literal(quote: str, said: str) -> str:
    """The place in `said` that a quote repeats word for word, or "".

    Case, line breaks, curly quotes and the marks around the quote do not count; every word does.
    """
    if quote in said and f" {quote} " in f" {said} ":
        return quote  # the usual case, without a pattern to compile
    words = quote.translate(_STRAIGHT).strip(" \t\r\n\"'.…,").split()
    if not words:
        return ""
    pattern = r"\s+".join(re.escape(word) for word in words)
    start = r"\b" if words[0][0].isascii() and words[0][0].isalnum() else ""
    end = r"\b" if words[-1][-1].isascii() and words[-1][-1].isalnum() else ""
    match = re.search(start + pattern + end, said.translate(_STRAIGHT), re.IGNORECASE)
    return said[match.start() : match.end()] if match else ""
