"""The labelled lines, the measures taken on them, and the least the built-in evaluator must reach."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from benchmarks import written
from benchmarks.labelled import Line, read_lines
from benchmarks.written import Cell, Outcome, auc, mean_auc, measure, not_stored
from soniclayer.evaluators.builtin.evaluator import BuiltinEvaluator
from soniclayer.evaluators.chat.evaluator import ChatEvaluator
from soniclayer.feedback import Classification, Feedback, Tone, Topic
from soniclayer.llm_client.client import Endpoint
from soniclayer.personas import load
from tests.stub_server import serving

FLOOR, PLAIN_FLOOR, OTHERS_FLOOR, PERSONA_FLOOR = 0.88, 0.94, 0.70, 0.78
TOPIC_FLOOR, TONE_FLOOR = 0.48, 0.28  # it is taught by real talk, which these lines are not
PERSONAS = load(Path(__file__).parents[2] / "personas.toml")


@pytest.fixture(scope="module")
def reported() -> Outcome:
    return asyncio.run(
        measure(BuiltinEvaluator(not_stored, PERSONAS.values()), read_lines("report"), PERSONAS, every=True)
    )


def cell(score: int, label: int, confidence: float = 0.5) -> Cell:
    return Cell("x", "", label, Feedback(score, "o", "r", confidence))


def test_the_labelled_lines_are_many_and_varied() -> None:
    lines = read_lines()
    assert len(lines) >= 400
    assert len({line.text for line in lines}) == len(lines)
    assert {line.topic for line in lines} == set(Topic)
    assert {line.tone for line in lines} == set(Tone)
    assert {"irony", "negation", "gentle", "covert-ad", "profanity", "quoted", "segment"} <= {x.trait for x in lines}
    for part in ("tune", "report", "learn", "others"):
        reactions = Counter((key, side) for line in read_lines(part) for key, side in line.reactions.items())
        for key in PERSONAS:
            assert reactions[key, 1] >= 15, (part, key)
            assert reactions[key, -1] >= 15, (part, key)
            assert reactions[key, 0] >= 2, (part, key)
    assert {key for line in lines for key in line.reactions} <= set(PERSONAS)
    assert all(line.also is not line.topic for line in lines)


def test_auc_is_the_share_of_pairs_ranked_right_ties_half() -> None:
    assert auc([cell(5, 1), cell(1, -1)]) == 1
    assert auc([cell(1, 1), cell(5, -1)]) == 0
    assert auc([cell(3, 1), cell(3, -1)]) == 0.5
    assert auc([cell(4, 1), cell(2, 1), cell(2, -1), cell(3, 0)]) == 0.75
    assert auc([cell(4, 1)]) is None
    assert mean_auc([]) is None
    assert auc([cell(5, 1, 0.9), cell(5, -1, 0.4)]) == 0.5
    assert auc([cell(5, 1, 0.9), cell(5, -1, 0.4)], written.by_sureness) == 1
    assert auc([cell(2, 1, 0.9), cell(2, -1, 0.4), cell(3, -1, 1.0)], written.by_sureness) == 0


def test_the_tables_say_what_happened() -> None:
    line = Line("report", Topic.FOOD, Topic.HEALTH, Tone.CASUAL, {"x": 1}, "plain", "…")
    cells = (cell(5, 1, 0.95), cell(4, -1, 0.95), cell(3, 0, 0.2))
    outcome = Outcome(cells, ((line, Classification(Topic.HEALTH, None)),), 200, 1, 0.5, 0.1, 1000)
    assert "| x | 1 | 1 | 1 | 1.000 | 1.000 | 0.667 |" in written.ranking(outcome)
    assert "| 0.9 to 1.0 | 2 | 0.95 | 0.500 |" in written.reliability(outcome)
    assert "| all | 1 | 0.000 | 1.000 | 0.000 |" in written.classification(outcome)
    assert "| 200 | 1 | 0.250 | 0.050 | 500 |" in written.cost(outcome)
    assert "| displeased | 1 | 0.000 | 0.000 | 0.000 | 1.000 | 0.000 |" in written.scores(outcome)
    assert written.report(BuiltinEvaluator(not_stored, PERSONAS.values()), outcome, 1, "report").startswith(
        "### Built-in (no language model)"
    )


def test_the_built_in_evaluator_ranks_unseen_lines(reported: Outcome) -> None:
    overall = mean_auc(reported.cells)
    plain = mean_auc(each for each in reported.cells if each.trait == "plain")
    assert overall is not None
    assert plain is not None
    assert overall >= FLOOR
    assert plain >= PLAIN_FLOOR
    for key in PERSONAS:
        of_persona = auc(each for each in reported.cells if each.persona == key)
        assert of_persona is not None
        assert of_persona >= PERSONA_FLOOR, key


def test_the_built_in_evaluator_names_topics_and_tones_of_unseen_lines(reported: Outcome) -> None:
    count = len(reported.classes)
    assert count > 300
    topics = sum(written.has_topic(line, known) for line, known in reported.classes)
    assert topics / count >= TOPIC_FLOOR
    assert sum(known.tone is line.tone for line, known in reported.classes) / count >= TONE_FLOOR


def test_the_built_in_evaluator_ranks_oblique_lines_by_other_hands() -> None:
    outcome = asyncio.run(
        measure(BuiltinEvaluator(not_stored, PERSONAS.values()), read_lines("others"), PERSONAS, every=False)
    )
    overall = mean_auc(outcome.cells)
    assert overall is not None
    assert overall >= OTHERS_FLOOR


def test_a_chat_model_is_measured_over_real_http() -> None:
    lines = read_lines("report")[:6]

    async def asked(url: str) -> Outcome:
        endpoint = Endpoint(url)
        chat = ChatEvaluator(endpoint, "stub-large", store=written.not_stored)
        try:
            return await measure(chat, lines, PERSONAS, every=False)
        finally:
            await endpoint.close()

    with serving() as stub:
        outcome = asyncio.run(asked(stub.url))
    labelled = sum(len(line.reactions) for line in lines)
    assert outcome.evaluated == len(outcome.cells) == labelled
    assert outcome.tokens > 0
    assert len(stub.calls) >= labelled + len(lines)
