"""Text files: stamped lines, `Name:` paragraphs, prose, Markdown."""

from __future__ import annotations

import pytest

from soniclayer.transcript import parse
from tests.transcript.parsed import Line, lines, note, read, said

OTTER = """Ann Lee  0:05  
Welcome to the show. Today we talk about bread.

Unknown Speaker  1:02  
Which is why I came.

Still me.

Ann Lee  1:01:03  
Bye.

Transcribed by https://otter.ai
"""  # noqa: W291
TURNS: list[Line] = [
    (5000, None, "Ann", "Hello there."),
    (12_000, None, "Bo", "Hi. How are you?"),
    (3_687_000, None, "Ann", "Well."),
]


def test_otter() -> None:
    transcript = read(OTTER)
    assert [(cue.start_ms, cue.speaker, cue.text) for cue in transcript.cues] == [
        (5000, "Ann Lee", "Welcome to the show. Today we talk about bread."),
        (62_000, "Unknown Speaker", "Which is why I came. Still me."),
        (3_663_000, "Ann Lee", "Bye."),
    ]
    assert "line 12" in note(transcript, "Messages of the transcription tool")


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(
            "[00:05] Ann: Hello there.\n[00:12] Bo: Hi. How are you?\n[61:27] Ann: Well.", id="bracket, name"
        ),
        pytest.param(
            "[00:00:05] ANN: Hello there.\n\n[00:00:12] BO: Hi. How are you?\n\n[01:01:27] ANN: Well.", id="h"
        ),
        pytest.param(
            "[Ann] [00:05] Hello there.\n[Bo] [00:12] Hi. How are you?\n[Ann] [61:27] Well.", id="two brackets"
        ),
        pytest.param(
            "00:00:05 <v Ann>Hello there.\n00:00:12 <v Bo>Hi. How are you?\n01:01:27 <v Ann>Well.", id="voice"
        ),
        pytest.param(
            "[00:05] **Ann**: Hello there.\n[00:12] **Bo**: Hi. How are you?\n[61:27] **Ann**: Well.", id="bold"
        ),
        pytest.param(
            "**Ann** [00:05] Hello there.\n\n**Bo** [00:12] Hi. How are you?\n\n**Ann** [61:27] Well.", id="md"
        ),
        pytest.param("Ann (00:05):\nHello there.\nBo (00:12):\nHi. How are you?\nAnn (1:01:27):\nWell.", id="Rev"),
        pytest.param("Ann 0:05\nHello there.\n\nBo 0:12\nHi. How are you?\n\nAnn 1:01:27\nWell.", id="header lines"),
        pytest.param(
            "**Ann** 0:05\nHello there.\n\n**Bo** 0:12\nHi. How are you?\n\n**Ann** 1:01:27\nWell.", id="bold 2"
        ),
        pytest.param("Ann: 0:05\nHello there.\n\nBo: 0:12\nHi. How are you?\n\nAnn: 1:01:27\nWell.", id="colon"),
        pytest.param("0:05\nAnn: Hello there.\n0:12\nBo: Hi.\nHow are you?\n1:01:27\nAnn: Well.", id="time above"),
        pytest.param("00:05 - Ann: Hello there.\n00:12 - Bo: Hi. How are you?\n61:27 - Ann: Well.", id="dash"),
        pytest.param("(00:05) Ann: Hello there.\n(00:12) Bo: Hi. How are you?\n(61:27) Ann: Well.", id="parentheses"),
        pytest.param("Ann\t00:05\nHello there.\nBo\t00:12\nHi. How are you?\nAnn\t61:27\nWell.", id="tab"),
        pytest.param(
            "My show\n\n[00:05] Ann: Hello there.\n[00:12] Bo: Hi. How are you?\n[61:27] Ann: Well.", id="title"
        ),
    ],
)
def test_stamped_turns(source: str) -> None:
    names = {"ANN": "Ann", "BO": "Bo"}
    assert [(start, end, names.get(name, name), text) for start, end, name, text in lines(source)] == TURNS


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param(
            "[00:00:01.000 --> 00:00:02.500]   Good morning.\n[00:00:02.500 --> 00:00:04.000]   Bye then.",
            [(1000, 2500, "", "Good morning."), (2500, 4000, "", "Bye then.")],
            id="whisper.cpp",
        ),
        pytest.param(
            "[00:01.000 --> 00:02.500]  Good morning.\n[00:02.500 --> 01:00.000]  Bye then.",
            [(1000, 2500, "", "Good morning."), (2500, 60_000, "", "Bye then.")],
            id="openai-whisper",
        ),
        pytest.param(
            "whisper_init: loading\n\n"
            + "\n".join(
                f"[00:00:0{i}.000 --> 00:00:0{i + 1}.000]  {t}" for i, t in enumerate([" So", " mor", "ning", "."])
            ),
            [(0, 1000, "", "So"), (1000, 4000, "", "morning.")],
            id="word pieces",
        ),
        pytest.param(
            "[00:00:01.000 --> 00:00:02.000]   How are you? [SPEAKER_TURN]\n"
            "[00:00:02.000 --> 00:00:03.000]   Fine, thanks.",
            [(1000, 2000, "", "How are you?"), (2000, 3000, "", ">> Fine, thanks.")],
            id="tinydiarize",
        ),
        pytest.param(
            "0:00\nfirst words\n0:04\nmore words\n0:09\nthe end",
            [(0, None, "", "first words"), (4000, None, "", "more words"), (9000, None, "", "the end")],
            id="copied from YouTube",
        ),
        pytest.param(
            "00:00:01:00 - 00:00:02:12\nSpeaker 1\nGood morning.\n\n00:00:03:00 - 00:00:04:00\nSpeaker 2\nBye then.",
            [(1000, 2480, "Speaker 1", "Good morning."), (3000, 4000, "Speaker 2", "Bye then.")],
            id="Premiere",
        ),
        pytest.param(
            "[Ann Lee] 02:03:04 PM\nGood morning.\n\n[Bo] 02:03:09 PM\nBye then.",
            [(0, None, "Ann Lee", "Good morning."), (5000, None, "Bo", "Bye then.")],
            id="Zoom captions, wall clock",
        ),
    ],
)
def test_stamped_lines_of_tools(source: str, expected: list[Line]) -> None:
    assert lines(source) == expected


