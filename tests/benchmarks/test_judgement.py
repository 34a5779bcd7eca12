"""The labelled lines, the measures taken on them, and the least the built-in evaluator must reach."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from benchmarks import fit_builtin, judgement
from benchmarks.judgement import Cell, Outcome, auc, mean_auc, measure
from benchmarks.labelled import Line, read_lines
from soniclayer.evaluators.builtin import scoring
from soniclayer.evaluators.builtin.classifiers import FILE
from soniclayer.evaluators.builtin.evaluator import BuiltinEvaluator
from soniclayer.evaluators.chat.evaluator import ChatEvaluator
from soniclayer.feedback import Classification, Feedback, Tone, Topic
from soniclayer.llm_client.client import Endpoint
from soniclayer.personas import load
from tests.stub_server import serving

FLOOR, PLAIN_FLOOR, OTHERS_FLOOR, PERSONA_FLOOR = 0.92, 0.94, 0.75, 0.85
TOPIC_FLOOR, TONE_FLOOR = 0.75, 0.5
PERSONAS = load(Path(__file__).parents[2] / "personas.toml")


@pytest.fixture(scope="module")
def reported() -> Outcome:
    return asyncio.run(measure(BuiltinEvaluator(), read_lines("report"), PERSONAS, every=True))


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


def test_nothing_is_learned_from_the_lines_that_are_reported_on() -> None:
    learned = {example.text for example in fit_builtin.examples()}
    learned |= {line.text for line in read_lines(*fit_builtin.TAUGHT)}
    reported = {line.text for line in read_lines("report", "others")}
    assert len(reported) > 700
    assert not learned & reported


def test_auc_is_the_share_of_pairs_ranked_right_ties_half() -> None:
    assert auc([cell(5, 1), cell(1, -1)]) == 1
    assert auc([cell(1, 1), cell(5, -1)]) == 0
    assert auc([cell(3, 1), cell(3, -1)]) == 0.5
    assert auc([cell(4, 1), cell(2, 1), cell(2, -1), cell(3, 0)]) == 0.75
    assert auc([cell(4, 1)]) is None
    assert mean_auc([]) is None
    assert auc([cell(5, 1, 0.9), cell(5, -1, 0.4)]) == 0.5
    assert auc([cell(5, 1, 0.9), cell(5, -1, 0.4)], judgement.by_sureness) == 1
    assert auc([cell(2, 1, 0.9), cell(2, -1, 0.4), cell(3, -1, 1.0)], judgement.by_sureness) == 0


def test_the_tables_say_what_happened() -> None:
    line = Line("report", Topic.FOOD, Topic.HEALTH, Tone.CASUAL, {"x": 1}, "plain", "…")
    cells = (cell(5, 1, 0.95), cell(4, -1, 0.95), cell(3, 0, 0.2))
    outcome = Outcome(cells, ((line, Classification(Topic.HEALTH, None)),), 200, 1, 0.5, 0.1, 1000)
    assert "| x | 1 | 1 | 1 | 1.000 | 1.000 | 0.667 |" in judgement.ranking(outcome)
    assert "| 0.9 to 1.0 | 2 | 0.95 | 0.500 |" in judgement.reliability(outcome)
    assert "| all | 1 | 0.000 | 1.000 | 0.000 |" in judgement.classification(outcome)
    assert "| 200 | 1 | 0.250 | 0.050 | 500 |" in judgement.cost(outcome)
    assert "| displeased | 1 | 0.000 | 0.000 | 0.000 | 1.000 | 0.000 |" in judgement.scores(outcome)
    assert judgement.report(BuiltinEvaluator(), outcome, 1, "report").startswith("### Built-in (no language model)")


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
    topics = sum(judgement.has_topic(line, known) for line, known in reported.classes)
    assert topics / count >= TOPIC_FLOOR
    assert sum(known.tone is line.tone for line, known in reported.classes) / count >= TONE_FLOOR


def test_the_built_in_evaluator_ranks_oblique_lines_by_other_hands() -> None:
    outcome = asyncio.run(measure(BuiltinEvaluator(), read_lines("others"), PERSONAS, every=False))
    overall = mean_auc(outcome.cells)
    assert overall is not None
    assert overall >= OTHERS_FLOOR


def test_the_built_in_evaluator_uses_every_score_and_knows_how_sure_it_is(reported: Outcome) -> None:
    given = Counter(each.feedback.score for each in reported.cells)
    assert min(given[score] for score in range(1, 6)) >= len(reported.cells) / 20
    sure = [each for each in reported.cells if (each.feedback.confidence or 0.0) >= 0.8]
    right = sum(each.side == each.label for each in sure) / len(sure)
    stated = sum(each.feedback.confidence or 0.0 for each in sure) / len(sure)
    assert len(sure) > 100
    assert abs(right - stated) < 0.08


def test_a_chat_model_is_measured_over_real_http() -> None:
    lines = read_lines("report")[:6]

    async def asked(url: str) -> Outcome:
        endpoint = Endpoint(url)
        chat = ChatEvaluator(endpoint, "stub-large", store=judgement.not_stored)
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


@pytest.mark.slow
def test_the_shipped_models_are_those_that_the_word_lists_and_examples_give() -> None:
    fitted = fit_builtin.fit_labels()
    with np.load(fit_builtin.PACKAGE / FILE) as shipped:
        assert set(shipped.files) == set(fitted)
        assert str(shipped["vocabulary"]) == str(fitted.pop("vocabulary"))
        for name, array in fitted.items():
            np.testing.assert_allclose(
                shipped[name], array, atol=2e-3, rtol=2e-3, err_msg="run python -m benchmarks.fit_builtin"
            )


def test_the_shipped_weights_are_those_that_the_taught_lines_give() -> None:
    weights, unsafe, _ = fit_builtin.fit_judgement(fit_builtin.cells(read_lines(*fit_builtin.TAUGHT), PERSONAS))
    shipped = [*scoring.WEIGHTS.values(), *scoring.UNSAFE_WEIGHTS.values()]
    np.testing.assert_allclose(shipped, [*weights, *unsafe], atol=0.1, err_msg="run python -m benchmarks.fit_builtin")
