"""ASS, LRC and SBV."""

from __future__ import annotations

import pytest

from soniclayer.errors import TranscriptError
from tests.transcript.parsed import lines, note, read, said

ASS = """[Script Info]
Title: x

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,not said
Dialogue: 0,0:00:01.00,0:00:02.50,Host,%s,0,0,0,,{\\i1}Good{\\i0},\\Nmorning.
Dialogue: 0,0:00:02.50,0:00:04.00,Guest,,0,0,0,,Bye\\hthen.
Dialogue: 0,0:00:02.50,0:00:04.00,Guest,,0,0,0,,{\\p1}m 0 0 l 9 9
Dialogue: 0,broken
"""


def test_ass_names() -> None:
    transcript = read(ASS % "Ann")
    assert [(c.start_ms, c.end_ms, c.speaker, c.text) for c in transcript.cues] == [
        (1000, 2500, "Ann", "Good, morning."),
        (2500, 4000, "", "Bye then."),
    ]
    assert note(transcript, "1 comment line")
    assert "line 10" in note(transcript, "without all its fields")


def test_ass_styles_name_the_speakers_where_nothing_else_does() -> None:
    transcript = read(ASS % "")
    assert transcript.speakers == ("Host", "Guest")
    assert note(transcript, "styles")


def test_ass_without_dialogue() -> None:
    with pytest.raises(TranscriptError, match="no Dialogue line"):
        read("[Script Info]\nTitle: x\n")


def test_lrc() -> None:
    source = "[ar:Ann]\n[offset:+500]\n[00:12.00]F: Line <00:12.50>one\n[00:17.20][00:01.50]Again\n[61:00.5]Late\n"
    assert lines(source) == [
        (1000, None, "", "Again"),
        (11_500, None, "", "F: Line one"),
        (16_700, None, "", "Again"),
        (3_660_000, None, "", "Late"),
    ]
    assert note(read(source), "2 tags")


def test_lrc_with_a_name_on_every_line() -> None:
    assert said("[00:01.00]Ann: Hi.\n[00:02.00]Bo: Hey.\n[00:03.00]Ann: So.\n") == [
        ("Ann", "Hi."),
        ("Bo", "Hey."),
        ("Ann", "So."),
    ]


def test_sbv() -> None:
    source = "0:00:01.000,0:00:02.500\nGood[br]morning.\n\n0:00:02.500,0:00:04.000\n>> Bye then.\n"
    assert lines(source) == [(1000, 2500, "", "Good morning."), (2500, 4000, "", ">> Bye then.")]
    assert read(source).format == "SBV"
    assert said(source)[0] == ("", "Good morning.")
