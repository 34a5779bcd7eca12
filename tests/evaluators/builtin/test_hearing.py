"""Vectors are computed once, kept through the cache seam, and read back as they were."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import numpy as np
import pytest

from soniclayer.evaluators.builtin import hearing
from soniclayer.evaluators.builtin.encoder import MOST_TOKENS, Encoder, Vectors, encoder, pack
from soniclayer.evaluators.builtin.text import MOST_WORDS, sentences
from soniclayer.segments import Segment
from tests.evaluators.builtin.shows import BREAKFAST
from tests.evaluators.builtin.test_evaluator import NEWCOMERS

SEGMENT = Segment(3, 0, 30_000, (), BREAKFAST[1], BREAKFAST[0])


class Kept:
    """A store in memory that counts what it had to ask for."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        self.asked = 0

    async def __call__(self, question: str, ask: Callable[[], Awaitable[str]]) -> str:
        if question not in self.answers:
            self.asked += 1
            self.answers[question] = await ask()
        return self.answers[question]


async def test_a_reopened_show_is_not_encoded_again(monkeypatch: pytest.MonkeyPatch) -> None:
    hearing.forget()
    store = Kept()
    first = await hearing.hear(SEGMENT, store)
    hearing.forget()
    monkeypatch.setattr(type(encoder()), "_states", None)
    again = await hearing.hear(SEGMENT, store)
    np.testing.assert_array_equal(first.vectors, again.vectors)
    assert (first.spans, first.tokens.tolist()) == (again.spans, again.tokens.tolist())
    assert store.asked == 1


async def test_a_segment_is_asked_of_the_store_once_per_process() -> None:
    hearing.forget()
    store = Kept()
    first = await hearing.hear(SEGMENT, store)
    assert await hearing.hear(replace(SEGMENT, index=9), store) is first
    assert store.asked == 1


async def test_what_cannot_be_read_back_is_encoded_again() -> None:
    hearing.forget()

    async def broken(question: str, ask: object) -> str:
        return "not vectors"

    heard = await hearing.hear(SEGMENT, broken)
    assert pack(heard) == pack(encoder().hear(SEGMENT.text, SEGMENT.before))
    assert set(await hearing.know(NEWCOMERS, broken)) >= {"surf reports", "wool and yarn"}


async def test_changed_likes_cost_the_new_phrases_only(monkeypatch: pytest.MonkeyPatch) -> None:
    hearing.forget()
    surfers = NEWCOMERS[0]
    before = await hearing.know((surfers,), Kept())
    encoded: list[str] = []
    plain = Encoder.phrase

    def phrase(self: Encoder, text: str) -> Vectors:
        encoded.append(text)
        return plain(self, text)

    monkeypatch.setattr(Encoder, "phrase", phrase)
    after = await hearing.know((replace(surfers, likes=(*surfers.likes, "shark alarms")),), Kept())
    assert encoded == ["shark alarms"]
    assert all(np.array_equal(after[text], before[text]) for text in before)


async def test_shipped_personas_need_no_encoding() -> None:
    from tests.evaluators.builtin.test_evaluator import EVERYONE

    hearing.forget()
    store = Kept()
    assert len(await hearing.know(EVERYONE, store)) > 300
    assert store.asked == 0


def test_every_word_is_in_one_sentence_and_none_is_too_long() -> None:
    for text in (
        *BREAKFAST,
        "so and then we went there and it was " * 60,
        "No. No! Yes? It's Dr. Smith, e.g. a doctor.",
    ):
        spans = sentences(text)
        assert "".join(text[span.start : span.end] for span in spans).split() or not text.strip()
        assert sum(len(text[span.start : span.end].split()) for span in spans) == len(text.split())
        assert all(len(text[span.start : span.end].split()) <= MOST_WORDS + 8 for span in spans)


def test_a_very_long_segment_is_heard_as_far_as_the_model_can() -> None:
    heard = encoder().hear("Here we go again with another long story. " * 200)
    assert heard.tokens.sum() == MOST_TOKENS - 2
    assert len(heard.spans) == len(heard.vectors)
