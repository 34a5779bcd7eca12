"""Segments, personas and a scripted evaluator for tests of everything that is not an evaluator."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TypeVar

import pytest
from streamlit.runtime.caching import cache_data_api

from soniclayer import kept_files
from soniclayer.errors import AnswerError
from soniclayer.evaluators.base import Explanation, Usage
from soniclayer.feedback import Classification, Feedback, Tone, Topic
from soniclayer.personas import DEFAULT_RUBRIC, Persona
from soniclayer.segments import Segment


def persona(key: str, *, weight: float = 1.0) -> Persona:
    return Persona(
        id=key,
        display_name=key.title(),
        emoji="👤",
        description=f"Listens as {key}.",
        system=f"You are {key}.",
        prompt="How do you react?",
        likes=("music",),
        dislikes=("noise",),
        rubric=tuple(DEFAULT_RUBRIC.items()),
        weight=weight,
    )


def segments(count: int) -> tuple[Segment, ...]:
    return tuple(
        Segment(
            index=index,
            start_ms=index * 30_000,
            end_ms=(index + 1) * 30_000,
            speakers=("Kim",),
            text=f"This is part {index}.",
            before=f"This is part {index - 1}." if index else "",
        )
        for index in range(count)
    )


def webvtt(count: int, title: str) -> bytes:
    """A WebVTT file of `count` segments of half a minute, which no show of another title shares."""
    lines = ["WEBVTT"]
    for number in range(count):
        start, end = (f"00:{second // 60:02}:{second % 60:02}.000" for second in (30 * number, 30 * number + 30))
        lines += [
            "",
            f"{start} --> {end}",
            f"This is part {number} of {title}, and it is about the footy in the rain.",
        ]
    return "\n".join(lines).encode()


T = TypeVar("T")
Answer = Callable[[str, Segment], Feedback | Exception]


def score(value: int, confidence: float = 0.5) -> Feedback:
    return Feedback(score=value, opinion="Fine.", rationale="It was fine.", confidence=confidence)


class ScriptedEvaluator:
    """Answers from a function; remembers what it was asked, in order, and how much was under way at once."""

    name = "Scripted"
    model = ""
    confidence_basis = "scripted"

    def __init__(
        self,
        answer: Answer = lambda persona_id, segment: score(3),
        *,
        classify: Callable[[Segment], Classification | Exception] | None = None,
        latency_s: float = 0.0,
    ) -> None:
        self.asked: list[tuple[int, str]] = []
        self.cancelled = 0
        self._answer = answer
        self._classify = classify or (lambda segment: Classification(Topic.SPORTS, Tone.CASUAL))
        self._latency_s = latency_s

    @property
    def usage(self) -> Mapping[str, Usage]:
        return {"": Usage(calls=len(self.asked), cached=1, input_tokens=10, output_tokens=5)}

    async def classify(self, segment: Segment) -> Classification:
        await self._ask(segment, "")
        return _result(self._classify(segment))

    async def evaluate(self, persona: Persona, segment: Segment, classification: Classification) -> Feedback:
        await self._ask(segment, persona.id)
        return _result(self._answer(persona.id, segment))

    async def explain(self, persona: Persona, segment: Segment, classification: Classification) -> Explanation:
        return Explanation(f"Scripted for {persona.id} in {segment.index}.")

    async def _ask(self, segment: Segment, persona_id: str) -> None:
        self.asked.append((segment.index, persona_id))
        try:
            await asyncio.sleep(self._latency_s)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise


def _result(outcome: T | Exception) -> T:
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def no_answer(text: str = "The server said no.") -> AnswerError:
    return AnswerError(text, kind="server error")


def new_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget which answers are in memory, as a new process would."""
    monkeypatch.setattr(cache_data_api, "_data_caches", cache_data_api.DataCaches())
    kept_files.persist_without_server()
