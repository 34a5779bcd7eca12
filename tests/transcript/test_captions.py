"""SRT and WebVTT, clean and as found in the wild."""

from __future__ import annotations

import pytest

from soniclayer.errors import TranscriptError
from tests.transcript.parsed import Line, lines, note, read, said

SRT = "1\n00:00:01,000 --> 00:00:02,500\nGood\nmorning.\n\n2\n01:00:00,000 --> 01:00:01,000\nBye.\n"
TWO: list[Line] = [(1000, 2500, "", "Good morning."), (3_600_000, 3_601_000, "", "Bye.")]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(SRT, id="plain"),
        pytest.param(SRT.replace("\n", "\r\n"), id="windows line breaks"),
        pytest.param(SRT.replace("\n", "\r"), id="old mac line breaks"),
        pytest.param(SRT.replace("\n", "\u2028"), id="unicode line separators"),
        pytest.param("\ufeff" + SRT, id="byte order mark"),
        pytest.param(SRT.replace(",", "."), id="dots"),
        pytest.param(SRT.replace(" --> ", "-->"), id="no blanks around the arrow"),
        pytest.param(SRT.replace("-->", "→"), id="typographic arrow"),
        pytest.param(SRT.replace("-->", "->"), id="short arrow"),
        pytest.param(SRT.replace("1\n00", "00").replace("2\n01", "01"), id="no counters"),
        pytest.param(SRT.replace("\n2\n01", "\n7\n01"), id="counters jump"),
        pytest.param(SRT.replace("morning.\n\n", "morning.\n"), id="no blank line between cues"),
        pytest.param(SRT.replace("\n\n", "\n\n\n\n"), id="many blank lines"),
        pytest.param(SRT.replace("Good\n", "\nGood\n\n"), id="blank lines inside a cue"),
        pytest.param(SRT.replace("02,500\n", "02,500 X1:40 X2:600 Y1:20 Y2:50\n"), id="coordinates"),
        pytest.param(SRT.replace("00:00:01,000", "00:00:01:000"), id="colon before the milliseconds"),
        pytest.param(SRT.replace("00:00:01,000", "00: 00: 01, 000"), id="blanks inside times"),
        pytest.param(SRT.replace("00:00:01,000", "0:0:1,0"), id="short fields"),
        pytest.param(SRT.replace("Good", "<i>Good</i>{\\an8}"), id="markup"),
        pytest.param(SRT.replace("Good", "Go\u200bod" + "\u200c\u200d" * 500), id="watermark"),
        pytest.param(SRT.replace("Bye.", "Bye.\n\n3\n01:00:02,000 --> 01:00:03,000\n\n"), id="empty cue"),
    ],
)
def test_srt_in_all_its_spellings(source: str) -> None:
    assert lines(source) == TWO


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("00:01.000 --> 00:02.000\nHi", [(1000, 2000, "", "Hi")], id="no hours"),
        pytest.param("0.000 --> 3.480\nHi", [(0, 3480, "", "Hi")], id="bare seconds"),
        pytest.param("0 --> 3\nHi", [(0, 3000, "", "Hi")], id="whole seconds"),
        pytest.param("1:2.5 --> 1:3.25\nHi", [(62_500, 63_250, "", "Hi")], id="one-digit fields"),
        pytest.param("61:27.000 --> 61:28.000\nHi", [(0, 1000, "", "Hi")], id="minutes beyond an hour, rebased"),
        pytest.param("00:01.000 --> 00:02.000 align:start position:0%\nHi", [(1000, 2000, "", "Hi")], id="settings"),
        pytest.param("00:01.000 --> 00:02.000 align;start\nHi", [(1000, 2000, "", "Hi")], id="broken settings"),
        pytest.param(
            "00:01.000 --> 00:02.000 Hello\nyou", [(1000, 2000, "", "Hello you")], id="text beside the time"
        ),
        pytest.param("00:01.000 --> 00:02.000\na --> b", [(1000, 2000, "", "a --> b")], id="arrow in the text"),
        pytest.param("00:01.000 --> 00:02.000\nR&amp;D&nbsp;&#39;s", [(1000, 2000, "", "R&D 's")], id="entities"),
        pytest.param("00:01.000 --> 00:02.000\n&lt;b&gt; 1 < 2", [(1000, 2000, "", "<b> 1 < 2")], id="escaped tags"),
        pytest.param(
            "00:01.000 --> 00:02.000\n<script>x</script>", [(1000, 2000, "", "<script>x</script>")], id="script"
        ),
        pytest.param("00:01.000 --> 00:02.000\nNOTE this", [(1000, 2000, "", "NOTE this")], id="NOTE as text"),
        pytest.param("00:01.000 --> 00:02.000\n<X-word-ms ms=1,2>Hi</X-word-ms>", [(1000, 2000, "", "Hi")], id="X"),
        pytest.param("intro\n00:01.000 --> 00:02.000\nHi", [(1000, 2000, "", "Hi")], id="cue name"),
        pytest.param("00:01.000 --> 00:02.000\n♪ [Music] ♪", [(1000, 2000, "", "♪ [Music] ♪")], id="music"),
        pytest.param(
            "00:01.000 --> 00:02.000\nHi\n\nNOTE Confidence: 0.9\n\n00:02.000 --> 00:03.000\nBye",
            [(1000, 2000, "", "Hi"), (2000, 3000, "", "Bye")],
            id="Stream's confidence",
        ),
        pytest.param(
            "0b5f2f5e-1d3c-4b7a-9b0e-2f6f0f1a2b3c/12-0\n00:01.000 --> 00:02.000\n<v Ann Lee>Hi\nall.</v>\n\n"
            "0b5f2f5e-1d3c-4b7a-9b0e-2f6f0f1a2b3c/12-1\n00:02.000 --> 00:03.000\n<v Ann Lee>Bye.</v>",
            [(1000, 2000, "Ann Lee", "Hi all."), (2000, 3000, "Ann Lee", "Bye.")],
            id="Teams",
        ),
        pytest.param(
            "00:00.000 --> 00:10.000\n<v Ann>Hello!<v.loud Bo Li>Hey!!!",
            [(0, 5000, "Ann", "Hello!"), (5000, 10_000, "Bo Li", "Hey!!!")],
            id="two voices share a cue",
        ),
    ],
)
def test_webvtt(source: str, expected: list[Line]) -> None:
    assert lines(f"WEBVTT\n\n{source}\n") == expected


