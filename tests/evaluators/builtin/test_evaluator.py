"""The built-in evaluator: what it must always do, and what it must never do."""

from __future__ import annotations

import asyncio
import math
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from soniclayer.errors import AnswerError
from soniclayer.evaluators.base import Evaluator
from soniclayer.evaluators.builtin.evaluator import NAME, BuiltinEvaluator, warm
from soniclayer.evaluators.builtin.explanation import moved_by
from soniclayer.evaluators.builtin.profile import taste
from soniclayer.feedback import Classification, Feedback, Tone, Topic
from soniclayer.personas import Persona, Registry, load, parse
from soniclayer.segments import Segment

ROOT = Path(__file__).parents[3]
PERSONAS = load(ROOT / "personas.toml")
GUARDED = ("advertiser", "parents", "stay_at_home_mum")
LINES = (
    "Nice to have your company on a sunny morning, and thanks for all the lovely messages about the school fete.",
    "The Reserve Bank left rates on hold, so nothing changes for your mortgage this month.",
    "We had a barbie by the river, the kids fed the ducks, and Nan won the raffle.",
    "There was a pile-up on the freeway, and the police are still there. Allow an extra half an hour.",
    "He kicked six, they won by a point, and the whole pub sang until the lights went out.",
    "So I said to her, why don't you just ask him?",
)


def segment(text: str, index: int = 0) -> Segment:
    return Segment(index, index * 30_000, (index + 1) * 30_000, (), text)


def refusal(persona: Persona, text: str) -> str:
    """The message of the error that evaluating raises, or ""."""
    try:
        evaluate(persona, text)
    except AnswerError as error:
        return str(error)
    return ""


def evaluate(persona: Persona, text: str) -> Feedback:
    return asyncio.run(BuiltinEvaluator().evaluate(persona, segment(text), Classification()))


def classify(text: str) -> Classification:
    return asyncio.run(BuiltinEvaluator().classify(segment(text)))


def test_half_a_minute_of_a_meeting_about_nothing_they_care_for_is_loved_by_few() -> None:
    """Talk that is calm and reasoned must not add up to love, sentence by sentence."""
    meeting = (
        "So the question from last time was whether we keep the two lists apart or put them into one. "
        "I think we could go either way, and my preference would be to wait until the others have had a look. "
        "There are three or four open items, and I would say that two of them depend on the first. "
        "We might as well go through those in order, and if somebody sees a reason not to, we can come back to it. "
        "I don't have a strong opinion on the naming. Does anybody want to add something before we move on?"
    )
    scores = [evaluate(persona, meeting).score for persona in PERSONAS.values()]
    assert scores.count(5) <= 1
    assert sum(scores) / len(scores) < 4


def test_it_is_an_evaluator_and_says_what_it_is() -> None:
    evaluator: Evaluator = BuiltinEvaluator()
    assert (evaluator.name, evaluator.model, dict(evaluator.usage)) == (NAME, "", {})
    assert NAME == "Built-in (no language model)"


@pytest.mark.parametrize(
    ("key", "pleasing", "displeasing"),
    [
        (
            "genz",
            "The festival line-up dropped and the memes are unreal.",
            "Let's talk superannuation and lawn bowls.",
        ),
        (
            "advertiser",
            "Volunteers baked cakes for the children's hospital.",
            "A man was stabbed to death outside a pub.",
        ),
        (
            "business_owner",
            "How to improve cash flow and keep loyal customers.",
            "Another shop has gone broke and shut.",
        ),
        (
            "stay_at_home_mum",
            "Three easy slow cooker dinners the kids will eat.",
            "The ASX and the bond market fell.",
        ),
        ("tradies", "Footy tonight, and a few beers at the pub after.", "Ballet, poetry and a vegan tasting menu."),
        (
            "parents",
            "Tips for starting school and reading with your kids.",
            "Vaping and drugs are sold near the gate.",
        ),
        ("regional", "Good rain on the wheat, and cattle prices are up.", "Peak hour traffic on the Harbour Bridge."),
        (
            "academic",
            "A professor on the evidence from a new study.",
            "Horoscopes, miracle cures and celebrity gossip.",
        ),
    ],
)
def test_every_shipped_persona_tells_what_it_loves_from_what_it_hates(
    key: str, pleasing: str, displeasing: str
) -> None:
    assert evaluate(PERSONAS[key], pleasing).score >= 4
    assert evaluate(PERSONAS[key], displeasing).score <= 2


