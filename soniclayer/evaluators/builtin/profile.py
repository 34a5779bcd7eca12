"""Persona -> Taste: what the built-in evaluator listens for on a persona's behalf."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from soniclayer.evaluators.builtin.classifiers import labels
from soniclayer.evaluators.builtin.encoder import Vector, Vectors, embedding
from soniclayer.evaluators.builtin.manner import manner, says_bad
from soniclayer.evaluators.builtin.subjects import subjects
from soniclayer.evaluators.builtin.text import words
from soniclayer.evaluators.builtin.unsafe import COARSE, kinds_in

if TYPE_CHECKING:
    from soniclayer.evaluators.builtin.features import Heard
    from soniclayer.personas import Persona

_SPLIT = re.compile(r",| and | or ")
_MAIN = 0.7  # a phrase is about the subjects with at least this share of its strongest one
_STEP = 4.0  # standard deviations that count as a strength of 1


@dataclass(frozen=True, slots=True, eq=False)
class Phrases:
    """Some phrases and their parts ("footy and cricket" -> itself, "footy", "cricket") as vectors.

    Attributes:
        texts: the phrases.
        vectors: one column per part, the parts of a phrase one after the other; scaled so that a product with a
            unit vector is `usual` for speech in general and _STEP standard deviations are 1.
        usual: per part.
        firsts: column of the first part of every phrase.
    """

    texts: tuple[str, ...]
    vectors: Vectors
    usual: Vector
    firsts: list[int]

    def strengths(self, heard: Heard) -> Vectors:
        """How much each chunk (row) is like each phrase (column): 0 as any speech is, 1 as very little speech is."""
        likeness = heard.vectors @ self.vectors - self.usual
        return np.asarray(np.maximum.reduceat(likeness, self.firsts, axis=1), dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Taste:
    """What a persona is drawn to and put off by, as vectors.

    Attributes:
        likes, dislikes: the persona's phrases; None where there are none.
        liked, disliked: 0 to 1 per subject.
        feared: 0 to 1 per subject whose bad news is disliked ("no rain").
        cared: 0 to 1 per subject that is liked or feared.
        unsafe: kinds of unsafe words that displease.
        guessed: the persona has no likes, so its description stands in for them.
    """

    likes: Phrases | None
    dislikes: Phrases | None
    liked: Vector
    disliked: Vector
    feared: Vector
    cared: Vector
    unsafe: frozenset[str]
    guessed: bool


@lru_cache(maxsize=256)
def taste(persona: Persona) -> Taste:
    """The persona's taste; made once per persona, in about 3 ms."""
    likes = persona.likes or (() if persona.dislikes else tuple(_sentences(persona.description)))
    liked = _strongest([_subjects_of(phrase) for phrase in likes])
    disliked, feared = _subjects_of_dislikes(persona.dislikes)
    # Who likes research and dislikes "fabricated data" dislikes only bad news of it.
    torn = (liked > 0) & (subjects().grim == 0)
    feared = np.where(torn, np.maximum(feared, disliked), feared)
    disliked = np.where(torn, 0, disliked).astype(np.float32)
    return Taste(
        likes=_phrases(likes),
        dislikes=_phrases(persona.dislikes),
        liked=liked,
        disliked=disliked,
        feared=feared,
        cared=np.maximum(liked, feared),
        unsafe=kinds_in(persona.dislikes),
        guessed=not persona.likes and not persona.dislikes,
    )


def _phrases(texts: tuple[str, ...]) -> Phrases | None:
    if not texts:
        return None
    parts: list[str] = []
    firsts: list[int] = []
    for text in texts:
        firsts.append(len(parts))
        pieces = [piece.strip() for piece in _SPLIT.split(text)]
        parts += [text, *(piece for piece in pieces if len(pieces) > 1 and len(piece) > 3)]
    vectors = labels().centred(embedding().embed(parts))
    everywhere = vectors @ labels().background.T
    unit = _STEP * np.maximum(everywhere.std(axis=1), 1e-3)
    scaled = np.ascontiguousarray((vectors / unit[:, None]).T, dtype=np.float32)
    return Phrases(texts, scaled, np.asarray(everywhere.mean(axis=1) / unit, dtype=np.float32), firsts)


def _subjects_of(phrase: str) -> Vector:
    """What a phrase is about: 1 for its strongest subject, less for the others."""
    strengths = subjects().activations(words(phrase))
    top = strengths.max()
    if top == 0:
        return strengths
    shares = np.minimum(strengths / top, 1)
    return np.asarray(np.where(shares < _MAIN, 0, shares), dtype=np.float32)


def _subjects_of_dislikes(dislikes: tuple[str, ...]) -> tuple[Vector, Vector]:
    """Disliked subjects, and those of which only bad news is disliked.

    "Builders going bust" dislikes insolvency, not builders; "no rain" does not dislike rain; and "foul language"
    is for the unsafe words alone.
    """
    grim = subjects().grim
    disliked: list[Vector] = []
    feared: list[Vector] = []
    for phrase in dislikes:
        about = _subjects_of(phrase)
        if (about * grim).any() or kinds_in((phrase,)) & COARSE:
            disliked.append((about > 0) * grim)
            if not kinds_in((phrase,)) & COARSE:
                feared.append(about * (1 - grim))
        elif says_bad(manner(words(phrase))):
            feared.append(about)
        else:
            disliked.append(about)
    return _strongest(disliked), _strongest(feared)


def _strongest(rows: list[Vector]) -> Vector:
    none = np.zeros(len(subjects().names), dtype=np.float32)
    return np.asarray(np.maximum.reduce([none, *rows]), dtype=np.float32)


def _sentences(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"(?<=[.!?;])\s+", text) if part.strip()] or [text]