def test_header_alone_is_refused() -> None:
    with pytest.raises(TranscriptError, match="WebVTT header but no captions"):
        read("WEBVTT\nKind: captions\nLanguage: en\n")


def test_language_styles_and_comments_of_webvtt() -> None:
    transcript = read(
        "WEBVTT - a title\nLanguage: en-GB\n\nSTYLE\n::cue { color: red }\n\nNOTE by me\n\n"
        "1\n00:01.000 --> 00:02.000\nHi\n\nNOTE\nmore\n\nREGION\nid:fred\n\n2\n00:02.000 --> 00:03.000\nBye\n"
    )
    assert [cue.text for cue in transcript.cues] == ["Hi", "Bye"]
    assert transcript.language == "en-GB"
    assert note(transcript, "comment").startswith("4 comment or style blocks")


def test_pieces_of_a_stream_put_together() -> None:
    piece = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\n00:0{0}.000 --> 00:0{1}.000\nLine {0}\n\n"
    assert [text for _, text in said(piece.format(1, 2) + piece.format(2, 3))] == ["Line 1", "Line 2"]


def test_text_before_the_first_caption_is_reported() -> None:
    transcript = read("My show\n\n" + SRT)
    assert "line 1" in note(transcript, "before the first caption")


def test_a_timing_line_that_cannot_be_read_keeps_its_text() -> None:
    transcript = read(
        "1\n00:00:01,000 --> 00:00:02,000\nOne\n\n2\n00:00:0, --> \nTwo\n\n3\n00:00:05,000 --> 00:00:06,000\nThree"
    )
    assert [cue.text for cue in transcript.cues] == ["One", "Two", "Three"]
    assert [cue.start_ms for cue in transcript.cues] == [1000, None, 5000]
    assert "line 6" in note(transcript, "cannot be read")


def test_numbers_that_are_text_stay() -> None:
    assert said("00:00:01,000 --> 00:00:02,000\n1984\n\n00:00:03,000 --> 00:00:04,000\n42\n") == [
        ("", "1984"),
        ("", "42"),
    ]


ROLLING = """WEBVTT
Kind: captions
Language: en

00:00:00.000 --> 00:00:02.000 align:start position:0%
@
so<00:00:00.400><c> welcome</c><00:00:01.000><c> back</c>

00:00:02.000 --> 00:00:02.010 align:start position:0%
so welcome back
@

00:00:02.010 --> 00:00:04.000 align:start position:0%
so welcome back
to<00:00:02.500><c> the</c><00:00:03.000><c> show</c>

00:00:04.000 --> 00:00:04.010 align:start position:0%
to the show
@

00:00:04.010 --> 00:00:06.000 align:start position:0%
to the show
[&nbsp;__&nbsp;] right
""".replace("@", " ")


def test_rolling_captions_are_said_once() -> None:
    transcript = read(ROLLING)
    assert [cue.text for cue in transcript.cues] == ["so welcome back", "to the show", "[ __ ] right"]
    assert [(cue.start_ms, cue.end_ms) for cue in transcript.cues] == [(0, 2010), (2010, 4010), (4010, 6000)]
    assert "4 repeated lines" in note(transcript, "Rolling")


