"""Judgement -> the words of a card."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from soniclayer.evaluators.builtin.features import DESCRIPTION, LIKES
from soniclayer.evaluators.builtin.unsafe import COARSE, kinds_in
from soniclayer.feedback import Feedback
from soniclayer.phrasing import MEASURED, sureness

if TYPE_CHECKING:
    from soniclayer.evaluators.builtin.encoder import Heard
    from soniclayer.evaluators.builtin.judging import Judgement
    from soniclayer.personas import Persona

ABSTENTION = "Nothing here is for or against me."
NOTHING_SAID = "There is nothing said here that I could judge."

_QUOTE_WORDS, _FEW_WORDS = 24, 8
_CLAUSE = re.compile(r"[^,;:—–]+[,;:—–]*")
_EDGES = " \t\r\n,;:—–-"


def feedback(persona: Persona, heard: Heard, judgement: Judgement) -> Feedback:
    """The card of one cell."""
    score, confidence, lean = (
        judgement.decision.score,
        round(judgement.decision.confidence, 2),
        round(judgement.lean, 1),
    )
    if score == 3:
        return Feedback(3, ABSTENTION, "", confidence, lean=lean)
    quote = _quote(heard, judgement)
    return Feedback(
        score=score,
        opinion=f"{_reason(judgement, heard, quote)} {_sentence(dict(persona.rubric)[score])}",
        rationale=_sure(judgement),
        confidence=confidence,
        note=_note(judgement, heard),
        quotes=(quote,) if quote else (),
        lean=lean,
    )


def silent() -> Feedback:
    """The card where nothing is said."""
    return Feedback(3, NOTHING_SAID, "", 0.0, lean=3.0)


def _reason(judgement: Judgement, heard: Heard, quote: str) -> str:
    """What carried the call, in a sentence. No reason is better than a wrong one, and so is no topic."""
    evidence, kind = judgement.evidence, "often holds me" if judgement.decision.score > 3 else "seldom holds me"
    if evidence is None:
        return f"This kind of talk {kind}."
    said, met = _short(quote), evidence.phrase.rstrip(".")
    if evidence.offence is not None:
        word = heard.text[evidence.offence.start : evidence.offence.end]
        return f"“{word}”: that is {evidence.offence.kind}, and I mind it."
    if evidence.kind == DESCRIPTION and met:
        return f"“{said}”: that is close to my own life."
    if evidence.kind == LIKES and met:
        return f"“{said}”: that goes with what I like: {met}."
    # What puts somebody off and has a list of words is named by one of these words (`offence`) or not at all.
    if met and not kinds_in((met,)):
        return f"“{said}”: that reminds me of what puts me off: {met}."
    wordings = _UNNAMED[judgement.decision.score > 3]
    return wordings[len(said) % len(wordings)].format(said)


# For a call that no single like or dislike carried; the sentence tells which of the wordings it gets.
_UNNAMED = {
    False: (
        "This kind of talk seldom holds me: “{}”.",
        "“{}”: not what I tune in for.",
        "This is where I drift off: “{}”.",
    ),
    True: (
        "This kind of talk often holds me: “{}”.",
        "“{}”: that keeps me listening.",
    ),
}


def _sure(judgement: Judgement) -> str:
    sure = f"{sureness(judgement.decision.confidence, MEASURED)}."
    return f"{sure} This persona has only a description to go by." if judgement.guessed else sure


def _note(judgement: Judgement, heard: Heard) -> str:
    evidence, score = judgement.evidence, judgement.decision.score
    if evidence is not None and evidence.offence is not None and evidence.offence.kind in COARSE:
        return f"Cut or bleep “{heard.text[evidence.offence.start : evidence.offence.end]}” for this listener."
    if score == 1:
        return "Likely to lose this listener here: keep it short, or move it to another hour."
    return "Worth a promo or a clip for this listener." if score == 5 else ""


def _quote(heard: Heard, judgement: Judgement) -> str:
    """The sentence that carried the call, or, of a long one, its first clauses; literal words of the segment."""
    evidence = judgement.evidence
    if evidence is None:
        return ""
    span = heard.spans[evidence.sentence]
    if evidence.offence is None:
        return _clauses(heard.text[span.start : span.end], 0)
    return _clauses(heard.text[span.start : span.end], evidence.offence.start - span.start)


def _clauses(sentence: str, place: int) -> str:
    """Whole clauses around a place, about _QUOTE_WORDS words at most; a long clause may be longer."""
    found = list(_CLAUSE.finditer(sentence))
    if len(sentence.split()) <= _QUOTE_WORDS or len(found) < 2:
        return sentence.strip(_EDGES)
    first = last = next((index for index, clause in enumerate(found) if clause.end() > place), 0)

    def length(begin: int, end: int) -> int:
        return len(sentence[found[begin].start() : found[end].end()].split())

    # "So, you know," says nothing: a few words are never all, even if the next clause is long.
    while last + 1 < len(found) and (length(first, last + 1) <= _QUOTE_WORDS or length(first, last) < _FEW_WORDS):
        last += 1
    while first and length(first - 1, last) <= _QUOTE_WORDS:
        first -= 1
    return sentence[found[first].start() : found[last].end()].strip(_EDGES)


def _short(quote: str) -> str:
    """A quote inside a sentence: without its full stop."""
    return quote.rstrip(".").strip("\"'“”‘’")


def _sentence(rubric: str) -> str:
    """A rubric's phrase as a sentence of its own."""
    return f"{rubric[:1].upper()}{rubric[1:]}{'' if rubric.endswith(('.', '!', '?')) else '.'}"
