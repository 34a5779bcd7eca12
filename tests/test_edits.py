from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soniclayer.edits import Cut, Edit, apply, cues, find, rewritten, sentences, typed
from soniclayer.feedback import digest_of
from soniclayer.segments import Segment, split
from soniclayer.transcript import Cue, Transcript
from soniclayer.turns import Turn
from tests.insights.planted import segment

TALK = Segment(
    0,
    0,
    40_000,
    ("Kim", "Lee"),
    "One two. Three four! Five six?",
    turns=(Turn("Kim", "One two. Three four!"), Turn("Lee", "Five six?")),
)


def edit(of: Segment, text: str | None = None, *struck: tuple[int, int]) -> Edit:
    return Edit("show", digest_of(of.text), of.start_ms, text, struck)


def letters(text: str) -> str:
    return "".join(text.split())


SHOWS = st.lists(st.tuples(st.text(min_size=1, max_size=80), st.sampled_from(["Kim", "Lee", ""])), max_size=12).map(
    lambda lines: split(
        Transcript("x", "x", tuple(Cue(i * 9_000, i * 9_000 + 8_000, t, who) for i, (t, who) in enumerate(lines)))
    )
)


@given(SHOWS, st.data())
def test_nothing_is_lost_but_what_is_struck_out_and_times_only_move_up(
    segments: tuple[Segment, ...], data: st.DataObject
) -> None:
    places = st.lists(st.tuples(st.integers(-2, 90), st.integers(-2, 90)), max_size=3)
    edits = [edit(each, None, *data.draw(places)) for each in segments if data.draw(st.booleans())]
    done = apply(segments, edits)
    left = letters("".join(each.text for each in done.segments))
    gone = letters("".join(cut.words for cut in done.cuts))
    assert sorted(left + gone) == sorted(letters("".join(each.text for each in segments)))
    assert all("".join(letters(turn.text) for turn in each.turns) == letters(each.text) for each in done.segments)
    times = [time for each in done.segments for time in (each.start_ms, each.end_ms)]
    assert times == sorted(times)
    assert all(time >= 0 for time in times)
    assert [each.index for each in done.segments] == list(range(len(done.segments)))
    length = sum(each.end_ms - each.start_ms for each in segments)
    assert sum(each.end_ms - each.start_ms for each in done.segments) == length - done.removed_ms
    assert all(a.end_ms <= b.start_ms for a, b in zip(done.cuts, done.cuts[1:], strict=False))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "It cost $3.5 million. See example.com/a?b for more!",
            ["It cost $3.5 million.", "See example.com/a?b for more!"],
        ),
        ("“Is it?” she said… (No.) Then nothing", ["“Is it?”", "she said…", "(No.)", "Then nothing"]),
        ("今日は。いい天気！です", ["今日は。", "いい天気！", "です"]),
        ("What?! Three... no", ["What?!", "Three...", "no"]),
    ],
)
def test_a_sentence_ends_where_a_blank_follows(text: str, parts: list[str]) -> None:
    assert [part.text for part in sentences(replace(TALK, text=text, turns=()))] == parts


@given(SHOWS)
def test_the_sentences_of_a_show_are_its_words_and_so_are_its_cues(segments: tuple[Segment, ...]) -> None:
    for each in segments:
        parts = sentences(each)
        assert letters("".join(part.text for part in parts)) == letters(each.text)
        assert all(each.text[part.begin : part.end] == part.text for part in parts)
    assert letters("".join(cue.text for cue in cues(segments))) == letters("".join(each.text for each in segments))
    assert apply(segments, ()).segments == segments


def test_a_sentence_that_is_struck_out_takes_its_time_along() -> None:
    after = segment(1)
    second = sentences(TALK)[1]
    done = apply((TALK, after), [edit(TALK, None, (second.begin, second.end))])
    assert done.segments[0].text == "One two. Five six?"
    assert done.segments[0].turns == (Turn("Kim", "One two."), Turn("Lee", "Five six?"))
    assert done.cuts == (Cut(12_000, 26_666, "Three four!"),)
    assert done.segments[0].end_ms == 40_000 - 14_666
    assert done.segments[1].start_ms == after.start_ms - 14_666
    assert done.segments[1].before == "One two. Five six?"


def test_a_segment_that_is_struck_out_is_gone_and_the_others_are_numbered_anew() -> None:
    show = tuple(segment(index, f"Part {index}.") for index in range(3))
    done = apply(show, [edit(show[1], None, (0, 99))])
    assert [(each.index, each.start_ms, each.text) for each in done.segments] == [
        (0, 0, "Part 0."),
        (1, 30_000, "Part 2."),
    ]
    assert done.origins == (0, 2)
    assert done.cuts == (Cut(30_000, 60_000, "Part 1."),)


def test_other_words_keep_time_and_speakers() -> None:
    done = apply([TALK], [edit(TALK, "Kim: Hello there.\nand more\nLee: Bye: now.")]).segments[0]
    assert done.turns == (Turn("Kim", "Hello there."), Turn("Kim", "and more"), Turn("Lee", "Bye: now."))
    assert (done.start_ms, done.end_ms, done.text) == (0, 40_000, "Hello there. and more Bye: now.")
    assert rewritten(TALK, " \n ") is TALK
    assert rewritten(TALK, typed(TALK)) == TALK


def test_an_edit_of_words_that_are_no_longer_there_does_nothing() -> None:
    other = segment(0, "Other words.")
    assert find([edit(TALK)], other) is None
    assert apply([other], [edit(TALK, "New.")]).segments == (other,)


def test_a_cue_per_sentence_shares_the_time_out() -> None:
    found = cues([TALK])
    assert [(cue.start_ms, cue.end_ms, cue.speaker, cue.text) for cue in found] == [
        (0, 10_666, "Kim", "One two."),
        (12_000, 26_666, "Kim", "Three four!"),
        (28_000, 40_000, "Lee", "Five six?"),
    ]
