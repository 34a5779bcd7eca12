"""The built-in evaluator: what it must always do, and what it must never do."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soniclayer.errors import NotJudgedError
from soniclayer.evaluators.base import Evaluator, Explanation, no_store
from soniclayer.evaluators.builtin import hearing
from soniclayer.evaluators.builtin.encoder import Heard
from soniclayer.evaluators.builtin.evaluator import NAME, BuiltinEvaluator, warm
from soniclayer.evaluators.builtin.explanation import START
from soniclayer.evaluators.builtin.judging import _telling
from soniclayer.evaluators.builtin.language import foreign
from soniclayer.evaluators.builtin.rationale import ABSTENTION, NOTHING_SAID
from soniclayer.evaluators.builtin.text import Span
from soniclayer.feedback import Classification, Feedback, Topic
from soniclayer.personas import Persona, load, parse
from soniclayer.segments import Segment
from tests.evaluators.builtin.shows import BREAKFAST, COUNCIL, TECH, segments

ROOT = Path(__file__).parents[3]
PERSONAS = load(ROOT / "personas.toml")
EVERYONE = tuple(PERSONAS.values())
FAMILY = ("advertiser", "parents", "stay_at_home_mum")
BLOCKS = b"""
[personas.surfers]
display_name = "Surfers"
description = "Up before dawn, in the water by six, at work by nine."
likes = ["surf reports", "clean beaches", "road trips"]
dislikes = ["long ad breaks", "city traffic"]

[personas.knitters]
display_name = "Knitters"
description = "Retired friends who meet on Thursdays."
likes = ["knitting patterns", "wool and yarn", "craft fairs"]

