"""What the import report says of meetings, answers, encodings and of what looks like markup among the words."""

from __future__ import annotations

import pytest

from soniclayer.errors import TranscriptError
from tests.transcript.parsed import note, read, said

CAPTION = "1\n00:00:02,000 --> 00:00:05,000\n{}\n\n2\n00:00:09,000 --> 00:00:12,000\nGood.\n\n"


@pytest.mark.parametrize(
    ("source", "words", "said_too"),
    [
        ("Mara: the Start 0:01.5 it\nso 0:03.5 End\n", "looks like times", "Timed text"),
        ("x 00:00:03,5 go\ny 00:01:03,5 on\nz up\n", "looks like times", "“x 00:00:03,5 go”"),
        (CAPTION.format('{"say": "tea"}').replace("Good", "{or} milk"), "looks like braces", "JSON"),
        (CAPTION.format("<tea kind='x'>a cup").replace("Good", "<tea>two cups"), "looks like tags", "WebVTT"),
        ("so | it | goes here\nand | that | is that\nthen it goes", "looks like columns", "Table"),
        (
            CAPTION.format("0b5f2f5e-1d3c-4b7a-9b0e-2f6f0f1a2b3c tea").replace("Good", "123456789012345 mugs"),
            "identifiers",
            "JSON",
        ),
    ],
)
def test_what_looks_like_markup_is_said(source: str, words: str, said_too: str) -> None:
    assert said_too in note(read(source), words)


def test_a_colon_or_a_number_here_and_there_is_no_markup() -> None:
    source = "".join(
        CAPTION.format(f"We met at {i}:30 & had <3 tea.") if i == 9 else CAPTION.format("So.") for i in range(5, 12)
    )
    assert not [found for found in read(source).notes if "looks like" in found]


def test_what_stands_around_a_fence_is_left_out_and_said() -> None:
    transcript = read("Here is the transcript:\n\n```\nMara: Tea?\nTobi: Yes, please.\n```\n\nShall I go on?")
    assert "lines 1, 3, 6 and 8" in note(transcript, "around the fenced block")


def test_a_fence_in_a_conversation_is_part_of_it() -> None:
    source = "Mara: Type this.\n```\nmake tea\n```\nTobi: It says no.\nMara: Then again.\n"
    assert ("Mara", "make tea") in said(source)
    assert ("Tobi", "It says no.") in said(source)


def test_an_offer_stays_where_no_answer_was_announced() -> None:
    source = "Here is the news.\n\nLet me know what you think."
    assert said(source) == [("", "Here is the news."), ("", "Let me know what you think.")]


def test_a_sentence_about_a_recording_is_speech() -> None:
    assert said("Let us start.\nThen we stopped the recording.\nSo it goes.")[1] == (
        "",
        "Then we stopped the recording.",
    )


def test_times_of_day_are_said_to_be_taken_off() -> None:
    assert "times of day" in note(read("[3:00 PM] Mara: Tea?\n[3:01 PM] Tobi: Yes.\n"), "now count from")


def test_names_that_differ_in_capitals_are_one_and_said() -> None:
    transcript = read("MARA: Tea?\nTobi: Yes.\nMara: Milk?\nTobi: No.\nMARA: So.\n")
    assert transcript.speakers == ("Mara", "Tobi")
    assert "Mara" in note(transcript, "differ only in their capitals")


def test_why_an_encoding_was_chosen_is_said() -> None:
    assert "French" in note(
        read(CAPTION.format("L'ÉTÉ, ça va déjà ?").encode("cp1252")), "encoding was guessed: cp1252"
    )


def test_other_languages_of_sami_are_said() -> None:
    first = "<SYNC Start=1000><P Class=ENCC>Tea?<P Class=SVCC>Te?"
    source = f"<SAMI><BODY>{first}<SYNC Start=2000><P Class=ENCC>Yes.</BODY></SAMI>"
    assert [text for _, text in said(source)] == ["Tea?", "Yes."]
    assert note(read(source), "other languages").startswith("1 caption")


def test_a_rate_that_is_assumed_is_said() -> None:
    assert "25" in note(read("{50}{100}Tea?\n{200}{250}Yes.\n"), "frames a second")


def test_refusals_name_the_file_and_the_way_out() -> None:
    with pytest.raises(TranscriptError, match=r"SCC.*Export.*SRT"):
        read("Scenarist_SCC V1.0\n\n00:00:02:00\t9420 9420\n")
