"""SRT and WebVTT, clean and as found in the wild."""

from __future__ import annotations

import pytest

from soniclayer.errors import TranscriptError
from soniclayer.transcript import Cue, parse, rename_speakers


def cues(text: str) -> tuple[Cue, ...]:
    return parse("show", text.encode()).cues


def test_srt() -> None:
    text = "1\n00:00:01,000 --> 00:00:02,500\nGood\nmorning.\n\n"
    text += "2\n01:00:00,000 --> 01:00:01,000\n<i>Bye</i> &amp; thanks.\n"
    assert cues(text) == (Cue(1000, 2500, "Good morning."), Cue(3_600_000, 3_601_000, "Bye & thanks."))


def test_voice_tags_name_speakers() -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:05.000\n<v Ann>Hello.</v>\n<v.loud Bo Li>Hi!\n"
    assert [(cue.speaker, cue.text) for cue in cues(text)] == [("Ann", "Hello."), ("Bo Li", "Hi!")]


def test_header_alone_is_refused() -> None:
    with pytest.raises(TranscriptError, match="WebVTT header but no captions"):
        parse("x.vtt", b"WEBVTT\nKind: captions\n")


def test_renaming_leaves_the_rest() -> None:
    transcript = parse("x", b"WEBVTT\n\n00:01.000 --> 00:02.000\n<v A>One\n\n00:02.000 --> 00:03.000\n<v B>Two\n")
    assert rename_speakers(transcript, {"A": " Ann ", "B": " "}).speakers == ("Ann", "B")