def test_the_card_names_what_was_heard_and_the_nearest_phrases_with_their_strengths() -> None:
    feedback = evaluate(
        PERSONAS["tradies"], "The footy's on tonight, and then a few beers at the pub after knock-off."
    )
    assert feedback.score == 5
    assert "footy" in feedback.opinion
    assert "pub" in feedback.opinion
    assert "Nearest like: “beers at the pub after knock-off” (" in feedback.rationale
    assert "Nearest dislike: “" in feedback.rationale


@pytest.mark.parametrize("key", GUARDED)
@pytest.mark.parametrize(
    "word",
    [
        "shit",
        "SHIT",
        "fucking",
        "f***ing",
        "f**k",
        "sh1t",
        "b i t c h",
        "fuuuuck",
        "c*nt",
        "poofter",
        "retards",
        "porn",
    ],
)
def test_one_coarse_word_in_a_friendly_line_is_enough(key: str, word: str) -> None:
    friendly = "What a beautiful morning with the family, and thank you all for the lovely {} cakes you baked."
    clean = evaluate(PERSONAS[key], friendly.replace("{} ", ""))
    coarse = evaluate(PERSONAS[key], friendly.replace("{}", word))
    assert clean.score >= 4
    assert coarse.score <= 2
    assert word in coarse.note
    assert any(word in quote for quote in coarse.quotes)


@pytest.mark.parametrize("key", GUARDED)
def test_violence_and_drugs_pull_a_family_line_down(key: str) -> None:
    family = "A lovely day at the zoo with the kids and their grandparents"
    harmless = evaluate(PERSONAS[key], f"{family}.").score
    assert evaluate(PERSONAS[key], f"{family}, until a man was murdered by the gate.").score < harmless
    assert evaluate(PERSONAS[key], f"{family}, until someone was offered cocaine.").score < harmless


@pytest.mark.parametrize(
    "harmless",
    [
        "Same-sex couples have been able to marry since 2017.",
        "We saw a killer whale, dead set, right beside the boat.",
        "Dick Smith is on the line about his latest balloon flight.",
        "It's a chink in the armour of the argument.",
        "The phone battery died, so I missed your call about the scones.",
        "Ring 1300 655 506 on the M4 before 5 a.m. on the 1st!",
        "Wow!!! Sooo good, well done to all of you at the U.S.A. stall!",
    ],
)
def test_what_only_looks_coarse_is_left_alone(harmless: str) -> None:
    assert "Unsafe words" not in evaluate(PERSONAS["advertiser"], harmless).rationale


def test_only_personas_whose_dislikes_name_a_kind_mind_it() -> None:
    block = '[personas.{}]\ndisplay_name = "X"\ndescription = "Y"\nlikes = ["baking cakes"]\ndislikes = ["{}"]\n'
    personas = parse((block.format("calm", "gardening") + block.format("strict", "swearing")).encode())
    line = "We baked a cake and it was bloody good, and then he said shit."
    assert evaluate(personas["strict"], line).score <= 2
    assert evaluate(personas["calm"], line).score > evaluate(personas["strict"], line).score


@settings(max_examples=60, deadline=None)
@given(key=st.sampled_from(sorted(PERSONAS)), line=st.sampled_from(LINES), data=st.data())
def test_adding_a_liked_thing_never_lowers_the_score(key: str, line: str, data: st.DataObject) -> None:
    like = data.draw(st.sampled_from(PERSONAS[key].likes))
    before = evaluate(PERSONAS[key], line).score
    assert evaluate(PERSONAS[key], f"{line} {like[0].upper()}{like[1:]}.").score >= before


