"""The text a model returned -> Classification or Feedback.

A score may be written "4/5", "four" or "4 (likes it)", a confidence "85%" or not at all. What has no plain meaning (a
7, "great", a missing opinion) is refused, never bent into a score; a confidence without one is unknown.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from soniclayer.evaluators.chat.extraction import InvalidAnswerError, find
from soniclayer.evaluators.chat.prompts import ClassificationAnswer, FeedbackAnswer
from soniclayer.feedback import Classification, Feedback, Tone, Topic

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_TEXT = 4000
"""Characters of an opinion or a reason that are kept."""
FEEDBACK_KEYS = {"score", "opinion", "rationale"}
CLASSIFICATION_KEYS = {"topic", "tone"}


def read_classification(text: str, *, cut_off: bool = False) -> Classification:
    """Topic and tone out of a model's text. Raises InvalidAnswerError."""
    return classification_of(find(text, CLASSIFICATION_KEYS, cut_off=cut_off))


def classification_of(found: Mapping[str, Any]) -> Classification:
    """Topic and tone out of the fields of an answer. Raises InvalidAnswerError."""
    topic = _label(found["topic"], _TOPICS, "topic")
    tone = _label(found["tone"], _TONES, "tone")
    answer = ClassificationAnswer(topic=Topic(topic), tone=Tone(tone))
    return Classification(answer.topic, answer.tone)


def read_feedback(text: str, *, cut_off: bool = False) -> Feedback:
    """A persona's reaction out of a model's text, its quotes as given (see `check_quotes`).

    cut_off: the text ended at the limit on tokens; then it must be whole all the same.

    Raises:
        InvalidAnswerError: no JSON object with these fields, or a field without a plain meaning.
    """
    return feedback_of(find(text, FEEDBACK_KEYS, cut_off=cut_off))


def feedback_of(found: Mapping[str, Any]) -> Feedback:
    """A persona's reaction out of the fields of an answer. Raises InvalidAnswerError."""
    fields = {
        "rationale": _text(found["rationale"], "rationale"),
        "quotes": _quotes(found.get("quotes")),
        "opinion": _text(found["opinion"], "opinion"),
        "score": read_score(found["score"]),
        "confidence": 0.0,
        "note": _note(found.get("note")),
    }
    try:
        answer = FeedbackAnswer.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidAnswerError(f"its {first['loc'][0]} is wrong ({first['msg'].lower()})") from error
    quotes = tuple(quote for quote in answer.quotes if quote)
    confidence = read_confidence(found.get("confidence"))
    return Feedback(answer.score, answer.opinion, answer.rationale, confidence, answer.note, quotes)


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


_SCORE = re.compile(
    r"(?:score\s*[:=]?\s*)?(?P<score>[0-9]{1,3}(?:\.0{1,3})?|one|two|three|four|five)(?![\w.]|\s*[-–]\s*\d)"
    r"(?:\s*(?:/|out of|of)\s*(?:5|five)\b)?(?P<rest>[^\d/]*)"
)
_SCORE_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
_UNSURE = re.compile(r"\b(or|to|between|one|two|three|four|five|half)\b|^\s*(out of|of)\b")


def read_score(value: object) -> int:
    """1 to 5 out of 4, 4.0, "4", "4/5", "4 out of 5", "4 (likes it)" or "four". Raises InvalidAnswerError."""
    value = _single(value)
    score: float | None = None
    if isinstance(value, int | float) and not isinstance(value, bool):
        score = value
    elif isinstance(value, str) and (match := _SCORE.fullmatch(value.strip().lower())):
        word = match["score"]
        if not _UNSURE.search(match["rest"]):
            score = _SCORE_WORDS[word] if word in _SCORE_WORDS else float(word)
    if score not in (1, 2, 3, 4, 5):
        raise InvalidAnswerError(f"its score is {_shown(value)}, not a whole number from 1 to 5")
    return int(score)


_NUMBER = r"(?P<number>[0-9]{1,3}(?:[.,][0-9]{1,20})?|\.[0-9]{1,20})"
_CONFIDENCE = re.compile(
    rf"(?:~|≈|about )?\s*{_NUMBER}\s*(?P<percent>%|percent)?(?:\s*(?:/|out of)\s*(?P<of>10|100|1|5)(?:\.0)?)?"
)


def read_confidence(value: object) -> float | None:
    """0.0 to 1.0 out of 0.8, "0.8", 80, "80%" or "8/10"; None for anything that is not plainly such a number.

    A lost number need not lose the answer.
    """
    value = _single(value)
    number: float | None = None
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = float(value) if abs(value) <= 100 else None
    elif isinstance(value, str) and (match := _CONFIDENCE.fullmatch(value.strip().lower())):
        number = float(match["number"].replace(",", "."))
        whole = 100 if match["percent"] else float(match["of"] or 1)
        if whole > 1:
            number = number / whole
            return number if number <= 1 else None
    if number is None or math.isnan(number) or number < 0:
        return None
    if number > 1:  # 85 can only be percent; 1.2 or 8 may be anything
        return number / 100 if 10 < number <= 100 else None
    return number


def _single(value: object) -> object:
    """What a list of one holds, or an object of a value or text: [4] and {"value": 4} say 4."""
    while isinstance(value, list | dict) and len(value) == 1:
        if isinstance(value, dict) and not {"value", "text"} & value.keys():
            break
        (value,) = value.values() if isinstance(value, dict) else value
    return value


def _text(value: object, name: str) -> str:
    """A text, or the parts of one joined; a lone surrogate is replaced, and what is endless shortened."""
    if isinstance(value, list) and value and all(isinstance(part, str) for part in value):
        value = " ".join(value)
    value = _single(value)
    if not isinstance(value, str):
        raise InvalidAnswerError(f"its {name} is {_shown(value)}, not a text")
    text = value.strip().encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def _note(value: object) -> str:
    try:
        return _text(value, "note")
    except InvalidAnswerError:
        return ""  # a hint that is no text is no hint


def _quotes(given: object) -> list[str]:
    quotes = map(_single, given) if isinstance(given, list) else [given]
    return [_text(quote, "quotes") for quote in quotes if isinstance(quote, str)][:2]


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
    value = _single(value)
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