def test_a_chat_log_is_read_with_a_warning() -> None:
    transcript = read(
        '00:06:06\tAnn | Lab:\tgm\n00:06:51\tBo:\tReplying to "gm"\n\nhello\n00:07:00\tAnn | Lab:\tbye\n'
    )
    assert [(cue.start_ms, cue.speaker) for cue in transcript.cues] == [
        (366_000, "Ann | Lab"),
        (411_000, "Bo"),
        (420_000, "Ann | Lab"),
    ]
    assert transcript.cues[1].text == 'Replying to "gm" hello'
    assert note(transcript, "looks like a chat log")


def test_a_chat_log_of_an_older_zoom() -> None:
    source = "14:03:22 From Ann Lee to Everyone:\n\thello\n14:03:40 From  Bo  to  Everyone : hi there\n"
    assert said(source) == [("Ann Lee", "hello"), ("Bo", "hi there")]
    assert note(read(source), "looks like a chat log")


def test_stamped_paragraphs_wrapped_over_many_lines() -> None:
    wrapped = "and on it goes,\nline after line,\nas mail programs\nlike to do\nwith a text\nthat is long.\n\n"
    source = f"00:01 ANN: So {wrapped}00:20 BO: Yes {wrapped}00:40 ANN: No {wrapped}"
    assert [(start, name, text[:6]) for start, _, name, text in lines(source)] == [
        (1000, "ANN", "So and"),
        (20_000, "BO", "Yes an"),
        (40_000, "ANN", "No and"),
    ]