@settings(max_examples=60, deadline=None)
@given(
    key=st.sampled_from(GUARDED),
    line=st.one_of(st.sampled_from(LINES), st.text(max_size=200)),
    slur=st.sampled_from(["faggot", "poofters", "retard", "wogs", "slut", "n1gger", "f*ggot"]),
)
def test_adding_a_slur_never_raises_the_score(key: str, line: str, slur: str) -> None:
    assume(not refusal(PERSONAS[key], line) and not refusal(PERSONAS[key], f"{line} {slur}"))
    before = evaluate(PERSONAS[key], line).score
    after = evaluate(PERSONAS[key], f"{line} {slur}")
    assert after.score <= before
    assert after.score <= 2


def test_the_same_input_gives_the_same_output_in_any_order_and_any_process() -> None:
    cells = [(key, line) for key in PERSONAS for line in LINES]
    first = {cell: evaluate(PERSONAS[cell[0]], cell[1]) for cell in cells}
    random.Random(1).shuffle(cells)
    assert {cell: evaluate(PERSONAS[cell[0]], cell[1]) for cell in cells} == first
    script = (
        "import sys; from tests.evaluators.builtin.test_evaluator import LINES, PERSONAS, evaluate\n"
        "print([evaluate(PERSONAS[k], l).score for k in sorted(PERSONAS) for l in LINES])"
    )
    fresh = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert fresh.stdout.strip() == str([first[key, line].score for key in sorted(PERSONAS) for line in LINES])


@settings(max_examples=150, deadline=2000)
@given(st.one_of(st.text(min_size=1, max_size=300), st.text("aeé.!?*@ '’🔥[]()中и1", min_size=1, max_size=300)))
def test_any_text_gives_sound_feedback_or_one_clear_error(text: str) -> None:
    if message := refusal(PERSONAS["advertiser"], text):
        assert message.endswith("Use a chat model.")
        return
    feedback = evaluate(PERSONAS["advertiser"], text)
    assert feedback.score in range(1, 6)
    assert feedback.confidence is not None
    assert 0 <= feedback.confidence <= 1
    assert math.isfinite(feedback.confidence)
    assert feedback.opinion
    assert feedback.rationale
    assert len(feedback.quotes) <= 2
    assert all(quote in text and quote.strip() for quote in feedback.quotes)
    moved_by(PERSONAS["advertiser"], segment(text))


@pytest.mark.parametrize(
    "text", ["[Music]", "🔥🔥🔥", "...", "♪ ♪", "[Applause] (laughs)", "x" * 1600, "a", "Mm-hm."]
)
def test_it_says_that_it_cannot_tell_where_nothing_is_said(text: str) -> None:
    for persona in PERSONAS.values():
        feedback = evaluate(persona, text)
        assert feedback.score == 3
        assert feedback.confidence is not None
        assert feedback.confidence <= 0.3
    assert classify(text) == Classification(None, None)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hoy vamos a hablar de la economía y de los precios, porque todo está muy caro.", "Spanish"),
        ("Aujourd'hui nous allons parler des prix dans les magasins, parce que tout est très cher.", "French"),
        ("Heute sprechen wir über die Preise im Supermarkt, denn es ist alles sehr teuer.", "German"),
        ("Oggi parliamo dei prezzi nei negozi, perché tutto è molto caro e non è giusto.", "Italian"),
        ("Hari ini kita akan bicara tentang harga di toko, karena semua sudah mahal.", "Indonesian"),
        ("Сегодня мы поговорим о ценах в магазинах.", "Russian"),
        ("今日はスーパーの値段について話します。", "Japanese"),
        ("今天我们来谈谈超市的价格。", "Chinese"),
        ("سنتحدث اليوم عن الأسعار في المتاجر", "Arabic"),
    ],
)
def test_it_reads_english_only_and_says_so(text: str, language: str) -> None:
    with pytest.raises(
        AnswerError, match=f"reads English only; this segment looks like {language}.*Use a chat model"
    ):
        evaluate(PERSONAS["genz"], text)
    assert classify(text) == Classification(None, None)


