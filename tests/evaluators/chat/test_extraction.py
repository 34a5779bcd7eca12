"""Answers as models spoil them: what a careful reader could use is used."""

from __future__ import annotations

import json
from typing import Any

import pytest

from soniclayer.evaluators.chat.extraction import InvalidAnswerError, find, find_all
from soniclayer.evaluators.chat.output_parser import read_feedback

GOOD: dict[str, Any] = {
    "rationale": "They play my song.",
    "quotes": ["my song"],
    "opinion": "Louder!",
    "score": 5,
    "confidence": 0.9,
    "note": "",
}
TEXT = json.dumps(GOOD)

USABLE = {
    "after an unclosed think tag": f"<think>Let me see.\n{TEXT}",
    "inside the thoughts only": f"<think>{TEXT}</think>",
    "after other thoughts": f"[THINK]hm[/THINK]{TEXT}",
    "wrapped": json.dumps({"result": GOOD}),
    "wrapped twice": json.dumps({"data": {"feedback": GOOD}}),
    "as a function": json.dumps({"name": "reply", "parameters": GOOD}),
    "as arguments in a string": json.dumps({"name": "reply", "arguments": TEXT}),
    "as a JSON string": json.dumps(TEXT),
    "in a list": json.dumps([GOOD]),
    "single quotes": str(GOOD),
    "trailing comma": TEXT[:-1] + ",}",
    "comments": TEXT.replace('"score": 5,', '"score": 5, // top\n') + " /* done */",
    "no last brace": TEXT[:-1],
    "no comma": TEXT.replace('"score": 5,', '"score": 5\n'),
    "curly quotes": TEXT.replace('"', "”"),
    "quotes inside": TEXT.replace("They play my song.", 'They say "my song" and play it.'),
    "bare keys": TEXT.replace('"score"', "score"),
    "Python's words": TEXT.replace('"note": ""', '"note": None'),
    "in a fence and broken": f"Here:\n```json\n{TEXT[:-1]},}}\n```\nThat is all.",
}


@pytest.mark.parametrize("text", USABLE.values(), ids=USABLE.keys())
def test_an_answer_a_careful_reader_could_use_is_used(text: str) -> None:
    feedback = read_feedback(text)
    assert (feedback.score, feedback.opinion, feedback.confidence) == (5, "Louder!", 0.9)


@pytest.mark.parametrize("text", [TEXT[:-1], TEXT[:60], f"<think>maybe {TEXT}"])
def test_what_was_cut_off_is_never_repaired(text: str) -> None:
    with pytest.raises(InvalidAnswerError):
        read_feedback(text, cut_off=True)


def test_what_is_whole_counts_even_if_the_text_was_cut_off_behind_it() -> None:
    assert read_feedback(f"{TEXT} And one more th", cut_off=True).score == 5


def test_lists_are_joined_and_lone_surrogates_replaced() -> None:
    spoilt = {**GOOD, "opinion": ["Louder!", "Now."], "rationale": "a \ud83d b", "note": ["x", "y"]}
    feedback = read_feedback(json.dumps(spoilt))
    assert (feedback.opinion, feedback.rationale, feedback.note) == ("Louder! Now.", "a \ufffd b", "x y")


def test_the_last_object_with_all_fields_is_the_answer() -> None:
    draft = json.dumps({**GOOD, "score": 1})
    assert find(f"{draft} No: {TEXT} {{}}", {"score", "opinion"})["score"] == 5


def test_all_elements_of_a_list_are_found_even_where_it_breaks_off() -> None:
    elements = [{"code": code, "score": 3} for code in "abc"]
    text = json.dumps({"answers": elements})
    assert [each["code"] for each in find_all(text, {"code", "score"})] == ["a", "b", "c"]
    assert [each["code"] for each in find_all(text[:-8], {"code", "score"}, cut_off=True)] == ["a", "b"]