def test_rolling_goes_on_after_a_pause() -> None:
    after_pause = "00:00:16.000 --> 00:00:18.000\n[ __ ] right\nand on\n\n00:00:30.000 --> 00:00:31.000\nand on\n"
    texts = [text for _, text in said(ROLLING + "\n" + after_pause)]
    assert texts[2:] == ["[ __ ] right", "and on", "and on"]


def test_growing_captions_are_said_once() -> None:
    grown = ["we", "we are", "we are live", "we are live now", "from here"]
    source = "\n\n".join(f"00:00:0{i},000 --> 00:00:0{i + 1},000\n{text}" for i, text in enumerate(grown))
    assert " ".join(text for _, text in said(source)) == "we are live now from here"


def test_what_is_said_twice_stays_twice() -> None:
    source = "\n\n".join(
        f"00:00:0{i},000 --> 00:00:0{i + 1},000\n{text}"
        for i, text in enumerate(["No.", "No.", "Yes.", "So?", "Go."])
    )
    assert [text for _, text in said(source)] == ["No.", "No.", "Yes.", "So?", "Go."]


def test_a_caption_stored_twice_is_removed_and_reported() -> None:
    once = "00:00:01,000 --> 00:00:02,000\nHello there.\n\n"
    transcript = read(once + once + "00:00:02,000 --> 00:00:03,000\nBye.\n")
    assert [cue.text for cue in transcript.cues] == ["Hello there.", "Bye."]
    assert note(transcript, "twice").startswith("1 caption")


def timed(*texts: str) -> str:
    return "WEBVTT\n\n" + "\n\n".join(f"00:{i:02}.000 --> 00:{i + 1:02}.000\n{text}" for i, text in enumerate(texts))


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        pytest.param(
            ("Ann: Hello", "and welcome.", "Bo: Thanks.", "Ann: So."),
            [("Ann", "Hello"), ("Ann", "and welcome."), ("Bo", "Thanks."), ("Ann", "So.")],
            id="a name holds for the turn",
        ),
        pytest.param(
            ("Felix (Geth): Hi", "Luca | L2: Hey", "Audio shared by Bo: (song)", "jvn: gm"),
            [("Felix (Geth)", "Hi"), ("Luca | L2", "Hey"), ("Audio shared by Bo", "(song)"), ("jvn", "gm")],
            id="Zoom: a name in every cue",
        ),
        pytest.param(
            ("Christopher Alexander\nMontgomery: Hi", "Ann: Hey"),
            [("Christopher Alexander Montgomery", "Hi"), ("Ann", "Hey")],
            id="a name wrapped over two lines",
        ),
        pytest.param(
            ("Ann: Hi.\nBo: Hey.", "Ann: So.", "Bo: Yes."),
            [("Ann", "Hi."), ("Bo", "Hey."), ("Ann", "So."), ("Bo", "Yes.")],
            id="two names in a cue",
        ),
        pytest.param(
            (">> ANN: Hi.", "well,", ">> BO: Hey."),
            [("ANN", "Hi."), ("ANN", "well,"), ("BO", "Hey.")],
            id="broadcast",
        ),
        pytest.param(
            ("[SPEAKER_00]: Hi", "[SPEAKER_01]: Hey"), [("SPEAKER_00", "Hi"), ("SPEAKER_01", "Hey")], id="WhisperX"
        ),
        pytest.param(("王: 你好", "李：早"), [("王", "你好"), ("李", "早")], id="full-width colon"),
    ],
)
def test_names_before_a_colon(texts: tuple[str, ...], expected: list[tuple[str, str]]) -> None:
    assert said(timed(*texts)) == expected


def test_colons_that_name_nobody() -> None:
    texts = [f"Sentence number {i} of a long talk." for i in range(60)]
    texts[30] = "Remember: eat well."
    texts[40] = "Here is the thing: we left at 10:30."
    assert {speaker for speaker, _ in said(timed(*texts))} == {""}


def test_colours_are_speakers() -> None:
    colours = ("{\\c&HFFFFFF&}So", "{\\c&HFFFFFF&}yes", "{\\c&H00FFFF&}No", "{\\c&HFFFFFF&}Ha")
    transcript = read(timed(*colours).removeprefix("WEBVTT\n\n"))
    assert [(cue.speaker, cue.text) for cue in transcript.cues] == [
        ("Speaker 1", "So"),
        ("Speaker 1", "yes"),
        ("Speaker 2", "No"),
        ("Speaker 1", "Ha"),
    ]
    assert "2 text colours" in note(transcript, "colours")


def test_word_pieces_are_joined() -> None:
    """whisper.cpp with -ml 1: a blank begins a word, a piece without one continues it."""
    pieces = (" Good", " mor", "ning", ",", " every", "one", " here")
    assert [text for _, text in said(timed(*pieces))] == ["Good", "morning,", "everyone", "here"]
