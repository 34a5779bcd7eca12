"""Segmentation: where it cuts, and what never changes."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from soniclayer.segments import HARD_GAP_MS, Segment, split
from soniclayer.transcript import Cue, Transcript
from tests.timing import cpu_within


def show(*cues: Cue) -> Transcript:
    return Transcript("show", "test", cues)


def spans(segments: tuple[Segment, ...]) -> list[tuple[int, int]]:
    return [(segment.start_ms, segment.end_ms) for segment in segments]


def letters(text: str) -> str:
    """What must survive: all that is neither white space nor invisible."""
    return "".join(
        char for char in text if not char.isspace() and unicodedata.category(char) not in ("Cc", "Cf", "Cs")
    )


def every(seconds: float, *texts: str, speakers: str = "") -> Transcript:
    """One cue after the other, each of the same length; speakers are letters, one per cue."""
    ms = int(seconds * 1000)
    names = speakers or " " * len(texts)
    return show(*(Cue(i * ms, (i + 1) * ms, text, names[i].strip()) for i, text in enumerate(texts)))


# --- where it cuts ---


def test_the_end_of_a_sentence_near_the_target() -> None:
    transcript = every(4, *(f"Words of line {i}{'.' if i % 4 == 3 else ''}" for i in range(15)))
    assert spans(split(transcript)) == [(0, 32_000), (32_000, 60_000)]


def test_a_new_speaker_beats_a_nearer_sentence() -> None:
    texts = ["So it is.", "Here we go.", "That is all.", "Well then.", "Thank you.", "Good bye.", "See you."]
    assert spans(split(every(8, *texts, speakers="AAAAAAA")))[0] == (0, 32_000)
    assert spans(split(every(8, *texts, speakers="AAABBBB")))[0] == (0, 24_000)


def test_a_sentence_inside_a_cue() -> None:
    sentence = "One two three four five six seven eight nine ten."
    first, second = split(show(Cue(0, 60_000, f"{sentence} {sentence}")))
    assert (first.text, second.text) == (sentence, sentence)
    assert first.end_ms == 60_000 * len(sentence) // (2 * len(sentence) + 1)


def test_abbreviations_end_no_sentence() -> None:
    words = "we met " * 20 + "Dr. Lee and " + "we met " * 23 + "again. " + "So it went " * 16
    assert split(show(Cue(0, 60_000, words.strip())))[0].text.endswith("again.")


def test_words_without_any_punctuation_are_cut_between_words() -> None:
    text = " ".join(f"word{i}" for i in range(250))
    segments = split(show(Cue(0, 100_000, text)))
    assert segments[0].end_ms in range(29_000, 31_000)
    assert " ".join(segment.text for segment in segments) == text


def test_a_silence_of_eight_seconds_cuts() -> None:
    first, second = split(show(Cue(0, 5000, "Before the song"), Cue(13_000, 15_000, "after it.")))
    assert (first.text, second.text, second.before) == ("Before the song", "after it.", "Before the song")
    assert len(split(show(Cue(0, 5000, "Before the song"), Cue(12_999, 15_000, "after it.")))) == 1


def test_a_short_rest_joins_the_segment_before() -> None:
    assert spans(split(every(10, "One.", "Two.", "Three.", "Four."))) == [(0, 40_000)]


@pytest.mark.parametrize(("target", "shortest", "longest"), [(15, 7.5, 30), (30, 15, 60), (60, 30, 120)])
def test_presets(target: float, shortest: float, longest: float) -> None:
    transcript = every(3, *(f"Sentence number {i} is said here." for i in range(400)))
    lengths = [segment.end_s - segment.start_s for segment in split(transcript, target_s=target)]
    assert all(shortest <= length <= longest for length in lengths)
    assert sum(lengths) / len(lengths) == pytest.approx(target, rel=0.2)


@pytest.mark.parametrize("target", [0, -1, 4000, float("nan")])
def test_target_out_of_range(target: float) -> None:
    with pytest.raises(ValueError, match="target_s"):
        split(show(Cue(0, 1000, "x")), target_s=target)


def test_dense_text_is_cut_by_its_length() -> None:
    segments = split(show(Cue(0, 1000, "word " * 2000)))
    assert max(len(segment.text) for segment in segments) <= 1600


# --- speakers, context, sounds ---


def test_speakers_by_share_of_the_words() -> None:
    (segment,) = split(every(5, "Yes.", "I have a lot to say about this.", "No.", speakers="ABA"))
    assert segment.speakers == ("B", "A")


def test_before_is_the_segment_before() -> None:
    segments = split(every(5, *(f"Sentence {i}." for i in range(40))))
    assert [segment.before for segment in segments] == ["", *(segment.text for segment in segments[:-1])]
    assert [segment.index for segment in segments] == list(range(len(segments)))


@pytest.mark.parametrize(
    ("text", "speech"),
    [
        ("[Music]", False),
        ("♪ la la la ♪", False),
        ("(applause) [Laughter]", False),
        ("♪", False),
        ("Hello [Music]", True),
    ],
)
def test_sounds_are_no_speech(text: str, speech: bool) -> None:
    assert [segment.speech for segment in split(show(Cue(0, 9000, text)))] == [speech]


# --- scripts without blanks ---


def test_japanese_is_cut_at_its_full_stops() -> None:
    sentence = "今日の天気は晴れです。"
    segments = split(show(Cue(0, 120_000, sentence * 12)))
    assert all(segment.text.endswith("。") for segment in segments)
    assert [segment.end_ms - segment.start_ms for segment in segments] == [30_000] * 4


def test_chinese_cues_join_without_blanks() -> None:
    assert split(every(2, "你", "好", "吗"))[0].text == "你好吗"
    assert split(every(2, "你好", "hello", "吗"))[0].text == "你好 hello 吗"


def test_thai_is_never_cut_before_a_mark() -> None:
    segments = split(show(Cue(0, 600_000, "สวัสดีครับวันนี้เราจะพูดคุยเกี่ยวกับสภาพอากาศที่เปลี่ยนแปลง" * 40)))
    assert len(segments) > 10
    assert all(unicodedata.category(segment.text[0]) != "Mn" for segment in segments)


# --- times that are missing ---


def test_times_are_estimated_where_there_are_none() -> None:
    segments = split(show(*(Cue(None, None, "one two three four five six seven eight nine ten.") for _ in range(20))))
    assert [segment.estimated for segment in segments] == [True] * 3
    assert segments[-1].end_ms == 20 * (10 * 10_000 // 26)


def test_equal_times_are_no_times() -> None:
    assert split(show(Cue(0, 0, "One two."), Cue(0, 0, "Three four.")))[0].estimated


def test_few_times_are_anchors() -> None:
    starts = {10: 600_000, 15: 620_000}
    segments = split(
        show(*(Cue(starts.get(i), None, "Ten words are said here in each of these cues.") for i in range(20)))
    )
    assert all(segment.estimated for segment in segments)
    cue = 10 * 10_000 // 26
    assert (segments[0].start_ms, segments[-1].end_ms) == (600_000 - 10 * cue, 620_000 + 5 * cue)


def test_a_start_alone_lasts_until_the_next() -> None:
    transcript = show(Cue(0, None, "Ten words are what is spoken in this short turn."), Cue(6000, None, "Yes."))
    assert spans(split(transcript)) == [(0, 6000 + 10_000 // 26)]


def test_a_start_alone_before_a_song_lasts_as_long_as_the_words() -> None:
    assert split(show(Cue(0, None, "Two words."), Cue(60_000, None, "Yes.")))[0].end_ms == 2 * 10_000 // 26


def test_cues_that_begin_together_share_the_time() -> None:
    transcript = show(Cue(0, 4000, "It is so"), Cue(0, 4000, "good."), Cue(4000, 8000, "Yes."))
    assert spans(split(transcript)) == [(0, 8000)]
    assert split(transcript)[0].text == "It is so good. Yes."


def test_order_follows_the_times() -> None:
    assert (
        split(show(Cue(5000, 6000, "two"), Cue(0, 4000, "one"), Cue(4000, 9000, "and a half")))[0].text
        == "one and a half two"
    )


# --- what never changes: the eight invariants ---

TEXTS = st.one_of(
    st.text(st.sampled_from("ab .!?,;:。、你好กำ่♪[]>\u200b\u00a0\ud800"), max_size=60),
    st.text(max_size=30),
    st.lists(st.sampled_from(["well", "So", "it.", "is,", "Dr.", "news!", "好。", "x" * 300]), max_size=40).map(
        " ".join
    ),
)
NAMES = st.sampled_from(["", "Ann", "Bo"])


@st.composite
def timed(draw: st.DrawFn) -> list[Cue]:
    """Cues in order with a start and an end each, gaps and long cues among them."""
    cues, now = [], draw(st.integers(0, 5_000))
    for text in draw(st.lists(TEXTS, max_size=25)):
        now += draw(st.sampled_from([0, 0, 1, 500, 900, 7_999, 8_000, 30_000]))
        end = now + draw(st.sampled_from([1, 300, 2_500, 4_000, 12_000, 70_000]))
        cues.append(Cue(now, end, text, draw(NAMES)))
        now = end
    return cues


MS = st.one_of(st.none(), st.integers(-(10**12), 10**12), st.integers(0, 120_000))
WILD = st.lists(st.builds(Cue, MS, MS, TEXTS, NAMES), max_size=25)
TARGETS = st.sampled_from([15, 30, 60])
unhurried = settings(deadline=None, max_examples=80)  # a busy machine is no failure


@unhurried
@given(WILD, TARGETS)
@example([Cue(None, None, "a"), Cue(5, None, "b"), Cue(None, 3, "c")], 30)
def test_partition(cues: list[Cue], target: float) -> None:
    """I1: every visible character is in one segment, once; and in order, where the cues are."""
    segments = split(show(*cues), target_s=target)
    said = letters("".join(segment.text for segment in segments))
    assert sorted(said) == sorted(letters("".join(cue.text for cue in cues)))


@unhurried
@given(timed(), TARGETS)
def test_partition_in_order(cues: list[Cue], target: float) -> None:
    """I1 for cues in order: the segments spell the cues."""
    segments = split(show(*cues), target_s=target)
    assert letters("".join(segment.text for segment in segments)) == letters("".join(cue.text for cue in cues))


@unhurried
@given(WILD, TARGETS)
def test_times_go_forward(cues: list[Cue], target: float) -> None:
    """I2."""
    segments = split(show(*cues), target_s=target)
    assert all(0 <= segment.start_ms <= segment.end_ms for segment in segments)
    assert all(a.end_ms <= b.start_ms for a, b in pairwise(segments))


@unhurried
@given(WILD, TARGETS)
def test_never_too_long(cues: list[Cue], target: float) -> None:
    """I3: unless the segment is one token, which can be 200 characters."""
    for segment in split(show(*cues), target_s=target):
        long = segment.end_ms - segment.start_ms > target * 2000 or len(segment.text) > target * 1600 / 30
        assert not long or (len(segment.text.split()) == 1 and len(segment.text) <= 201)


@unhurried
@given(timed(), TARGETS)
def test_short_only_where_it_must_be(cues: list[Cue], target: float) -> None:
    """I4: before a silence, at the end, or where the next word would make the segment too long."""
    segments = split(show(*cues), target_s=target)
    for segment, following in pairwise(segments):
        if segment.end_ms - segment.start_ms >= target * 500 or following.start_ms - segment.end_ms >= HARD_GAP_MS:
            continue
        # The next token ends at the latest with the next segment, so both together would not fit.
        whole = following.end_ms - segment.start_ms > target * 2000
        assert whole or len(segment.text) + 1 + len(following.text) > target * 1600 // 30


@unhurried
@given(WILD, TARGETS)
def test_the_same_every_time(cues: list[Cue], target: float) -> None:
    """I5."""
    assert split(show(*cues), target_s=target) == split(show(*cues), target_s=target)


@unhurried
@given(timed(), TARGETS, st.integers(1, 10**7))
def test_shifted_times_shift_the_segments(cues: list[Cue], target: float, by: int) -> None:
    """I6."""
    shifted = [Cue((cue.start_ms or 0) + by, (cue.end_ms or 0) + by, cue.text, cue.speaker) for cue in cues]
    moved = [(start + by, end + by) for start, end in spans(split(show(*cues), target_s=target))]
    assert spans(split(show(*shifted), target_s=target)) == moved


@unhurried
@given(timed(), TARGETS, st.integers(0, 25))
def test_an_edit_at_the_end_leaves_the_start(cues: list[Cue], target: float, kept: int) -> None:
    """I7: appended cues change at most the last two segments."""
    short = split(show(*cues[:kept]), target_s=target)
    full = split(show(*cues), target_s=target)
    assert full[: max(0, len(short) - 2)] == short[: max(0, len(short) - 2)]


@unhurried
@given(WILD, TARGETS)
def test_no_empty_segments(cues: list[Cue], target: float) -> None:
    """I8."""
    segments = split(show(*cues), target_s=target)
    assert all(segment.text and segment.text == segment.text.strip() for segment in segments)
    assert bool(segments) == any(letters(cue.text) for cue in cues)
    for segment in segments:
        assert len(set(segment.speakers)) == len(segment.speakers)


def test_nothing_in_nothing_out() -> None:
    assert split(show()) == ()
    assert split(show(Cue(0, 1000, " \u200b\n"))) == ()


def test_fifty_thousand_cues_are_quick() -> None:
    transcript = every(3, *(f"Sentence number {i} is said here." for i in range(50_000)))
    with cpu_within(3):
        segments = split(transcript)
    assert len(segments) == 5_000


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(["a", ". ", "A. ", "你", "ก่", ", ", "a\u0301", "[x] "]), st.integers(1, 100_000))
def test_one_endless_cue_is_quick(unit: str, length: int) -> None:
    with cpu_within(1):
        split(show(Cue(0, length, unit * (100_000 // len(unit)))))