def test_english_with_a_foreign_phrase_or_without_small_words_is_still_english() -> None:
    for text in ("He said c'est la vie, mon ami, and then he paid for all of us.", "Footy. Beers. Utes. Go Knights!"):
        assert evaluate(PERSONAS["tradies"], text).score in range(1, 6)


def test_a_persona_without_likes_and_dislikes_is_judged_by_its_description() -> None:
    bare = '[personas.skipper]\ndisplay_name = "Skipper"\ndescription = "Loves fishing, boats and the sea."\n'
    skipper = parse(bare.encode())["skipper"]
    feedback = evaluate(skipper, "The snapper are biting off the point, so hook up the boat and go fishing.")
    assert feedback.score >= 4
    assert "its description was compared instead" in feedback.rationale
    assert feedback.confidence is not None
    assert feedback.confidence <= 0.5


def test_likes_alone_and_dislikes_alone_are_enough() -> None:
    base = PERSONAS["tradies"]
    fond, sour = replace(base, dislikes=()), replace(base, likes=())
    assert evaluate(fond, "Footy and beers at the pub with your mates.").score >= 4
    assert evaluate(sour, "Ballet, opera and poetry at the art gallery.").score <= 2
    assert "No dislike to compare with" in evaluate(fond, "Footy tonight.").rationale


def test_quotes_are_literal_and_short() -> None:
    text = (
        "Good morning, it's ten past seven. We've a big show. After eight, a new study from the university, and a "
        "professor on the evidence; then the history of the word larrikin, with a linguist, a poet, two historians "
        "and a philosopher, all of them talking at once about literature and ethics until the news."
    )
    feedback = evaluate(PERSONAS["academic"], text)
    assert feedback.score >= 4
    assert feedback.quotes
    assert all(quote in text and len(quote.split()) <= 28 for quote in feedback.quotes)


def test_explain_gives_the_words_that_moved_the_score_with_their_signs() -> None:
    text = "After the footy there's an opera on."
    moved = moved_by(PERSONAS["tradies"], segment(text))
    weights = {each.word: each.weight for each in moved}
    assert weights["opera"] < -0.2
    assert all(text[each.start : each.end] == each.word for each in moved)
    assert [abs(each.weight) for each in moved] == sorted((abs(each.weight) for each in moved), reverse=True)
    coarse = moved_by(PERSONAS["parents"], segment("A lovely day and then he said shit to the teacher."))
    assert coarse[0].word == "shit"
    assert coarse[0].weight < -1


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Showers clearing, a top of nineteen degrees, and a frost warning for the ranges.", Topic.WEATHER),
        ("Preheat the oven, whisk the eggs and sugar, and bake the cake for forty minutes.", Topic.FOOD),
        ("The prime minister faced the opposition in parliament over the election bill.", Topic.POLITICS),
        ("She took five wickets and the final, and the coach cried on the boundary.", Topic.SPORTS),
        ("Police charged a man with murder, and he'll face court on Monday.", Topic.CRIME),
    ],
)
def test_plain_topics_are_recognised(text: str, topic: Topic) -> None:
    assert classify(text).topic is topic


def test_plain_tones_are_recognised() -> None:
    assert classify("He's done it! What a goal! Unbelievable! The crowd's going wild!").tone is Tone.EXCITED
    assert classify("It may be too early to say; perhaps we should wait for more data.").tone is Tone.CAUTIOUS


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


def test_personas_are_told_apart() -> None:
    warm()
    registry: Registry = PERSONAS
    line = "The grand final, a few beers, and a mate's new ute."
    assert len({evaluate(persona, line).score for persona in registry.values()}) >= 3


def test_warming_leaves_nothing_to_load_for_the_personas_named() -> None:
    newcomer = replace(next(iter(PERSONAS.values())), id="newcomer")
    warm((newcomer,))
    before = taste.cache_info()
    taste(newcomer)
    after = taste.cache_info()
    assert (after.hits, after.misses) == (before.hits + 1, before.misses)
