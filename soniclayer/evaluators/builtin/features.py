"""Segment text -> Heard: everything about it that does not depend on who listens."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from soniclayer.evaluators.builtin.classifiers import Mood, classify, labels
from soniclayer.evaluators.builtin.encoder import Vector, Vectors, embedding
from soniclayer.evaluators.builtin.manner import grimness, manner, style
from soniclayer.evaluators.builtin.subjects import subjects
from soniclayer.evaluators.builtin.text import Chunk, blanked, chunks, without_noise, words
from soniclayer.evaluators.builtin.unsafe import COARSE, Finding, findings

if TYPE_CHECKING:
    from collections import Counter

    from soniclayer.feedback import Classification


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """A text as it was heard. Row i of every array belongs to chunk i.

    Attributes:
        text: as given.
        chunks: the parts that are judged one by one; empty where nothing is said ("[Music]").
        findings: unsafe words.
        activations: how much is said of each subject.
        vectors: centred unit vectors, for comparing with phrases.
        grim: -1 (glad words) to 1 (grim words).
        moods: one column per field of `labels.Mood`.
        quarrel: 0 to 1, cues of picking a fight.
        said: the activations of the whole text.
        classification: topic and tone of the whole text, None where no label stands out.
    """

    text: str
    chunks: tuple[Chunk, ...]
    findings: tuple[Finding, ...]
    activations: Vectors
    vectors: Vectors
    grim: Vector
    moods: Vectors
    quarrel: Vector
    said: Vector
    classification: Classification


@lru_cache(maxsize=1024)
def listen(text: str) -> Heard:
    """Hear a text; the same text is heard once. Takes about 1 ms for half a minute of speech."""
    return hear(text)


def hear(text: str) -> Heard:
    """Hear a text that will not be asked about again."""
    speech = without_noise(text)
    spoken = words(speech)
    found = findings(speech, spoken)
    # Coarse words are blanked out before anything else is heard, so that one more can only count against a text.
    if coarse := [(each.start, each.end) for each in found if each.kind in COARSE]:
        speech = blanked(speech, coarse)
        spoken = words(speech)
    parts = chunks(speech, spoken)
    plain = [speech[part.start : part.end] for part in parts]
    counts = [manner(part.words) for part in parts]
    each, whole = embedding().embed_parts(plain)
    activations = _activations(parts)
    said = activations.sum(axis=0)
    return Heard(
        text=text,
        chunks=parts,
        findings=found,
        activations=activations,
        vectors=labels().centred(each),
        grim=np.array([grimness(cues) for cues in counts], dtype=np.float32),
        moods=_moods(each, parts, plain, counts),
        quarrel=np.array([min(cues["quarrel"], 2) / 2 for cues in counts], dtype=np.float32),
        said=said,
        classification=classify(speech, spoken, whole, said),
    )


def _moods(vectors: Vectors, parts: tuple[Chunk, ...], plain: list[str], counts: list[Counter[str]]) -> Vectors:
    """One row per chunk, one column per field of Mood."""
    rows = [
        labels().moods(vector, style(text, part.words, cues), labels().known(part.words))
        for vector, text, part, cues in zip(vectors, plain, parts, counts, strict=True)
    ]
    return np.array(rows, dtype=np.float32).reshape(len(rows), len(Mood._fields))


def _activations(parts: tuple[Chunk, ...]) -> Vectors:
    rows = [subjects().activations(part.words) for part in parts]
    return np.array(rows, dtype=np.float32).reshape(len(rows), len(subjects().names))
