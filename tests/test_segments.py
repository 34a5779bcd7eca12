"""Segmentation: where it cuts, and what never changes."""

from __future__ import annotations

from soniclayer.segments import split
from soniclayer.transcript import Cue, Transcript


def show(*cues: Cue) -> Transcript:
    return Transcript("show", "test", cues)


def test_cuts_at_the_sentence_nearest_the_target() -> None:
    transcript = show(
        *(Cue(i * 4000, i * 4000 + 4000, f"Words of line {i}{'.' if i % 4 == 3 else ''}") for i in range(15))
    )
    assert [(s.start_ms, s.end_ms) for s in split(transcript)] == [(0, 32_000), (32_000, 60_000)]


def test_a_silence_of_eight_seconds_cuts() -> None:
    first, second = split(show(Cue(0, 5000, "Before the song"), Cue(13_000, 15_000, "after it.")))
    assert (first.text, second.text, second.before) == ("Before the song", "after it.", "Before the song")


def test_times_are_estimated_where_there_are_none() -> None:
    segments = split(show(*(Cue(None, None, "one two three four five six seven eight nine ten.") for _ in range(20))))
    assert [s.estimated for s in segments] == [True] * 3
    assert segments[-1].end_ms == 20 * (10 * 10_000 // 26)
