"""Taste and Heard -> Judgement: how much a text pleases, the score that makes, and how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from soniclayer.evaluators.builtin.classifiers import FEWEST_WORDS, Mood
from soniclayer.evaluators.builtin.unsafe import COARSE, MILD, Finding

if TYPE_CHECKING:
    from soniclayer.evaluators.builtin.encoder import Vector, Vectors
    from soniclayer.evaluators.builtin.features import Heard
    from soniclayer.evaluators.builtin.profile import Phrases, Taste

# Weights, cuts and confidence were fitted on two parts of benchmarks/data (benchmarks/fit_builtin.py prints
# them): an ordered logistic model of displeased, cold and pleased, the same for every persona.
WEIGHTS = {
    "liked": 1.03,  # how much is said of liked subjects
    "disliked": -1.95,  # ... of disliked ones
    "feared": -0.28,  # grim words about subjects whose bad news is disliked
    "hoped": 0.40,  # glad words about subjects the persona cares for
    "like": 0.82,  # likeness to the nearest like, above the usual
    "dislike": -1.07,  # likeness to the three nearest dislikes, above the usual
    "grim": -0.73,  # grim rather than glad words
    "dear": 0.89,  # sounds like good news rather than bad about subjects the persona cares for
    "welcome": 1.58,  # ... about anything; this and what follows as in labels.Mood
    "hostile": -1.39,
    "provoking": -1.02,
    "reasoned": 0.74,
    "playful": 0.44,
    "warm": 1.07,
    "mocking": -0.46,
    "quarrel": -0.21,  # picks a fight
    "soured": -1.73,  # liked subjects spoken of gravely or angrily
}
UNSAFE_WEIGHTS = {"coarse": -2.30, "mild": -0.47, "grave": -0.86}
OFFSET = -0.21
DAMPING = 1.5  # sums well below this count in full
INDIFFERENT = 0.2  # a chunk nearer to 0 than this says nothing
LENGTH_POWER, MOOD_LENGTH_POWER = 0.5, 0.5
VERBATIM, CLEAR = 2.2, 1.0  # likeness that speech hardly ever reaches, and the least that such a chunk counts
CUTS = (-1.0, -0.3, 0.5, 1.2)  # between scores 1, 2, 3, 4 and 5
COARSE_LIMIT = -1.0  # one coarse word, and nothing else said can lift the text above score 2
GRAVE_LIMIT = 0.4  # one word of violence or drugs, and nothing can lift it above 3

_WEIGHTS = np.array(list(WEIGHTS.values()), dtype=np.float32)
_UNSAFE = np.array(list(UNSAFE_WEIGHTS.values()), dtype=np.float32)
_MUCH = 2.0  # more said of a subject than this counts no further
# What ordinary talk reaches: the means over six real shows. A long segment sums what is beyond.
_USUAL_LIKE, _USUAL_DISLIKE = 0.66, 0.52
_USUAL_MOOD = np.array((0.46, 0.06, 0.02, 0.34, 0.15, 0.04, 0.11), dtype=np.float32)  # by field of labels.Mood
_NEAREST_DISLIKES = 3
_BY_LISTS = 2  # a chunk of too few words is judged by these first features alone: "Mm-hm" has no mood
_UNSURE = 0.3
_BLIND = 0.15  # nothing to go by
_GUESSED = 0.5  # the description stands in for likes and dislikes


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a text does to a persona.

    Attributes:
        value: below 0 displeases, above 0 pleases; unbounded, mostly -4 to 3.
        chunks: the same per chunk, unsafe words left out.
        score: 1 to 5.
        confidence: 0 to 1, about the share of such scores that are right on the labelled lines.
        offences: the unsafe words that this persona minds.
        nearest_like, nearest_dislike: the phrase some chunk is most like, and how much: 0 as any speech is, 1 as very
            little speech is; "" where the persona has none or nothing is said.
    """

    value: float
    chunks: tuple[float, ...]
    score: int
    confidence: float
    offences: tuple[Finding, ...]
    nearest_like: tuple[str, float]
    nearest_dislike: tuple[str, float]


def judge(taste: Taste, heard: Heard) -> Judgement:
    """The persona's judgement of a text. Deterministic; takes about 0.1 ms."""
    like, dislike = strengths(taste.likes, heard), strengths(taste.dislikes, heard)
    chunks = _verbatim(features(taste, heard, like, dislike) @ _WEIGHTS, like, dislike)
    offences = tuple(finding for finding in heard.findings if finding.kind in taste.unsafe)
    counts = offence_counts(offences)
    value = together(chunks) - OFFSET * bool(heard.chunks) + float(counts @ _UNSAFE)
    coarse, _, grave = counts.tolist()
    if grave:
        value = min(value, GRAVE_LIMIT)
    if coarse:
        value = min(value, COARSE_LIMIT + (1 - coarse) * 2)
    score = 1 + sum(value > cut for cut in CUTS)
    return Judgement(
        value=value,
        chunks=tuple(float(chunk) for chunk in chunks),
        score=score,
        confidence=min(_confidence(value, score, heard), _GUESSED if taste.guessed else 1),
        offences=offences,
        nearest_like=_nearest(taste.likes, like),
        nearest_dislike=_nearest(taste.dislikes, dislike),
    )


