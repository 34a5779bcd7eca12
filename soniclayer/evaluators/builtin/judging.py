"""Heard segment x personas -> judgements: the score, how sure it is, and the sentence and phrase that made it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from soniclayer.evaluators.builtin.encoder import LAST, Heard
from soniclayer.evaluators.builtin.features import (
    DESCRIPTION,
    DISLIKES,
    LIKES,
    Array,
    Phrases,
    unit,
    unsafe_words,
    whole,
)
from soniclayer.evaluators.builtin.parameters import UNSURE, Decision, Parameters
from soniclayer.evaluators.builtin.scoring import Panel, Prediction, predict

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from soniclayer.evaluators.builtin.unsafe import Finding

NAMED, NAMED_OF_WHOLE = 0.4, 0.3
"""Least cosine of a sentence, and of the segment as a whole, with a phrase that the sentence is said to meet; one
segment in forty has them by chance. The whole counts too: a word in common does not make talk about a thing."""

WHOLE_WORDS = 8
"""Words from which on a sentence says something by itself."""

FLOOR = 0.2
"""Least likeness of the segment as a whole to any like for a high call; half of all talk stays under it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What made a call.

    Attributes:
        sentence: its place among the segment's.
        phrase: the like or dislike (or part of the description) that it meets, or "".
        kind: which of KINDS `phrase` is of.
        offence: the unsafe word that the persona minds, or None.
    """

    sentence: int
    phrase: str = ""
    kind: int = DISLIKES
    offence: Finding | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """What a segment does to a persona.

    Attributes:
        lean: predicted mean rating, 1.0 to 5.0.
        decision: score and confidence.
        evidence: what made a call; None for a 3, and where nothing single did.
        guessed: the persona has neither likes nor dislikes, only a description.
    """

    lean: float
    decision: Decision
    evidence: Evidence | None = None
    guessed: bool = False


def judge(heard: Heard, panel: Panel, person: int, prediction: Prediction, parameters: Parameters) -> Judgement:
    """The judgement of one persona of a panel, given the prediction for all of them."""
    lean = float(prediction.lean[0, person])
    decision = parameters.calibrations[panel.kinds[person]].decide(lean, float(prediction.near[0, person]))
    likes, dislikes, _ = panel.phrases.counts[person]
    guessed = not likes and not dislikes
    if decision.score == 3:
        return Judgement(lean, decision, guessed=guessed)
    evidence = _evidence(heard, panel, person, lean, parameters, 1 if decision.score > 3 else -1)
    if decision.score > 3 and (evidence is None or not _near(panel, person, prediction, evidence)):
        # Nothing said here comes near anything the persona cares for, so there is nothing to be pleased by.
        return Judgement(lean, Decision(3, UNSURE), guessed=guessed)
    return Judgement(lean, decision, evidence, guessed)


def _near(panel: Panel, person: int, prediction: Prediction, evidence: Evidence) -> bool:
    """Is a high call about anything that the persona cares for, or is it a likeness that any talk has?"""
    has_likes = panel.phrases.counts[person, LIKES] > 0
    return bool(evidence.phrase) or not has_likes or prediction.near[0, person] >= FLOOR


def without_each(heard: Heard, panel: Panel, person: int, parameters: Parameters) -> Array:
    """The persona's predicted mean without each sentence, shape (sentences,); where it is the only one, the start."""
    count = len(heard.spans)
    if count < 2:
        return np.full(count, parameters.start)
    kept = ~np.eye(count, dtype=np.bool_)
    return predict(heard, alone(panel, person), parameters, kept).lean[:, 0]


def alone(panel: Panel, person: int) -> Panel:
    """A panel of one of its personas."""
    chosen = np.arange(len(panel.kinds)) == person
    places = panel.phrases.places[chosen]
    used = np.unique(places[places >= 0])
    phrases = Phrases(
        tuple(panel.phrases.texts[place] for place in used),
        panel.phrases.vectors[used],
        np.where(places >= 0, np.searchsorted(used, places), -1),
        (panel.phrases.minded[person],),
    )
    wanted, spaces = (tuple(each[used] for each in some) for some in (panel.wanted, panel.spaces))
    return Panel(phrases, (wanted[0], wanted[1]), spaces, panel.alike[:, chosen], (panel.kinds[person],))


def _evidence(
    heard: Heard, panel: Panel, person: int, lean: float, parameters: Parameters, side: int
) -> Evidence | None:
    """The sentence that carried the call, and what it met: only sentences that pull to the side of the call."""
    pull = side * (lean - without_each(heard, panel, person, parameters))
    if side < 0 and (found := _offence(heard, panel.phrases.minded[person], pull)) is not None:
        return found
    pulling = np.flatnonzero(pull > 0)
    if not pulling.size:
        return None
    for kind in (LIKES, DESCRIPTION) if side > 0 else (DISLIKES,):
        if (met := _met(heard, panel, person, kind, pulling)) is not None:
            return met
    return Evidence(_telling(heard, pull))


def _telling(heard: Heard, pull: Array) -> int:
    """The sentence that pulls most, but "Thank you, bye" only where no whole sentence pulls half as much."""
    words = np.array([len(heard.text[span.start : span.end].split()) for span in heard.spans])
    whole_ones = np.flatnonzero((words >= WHOLE_WORDS) & (pull >= pull.max() / 2))
    return int(whole_ones[pull[whole_ones].argmax()]) if whole_ones.size else int(pull.argmax())


def _offence(heard: Heard, minded: frozenset[str], pull: Array) -> Evidence | None:
    for finding in unsafe_words(heard.text):
        for place, span in enumerate(heard.spans):
            if finding.kind in minded and span.start <= finding.start < span.end and pull[place] > 0:
                return Evidence(place, offence=finding)
    return None


def _met(heard: Heard, panel: Panel, person: int, kind: int, sentences: NDArray[np.intp]) -> Evidence | None:
    """The sentence and the phrase of this kind that are most alike, if they are above the floor."""
    places = panel.phrases.places[person, kind]
    places = places[places >= 0]
    if not places.size:
        return None
    wanted = unit(panel.phrases.vectors[places, LAST])
    every = np.ones((1, len(heard.spans)), dtype=np.bool_)
    about = unit(whole(heard, every)[0, LAST]) @ wanted.T
    alike = unit(heard.vectors[sentences, LAST]) @ wanted.T
    met = (alike >= NAMED) & (about >= NAMED_OF_WHOLE)
    if not met.any():
        return None
    sentence, phrase = np.unravel_index(int(np.where(met, alike + about, -1).argmax()), alike.shape)
    return Evidence(int(sentences[sentence]), panel.phrases.texts[places[phrase]], kind)
