"""What a model returned: what has a plain meaning is understood, everything else is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soniclayer.evaluators.chat.extraction import InvalidAnswerError
from soniclayer.evaluators.chat.output_parser import (
    PARTLY_SUPPORTED,
    UNSUPPORTED,
    check_quotes,
    read_classification,
    read_confidence,
    read_feedback,
    read_score,
)
from soniclayer.feedback import Classification, Feedback, Tone, Topic
from tests.timing import cpu_within

GOOD: dict[str, Any] = {
    "rationale": "It is about footy.",
    "quotes": ["the footy"],
    "opinion": "Love it.",
    "score": 4,
    "confidence": 0.8,
    "note": "More of this.",
}
FEEDBACK = Feedback(4, "Love it.", "It is about footy.", 0.8, "More of this.", ("the footy",))


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(GOOD),
        json.dumps(GOOD, indent=2),
        f"```json\n{json.dumps(GOOD)}\n```",
        f"Sure! Here it is:\n```\n{json.dumps(GOOD)}\n```\nHope that helps {{}}.",
        f"My reaction: {json.dumps(GOOD)} That is all.",
        f"<think>Is it a {{5}}? Or {json.dumps({**GOOD, 'score': 1})}</think>{json.dumps(GOOD)}",
        f"It could be a 2.</think>\n\n{json.dumps(GOOD)}",
        f"Draft: {json.dumps({**GOOD, 'score': 1})} Final: {json.dumps(GOOD)}",
        json.dumps({key.upper(): value for key, value in GOOD.items()}),
        json.dumps({**GOOD, "mood": "happy"}),
        json.dumps({**GOOD, "score": "4/5", "confidence": "80%"}),
        json.dumps({**GOOD, "quotes": "the footy"}),
    ],
)
def test_an_answer_is_found_in_whatever_surrounds_it(text: str) -> None:
    assert read_feedback(text) == FEEDBACK


def test_line_breaks_inside_strings_are_understood() -> None:
    text = json.dumps({**GOOD, "opinion": "Love it.\nReally."}).replace("\\n", "\n")
    assert read_feedback(text).opinion == "Love it.\nReally."


def test_note_and_quotes_may_be_missing() -> None:
    least = {key: value for key, value in GOOD.items() if key not in ("note", "quotes")}
    assert read_feedback(json.dumps(least)) == Feedback(4, "Love it.", "It is about footy.", 0.8)
    assert read_feedback(json.dumps({**GOOD, "note": None, "quotes": None})).note == ""


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"score": 7}, "score is 7"),
        ({"score": 0}, "score is 0"),
        ({"score": "great"}, "score is “great”"),
        ({"score": 3.5}, "score is 3.5"),
        ({"score": None}, "score is null"),
        ({"score": True}, "score is true"),
        ({"score": [4, 5]}, "score is a list"),
        ({"score": {"music": 4}}, "score is an object"),
        ({"opinion": "  "}, "opinion"),
        ({"opinion": []}, "opinion is a list"),
        ({"opinion": [1, 2]}, "opinion is a list"),
        ({"rationale": {"why": "because"}}, "rationale is an object"),
        ({"rationale": 3}, "rationale is 3"),
    ],
)
def test_a_field_without_a_plain_meaning_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidAnswerError, match=reason):
        read_feedback(json.dumps({**GOOD, **changes}))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("  \n", "empty"),
        ("<think>Let me see", "thinking aloud"),
        ("I liked it a lot.", "not a JSON object"),
        (json.dumps(GOOD)[:60], "no field “opinion”"),
        ("[1, 2]", "not a JSON object"),
        ('{"verdict": "fine"}', "no field “opinion”"),
        ('{"puntuacion": 4, "opinion": "Bien"}', "no field “rationale”"),
        ('{"score": Infinity, "opinion": "a", "rationale": "b", "confidence": 1}', "score is Infinity"),
        ('{"score": ' + "9" * 5000 + "}", "cut off|no field"),
        ('{"a":' * 20_000, "not a JSON object"),
        ("{" * 100_000, "not a JSON object"),
        ("x" * 300_000, "too long"),
    ],
)
def test_a_text_without_an_answer_is_refused_at_once(text: str, reason: str) -> None:
    with cpu_within(1), pytest.raises(InvalidAnswerError, match=reason):
        read_feedback(text)


@pytest.mark.parametrize(
    "value",
    [
        *(4, 4.0, "4", " 4 ", "4.0", "4/5", "4 / 5", "4.0/5", "4 out of 5", "four", "Four", "FOUR/5"),
        *("four out of five", "4 (likes it)", "4 - likes it", "4!", "4 stars", "Score: 4", "4/5 (good)"),
    ],
)
def test_scores_are_understood(value: object) -> None:
    assert read_score(value) == 4


@pytest.mark.parametrize(
    "value",
    [
        0,
        6,
        7,
        -4,
        3.5,
        "3.5",
        "4/10",
        "seven",
        "great",
        "",
        "3 or 4",
        "4-5",
        "4 (maybe 5)",
        "48",
        "٤",
        True,
        None,
        [4, 5],
        [],
        {},
        {"music": 4},
        1e99,
    ],
)
def test_other_scores_are_not(value: object) -> None:
    with pytest.raises(InvalidAnswerError):
        read_score(value)


@pytest.mark.parametrize(
    ("value", "confidence"),
    [(0.8, 0.8), (1, 1.0), (0, 0.0), ("0.8", 0.8), (".8", 0.8), ("80%", 0.8), ("80 %", 0.8), ("100%", 1.0)],
)
def test_confidences_are_understood(value: object, confidence: float) -> None:
    assert read_confidence(value) == pytest.approx(confidence)


@pytest.mark.parametrize(
    ("value", "confidence"),
    [(80, 0.8), ("85", 0.85), ("8/10", 0.8), ("4 / 5", 0.8), ("90 out of 100", 0.9), ("75 percent", 0.75)],
)
def test_confidences_of_another_whole_are_understood(value: object, confidence: float) -> None:
    assert read_confidence(value) == pytest.approx(confidence)


@pytest.mark.parametrize(
    "value",
    [1.01, 1.2, 7, -0.1, 101, "101%", "11/10", "high", "", "n/a", True, None, [0.8, 0.9], float("nan"), 1e308],
)
def test_other_confidences_are_unknown(value: object) -> None:
    assert read_confidence(value) is None
    assert read_feedback(json.dumps({**GOOD, "confidence": value})).confidence is None


def test_a_missing_confidence_is_unknown() -> None:
    without = {key: value for key, value in GOOD.items() if key != "confidence"}
    assert read_feedback(json.dumps(without)).confidence is None


@pytest.mark.parametrize(
    ("topic", "tone", "expected"),
    [
        ("Sports", "Humorous", Classification(Topic.SPORTS, Tone.HUMOROUS)),
        ("sports", " HUMOROUS ", Classification(Topic.SPORTS, Tone.HUMOROUS)),
        ("Business and Finance", "Positive", Classification(Topic.BUSINESS, Tone.POSITIVE)),
        ("Finance", "Uplifting", Classification(Topic.BUSINESS, Tone.POSITIVE)),
        ("Weather", "Casual/Conversational", Classification(Topic.WEATHER, Tone.CASUAL)),
    ],
)
def test_labels_are_understood(topic: str, tone: str, expected: Classification) -> None:
    assert read_classification(json.dumps({"topic": topic, "tone": tone})) == expected


@pytest.mark.parametrize("topic", ["Gossip", "", None, 3, ["Sports", "Food"], "Sports; Food"])
def test_other_labels_are_not(topic: object) -> None:
    with pytest.raises(InvalidAnswerError, match="topic"):
        read_classification(json.dumps({"topic": topic, "tone": "Serious"}))


def test_every_label_is_understood_as_itself() -> None:
    for topic in Topic:
        for tone in Tone:
            text = json.dumps({"topic": topic.value, "tone": tone.value})
            assert read_classification(text) == Classification(topic, tone)


@settings(deadline=None)
@given(st.text())
def test_no_text_raises_anything_else(text: str) -> None:
    with pytest.raises(InvalidAnswerError):
        read_feedback(text)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(GOOD)), st.recursive(st.none() | st.floats() | st.text(), st.lists)))
def test_no_field_raises_anything_else(changes: dict[str, Any]) -> None:
    try:
        feedback = read_feedback(json.dumps({**GOOD, **changes}))
    except InvalidAnswerError:
        return
    assert feedback.score in range(1, 6)
    assert feedback.confidence is None or 0 <= feedback.confidence <= 1
    assert feedback.opinion
    assert feedback.rationale


SAID = "Well, we’re off to the\nfooty tonight. It’s a “warm” one; 30 degrees! 今天天气很好 (really)"


@pytest.mark.parametrize(
    ("quote", "literal"),
    [
        ("off to the footy", "off to the\nfooty"),
        ("OFF TO THE FOOTY", "off to the\nfooty"),
        ("we're off", "we’re off"),
        ("“It's a warm", ""),
        ('It\'s a "warm" one', "It’s a “warm” one"),
        ("... footy tonight …", "footy tonight"),
        ("30 degrees!", "30 degrees!"),
        ("天气", "天气"),
        ("(really)", "(really)"),
        ("foot", ""),
        ("off to the rugby", ""),
        (".*", ""),
        ("…", ""),
    ],
)
def test_a_quote_counts_only_word_for_word(quote: str, literal: str) -> None:
    checked = check_quotes(Feedback(3, "o", "r", 0.5, quotes=(quote,)), SAID)
    assert checked.quotes == ((literal,) if literal else ())
    assert checked.note == ("" if literal else UNSUPPORTED)


def test_a_dropped_quote_is_told_beside_the_note() -> None:
    checked = check_quotes(Feedback(3, "o", "r", 0.5, note="Louder.", quotes=("footy", "never said")), SAID)
    assert checked.quotes == ("footy",)
    assert checked.note == f"Louder. {PARTLY_SUPPORTED}"


def test_feedback_without_quotes_is_left_alone() -> None:
    feedback = Feedback(3, "o", "r", 0.5)
    assert check_quotes(feedback, SAID) == feedback
