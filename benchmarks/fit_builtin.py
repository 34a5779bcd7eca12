"""Learns what the built-in evaluator ships: `python -m benchmarks.fit_builtin`.

Writes classifiers.npz (topic, tone and mood) from data/exemplars.tsv and the parts TAUGHT of data/judgement.tsv, then
prints the weights of judging.py as fitted on those parts. Run it after any change to the word lists, to
personas.toml or to the data.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array, hstack, lil_array
from sklearn.linear_model import LogisticRegression

import soniclayer.evaluators.builtin.scoring as judging
from benchmarks.labelled import Line, read_lines
from soniclayer.evaluators.builtin.classifiers import FILE, TONES, Worded, tone_row, topic_row, word_share
from soniclayer.evaluators.builtin.encoder import Vector, Vectors, embedding, unit
from soniclayer.evaluators.builtin.features import listen
from soniclayer.evaluators.builtin.manner import manner, style
from soniclayer.evaluators.builtin.profile import taste
from soniclayer.evaluators.builtin.subjects import TOPICS, subjects
from soniclayer.evaluators.builtin.text import pairs, words
from soniclayer.feedback import Tone, Topic
from soniclayer.personas import Registry, load

HERE = Path(__file__).parent
PACKAGE = Path(judging.__file__).parent

TAUGHT = ("tune", "learn")

TOPIC_FREEDOM, TONE_FREEDOM, MOOD_FREEDOM = 0.05, 3.0, 3.0  # scikit-learn's C
TOPIC_PLAINLY, TONE_PLAINLY = 6.0, 4.0  # weight of an example that was written to show its topic and tone plainly
OFTEN = 12  # a word or pair is learned from if so many examples have it
COMMON = 0.7
BACKGROUND_STEP = 6  # every sixth sentence of the plain ones is background enough
GLAD = (Tone.POSITIVE, Tone.INSPIRATIONAL, Tone.EXCITED)
GRIM = (Tone.NEGATIVE, Tone.SERIOUS, Tone.CONTROVERSIAL)
PROVOKING = (Tone.CONTROVERSIAL,)
REASONED = (Tone.ANALYTICAL, Tone.CAUTIOUS)
PLAYFUL = (Tone.HUMOROUS, Tone.SARCASTIC)
WARM = (Tone.POSITIVE, Tone.INSPIRATIONAL, Tone.EMOTIONAL)
MOCKING = (Tone.SARCASTIC,)

STEPS, RATE, MOMENTUM, PENALTY = 500, 0.5, 0.9, 0.002
COLD_WEIGHT = 0.6  # of a cold reaction beside a pleased or displeased one


class Example(NamedTuple):
    """A sentence to learn topic, tone and mood from.

    Attributes:
        news: "+" or "-" where it is good or bad news to whom its subject is dear, "0" for neither, "" for not said:
            then it was written to show its topic and tone plainly.
    """

    topic: Topic
    tone: Tone
    news: str
    text: str


class Rows(NamedTuple):
    """Examples as the models see them, one row each.

    Attributes:
        vectors: unit vectors.
        topic, tone: `topic_row` and `tone_row`.
        words: of every known word and pair how much it counts.
    """

    vectors: Vectors
    topic: Vectors
    tone: Vectors
    words: csr_array


def examples() -> list[Example]:
    """The sentences of exemplars.tsv."""
    _, *lines = (HERE / "data" / "exemplars.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    return [Example(Topic(topic), Tone(tone), news, text) for topic, tone, news, text in rows]


def fit_labels() -> dict[str, np.ndarray]:
    """The arrays of classifiers.npz.

    Topic and tone are learned from the examples and the labelled lines TAUGHT. What the judgement builds on is
    learned from the examples alone: its weights are fitted on those lines, which must be as new to it as any show.
    """
    given = examples()
    # Lines by other hands are as oblique as the examples that are good or bad news, so they weigh no more than those.
    labelled = ((line, "0" if line.part == "learn" else "") for line in read_lines(*TAUGHT))
    everything = [*given, *(Example(line.topic, line.tone, news, line.text) for line, news in labelled)]
    known = vocabulary(given)
    rows = heard_as(everything, known)
    plainly = np.array([not example.news for example in everything])
    models = {
        "topic": fit_topic(everything, rows, np.where(plainly, TOPIC_PLAINLY, 1)),
        "tone": fit_tone(everything, rows, np.where(plainly, TONE_PLAINLY, 1)),
        "mood": fit_mood(given, rows),
    }
    usual = rows.vectors[: len(given)][plainly[: len(given)]]
    common = COMMON * usual.mean(axis=0)
    arrays = {f"{name}_{part}": array for name, model in models.items() for part, array in model._asdict().items()}
    arrays |= {"common": common, "background": unit(usual - common)[::BACKGROUND_STEP]}
    small = {name: array.astype(np.float16) for name, array in arrays.items()}
    return {**small, "vocabulary": np.array("\n".join(known))}


def vocabulary(given: list[Example]) -> list[str]:
    """The words and pairs that enough examples have, sorted."""
    seen = Counter(word for example in given for word in pairs(words(example.text)))
    return sorted(word for word, count in seen.items() if count >= OFTEN)


def heard_as(given: list[Example], known: list[str]) -> Rows:
    """Examples as the models see them."""
    spoken = [words(example.text) for example in given]
    vectors = embedding().embed([example.text for example in given])
    topics, tones = [], []
    for vector, each, some in zip(vectors, given, spoken, strict=True):
        topics.append(topic_row(vector, subjects().activations(some)))
        tones.append(tone_row(vector, style(each.text, some, manner(some))))
    places = {word: place for place, word in enumerate(known)}
    bag = lil_array((len(given), len(known)), dtype=np.float32)
    for row, some in enumerate(spoken):
        said = pairs(some)
        bag[row, [places[word] for word in said if word in places]] = word_share(len(said))
    return Rows(vectors, np.array(topics), np.array(tones), bag.tocsr())


def fit_topic(given: list[Example], rows: Rows, weight: np.ndarray) -> Worded:
    """The topic, from everything; examples of rare topics weigh more."""
    target = np.array([TOPICS.index(example.topic) for example in given])
    weight = weight / np.sqrt(np.bincount(target, weight))[target]
    return logistic(rows.topic, rows.words, target, TOPIC_FREEDOM, weight / weight.mean())


def fit_tone(given: list[Example], rows: Rows, weight: np.ndarray) -> Worded:
    """The tone, from everything."""
    target = np.array([TONES.index(example.tone) for example in given])
    return logistic(rows.tone, rows.words, target, TONE_FREEDOM, weight)


def fit_mood(given: list[Example], rows: Rows) -> Worded:
    """The fields of Mood, each from the examples that say something about it."""
    tones = [example.tone for example in given]
    kinds = (GRIM, PROVOKING, REASONED, PLAYFUL, WARM, MOCKING)
    sides = [np.array([welcome(example) for example in given])]
    sides += [np.array([1 if tone in kind else -1 for tone in tones]) for kind in kinds]
    parts = []
    for side in sides:
        told = np.flatnonzero(side)
        parts.append(logistic(rows.tone[told], rows.words[told], side[told], MOOD_FREEDOM, np.ones(len(told))))
    return Worded(*(np.concatenate(each, axis=-1) for each in zip(*parts, strict=True)))


def welcome(example: Example) -> int:
    """Good news (1), bad news (-1), or not to be told (0); a plain example's tone tells."""
    if example.news:
        return (example.news == "+") - (example.news == "-")
    return (example.tone in GLAD) - (example.tone in GRIM)