def strengths(phrases: Phrases | None, heard: Heard) -> Vectors:
    """How much each chunk is like each phrase; no columns where there are no phrases."""
    if phrases is None or not heard.chunks:
        return np.zeros((len(heard.chunks), 0), dtype=np.float32)
    return phrases.strengths(heard)


def features(taste: Taste, heard: Heard, like: Vectors, dislike: Vectors) -> Vectors:
    """What the judgement goes by: one row per chunk, one column per key of WEIGHTS.

    `like` and `dislike` are the `strengths` of the persona's phrases.
    """
    said = heard.activations
    rest = 1 + said.sum(axis=1)
    # A mood is not said again with every sentence: half a minute of calm talk is calm once.
    moods = (heard.moods - _USUAL_MOOD) / max(len(heard.chunks), 1) ** MOOD_LENGTH_POWER
    liked = np.minimum(said @ taste.liked, _MUCH)
    columns = [
        liked,
        np.minimum(said @ taste.disliked, _MUCH),
        said @ taste.feared / rest * np.maximum(heard.grim, 0),
        said @ taste.cared / rest * np.maximum(-heard.grim, 0),
        _above(like, 1, _USUAL_LIKE),
        _above(dislike, _NEAREST_DISLIKES, _USUAL_DISLIKE),
        heard.grim,
        said @ taste.cared / rest * moods[:, Mood._fields.index("welcome")],
        *moods.T,
        heard.quarrel,
        liked * moods[:, Mood._fields.index("hostile")],
    ]
    rows = np.array(columns, dtype=np.float32).T
    for row, chunk in zip(rows, heard.chunks, strict=True):
        if len(chunk.words) < FEWEST_WORDS:
            row[_BY_LISTS:] = 0
    return rows


def offence_counts(offences: tuple[Finding, ...]) -> Vector:
    """How many words, up to 2, of each key of UNSAFE_WEIGHTS."""
    counts = dict.fromkeys(UNSAFE_WEIGHTS, 0)
    for _, kind in {(finding.start, _gravity(finding)) for finding in offences}:
        counts[kind] += 1
    return np.minimum(np.array(list(counts.values()), dtype=np.float32), 2)


def together(chunks: Vector) -> float:
    """Chunks -> text: what pleases less what displeases; one more of either counts ever less.

    Chunks that are nearly indifferent are left out, and a long text must say more than a short one for the same
    value: else half a minute of small talk would add up to love or hate.
    """
    telling = np.sign(chunks) * np.maximum(np.abs(chunks) - INDIFFERENT, 0) / max(len(chunks), 1) ** LENGTH_POWER
    return float(_damped(np.maximum(telling, 0).sum()) - _damped(np.maximum(-telling, 0).sum()))


def _damped(total: float) -> float:
    return DAMPING * math.log1p(total / DAMPING)


def _verbatim(chunks: Vector, like: Vectors, dislike: Vectors) -> Vector:
    """A chunk that is a like or a dislike nearly word for word is taken at its word."""
    liked, disliked = like.max(axis=1, initial=0), dislike.max(axis=1, initial=0)
    chunks = np.where((liked > VERBATIM) & (liked > disliked), np.maximum(chunks, CLEAR), chunks)
    return np.where((disliked > VERBATIM) & (disliked > liked), np.minimum(chunks, -CLEAR), chunks)


def _above(strength: Vectors, count: int, usual: float) -> Vector:
    """The mean of each chunk's `count` greatest strengths, less the usual; 0 without phrases."""
    if not strength.size:
        return np.zeros(len(strength), dtype=np.float32)
    greatest = strength if count >= strength.shape[1] else np.partition(strength, -count, axis=1)[:, -count:]
    return np.asarray(greatest.sum(axis=1) / greatest.shape[1] - usual, dtype=np.float32)


def _nearest(phrases: Phrases | None, strength: Vectors) -> tuple[str, float]:
    if phrases is None or not strength.size:
        return "", 0.0
    best = strength.max(axis=0)
    return phrases.texts[int(best.argmax())], float(max(best.max(), 0))


def _gravity(finding: Finding) -> str:
    if finding.kind in COARSE:
        return "coarse"
    return "mild" if finding.kind in MILD else "grave"


def _confidence(value: float, score: int, heard: Heard) -> float:
    if not heard.chunks and not heard.findings:
        return _BLIND
    if score == 3:
        return _UNSURE
    logit = 1.34 * value if score > 3 else -1.57 * value - 0.99
    return round(min(max(1 / (1 + math.exp(-logit)), _UNSURE), 0.95), 2)
