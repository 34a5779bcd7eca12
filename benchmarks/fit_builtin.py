"""Learns what the built-in evaluator ships: `python -m benchmarks.fit_builtin`.

Writes labels.npz (topic, tone and valence) from data/exemplars.tsv and the tuning half of data/judgement.tsv, then
prints the weights of judging.py as fitted on the tuning half. Run it after any change to the word lists, to
personas.toml or to the data.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

import soniclayer.evaluators.builtin.judging as judging
from benchmarks.labelled import Line, read_lines
from soniclayer.evaluators.builtin.heard import listen
from soniclayer.evaluators.builtin.labels import FILE, TONES, Linear, tone_rows, topic_rows
from soniclayer.evaluators.builtin.lexicon import read
from soniclayer.evaluators.builtin.manner import manner, style
from soniclayer.evaluators.builtin.subjects import TOPICS, subjects
from soniclayer.evaluators.builtin.tastes import taste
from soniclayer.evaluators.builtin.text import words
from soniclayer.evaluators.builtin.vectors import Vector, Vectors, embedding, unit
from soniclayer.feedback import Tone, Topic
from soniclayer.personas import Registry, load

HERE = Path(__file__).parent
PACKAGE = Path(judging.__file__).parent

TOPIC_RIDGE, TONE_RIDGE, VALENCE_RIDGE = 4.0, 16.0, 5.0
COMMON = 0.7
BACKGROUND_STEP = 3  # every third sentence is background enough
GLAD = (Tone.POSITIVE, Tone.INSPIRATIONAL, Tone.EXCITED)
GRIM = (Tone.NEGATIVE, Tone.SERIOUS, Tone.CONTROVERSIAL)

STEPS, RATE, MOMENTUM, PENALTY = 500, 0.5, 0.9, 0.002
COLD_WEIGHT = 0.6  # of a cold reaction beside a pleased or displeased one


class Example(NamedTuple):
    """A sentence to learn topic and tone from."""

    topic: Topic
    tone: Tone
    text: str


def examples() -> list[Example]:
    """The sentences of exemplars.tsv."""
    _, *lines = (HERE / "data" / "exemplars.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    return [Example(Topic(topic), Tone(tone), text) for topic, tone, text in rows]


def fit_labels() -> dict[str, Vectors]:
    """The arrays of labels.npz.

    Topic and tone are learned from the examples and the tuning half. What the judgement builds on is learned from the
    examples alone: its weights are fitted on the tuning half, which must be as new to it as a user's show.
    """
    given = examples()
    tuning = [Example(line.topic, line.tone, line.text) for line in read_lines("tune")]
    vectors, topic_features, tone_features = heard_as([*given, *tuning])
    own = slice(len(given))
    topics = np.array([[topic is example.topic for topic in TOPICS] for example in [*given, *tuning]])
    tones = np.array([[tone is example.tone for tone in TONES] for example in [*given, *tuning]])
    hostile = np.array([[example.tone in GRIM] for example in given])
    models = {
        "topic": ridge(topic_features, topics, TOPIC_RIDGE),
        "tone": ridge(tone_features, tones, TONE_RIDGE),
        "valence": fit_valence(given, vectors[own]),
        "hostility": ridge(tone_features[own], hostile, TONE_RIDGE, balance=False),
    }
    common = COMMON * vectors[own].mean(axis=0)
    arrays = {f"{name}_{part}": array for name, model in models.items() for part, array in model._asdict().items()}
    arrays |= {"common": common, "background": unit(vectors[own] - common)[::BACKGROUND_STEP]}
    return {name: array.astype(np.float16) for name, array in arrays.items()}


def heard_as(given: list[Example]) -> tuple[Vectors, Vectors, Vectors]:
    """Unit vectors, and what topic and tone are told from; one row per example each."""
    spoken = [words(example.text) for example in given]
    vectors = embedding().embed([example.text for example in given])
    activations = np.array([subjects().activations(each) for each in spoken])
    styles = np.array([style(each.text, some, manner(some)) for each, some in zip(given, spoken, strict=True)])
    return vectors, topic_rows(vectors, activations), tone_rows(vectors, styles)


def fit_valence(given: list[Example], vectors: Vectors) -> Linear:
    """Glad or grim, from the tones of the examples and from the cue words for good and bad."""
    lists = {block.name: [entry.replace("_", " ") for entry in block.entries] for block in read("manner.txt")}
    good, bad = embedding().embed(lists["good"]), embedding().embed(lists["bad"])
    of_examples = [(example.tone in GLAD) - (example.tone in GRIM) for example in given]
    target = np.array([*of_examples, *[1] * len(good), *[-1] * len(bad)])
    return ridge(np.vstack([vectors, good, bad]), target[:, None], VALENCE_RIDGE, balance=False)


def ridge(rows: Vectors, targets: np.ndarray, penalty: float, *, balance: bool = True) -> Linear:
    """Least squares of targets (0/1 per class) from rows; with `balance`, rare classes weigh more per row."""
    rows, targets = rows.astype(np.float64), targets.astype(np.float64)
    weight = 1 / np.sqrt(targets.sum(axis=0))[targets.argmax(axis=1)] if balance else np.ones(len(rows))
    weight /= weight.mean()
    centre = np.average(rows, axis=0, weights=weight)
    offset = np.average(targets, axis=0, weights=weight)
    centred = rows - centre
    weighted = centred * weight[:, None]
    gram = weighted.T @ centred + penalty * np.eye(rows.shape[1])
    solved = np.linalg.solve(gram, weighted.T @ (targets - offset))
    return Linear(solved.astype(np.float32), centre.astype(np.float32), offset.astype(np.float32))


class Cells(NamedTuple):
    """The labelled cells of a part.

    Attributes:
        chunks: features of every chunk of every cell.
        cell: which cell each chunk belongs to.
        offences: counts of unsafe words, one row per cell.
        label: -1, 0 or 1 per cell.
        weight: of each cell, so that every persona and label counts alike.
    """

    chunks: Vectors
    cell: np.ndarray
    offences: Vectors
    label: np.ndarray
    weight: Vector


def cells(lines: tuple[Line, ...], personas: Registry) -> Cells:
    """What the judgement goes by, for every labelled cell of these lines."""
    keys = [(line, key) for line in lines for key in line.reactions]
    groups = [(key, line.reactions[key]) for line, key in keys]
    rows, offences = [], []
    for line, key in keys:
        likes, heard = taste(personas[key]), listen(line.text)
        like, dislike = judging.strengths(likes.likes, heard), judging.strengths(likes.dislikes, heard)
        rows.append(judging.features(likes, heard, like, dislike))
        found = tuple(finding for finding in heard.findings if finding.kind in likes.unsafe)
        offences.append(judging.offence_counts(found))
    weight = np.array([(COLD_WEIGHT if group[1] == 0 else 1) / groups.count(group) for group in groups])
    owner = np.repeat(np.arange(len(keys)), [len(each) for each in rows])
    label = np.array([group[1] for group in groups])
    return Cells(np.vstack(rows), owner, np.array(offences), label, weight / weight.sum())


def fit_judgement(given: Cells) -> tuple[Vector, Vector, Vector]:
    """Weights of the features, weights of unsafe words, and the two cuts around cold, by gradient descent."""
    features, kinds = given.chunks.shape[1], given.offences.shape[1]
    start = [0.5, -0.5, 0, 0, 1, -1, 0, 0, 0, 0, *np.zeros(kinds), -0.4, 0.4]
    values, speed = np.array(start), np.zeros(features + kinds + 2)
    rates = np.array([RATE] * (features + kinds) + [RATE / 2] * 2)
    for _ in range(STEPS):
        weights, unsafe, cuts = np.split(values, [features, features + kinds])
        gradient = _gradient(given, weights, unsafe, cuts)
        gradient[:-2] += PENALTY * values[:-2]
        speed = MOMENTUM * speed - rates * gradient
        values = values + speed
    weights, unsafe, cuts = np.split(values, [features, features + kinds])
    return weights, unsafe, cuts


def _gradient(given: Cells, weights: Vector, unsafe: Vector, cuts: Vector) -> Vector:
    """Of the ordered logistic loss: P(displeased) = sigmoid(cuts[0] - value), P(not pleased) with cuts[1]."""
    value, pull = _together(given, given.chunks @ weights)
    value = value + given.offences @ unsafe
    low, high = (1 / (1 + np.exp(value - cut)) for cut in cuts)
    cold = np.maximum(high - low, 1e-6)
    by_value = np.select([given.label < 0, given.label > 0], [1 - low, -high], 1 - low - high) * given.weight
    by_low = np.select([given.label < 0, given.label == 0], [low - 1, low * (1 - low) / cold], 0) * given.weight
    by_high = np.select([given.label > 0, given.label == 0], [high, -high * (1 - high) / cold], 0) * given.weight
    by_weights = (by_value[given.cell] * pull) @ given.chunks
    return np.concatenate([by_weights, by_value @ given.offences, [by_low.sum(), by_high.sum()]])


def _together(given: Cells, chunks: Vector) -> tuple[Vector, Vector]:
    """`judging.together` of every cell, and how strongly each chunk pulls at it."""
    count, damping = len(given.label), judging.DAMPING
    length = np.maximum(np.bincount(given.cell, minlength=count), 1) ** judging.LENGTH_POWER
    telling = np.sign(chunks) * np.maximum(np.abs(chunks) - judging.INDIFFERENT, 0)
    glad = np.bincount(given.cell, np.maximum(telling, 0), count) / length / damping
    grim = np.bincount(given.cell, np.maximum(-telling, 0), count) / length / damping
    # An indifferent chunk is given a little pull, or nothing could ever move it.
    pull = np.where(telling == 0, 0.1, 1) / (1 + np.where(chunks > 0, glad[given.cell], grim[given.cell]))
    return np.asarray(damping * (np.log1p(glad) - np.log1p(grim))), np.asarray(pull / length[given.cell])


def main() -> None:
    """Write labels.npz and print the weights."""
    np.savez_compressed(PACKAGE / FILE, allow_pickle=False, **fit_labels())
    weights, unsafe, cuts = fit_judgement(cells(read_lines("tune"), load(HERE.parent / "personas.toml")))
    for name, weight in zip((*judging.WEIGHTS, *judging.UNSAFE_WEIGHTS), (*weights, *unsafe), strict=True):
        print(f"{name:10} {weight:7.3f}")
    print(f"offset     {cuts.mean():7.3f}")


if __name__ == "__main__":
    main()
