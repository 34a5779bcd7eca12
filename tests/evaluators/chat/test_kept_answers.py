"""Answers kept on disk by earlier versions stay found: nobody pays for them again."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from soniclayer import cache
from soniclayer.evaluators.chat.evaluator import ChatEvaluator
from soniclayer.feedback import Classification, Tone, Topic
from soniclayer.llm_client.client import Endpoint
from soniclayer.personas import DEFAULT_RUBRIC, Persona
from soniclayer.segments import Segment

KEPT = Path(__file__).parents[2] / "data" / "kept_answers"
PERSONA = Persona(
    id="genz",
    display_name="Gen Z",
    emoji="🎧",
    description="Young.",
    system="You are {Zoe}.",
    prompt="How do you react?",
    likes=("footy",),
    dislikes=("ads",),
    rubric=tuple(DEFAULT_RUBRIC.items()),
    weight=1.0,
)
SEGMENT = Segment(
    index=3,
    start_ms=90_000,
    end_ms=120_000,
    speakers=("Kim",),
    text="The footy final was a cracker.",
    before="And now the sport.",
)


@pytest.fixture
def _folder_of_0_1_0(folder: Path) -> None:
    """The cache folder as version 0.1.0 left it on 2026-11-27, and no server to ask."""
    shutil.copytree(KEPT, folder)


@pytest.mark.usefixtures("_folder_of_0_1_0")
@pytest.mark.parametrize("group", ["", "Core audience"])
def test_answers_of_version_0_1_0_are_found_whatever_group_a_persona_is_in(group: str) -> None:
    async def ask() -> None:
        endpoint = Endpoint("http://localhost:11434/v1")
        chat = ChatEvaluator(endpoint, "llama3.1", store=cache.store, show="Breakfast")
        known = await chat.classify(SEGMENT)
        assert known == Classification(Topic.SPORTS, Tone.EXCITED)
        feedback = await chat.evaluate(replace(PERSONA, group=group), SEGMENT, known)
        assert (feedback.score, feedback.opinion, feedback.quotes) == (5, "Love it.", ("a cracker",))
        assert [usage.calls for usage in chat.usage.values()] == [0, 0]
        assert [usage.cached for usage in chat.usage.values()] == [1, 1]
        await endpoint.close()

    asyncio.run(ask())