def logistic(rows: Vectors, said: csr_array, target: np.ndarray, freedom: float, weight: np.ndarray) -> Worded:
    """Logistic regression of classes from rows and words."""
    # In double precision and to the end, or rounding alone would tell one machine's fit from another's.
    model = LogisticRegression(C=freedom, tol=1e-6, max_iter=5000)
    model.fit(hstack([csr_array(rows), said]).tocsr().astype(np.float64), target, weight.astype(np.float64))
    weights = model.coef_.T.astype(np.float32)
    return Worded(weights[: rows.shape[1]], weights[rows.shape[1] :], model.intercept_.astype(np.float32))


class Cells(NamedTuple):
    """Labelled cells.

    Attributes:
        chunks: features of every chunk of every cell.
        cell: which cell each chunk belongs to.
        offences: counts of unsafe words, one row per cell.
        label: -1, 0 or 1 per cell.
        weight: of each cell, so that every part, persona and label counts alike.
    """

    chunks: Vectors
    cell: np.ndarray
    offences: Vectors
    label: np.ndarray
    weight: Vector


def cells(lines: tuple[Line, ...], personas: Registry) -> Cells:
    """What the judgement goes by, for every labelled cell of these lines."""
    keys = [(line, key) for line in lines for key in line.reactions]
    groups = Counter((line.part, key, line.reactions[key]) for line, key in keys)
    rows, offences = [], []
    for line, key in keys:
        likes, heard = taste(personas[key]), listen(line.text)
        like, dislike = judging.strengths(likes.likes, heard), judging.strengths(likes.dislikes, heard)
        rows.append(judging.features(likes, heard, like, dislike))
        found = tuple(finding for finding in heard.findings if finding.kind in likes.unsafe)
        offences.append(judging.offence_counts(found))
    label = np.array([line.reactions[key] for line, key in keys])
    alike = np.array([1 / groups[line.part, key, line.reactions[key]] for line, key in keys])
    weight = np.where(label == 0, COLD_WEIGHT, 1) * alike
    owner = np.repeat(np.arange(len(keys)), [len(each) for each in rows])
    return Cells(np.vstack(rows), owner, np.array(offences), label, weight / weight.sum())


def fit_judgement(given: Cells) -> tuple[Vector, Vector, Vector]:
    """Weights of the features, weights of unsafe words, and the two cuts around cold, by gradient descent."""
    features, kinds = given.chunks.shape[1], given.offences.shape[1]
    start = [0.5, -0.5, 0, 0, 1, -1, *np.zeros(features - 6), *np.zeros(kinds), -0.4, 0.4]
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
    """Write classifiers.npz and print the weights."""
    np.savez_compressed(PACKAGE / FILE, allow_pickle=False, **fit_labels())
    weights, unsafe, cuts = fit_judgement(cells(read_lines(*TAUGHT), load(HERE.parent / "personas.toml")))
    for name, weight in zip((*judging.WEIGHTS, *judging.UNSAFE_WEIGHTS), (*weights, *unsafe), strict=True):
        print(f"{name:10} {weight:7.3f}")
    print(f"offset     {cuts.mean():7.3f}")


if __name__ == "__main__":
    main()
