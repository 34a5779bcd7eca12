"""The form in which an answer is kept, with a checksum: what cannot be read back as written is as if absent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from soniclayer.evaluators.chat.extraction import InvalidAnswerError
from soniclayer.feedback import Classification, Feedback, Tone, Topic

Value = Classification | Feedback
Reader = Callable[[str], Value]
"""The model's words about one segment -> what they say; raises InvalidAnswerError."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A usable answer.

    Attributes:
        value: what it says: Classification or Feedback; of a question about several segments, answers by code.
        raw: the model's own words.
    """

    value: Any
    raw: str

    def kept(self) -> str:
        """The text it is stored as."""
        answer = _fields(self.value)
        return json.dumps({"answer": answer, "raw": self.raw, "sum": _checksum(answer, self.raw)}, ensure_ascii=False)


def read_kept(text: str, read: Reader) -> Answered | None:
    """The answer that a stored text holds; None where it holds none, or not the one that was written.

    read: the model's words -> what they say. An answer of version 0.1.0 has no checksum; what it says has to agree
        with the words beside it.
    """
    try:
        document = json.loads(text)
        answer, raw = document["answer"], document["raw"]
        value = _value(answer)
        if "sum" in document:
            return Answered(value, raw) if document["sum"] == _checksum(answer, raw) else None
        return Answered(value, raw) if value == read(raw) else None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, InvalidAnswerError):
        return None


def _fields(value: Value) -> dict[str, Any]:
    """The fields of an answer as JSON has them."""
    if isinstance(value, Classification):
        return {"topic": value.topic, "tone": value.tone}
    return {field.name: getattr(value, field.name) for field in fields(Feedback)} | {"quotes": list(value.quotes)}


def _value(answer: Mapping[str, Any]) -> Value:
    if "topic" in answer:
        topic, tone = answer["topic"], answer["tone"]
        return Classification(topic and Topic(topic), tone and Tone(tone))
    return Feedback(**{**answer, "quotes": tuple(answer["quotes"])})


def _checksum(answer: object, raw: str) -> str:
    written = json.dumps([answer, raw], sort_keys=True)
    return hashlib.blake2b(written.encode(), digest_size=16).hexdigest()
