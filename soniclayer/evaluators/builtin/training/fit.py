"""Corpus -> Parameters: ridge regression, in closed form or by conjugate gradients, in double precision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from soniclayer.evaluators.builtin.encoder import LAYERS, WIDTH
from soniclayer.evaluators.builtin.features import (
    FEATURES,
    OFFENCES,
    PER_KIND,
    Array,
    Phrases,
    Space,
    for_kernel,
    for_likeness,
    in_space,
    joined,
    likenesses,
    offences,
    whole,
)
from soniclayer.evaluators.builtin.parameters import Listeners, Parameters, among
from soniclayer.evaluators.builtin.scoring import standardised
from soniclayer.feedback import Tone, Topic

if TYPE_CHECKING:
    from soniclayer.evaluators.builtin.training.corpus import Corpus

Chosen = NDArray[np.bool_]

COMPONENTS, LANDMARKS, ROUNDS = 128, 400, 6
WIDTH_OF_KERNEL = 0.35
AXES = 16
TOPIC_RIDGE, OPINION_RIDGE, LABEL_RIDGE = 5.0, 20.0, 0.3
SECOND_TOPIC = 0.3  # share of a topic that is as right
NOISE = 1.5  # variance of a rating that nothing explains, in units of that of the opinions
FEATURE_VARIANCE = 0.01
OFFENCE_SPREAD = 0.2  # an unsafe word may count for much
COMMON, SAME, SAMENESS = 0.1, 0.05, 0.02
CONSTANT = 0.3  # the size of the column of ones beside the landmarks
_SMALL = 1e-4
_MOST_STEPS, _PRECISION = 200, 3e-4


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """What is worked out without any rating, once for a corpus.

    Attributes:
        space, principal, landmarks: see `Parameters`.
        transform: closeness to landmarks -> uncorrelated columns, shape (landmarks + 1, columns).
        columns: of every text, shape (texts, columns).
        told, wanted: texts and phrases, both layers side by side.
        alike: likenesses of texts and phrases, shape (texts, personas, KINDS, ...).
        offences: unsafe words that personas mind, shape (texts, personas, OFFENCES).
        kernel: how alike the personas are.
        topics, tones: shares, shape (texts, labels).
    """

    space: Space
    principal: Array
    landmarks: Array
    transform: Array
    columns: Array
    told: Array
    wanted: Array
    alike: Array
    offences: Array
    kernel: Array
    topics: Array
    tones: Array


def basis(corpus: Corpus) -> Basis:
    """The Basis of a corpus. Takes about half a minute for 5,000 texts."""
    all_of = [np.ones((1, len(each.spans)), dtype=np.bool_) for each in corpus.heard]
    means = np.concatenate([whole(each, kept) for each, kept in zip(corpus.heard, all_of, strict=True)])
    phrases = corpus.phrases.vectors.astype(np.float64)
    talk = means[corpus.talk]
    space = Space(talk.mean(axis=0), _sd(talk), phrases.mean(axis=0), _sd(phrases))
    texts = for_kernel(space.texts(means))
    principal = _principal(texts[corpus.talk])
    points = texts @ principal
    landmarks = _landmarks(points[corpus.talk])
    transform = _transform(landmarks)
    wanted = for_likeness(corpus.phrases.vectors, space.phrases(phrases))
    alike = [
        likenesses(each, kept, corpus.phrases, wanted, space) for each, kept in zip(corpus.heard, all_of, strict=True)
    ]
    listeners = Listeners.of(corpus.phrases, space)
    return Basis(
        space,
        principal,
        landmarks,
        transform,
        among(points, landmarks, WIDTH_OF_KERNEL) @ transform,
        joined(space.texts(means)),
        joined(space.phrases(phrases)),
        np.concatenate(alike),
        np.concatenate(
            [offences(each, kept, corpus.phrases) for each, kept in zip(corpus.heard, all_of, strict=True)]
        ),
        listeners.alike(listeners),
        _topics(corpus),
        _tones(corpus),
    )


def fit(corpus: Corpus, known: Basis, texts: Chosen, personas: Chosen) -> Parameters:
    """What these texts and personas teach; calibrations are left to `calibration`."""
    ratings = corpus.ratings[np.ix_(texts, personas)]
    axes, shifts, scales = _spaces(known, corpus.ratings, texts, personas)
    phrases = corpus.phrases.of(personas)
    rows = rows_of(known, axes, shifts, scales, phrases, texts, personas)
    centre, spread = _spread(rows)
    kernel = known.kernel[np.ix_(personas, personas)]
    own = SAME + max(0.0, -float(np.linalg.eigvalsh(kernel).min()))
    start = float(np.nanmean(corpus.ratings[np.ix_(texts & corpus.talk, personas)]))
    weights, opinions = ridge(
        known.columns[texts],
        standardised(rows, centre, spread),
        ratings - start,
        COMMON + kernel + own * np.eye(len(kernel)),
        corpus.weight[texts],
    )
    return Parameters(
        space=known.space,
        axes=axes,
        shifts=shifts,
        scales=scales,
        principal=known.principal,
        landmarks=known.landmarks,
        width=WIDTH_OF_KERNEL,
        opinions=known.transform @ opinions,
        topics=known.transform @ labels_of(known.columns, known.topics, corpus.weight * texts),
        tones=known.transform @ labels_of(known.columns, known.tones, corpus.weight * (texts & corpus.talk)),
        centre=centre,
        spread=spread,
        weights=weights,
        start=start,
        common=COMMON,
        same=own,
        sameness=SAMENESS,
        rated=Listeners.of(phrases, known.space),
        calibrations={},
        unknown=(0.0, 0.0),
    )


def rows_of(
    known: Basis, axes: Array, shifts: Array, scales: Array, phrases: Phrases, texts: Chosen, personas: Chosen
) -> Array:
    """The features of texts for personas, shape (texts, personas, FEATURES), as `scoring.features` gives them."""
    blocks = [known.alike[np.ix_(texts, personas)]]
    for each, shift, scale in zip(axes, shifts, scales, strict=True):
        blocks.append(in_space(known.told[texts] @ each, (known.wanted @ each - shift) * scale, phrases))
    present = np.broadcast_to((phrases.counts > 0)[None, :, :, None], (*blocks[0].shape[:3], 1))
    about = np.concatenate([*blocks, present], axis=-1).reshape(*blocks[0].shape[:2], -1)
    return np.concatenate([about, known.offences[np.ix_(texts, personas)]], axis=-1)


def ridge(columns: Array, rows: Array, ratings: Array, kernel: Array, weight: Array) -> tuple[Array, Array]:
    """Weights of the features, and opinions so that `columns @ opinions @ kernel` adds to what the features say.

    Minimises the weighted squared errors of the ratings that are there, plus NOISE times the squared size of both. By
    conjugate gradients, for not every persona rated every text.
    """
    there = ~np.isnan(ratings) * weight[:, None]
    target = np.where(there > 0, ratings, 0.0) * there
    values, vectors = np.linalg.eigh(kernel)
    root = vectors * np.sqrt(np.maximum(values, 0))
    flat = rows.reshape(-1, rows.shape[-1]) * np.sqrt(FEATURE_VARIANCE)

    def forward(weights: Array, opinions: Array) -> Array:
        return np.asarray(there * ((columns @ opinions) @ root.T + (flat @ weights).reshape(there.shape)))

    def backward(errors: Array) -> tuple[Array, Array]:
        return flat.T @ errors.ravel(), columns.T @ (errors @ root)

    def eased(errors: list[Array]) -> list[Array]:
        turned = lengths.T @ errors[1] / (np.outer(strengths, np.maximum(values, 0)) + NOISE)
        return [np.linalg.solve(gram, errors[0]), lengths @ turned]

    # The preconditioner is the solution as it would be if nothing were missing, and neither part knew of the other.
    gram = (flat * there.reshape(-1, 1)).T @ flat + NOISE * np.eye(flat.shape[1])
    strengths, lengths = np.linalg.eigh(columns.T @ columns)
    strengths = np.maximum(strengths, 0) * there.mean()
    found = [np.zeros(flat.shape[1]), np.zeros((columns.shape[1], len(kernel)))]
    left = list(backward(target))
    ahead = eased(left)
    now = begun = _inner(left, ahead)
    for _ in range(_MOST_STEPS):
        pushed = [a + NOISE * b for a, b in zip(backward(forward(*ahead)), ahead, strict=True)]
        step = now / _inner(ahead, pushed)
        found = [a + step * b for a, b in zip(found, ahead, strict=True)]
        left = [a - step * b for a, b in zip(left, pushed, strict=True)]
        better = eased(left)
        before, now = now, _inner(left, better)
        if now <= _PRECISION**2 * begun:
            break
        ahead = [a + now / before * b for a, b in zip(better, ahead, strict=True)]
    inverse = np.where(values > _SMALL, 1 / np.sqrt(np.maximum(values, _SMALL)), 0.0)
    return found[0] * np.sqrt(FEATURE_VARIANCE), found[1] @ (vectors * inverse).T


def _inner(some: list[Array], others: list[Array]) -> float:
    return sum(float((a * b).sum()) for a, b in zip(some, others, strict=True))


def labels_of(columns: Array, shares: Array, weight: Array) -> Array:
    """Label probabilities by weighted ridge regression; the mean goes to the column of ones, which is the last."""
    used = weight > 0
    rows, root = columns[used], np.sqrt(weight[used])[:, None]
    mean = shares[used].mean(axis=0)
    gram = (root * rows).T @ (root * rows) + LABEL_RIDGE * np.eye(rows.shape[1])
    weights = np.linalg.solve(gram, (root * rows).T @ (root * (shares[used] - mean)))
    weights[-1] += mean / CONSTANT
    return np.asarray(weights)


def _spaces(known: Basis, ratings: Array, texts: Chosen, personas: Chosen) -> tuple[Array, Array, Array]:
    """The spaces of topics and of opinions: the directions of texts along which those differ."""
    given = ratings[:, personas]
    missing = np.isnan(given)
    usual = np.where(missing, 0.0, given)[texts].sum(axis=0) / np.maximum((~missing)[texts].sum(axis=0), 1)
    targets = (
        (known.topics - known.topics[texts].mean(axis=0), TOPIC_RIDGE),
        (np.where(missing, 0.0, given - usual), OPINION_RIDGE),
    )
    axes, shifts, scales = [], [], []
    for target, penalty in targets:
        told = known.told[texts]
        gram = told.T @ told + penalty * np.eye(told.shape[1])
        left, strengths, _ = np.linalg.svd(np.linalg.solve(gram, told.T @ target[texts]), full_matrices=False)
        each = np.zeros((LAYERS_WIDTH, AXES))
        count = min(AXES, len(strengths))
        each[:, :count] = (_signed(left) * strengths)[:, :count]
        each /= np.sqrt(((told @ each) ** 2).sum(axis=1).mean())
        wanted = known.wanted @ each
        axes.append(each)
        shifts.append(wanted.mean(axis=0))
        scales.append(1 / np.sqrt(((wanted - wanted.mean(axis=0)) ** 2).sum(axis=1).mean()))
    return np.array(axes), np.array(shifts), np.array(scales)


LAYERS_WIDTH = len(LAYERS) * WIDTH


def _sd(vectors: Array) -> Array:
    """Standard deviations; a few dimensions of the last layer never change, and must not be divided by nothing."""
    sd = vectors.std(axis=0)
    return np.asarray(np.maximum(sd, 0.1 * sd.mean(axis=-1, keepdims=True)))


def _spread(rows: Array) -> tuple[Array, Array]:
    """Mean and standard deviation of every feature over the personas that have any of its kind; the flag is left."""
    flat = rows.reshape(-1, FEATURES)
    centre, spread = np.zeros(FEATURES), np.ones(FEATURES)
    spread[-OFFENCES:] = OFFENCE_SPREAD
    for first in range(0, FEATURES - OFFENCES, PER_KIND):
        flag = first + PER_KIND - 1
        some = flat[flat[:, flag] > 0, first:flag]
        if len(some):
            centre[first:flag], spread[first:flag] = some.mean(axis=0), np.maximum(some.std(axis=0), 1e-6)
    return centre, spread


def _principal(texts: Array) -> Array:
    """Principal axes, scaled so that texts are of mean square length 1."""
    centred = texts - texts.mean(axis=0)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    chosen = _signed(vectors[:, ::-1][:, :COMPONENTS])
    return np.asarray(chosen / np.sqrt(((texts @ chosen) ** 2).sum(axis=1).mean()))


def _landmarks(points: Array) -> Array:
    """Centres of clusters of texts, by Lloyd's algorithm from evenly spaced ones."""
    count = min(LANDMARKS, len(points))
    centres = points[np.linspace(0, len(points) - 1, count).astype(int)].copy()
    for _ in range(ROUNDS):
        squares = (centres**2).sum(axis=1) - 2 * points @ centres.T
        nearest = squares.argmin(axis=1)
        for place in range(count):
            if (members := points[nearest == place]).size:
                centres[place] = members.mean(axis=0)
    return np.asarray(centres)


