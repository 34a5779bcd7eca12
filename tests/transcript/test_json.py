"""JSON: every dialect that is known, any shape that is not, and what must be refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from soniclayer.errors import TranscriptError
from tests.transcript.parsed import Line, lines, note, read

DATA = Path(__file__).parents[1] / "data" / "transcripts"

# What the files say, each in its own way.
HELLO: list[Line] = [(1000, 2500, "", "Good morning."), (2500, 4000, "", "Bye then.")]
TALK: list[Line] = [(1000, 2500, "A", "Good morning."), (2500, 4000, "B", "Bye then.")]
WORDS: list[Line] = [(1000, 1500, "", "Good"), (1500, 2500, "", "morning."), (2500, 4000, "", "Bye.")]
TOLD: list[Line] = [(1000, 1500, "A", "Good"), (1500, 2500, "A", "morning."), (2500, 4000, "B", "Bye.")]


def named(expected: list[Line], **names: str) -> list[Line]:
    """The lines with other names for A and B."""
    return [(start, end, names.get(speaker, speaker), text) for start, end, speaker, text in expected]


@pytest.mark.parametrize(
    ("file", "name", "expected"),
    [
        ("openai_whisper", "Whisper JSON", HELLO),
        ("a_list_of_segments", "Whisper JSON", HELLO),
        ("openai_verbose_json", "Whisper JSON", HELLO),
        ("openai_diarized_json", "OpenAI diarized JSON", TALK),
        ("whisperx_the_majority_of_the_words_speaks", "WhisperX JSON", TALK),
        ("words_without_a_text_of_their_own", "WhisperX JSON", TALK[:1]),
        ("whisper_cpp", "whisper.cpp JSON", HELLO),
        ("hugging_face", "Hugging Face Whisper JSON", [HELLO[0], (2500, None, "", "Bye then.")]),
        ("insanely_fast_whisper", "Hugging Face Whisper JSON", TALK),
        ("podcasting_2_0_a_name_at_the_change", "Podcasting 2.0 JSON", named(TALK, B="A")),
        (
            "podcasting_2_0_words_and_marks",
            "Podcasting 2.0 JSON",
            [*WORDS[:2], (2500, None, "", "Bye"), (2700, None, "", "then")],
        ),
        ("youtube_json3", "YouTube json3", [HELLO[0], (2500, None, "", "Bye then.")]),
        ("assemblyai_words", "AssemblyAI JSON", TOLD),
        ("assemblyai_utterances", "AssemblyAI JSON", TALK),
        ("deepgram_words", "Deepgram JSON", named(TOLD, A="Speaker 0", B="Speaker 1")),
        ("deepgram_channels", "Deepgram JSON", named(TOLD, A="Channel 0", B="Channel 1")),
        ("deepgram_utterances", "Deepgram JSON", named(TALK[:1], A="Speaker 0")),
        ("rev_ai", "Rev JSON", named(TOLD, B="Speaker 1")),
        ("rev_editor", "Rev JSON", TOLD),
        ("amberscript", "Whisper JSON", TALK),
        ("openai_words", "Whisper JSON", WORDS),
        ("gecko", "Gecko JSON", named(TOLD, B="b")),
        ("amazon_speakers", "Amazon Transcribe JSON", TOLD),
        ("amazon_channels", "Amazon Transcribe JSON", TOLD),
        ("google", "Google Speech JSON", WORDS),
        ("azure_batch_out_of_order", "Azure Speech JSON", named(TALK, A="Speaker 1", B="Speaker 2")),
        ("azure_fast", "Azure Speech JSON", HELLO),
        ("speechmatics_2", "Speechmatics JSON", TOLD),
        ("speechmatics_1", "Speechmatics JSON", TOLD),
        ("ibm", "IBM Watson JSON", named(TOLD, A="Speaker 0", B="Speaker 1")),
        ("bbc_kaldi", "Word list JSON", TOLD),
        ("digital_paper_edit", "Word list JSON", TOLD),
        ("podlove", "JSON", TALK),
        ("nested_words", "JSON", WORDS),
        ("youtube_transcript_api", "Whisper JSON", HELLO),
        ("whole_numbers_that_must_be_milliseconds", "JSON", HELLO),
        (
            "whole_numbers_that_must_be_seconds",
            "JSON",
            [(1000, 2000, "", HELLO[0][3]), (2000, 4000, "", HELLO[1][3])],
        ),
        ("amazon_call_analytics", "JSON", TALK[:1]),
        ("vosk", "JSON", WORDS),
        ("the_speaker_above_clocks", "JSON", TALK[:1]),
    ],
)
def test_dialects(file: str, name: str, expected: list[Line]) -> None:
    source = (DATA / f"{file}.json").read_bytes()
    assert (read(source).format, lines(source)) == (name, expected)


SEGMENTS = [{"start": 1.0, "end": 2.5, "text": " Good morning."}, {"start": 2.5, "end": 4.0, "text": " Bye then."}]


def test_json_lines() -> None:
    assert lines("\n".join(json.dumps(segment) for segment in SEGMENTS)) == HELLO


def test_google_repeats_every_word_with_its_speaker() -> None:
    words: list[dict[str, Any]] = [
        {"word": "Good", "startTime": "1s", "endTime": "1.500s"},
        {"word": "morning.", "startTime": "1.500s", "endTime": "2.500s"},
        {"word": "Bye.", "startTime": "2.500s", "endTime": "4s"},
    ]
    tagged = [word | {"speakerTag": tag} for word, tag in zip(words, (1, 1, 2), strict=True)]
    source = json.dumps({"results": [{"alternatives": [{"words": part}]} for part in (words[:2], words[2:], tagged)]})
    assert lines(source) == named(TOLD, A="Speaker 1", B="Speaker 2")
    assert "3 words" in note(read(source), "repeats")


def test_long_turns_are_divided_by_their_words() -> None:
    said = [
        {"text": f"w{i}{'.' if i % 10 == 9 else ''}", "start": i * 2000, "end": i * 2000 + 1000} for i in range(20)
    ]
    turn = {"start": 0, "end": 39_000, "speaker": "A", "text": " ".join(str(w["text"]) for w in said), "words": said}
    transcript = read(json.dumps({"audio_url": "x", "utterances": [turn]}))
    assert [(cue.start_ms, cue.end_ms) for cue in transcript.cues] == [(0, 19_000), (20_000, 39_000)]


def test_text_only() -> None:
    source = json.dumps({"text": "Good morning.\nBye then.", "usage": {"type": "tokens", "total_tokens": 9}})
    assert lines(source) == [(None, None, "", "Good morning."), (None, None, "", "Bye then.")]
    assert note(read(source), "no times")


@pytest.mark.parametrize("turn", [{"text": "Tea? [SPEAKER_TURN]"}, {"text": "Tea?", "speaker_turn_next": True}])
def test_a_turn_that_whisper_cpp_marks(turn: dict[str, object]) -> None:
    times = [{"offsets": {"from": 1000 * i, "to": 1000 * i + 900}} for i in range(2)]
    source = json.dumps({"transcription": [times[0] | turn, times[1] | {"text": "Yes please."}]})
    assert [text for *_, text in lines(source)] == ["Tea?", ">> Yes please."]


def test_numbers_that_are_no_times() -> None:
    source = '[{"start": NaN, "end": 1e999, "text": "One two."}, {"start": -5.5, "end": 1%s, "text": "Three four."}]'
    assert [(start, text) for start, _, _, text in lines(source % ("0" * 400))] == [
        (None, "One two."),
        (0, "Three four."),
    ]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        pytest.param('{"a":' * 50_000 + "1" + "}" * 50_000, "nested too deeply", id="deep"),
        pytest.param('{"segments": [{"start": 1.0, "text"', "line 1, column", id="cut off"),
        pytest.param('{"a": 1' + "0" * 5000 + "}", "too long", id="long number"),
        pytest.param('{"version": 1, "list": [[1, 2.0, 3.0]], "speakers": ["A"]}', "no spoken text", id="no words"),
        pytest.param("[]", "no spoken text", id="empty"),
        pytest.param('{"segments": []}', "no spoken text", id="no segments"),
        pytest.param('{"segments": [{"start": 0.5, "text": "  "}]}', "no words", id="blank text"),
    ],
)
def test_refusals(source: str, message: str) -> None:
    with pytest.raises(TranscriptError, match=message):
        read(source)