[personas.skipper]
display_name = "Skipper"
description = "Loves fishing, boats and the sea."
"""
NEWCOMERS = tuple(parse(BLOCKS).values())


def segment(text: str, before: str = "") -> Segment:
    return Segment(0, 0, 30_000, (), text, before)


def evaluate(persona: Persona, text: str) -> Feedback:
    return asyncio.run(BuiltinEvaluator(no_store).evaluate(persona, segment(text), Classification()))


def classify(text: str) -> Classification:
    return asyncio.run(BuiltinEvaluator(no_store).classify(segment(text)))


def explain(persona: Persona, text: str) -> Explanation:
    return asyncio.run(BuiltinEvaluator(no_store).explain(persona, segment(text), Classification()))


def judged(texts: tuple[str, ...], personas: tuple[Persona, ...] = EVERYONE) -> dict[tuple[int, str], Feedback]:
    async def everything() -> dict[tuple[int, str], Feedback]:
        evaluator = BuiltinEvaluator(no_store, personas)
        found = {}
        for each in segments(texts):
            known = await evaluator.classify(each)
            for persona in personas:
                found[each.index, persona.id] = await evaluator.evaluate(persona, each, known)
        return found

    return asyncio.run(everything())


def shares(cards: dict[tuple[int, str], Feedback]) -> dict[int, float]:
    counts = Counter(card.score for card in cards.values())
    return {score: counts[score] / len(cards) for score in range(1, 6)}


def test_it_is_an_evaluator_and_says_what_it_is() -> None:
    evaluator: Evaluator = BuiltinEvaluator(no_store)
    assert (evaluator.name, evaluator.model, dict(evaluator.usage)) == (NAME, "", {})


def test_a_tech_talk_bores_some_and_thrills_hardly_anybody() -> None:
    given = shares(judged(TECH))
    assert given[4] + given[5] <= 0.06
    assert given[1] <= 0.02
    assert given[3] >= 0.6


def test_a_council_meeting_is_loved_by_nobody() -> None:
    given = shares(judged(COUNCIL))
    assert given[4] + given[5] <= 0.04
    assert given[1] <= 0.02
    assert given[2] >= 0.1


def test_a_breakfast_show_has_its_moments_and_its_losses() -> None:
    given = shares(judged(BREAKFAST))
    assert 0.02 <= given[4] + given[5] <= 0.3
    assert given[1] + given[2] <= 0.3
    assert given[3] >= 0.55


def test_a_stabbing_on_the_breakfast_show_loses_the_family() -> None:
    cards = judged(BREAKFAST)
    assert all(cards[4, key].score <= 2 for key in FAMILY)


@pytest.mark.parametrize("show", [TECH, COUNCIL])
def test_personas_of_few_words_stay_at_three_where_nothing_is_theirs(show: tuple[str, ...]) -> None:
    assert shares(judged(show, NEWCOMERS))[3] >= 0.95


def test_a_persona_of_few_words_leans_to_its_own_subject() -> None:
    text = (
        "Here is the surf report. There is a clean swell of two metres from the south, the wind is offshore until "
        "ten, and the beaches are clean after the storm. The best waves are at the point, so wax your board."
    )
    surfers = next(each for each in NEWCOMERS if each.id == "surfers")
    assert evaluate(surfers, text).value >= 3.3
    assert evaluate(surfers, text).value >= max(evaluate(surfers, each).value for each in (*TECH, *COUNCIL)) + 0.2


def test_where_no_side_wins_it_says_so_and_nothing_more() -> None:
    cards = [card for show in (TECH, COUNCIL, BREAKFAST) for card in judged(show).values()]
    abstained = [card for card in cards if card.score == 3]
    assert abstained
    for card in abstained:
        assert (card.opinion, card.rationale, card.note, card.quotes) == (ABSTENTION, "", "", ())
        assert (card.confidence or 0.0) <= 0.5
    for card in cards:
        assert card.confidence is not None
        assert card.lean is not None
        assert 1 <= card.lean <= 5
        assert card.lean == round(card.lean, 1)
        assert card.score == 3 or (card.lean - 3) * (card.score - 3) > 0
        assert card.score == 3 or card.confidence >= 0.6
        assert card.confidence <= 0.97


def test_evidence_is_on_the_side_of_the_score() -> None:
    """Without the sentence that a card quotes, the leaning is further from the score."""
    for show in (TECH, COUNCIL, BREAKFAST):
        evaluator = BuiltinEvaluator(no_store, EVERYONE)
        for (index, key), card in judged(show).items():
            if card.score == 3 or not card.quotes:
                continue
            where = segments(show)[index]
            why = asyncio.run(evaluator.explain(PERSONAS[key], where, Classification()))
            (_, rows), *_ = why.excerpts
            without = next(row for row in rows.splitlines() if card.quotes[0] in row)
            whole = sum(each.value for each in why.contributions)
            assert (whole - float(without.split()[0])) * (card.score - 3) > -0.01, (index, key)


def test_quotes_are_literal_whole_clauses() -> None:
    for show in (TECH, COUNCIL, BREAKFAST):
        for (index, _), card in judged(show).items():
            for quote in card.quotes:
                where = show[index].index(quote)
                before, after = show[index][:where].rstrip(), show[index][where + len(quote) :].lstrip()
                assert not before or before[-1] in ".,;:!?"
                assert not after or quote[-1] in ".!?" or after[0] in ",;:"


@pytest.mark.parametrize("key", FAMILY)
def test_one_coarse_word_in_a_friendly_line_is_enough(key: str) -> None:
    line = "What a lovely morning, the kids fed the ducks, and Nan said it was all {} brilliant, every bit of it."
    coarse = evaluate(PERSONAS[key], line.format("fucking"))
    assert coarse.score <= 2
    assert "fucking" in coarse.opinion
    assert "swearing" in coarse.opinion
    assert evaluate(PERSONAS[key], line.format("really")).score >= 3


@pytest.mark.parametrize("key", PERSONAS)
def test_contributions_add_up_to_the_leaning(key: str) -> None:
    for text in (*TECH[:2], *BREAKFAST[:6]):
        why, card = explain(PERSONAS[key], text), evaluate(PERSONAS[key], text)
        assert why.contributions[0].label == START
        total = sum(each.value for each in why.contributions)
        assert card.lean == round(total, 1)
        assert f"leans to {total:.1f} of 5" in why.summary


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(tuple(PERSONAS)), st.sampled_from((*TECH, *BREAKFAST)), st.sampled_from(COUNCIL[:3]))
def test_a_sentence_that_nobody_cares_about_moves_no_score_by_more_than_one(key: str, text: str, dull: str) -> None:
    added = f"{text} {dull.split('. ')[0]}."
    assert abs(evaluate(PERSONAS[key], text).score - evaluate(PERSONAS[key], added).score) <= 1


def test_the_same_input_gives_the_same_output_in_any_order_and_any_company() -> None:
    first = judged(BREAKFAST)
    cells = list(first)
    random.Random(1).shuffle(cells)
    hearing.forget()
    for index, key in cells[:24]:
        evaluator = BuiltinEvaluator(no_store)
        where = segments(BREAKFAST)[index]
        known = asyncio.run(evaluator.classify(where))
        assert asyncio.run(evaluator.evaluate(PERSONAS[key], where, known)) == first[index, key]


def test_a_fresh_process_says_the_same() -> None:
    script = (
        "from tests.evaluators.builtin.test_evaluator import judged, BREAKFAST\n"
        "print([(card.score, card.lean) for card in judged(BREAKFAST[:3]).values()])"
    )
    fresh = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert fresh.stdout.strip() == str([(card.score, card.lean) for card in judged(BREAKFAST[:3]).values()])


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.text(min_size=1, max_size=300), st.text("aeé.!?*@ '’🔥[]()中и1", min_size=1, max_size=300)))
def test_any_text_gives_sound_feedback_or_is_passed_over(text: str) -> None:
    if foreign(text):
        with pytest.raises(NotJudgedError, match=r"reads English\.$"):
            evaluate(PERSONAS["advertiser"], text)
        return
    card = evaluate(PERSONAS["advertiser"], text)
    assert card.score in range(1, 6)
    assert card.confidence is not None
    assert 0 <= card.confidence <= 1
    assert card.opinion
    assert all(quote in text and quote.strip() for quote in card.quotes)
    explain(PERSONAS["advertiser"], text)


@pytest.mark.parametrize("text", ["[Music]", "🔥🔥🔥", "...", "♪ ♪", "[Applause] (laughs)"])
def test_it_says_where_nothing_is_said(text: str) -> None:
    for persona in EVERYONE:
        card = evaluate(persona, text)
        assert (card.score, card.opinion, card.confidence) == (3, NOTHING_SAID, 0)
    assert classify(text) == Classification(None, None)


@pytest.mark.parametrize("text", ["a", "Mm-hm.", "x" * 1600])
def test_next_to_nothing_has_no_topic(text: str) -> None:
    assert classify(text).topic is None or len(text) > 100
    assert all(evaluate(persona, text).score == 3 for persona in EVERYONE[:2] if len(text) < 10)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hoy vamos a hablar de la economía y de los precios, porque todo está muy caro.", "Spanish"),
        ("Aujourd'hui nous allons parler des prix dans les magasins, parce que tout est très cher.", "French"),
        ("Heute sprechen wir über die Preise im Supermarkt, denn es ist alles sehr teuer.", "German"),
        ("Hari ini kita akan bicara tentang harga di toko, karena semua sudah mahal.", "Indonesian"),
        ("Сегодня мы поговорим о ценах в магазинах.", "Russian"),
        ("今日はスーパーの値段について話します。", "Japanese"),
    ],
)
def test_it_reads_english_and_passes_over_what_is_not(text: str, language: str) -> None:
    with pytest.raises(NotJudgedError, match=f"^{language}.*: the built-in evaluator reads English"):
        evaluate(PERSONAS["genz"], text)
    with pytest.raises(NotJudgedError):
        classify(text)


def test_english_with_a_foreign_phrase_or_without_small_words_is_still_english() -> None:
    for text in ("He said c'est la vie, mon ami, and then he paid for all of us.", "Footy. Beers. Utes. Go Knights!"):
        assert evaluate(PERSONAS["tradies"], text).score in range(1, 6)


def test_a_phrase_more_or_less_leaves_a_shipped_persona_what_it_is() -> None:
    base = PERSONAS["tradies"]
    for text in (BREAKFAST[1], TECH[0], COUNCIL[2]):
        changed = evaluate(replace(base, likes=(*base.likes, "model railways")), text).value
        assert abs(changed - evaluate(base, text).value) <= 0.3


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Showers clearing, a top of nineteen degrees, and a frost warning for the ranges tonight.", Topic.WEATHER),
        ("Preheat the oven, whisk the eggs and sugar, and bake the cake for forty minutes.", Topic.FOOD),
        ("The prime minister faced the opposition in parliament over the election bill.", Topic.POLITICS),
        ("She took five wickets and the final, and the coach cried on the boundary.", Topic.SPORTS),
        ("Police charged a man with murder, and he'll face court on Monday.", Topic.CRIME),
    ],
)
def test_plain_topics_are_recognised(text: str, topic: Topic) -> None:
    assert classify(text).topic is topic


def test_warm_loads_without_the_network_and_without_touching_the_root_logger() -> None:
    script = (
        "import logging, socket\n"
        "def no(*a, **k): raise SystemExit('network')\n"
        "socket.socket.connect = no\n"
        "from soniclayer.evaluators.builtin.evaluator import warm\n"
        "warm()\n"
        "assert not logging.getLogger().handlers\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


def test_warming_leaves_nothing_to_encode_for_the_personas_named() -> None:
    hearing.forget()
    warm(NEWCOMERS)
    asked = []

    async def store(question: str, ask: object) -> str:
        asked.append(question)
        return ""

    asyncio.run(hearing.know(NEWCOMERS, store))
    assert not asked


def test_a_farewell_is_quoted_only_where_no_whole_sentence_pulls_half_as_much() -> None:
    text = "Thank you, bye. The papers for the budget are in the appendix of the report."
    spans = (Span(0, 15), Span(16, len(text)))
    heard = Heard(text, spans, np.ones(2, np.float32), np.zeros((2, 2, 1), np.float32))
    assert _telling(heard, np.array([0.10, 0.06])) == 1
    assert _telling(heard, np.array([0.10, 0.04])) == 0
    assert _telling(heard, np.array([0.10, -0.20])) == 0


async def test_runs_for_the_same_personas_share_what_is_known_of_them() -> None:
    first, second = (BuiltinEvaluator(no_store, tuple(parse(BLOCKS).values())) for _ in range(2))
    panel, _ = await first._panel(NEWCOMERS[0])
    assert (await second._panel(NEWCOMERS[1])) == (panel, 1)