def test_heading_before_the_first_time_is_reported() -> None:
    assert "line 1 (“My show”)" in note(read("My show\n\n[00:05] One.\n[00:12] Two.\n"), "Heading")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param(
            "Ann: Hi.\n\nBo: Hey.\n\nAnn: So it goes.\n\nAnd on.",
            [("Ann", "Hi."), ("Bo", "Hey."), ("Ann", "So it goes."), ("Ann", "And on.")],
            id="paragraphs",
        ),
        pytest.param(
            "ANN:\nHi.\nBO:\nHey.\nANN:\nSo.\nANN:\nBye.",
            [("ANN", "Hi."), ("BO", "Hey."), ("ANN", "So."), ("ANN", "Bye.")],
            id="own line",
        ),
        pytest.param(
            "Q: Why?\nA: Because.\nQ: Oh.", [("Q", "Why?"), ("A", "Because."), ("Q", "Oh.")], id="questions"
        ),
        pytest.param("Speaker 1: Hi.\nSpeaker 2: Hey.", [("Speaker 1", "Hi."), ("Speaker 2", "Hey.")], id="generic"),
        pytest.param(
            "STONE (voice-over): Rain.\nMARSH: Fog.\nSTONE (on camera): Hail.\nSTONE: Sun.",
            [("STONE", "Rain."), ("MARSH", "Fog."), ("STONE", "Hail."), ("STONE", "Sun.")],
            id="how somebody is heard",
        ),
        pytest.param("(voice-over): Wind.", [("", "(voice-over): Wind.")], id="nobody is heard"),
        pytest.param("Only words. No names at all.", [("", "Only words. No names at all.")], id="prose"),
        pytest.param(
            "How to record\n\nNote: check levels before 10:30. Ratio: 3:1 is typical.\n\nMicrophone: a good one.\n\n"
            "At 9:15 we start; at 12:00 we stop. See Luke 4:18.",
            [
                ("", "How to record"),
                ("", "Note: check levels before 10:30. Ratio: 3:1 is typical."),
                ("", "Microphone: a good one."),
                ("", "At 9:15 we start; at 12:00 we stop. See Luke 4:18."),
            ],
            id="colons in prose",
        ),
    ],
)
def test_text_without_times(source: str, expected: list[tuple[str, str]]) -> None:
    transcript = read(source)
    assert [(cue.speaker, cue.text) for cue in transcript.cues] == expected
    assert {cue.start_ms for cue in transcript.cues} == {None}
    assert note(transcript, "no times")


def test_markdown() -> None:
    transcript = read(
        "---\ntitle: Bread\ndate: 2024-01-01\n---\n# Episode 1\n\n**Ann:** Hello \\[aside\\] and [welcome](https://x.example).\n\n"
        "**Bo Li:** It&#39;s **very** good. \\[03:58\\] And later \\[04:10\\] this.\n\n> **Ann:** Bye.\n"
    )
    assert [(cue.start_ms, cue.speaker, cue.text) for cue in transcript.cues] == [
        (None, "Ann", "Hello [aside] and welcome."),
        (None, "Bo Li", "It's very good."),
        (238_000, "Bo Li", "And later"),
        (250_000, "Bo Li", "this."),
        (None, "Ann", "Bye."),
    ]
    assert note(transcript, "2 lines of YAML")
    assert "Episode 1" in note(transcript, "1 heading")


def test_bold_names_with_an_underscore() -> None:
    source = "[00:14] **anon_real**: One.\n\n[00:22] **anon_real**: Two.\n\n[00:30] **Bo**: Three.\n"
    assert said(source) == [("anon_real", "One."), ("anon_real", "Two."), ("Bo", "Three.")]


def test_transcript_inside_the_front_matter() -> None:
    transcript = read(
        "---\ntitle: Data\ntranscript:\n- header: Intro\n- line: Hello and\n    welcome.\n  sec: 62\n  time: '1:02'\n"
        "  who: Ann\n- line: 'It''s me.'\n  sec: 70\n  who: Bo\n---\nShow notes here.\n"
    )
    assert [(cue.start_ms, cue.speaker, cue.text) for cue in transcript.cues] == [
        (62_000, "Ann", "Hello and welcome."),
        (70_000, "Bo", "It's me."),
    ]
    assert note(transcript, "3 words below")


def test_bold_words_that_are_no_names() -> None:
    source = "**Ann:** One.\n\n**Bo:** Two.\n\n**Ann:** Three.\n\n*Filed Under: a thing*\n\nMore."
    assert {speaker for speaker, _ in said(source)} == {"Ann", "Bo"}


def test_plain_text_on_request_leaves_the_times_in_the_words() -> None:
    source = b"[00:05] One.\n[00:12] Two.\n"
    assert [cue.text for cue in parse("x", source).cues] == ["One.", "Two."]
    assert [cue.start_ms for cue in parse("x", b"At 9:15 we met.\nThen we left.", format="Plain text").cues] == [
        None,
        None,
    ]
