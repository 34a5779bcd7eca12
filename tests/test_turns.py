"""A segment keeps who says what in it."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from soniclayer.segments import split
from soniclayer.transcript.model import Cue, Transcript
from soniclayer.turns import Turn

WORDS = ("Good morning.", "And you?", "はい。", "ok", "It rains - a lot, they say.", "[Music]")

cues = st.lists(
    st.builds(
        lambda at, text, name: (at, Cue(at * 1000, None, text, name)),
        st.integers(0, 300),
        st.sampled_from(WORDS),
        st.sampled_from(("", "Kim", "Lee")),
    ),
    max_size=40,
).map(lambda rows: [cue for _, cue in sorted(rows, key=lambda row: row[0])])


def _show(*rows: Cue) -> Transcript:
    return Transcript("show", "WebVTT", rows)


def test_turns_are_cut_where_the_speaker_changes() -> None:
    (segment,) = split(
        _show(
            Cue(0, 5000, "Good morning.", "Kim"),
            Cue(5000, 9000, "It rains.", "Kim"),
            Cue(9000, 14_000, "Again?", "Lee"),
            Cue(14_000, 20_000, "Again.", "Kim"),
        )
    )
    assert segment.turns == (
        Turn("Kim", "Good morning. It rains."),
        Turn("Lee", "Again?", 9000),
        Turn("Kim", "Again.", 14_000),
    )


def test_a_long_turn_goes_on_in_the_next_segment() -> None:
    sentence = "This is one of many sentences that Kim says. "
    first, *_, last = split(_show(Cue(0, 90_000, sentence * 30, "Kim"), Cue(90_000, 100_000, "I see.", "Lee")))
    assert first.turns == (Turn("Kim", first.text),)
    assert last.turns[0].start_ms == last.start_ms > 0
    assert last.turns[-1] == Turn("Lee", "I see.", 90_000)


@settings(max_examples=200, deadline=None)
@given(cues)
def test_turns_hold_every_character_of_their_segment(rows: list[Cue]) -> None:
    for segment in split(_show(*rows)):
        assert "".join("".join(turn.text.split()) for turn in segment.turns) == "".join(segment.text.split())
        assert all(turn.text for turn in segment.turns)
        begun = [turn.start_ms for turn in segment.turns]
        assert begun == sorted(begun)
        assert begun[:1] == [segment.start_ms]
        assert begun[-1] <= segment.end_ms
        assert all(one.speaker != other.speaker for one, other in pairwise(segment.turns))
        assert {turn.speaker for turn in segment.turns} - {""} == set(segment.speakers)
