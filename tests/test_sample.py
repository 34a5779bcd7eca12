"""The sample show is what a new user judges the program by: real length, real timing, many voices."""

from __future__ import annotations

import asyncio
from functools import cache
from itertools import pairwise
from pathlib import Path

from soniclayer.evaluators.base import no_store
from soniclayer.evaluators.builtin.evaluator import BuiltinEvaluator
from soniclayer.feedback import Classification
from soniclayer.personas import Persona, load
from soniclayer.segments import Segment, split
from soniclayer.transcript import Transcript, parse

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "soniclayer" / "data" / "breakfast_show.vtt"


@cache
def _show() -> Transcript:
    return parse(SAMPLE.name, SAMPLE.read_bytes())


@cache
def _segments() -> tuple[Segment, ...]:
    return split(_show())


def test_lasts_ten_to_twelve_minutes() -> None:
    assert 600 <= _show().duration_s <= 720


def test_has_many_named_voices() -> None:
    assert len(_show().speakers) >= 7
    assert all(cue.speaker for cue in _show().cues)


def test_every_cue_is_spoken_at_a_human_pace() -> None:
    for cue in _show().cues:
        assert cue.start_ms is not None
        assert cue.end_ms is not None
        words_per_second = len(cue.text.split()) / ((cue.end_ms - cue.start_ms) / 1000)
        assert 1.5 <= words_per_second <= 4.5, cue


def test_cues_follow_one_another_without_overlap() -> None:
    for before, after in pairwise(_show().cues):
        assert before.end_ms is not None
        assert after.start_ms is not None
        assert before.end_ms <= after.start_ms, after


def test_one_break_is_long_enough_to_be_music() -> None:
    gaps = [
        after.start_ms - before.end_ms for before, after in pairwise(_show().cues) if after.start_ms and before.end_ms
    ]
    assert sum(gap >= 8_000 for gap in gaps) == 1


def test_splits_into_about_25_segments_of_half_a_minute() -> None:
    lengths = sorted(segment.end_s - segment.start_s for segment in _segments())
    assert 23 <= len(lengths) <= 28
    assert 26 <= lengths[len(lengths) // 2] <= 34
    assert lengths[0] >= 15
    assert lengths[-1] <= 45


def test_the_built_in_evaluator_speaks_up_for_most_personas_and_holds_back_in_most_cells() -> None:
    personas = tuple(load(ROOT / "personas.toml").values())
    evaluator = BuiltinEvaluator(no_store, personas)

    async def scores(persona: Persona) -> list[int]:
        return [(await evaluator.evaluate(persona, segment, Classification())).score for segment in _segments()]

    given = {persona.id: asyncio.run(scores(persona)) for persona in personas}
    everything = [score for each in given.values() for score in each]
    assert everything.count(3) / len(everything) >= 0.75
    assert sum(set(each) != {3} for each in given.values()) >= 5
    assert 4 in everything
    assert 2 in everything
