"""What a segment has to do with what a persona likes, dislikes and is: a row of numbers per persona.

Everything is worked out for many personas, and for many variants of a segment (whole, without its first sentence...),
at once: one matrix product of sentences with phrases, then maxima and means over it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from soniclayer.evaluators.builtin.encoder import EARLY, LAST, LAYERS, WIDTH, Heard, Vectors
from soniclayer.evaluators.builtin.text import without_noise
from soniclayer.evaluators.builtin.unsafe import COARSE, Finding, findings, kinds_in

if TYPE_CHECKING:
    from soniclayer.personas import Persona

Array = NDArray[np.float64]

KINDS = ("likes", "dislikes", "description")
LIKES, DISLIKES, DESCRIPTION = range(len(KINDS))
LIKENESSES = 5
"""Per layer: greatest and mean of the three greatest likenesses of the whole text; then, of the sentence that is most
like each phrase, greatest and mean of three; and the mean over sentences of the greatest."""

SPACES = 4
"""Per learnt space: mean and greatest product of text and phrase there, mean and greatest cosine."""

PER_KIND = LIKENESSES * len(LAYERS) + SPACES * 2 + 1
OFFENCES = 4
"""Unsafe words that the persona minds, each sort up to MOST_OFFENCES: swearing; slurs and sexual content; violence,
drugs and the like; milder ones."""

MOST_OFFENCES = 2
FEATURES = PER_KIND * len(KINDS) + OFFENCES

_BEST = 3
_LAST_WEIGHT = 0.6  # of the last layer beside the early one where texts are compared with texts
_SENTENCE = re.compile(r"(?<=[.!?;])\s+")


@dataclass(frozen=True, slots=True, eq=False)
class Phrases:
    """What some personas like, dislike and are, as vectors.

    Attributes:
        texts: the phrases, each once.
        vectors: shape (phrases, LAYERS, WIDTH).
        places: the phrases of each persona by kind, shape (personas, KINDS, most); -1 where there are no more.
        minded: the kinds of unsafe words that each persona's dislikes name.
    """

    texts: tuple[str, ...]
    vectors: Vectors
    places: NDArray[np.int64]
    minded: tuple[frozenset[str], ...]

    def of(self, personas: NDArray[np.bool_]) -> Phrases:
        """The same of some of the personas."""
        minded = tuple(each for each, chosen in zip(self.minded, personas, strict=True) if chosen)
        return Phrases(self.texts, self.vectors, self.places[personas], minded)

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many phrases each persona has, shape (personas, KINDS)."""
        return np.asarray((self.places >= 0).sum(axis=-1))


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """What vectors of texts and of phrases usually are, shape (LAYERS, WIDTH) each."""

    text_mean: Array
    text_sd: Array
    phrase_mean: Array
    phrase_sd: Array

    def texts(self, vectors: Vectors | Array) -> Array:
        """Standardised; shape (..., LAYERS, WIDTH)."""
        return np.asarray((vectors - self.text_mean) / self.text_sd)

    def phrases(self, vectors: Vectors | Array) -> Array:
        """Standardised; shape (..., LAYERS, WIDTH)."""
        return np.asarray((vectors - self.phrase_mean) / self.phrase_sd)


def phrases_of(persona: Persona) -> tuple[tuple[str, ...], ...]:
    """What the persona likes, dislikes and is, as phrases: one tuple for each of KINDS."""
    described = tuple(part.strip() for part in _SENTENCE.split(persona.description) if part.strip())
    return persona.likes, persona.dislikes, described


def gather(personas: tuple[Persona, ...], vectors: dict[str, Vectors]) -> Phrases:
    """The personas' phrases, given the vectors of all of them."""
    kinds = [phrases_of(persona) for persona in personas]
    texts = tuple(dict.fromkeys(text for each in kinds for kind in each for text in kind))
    row = {text: place for place, text in enumerate(texts)}
    most = max((len(kind) for each in kinds for kind in each), default=0)
    places = np.full((len(personas), len(KINDS), max(most, _BEST)), -1)
    for persona, each in enumerate(kinds):
        for place, kind in enumerate(each):
            places[persona, place, : len(kind)] = [row[text] for text in kind]
    stacked = np.array([vectors[text] for text in texts], dtype=np.float32)
    minded = tuple(kinds_in(persona.dislikes) for persona in personas)
    return Phrases(texts, stacked.reshape(len(texts), len(LAYERS), WIDTH), places, minded)


