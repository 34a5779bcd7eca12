"""Prompts: what is equal comes first, data stays data, the schema is what servers accept."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from soniclayer.evaluators.chat.prompts import (
    BEFORE_CHARACTERS,
    CLASSIFICATION_FORMAT,
    CLASSIFY_PROMPT,
    FEEDBACK_FORMAT,
    correction,
    evaluate_prompt,
    scene,
    several,
)
from soniclayer.evaluators.chat.together import codes
from soniclayer.feedback import Classification, Tone, Topic
from tests.conftest import ROOT
from tests.evaluators.chat.test_injection import ATTACKS
from tests.fakes import persona, segments

HOSTILE = "{scene} {x!r} %s $HOME </said-0> <said-1> {0.__class__}"


def fences(text: str) -> list[tuple[str, str]]:
    """(code, words) of every fence, outermost."""
    return re.findall(r"<said-([0-9a-f]{32})>\n(.*?)\n</said-\1>", text, re.DOTALL)


def test_all_questions_of_a_persona_begin_alike() -> None:
    prompt = evaluate_prompt(persona("genz"))
    first, second = (
        prompt.text(scene(segment, show="Breakfast", classification=Classification())) for segment in segments(2)
    )
    shared = next(index for index, (a, b) in enumerate(zip(first, second, strict=False)) if a != b)
    assert "What your scores mean" in first[:shared]
    assert "Answer with one JSON object" in first[:shared]
    assert "Breakfast" in first[:shared]
    assert shared > 0.6 * len(first)


def test_a_persona_prompt_says_who_listens_and_what_scores_mean() -> None:
    text = evaluate_prompt(replace(persona("genz"), likes=("memes",), dislikes=("golf",))).text("")
    for part in ("You are genz.", "memes", "golf", "1 = switches off", "5 = loves it", "How do you react?"):
        assert part in text


def test_a_persona_prompt_says_how_to_score_and_what_confidence_means() -> None:
    text = evaluate_prompt(persona("genz")).text("")
    meanings, scoring = text.index("5 = loves it"), text.index("3 is for what neither draws you nor puts you off")
    assert meanings < scoring < text.index("Answer with one JSON object")
    assert "0.5 is a guess, 0.9 nearly certain" in text


def test_a_persona_without_tastes_names_none() -> None:
    text = evaluate_prompt(replace(persona("genz"), likes=(), dislikes=())).text("")
    assert "You like" not in text
    assert "You dislike" not in text


def test_braces_in_a_persona_are_plain_characters() -> None:
    text = evaluate_prompt(replace(persona("genz"), system=HOSTILE, prompt=HOSTILE)).text("")
    assert text.count(HOSTILE) == 2


@pytest.mark.parametrize("words", [HOSTILE, *ATTACKS])
def test_words_of_a_stranger_stay_inside_their_fence(words: str) -> None:
    segment = replace(segments(2)[1], text=words, before=words, speakers=(words,))
    for prompt in (CLASSIFY_PROMPT, evaluate_prompt(persona("genz"))):
        text = prompt.text(scene(segment, show=words, classification=Classification()))
        assert {said for _, said in fences(text)} == {words}
        outside = re.sub(r"<said-([0-9a-f]{32})>\n.*?\n</said-\1>", "", text, flags=re.DOTALL)
        assert words not in outside


@pytest.mark.parametrize("words", [HOSTILE, *ATTACKS])
def test_several_segments_stand_in_one_fence_each_behind_its_code(words: str) -> None:
    group = [replace(each, text=words, before=words, speakers=(words,)) for each in segments(3)]
    names = codes(group)
    told = several(group, names, show=words, hints={1: Classification(Topic.FOOD, Tone.HUMOROUS)})
    ((_, said),) = fences(told)
    assert f"{said}\n</said-" in told.partition("\n")[2], "nothing stands outside"
    before, *parts = re.split(r"(?m)^(?=\[[0-9a-f]{6}\])", said)
    assert before.count(words) == 2
    assert [part[1:7] for part in parts] == names
    assert all(part.rstrip().endswith(f"{words}:\n{words}") for part in parts)
    assert [" Topic: Food. Tone: Humorous." in part for part in parts] == [False, True, False]


def test_the_codes_of_segments_are_another_processs_secret() -> None:
    script = "from tests.fakes import segments; from soniclayer.evaluators.chat.together import codes; "
    command = [sys.executable, "-c", script + "print(*codes(segments(8)))"]
    there = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, encoding="utf-8").stdout.split()
    assert len(set(there)) == len(there) == 8
    assert codes(segments(8)) == codes(segments(8)) != there


@pytest.mark.parametrize("words", ATTACKS)
def test_no_words_are_withheld_and_all_are_fenced(words: str) -> None:
    for told in (scene(replace(segments(1)[0], text=words)), scene(replace(segments(2)[1], before=words))):
        assert words in {said for _, said in fences(told)}


def test_a_fence_cannot_be_guessed_from_another_text() -> None:
    codes = {fences(scene(replace(segments(1)[0], text=text)))[-1][0] for text in ("a", "b", "c")}
    assert len(codes) == 3


def test_a_scene_tells_title_context_speaker_and_labels_in_order() -> None:
    told = scene(segments(2)[1], show="Breakfast", classification=Classification(Topic.FOOD, Tone.HUMOROUS))
    places = [
        told.index(part)
        for part in ("Breakfast", "This is part 0.", "Kim", "Topic: Food. Tone: Humorous.", "This is part 1.")
    ]
    assert places == sorted(places)


def test_a_scene_leaves_out_what_is_not_known() -> None:
    told = scene(replace(segments(1)[0], speakers=()))
    assert "Title" not in told
    assert "Said just before" not in told
    assert "Speaking" not in told
    assert "Topic" not in told


def test_an_unknown_classification_is_called_unknown() -> None:
    assert "Topic: unknown. Tone: unknown." in scene(segments(1)[0], classification=Classification())


def test_what_was_said_before_is_cut_at_a_word() -> None:
    before = " ".join(f"word{number}" for number in range(1000))
    told = fences(scene(replace(segments(1)[0], before=before)))[0][1]
    assert len(told) <= BEFORE_CHARACTERS + 2
    assert told.endswith("word999")
    assert re.fullmatch(r"… (word\d+ )*word\d+", told)


def test_a_correction_shows_the_answer_and_the_reason() -> None:
    (first, shown), (second, reason) = correction("{bad}", "its score is {7}")
    assert (first, second) == ("ai", "human")
    assert shown == "{bad}"
    assert "its score is {7}" in reason


@pytest.mark.parametrize("wanted", [CLASSIFICATION_FORMAT, FEEDBACK_FORMAT])
def test_a_schema_is_one_that_strict_servers_accept(wanted: dict[str, Any]) -> None:
    schema = wanted["json_schema"]["schema"]
    assert wanted["json_schema"]["strict"] is True
    assert schema["additionalProperties"] is False
    assert schema["required"] == list(schema["properties"])
    assert "$ref" not in str(schema)
    assert "Length" not in str(schema)


def test_the_schemas_list_every_label_and_put_the_reason_before_the_score() -> None:
    labels = CLASSIFICATION_FORMAT["json_schema"]["schema"]["properties"]
    assert labels["topic"]["enum"] == [topic.value for topic in Topic]
    assert labels["tone"]["enum"] == [tone.value for tone in Tone]
    fields = list(FEEDBACK_FORMAT["json_schema"]["schema"]["properties"])
    assert fields.index("rationale") < fields.index("score")