def _transform(landmarks: Array) -> Array:
    close = among(landmarks, landmarks, WIDTH_OF_KERNEL)[:, :-1]
    values, vectors = np.linalg.eigh(close)
    whitened = vectors / np.sqrt(np.maximum(values, 0) + _SMALL)
    transform = np.zeros((len(landmarks) + 1, whitened.shape[1] + 1))
    transform[:-1, :-1] = whitened
    transform[-1, -1] = CONSTANT
    return transform


def _signed(vectors: Array) -> Array:
    """Axes whose greatest entry is positive: which way they point is chance."""
    greatest = vectors[np.abs(vectors).argmax(axis=0), np.arange(vectors.shape[1])]
    return vectors * np.where(greatest < 0, -1.0, 1.0)


def _topics(corpus: Corpus) -> Array:
    each = [[_shares(reading.topic, reading.second) for reading in rated.readings] for rated in corpus.rated]
    return np.array([np.mean(readings, axis=0) for readings in each])


def _shares(topic: Topic, second: Topic | None) -> Array:
    shares, order = np.zeros(len(Topic)), list(Topic)
    shares[order.index(topic)] += 1 - SECOND_TOPIC
    shares[order.index(second or topic)] += SECOND_TOPIC
    return shares


def _tones(corpus: Corpus) -> Array:
    shares = np.zeros((len(corpus.rated), len(Tone)))
    order = list(Tone)
    for row, each in zip(shares, corpus.rated, strict=True):
        for reading in each.readings:
            row[order.index(reading.tone)] += 1 / len(each.readings)
    return shares