def unit(rows: Vectors | Array) -> Array:
    """Every row, along the last axis, scaled to length 1; rows of zeros stay."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.where(lengths == 0, 1, lengths), dtype=np.float64)


def whole(heard: Heard, kept: NDArray[np.bool_]) -> Array:
    """The mean over all tokens of the kept sentences; kept: (variants, sentences) -> (variants, LAYERS, WIDTH)."""
    weights = kept * heard.tokens
    shares = weights / np.maximum(weights.sum(axis=1, keepdims=True), 1)
    return np.asarray(np.einsum("vs,slw->vlw", shares, heard.vectors.astype(np.float64)))


def for_likeness(vectors: Array | Vectors, standard: Array) -> tuple[Array, Array]:
    """Unit vectors to be compared: the last layer as it is, the early one standardised; in the order of LAYERS."""
    return unit(standard[..., EARLY, :]), unit(vectors[..., LAST, :])


def joined(standard: Array) -> Array:
    """Both layers, standardised and of length 1 each, side by side: (..., LAYERS, WIDTH) -> (..., LAYERS * WIDTH)."""
    return np.concatenate([unit(standard[..., EARLY, :]), unit(standard[..., LAST, :])], axis=-1)


def for_kernel(standard: Array) -> Array:
    """What texts are compared with texts by; shape (..., LAYERS * WIDTH)."""
    return np.concatenate([standard[..., EARLY, :], _LAST_WEIGHT * standard[..., LAST, :]], axis=-1)


def likenesses(
    heard: Heard, kept: NDArray[np.bool_], phrases: Phrases, wanted: tuple[Array, Array], space: Space
) -> Array:
    """Likeness of text to phrases, shape (variants, personas, KINDS, LAYERS * LIKENESSES); no variant is empty.

    wanted: the phrases' vectors, `for_likeness`.
    """
    means = whole(heard, kept)
    told = zip(
        for_likeness(heard.vectors, space.texts(heard.vectors)),
        for_likeness(means, space.texts(means)),
        wanted,
        strict=True,
    )
    columns = []
    for sentences, texts, phrase in told:
        best, second = _greatest(texts @ phrase.T, phrases)
        alike = np.where(kept[:, :, None], sentences @ phrase.T, -np.inf)  # variants, sentences, phrases
        nearest, near = _greatest(alike.max(axis=1), phrases)
        each, _ = _greatest(alike, phrases)  # variants, sentences, personas, kinds
        mean = np.where(kept[:, :, None, None], each, 0).sum(axis=1) / kept.sum(axis=1)[:, None, None]
        columns += [best, second, nearest, near, mean]
    return np.stack(columns, axis=-1) * (phrases.counts > 0)[:, :, None]


def in_space(texts: Array, wanted: Array, phrases: Phrases) -> Array:
    """What `texts` (variants, axes) have to do with phrases (phrases, axes) in a learnt space.

    Returns shape (variants, personas, KINDS, SPACES).
    """
    columns = []
    for product in (texts @ wanted.T, unit(texts) @ unit(wanted).T):
        values = _placed(product, phrases, 0.0)
        counts = np.maximum(phrases.counts, 1)
        columns += [values.sum(axis=-1) / counts, _placed(product, phrases, -np.inf).max(axis=-1)]
    stacked = np.stack(columns, axis=-1)
    return np.where((phrases.counts > 0)[:, :, None], stacked, 0.0)


def offences(heard: Heard, kept: NDArray[np.bool_], phrases: Phrases) -> Array:
    """How many unsafe words of each sort each persona meets, shape (variants, personas, OFFENCES)."""
    counts = np.zeros((len(kept), len(phrases.minded), OFFENCES))
    for finding in unsafe_words(heard.text):
        said = [span.start <= finding.start < span.end for span in heard.spans]
        minding = [finding.kind in minded for minded in phrases.minded]
        counts[:, :, sort(finding)] += np.outer((kept & np.array(said)).any(axis=1), minding)
    return np.minimum(counts, MOST_OFFENCES)


@lru_cache(maxsize=1024)
def unsafe_words(text: str) -> tuple[Finding, ...]:
    """The unsafe words of a segment, each place once."""
    found = {(finding.start, finding.end): finding for finding in findings(without_noise(text))}
    return tuple(found.values())


def sort(finding: Finding) -> int:
    """Which of OFFENCES a finding is."""
    if finding.kind == "swearing":
        return 0
    if finding.kind in COARSE:
        return 1
    return 3 if finding.severity == 1 else 2


def _placed(values: Array, phrases: Phrases, missing: float) -> Array:
    """(..., phrases) -> (..., personas, KINDS, most)."""
    return np.where(phrases.places >= 0, values[..., np.maximum(phrases.places, 0)], missing)


def _greatest(values: Array, phrases: Phrases) -> tuple[Array, Array]:
    """The greatest, and the mean of the three greatest, over each persona's phrases of a kind; 0 without any."""
    top = np.partition(_placed(values, phrases, -np.inf), -_BEST, axis=-1)[..., -_BEST:]
    real = np.isfinite(top)
    known = np.where(real, top, 0.0)
    best = np.where(real, top, -np.inf).max(axis=-1)
    return np.where(np.isfinite(best), best, 0.0), known.sum(axis=-1) / np.maximum(real.sum(axis=-1), 1)
