"""How well the built-in evaluator agrees with readers on real talk: Markdown tables on stdout.

    python -m benchmarks.judgement RATED.json             fitted on the file, with whole shows left out of each fit,
                                                          and again with whole personas left out as well
    python -m benchmarks.judgement RATED.json --shipped   the shipped parameters, for a file they were not learnt from

A rated file is a JSON list of half minutes; see `soniclayer.evaluators.builtin.training.corpus.read`. What vectors
usually are, and the landmarks among them, is worked out from all texts; everything that sees a rating is left out.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import measures
from benchmarks.measures import Said, table
from soniclayer.evaluators.base import no_store
from soniclayer.evaluators.builtin.classifiers import TONES, TOPICS
from soniclayer.evaluators.builtin.encoder import LAST
from soniclayer.evaluators.builtin.evaluator import BuiltinEvaluator
from soniclayer.evaluators.builtin.features import LIKENESSES, Array
from soniclayer.evaluators.builtin.parameters import DETAILED, RATED, kind_of
from soniclayer.evaluators.builtin.training.__main__ import LINES, LISTENERS, UNKNOWN
from soniclayer.evaluators.builtin.training.calibrate import FOLDS, LeftOut, calibrations, left_out, nearness
from soniclayer.evaluators.builtin.training.corpus import WRITTEN, Corpus, corpus, personas_of, read, read_lines
from soniclayer.evaluators.builtin.training.fit import Basis, Chosen, basis, labels_of
from soniclayer.feedback import Classification
from soniclayer.segments import Segment

if TYPE_CHECKING:
    from collections.abc import Callable

NEAREST = 2
"""Place of the likeness of the nearest sentence to the nearest phrase among LIKENESSES."""

COLUMNS: dict[str, Callable[[Said], float]] = {
    "Spearman": measures.spearman,
    "AUC": measures.auc,
    "same score": measures.same,
    "kappa": measures.kappa,
    "calls": measures.share,
    "right": measures.right,
    "opposite": measures.opposite,
    "rated 3, stays 3": measures.kept,
    "says": measures.stated,
    "calibration error": measures.calibration_error,
    "AUC of confidence": measures.telling,
}


def cells(data: Corpus, level: Array, score: Array, confidence: Array, personas: Chosen) -> Said:
    """All rated cells of these personas, row by row."""
    there = ~np.isnan(data.ratings) & personas & data.talk[:, None]
    rows, columns = np.nonzero(there)
    names = np.array([persona.id for persona in data.personas])
    return Said(data.ratings[there], data.shows[rows], names[columns], level[there], score[there], confidence[there])


def decided(data: Corpus, known: Basis, predictions: LeftOut, *, met: bool) -> tuple[Array, Array, Array]:
    """Leaning, score and confidence of every cell, calibrated on the other folds.

    met: by fits that knew the personas; else each persona is asked as one of its kind that was never met.
    """
    lean, near = predictions.known if met else predictions.unmet, nearness(known)
    kinds = [RATED if met else kind_of(int(likes), int(dislikes)) for likes, dislikes, _ in data.phrases.counts]
    score, confidence = np.full(lean.shape, 3.0), np.zeros(lean.shape)
    for number in range(FOLDS):
        learnt = calibrations(data, known, predictions, predictions.fold != number)
        for row in np.flatnonzero(predictions.fold == number):
            for column, kind in enumerate(kinds):
                decision = learnt[kind].decide(float(lean[row, column]), float(near[row, column]))
                score[row, column], confidence[row, column] = decision.score, decision.confidence
    return lean, score, confidence


def likes_less_dislikes(data: Corpus, known: Basis) -> Array:
    """The plainest predictor: likeness to the nearest like, less that to the nearest dislike."""
    near = known.alike[..., LAST * LIKENESSES + NEAREST]
    return np.asarray(near[..., 0] - near[..., 1])


def overall(rows: dict[str, Said], intervals: tuple[str, ...] = ("Spearman", "AUC", "same score", "right")) -> str:
    """One line per evaluator, then the intervals of the first."""
    lines = [
        [name, str(len(said.rating)), *(_number(each(said)) for each in COLUMNS.values())]
        for name, said in rows.items()
    ]
    text = table(["", "cells", *COLUMNS], lines)
    first = next(iter(rows.values()))
    spans = []
    for name in intervals:
        low, high = measures.interval(first, COLUMNS[name])
        spans.append(f"{name} {low:.3f} to {high:.3f}")
    return f"{text}\n\n95 % intervals over shows, of the first line: {', '.join(spans)}."


def per_persona(said: Said) -> str:
    """One line per persona."""
    rows = []
    for name in dict.fromkeys(said.persona.tolist()):
        of = said.of(said.persona == name)
        rows.append([name, str(len(of.rating)), *(_number(each(of)) for each in COLUMNS.values())])
    return table(["persona", "cells", *COLUMNS], rows)


def sureness(said: Said) -> str:
    """The curve of share against right, and the reliability table."""
    curve = [[f"{share:.0%}", _number(right), _number(opposite)] for share, right, opposite in measures.curve(said)]
    bins = [
        [name, str(count), _number(claimed), _number(true)]
        for name, count, claimed, true in measures.reliability(said)
    ]
    return "\n\n".join(
        [
            table(["cells called, the farthest leanings first", "right", "opposite"], curve),
            table(["confidence", "calls", "says", "right"], bins),
        ]
    )


def labels(data: Corpus, classes: list[Classification]) -> str:
    """Topic and tone against the first reader, against any reader, and with second topics."""
    first = topic = second = tone = unknown = 0
    talk = [(each.readings, known) for each, known in zip(data.rated, classes, strict=True) if each.show != WRITTEN]
    for readings, known in talk:
        first += known.topic is readings[0].topic
        topic += known.topic in {reading.topic for reading in readings}
        second += known.topic in {label for reading in readings for label in (reading.topic, reading.second) if label}
        tone += known.tone is readings[0].tone
        unknown += known.topic is None
    total = len(talk)
    shares = [_number(count / total) for count in (first, topic, second, tone, unknown)]
    return table(
        ["", "topic, first reader", "any reader", "or second topic", "tone, first reader", "topic unknown"],
        [["all", *shares]],
    )


def left_out_labels(data: Corpus, known: Basis, predictions: LeftOut) -> list[Classification]:
    """Topic and tone of every half minute, by fits that did not see its show."""
    found = [Classification()] * len(data.rated)
    for number in range(FOLDS):
        seen, new = predictions.fold != number, np.flatnonzero(predictions.fold == number)
        topics = known.columns[new] @ labels_of(known.columns, known.topics, data.weight * seen)
        tones = known.columns[new] @ labels_of(known.columns, known.tones, data.weight * (seen & data.talk))
        for row, topic, tone in zip(new, topics, tones, strict=True):
            found[row] = Classification(
                TOPICS[int(topic.argmax())] if topic.max() >= UNKNOWN[0] else None,
                TONES[int(tone.argmax())] if tone.max() >= UNKNOWN[1] else None,
            )
    return found


async def shipped(data: Corpus) -> tuple[Array, Array, Array, list[Classification]]:
    """What the shipped evaluator says of every cell, and of every half minute."""
    evaluator = BuiltinEvaluator(no_store, data.personas)
    level, score, confidence = (np.full(data.ratings.shape, np.nan) for _ in range(3))
    classes = []
    for row, each in enumerate(data.rated):
        segment = Segment(row, row * 30_000, (row + 1) * 30_000, (), each.text, each.before)
        classes.append(await evaluator.classify(segment))
        for column, persona in enumerate(data.personas):
            feedback = await evaluator.evaluate(persona, segment, classes[-1])
            level[row, column], score[row, column] = feedback.value, feedback.score
            confidence[row, column] = feedback.confidence
    return level, score, confidence, classes


def _number(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.3f}"


def _plain(said: Said, level: Array) -> dict[str, Said]:
    """The evaluator beside what is plainer than it."""
    threes = np.full(len(said.rating), 3.0)
    return {
        "always 3": Said(said.rating, said.show, said.persona, threes, threes, threes * 0),
        "likes less dislikes": Said(said.rating, said.show, said.persona, level, threes, threes * 0),
    }


def report(data: Corpus, own: tuple[str, ...]) -> str:
    """Everything, for fits that leave out; `own` are the personas of personas.toml."""
    known = basis(data)
    return tables(data, known, left_out(data, known), own)


def tables(data: Corpus, known: Basis, predictions: LeftOut, own: tuple[str, ...]) -> str:
    """The report on these predictions."""
    mine = np.array([persona.id in own for persona in data.personas])
    many = np.array([kind_of(int(likes), int(dislikes)) == DETAILED for likes, dislikes, _ in data.phrases.counts])
    plain = likes_less_dislikes(data, known)
    parts = []
    for name, met, personas in (
        ("Shows left out, shipped personas", True, mine),
        ("Shows left out, other rated personas", True, ~mine),
        ("Shows and personas left out, shipped personas", False, mine),
        ("Shows and personas left out, others with many likes and dislikes", False, ~mine & many),
        ("Shows and personas left out, others with few or none", False, ~mine & ~many),
    ):
        if not personas.any():
            continue
        said = cells(data, *decided(data, known, predictions, met=met), personas)
        level = cells(data, plain, plain, plain, personas).level
        parts += [f"## {name}", overall({"built-in": said, **_plain(said, level)}), sureness(said), per_persona(said)]
    parts += ["## Topic and tone", labels(data, left_out_labels(data, known, predictions))]
    return "\n\n".join(parts)


def main() -> None:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rated", nargs="+", type=Path)
    parser.add_argument("--personas", nargs="*", type=Path, default=LISTENERS)
    parser.add_argument("--shipped", action="store_true", help="measure the shipped parameters; fit nothing")
    parser.add_argument("--vectors", type=Path, help="keep vectors in this file")
    arguments = parser.parse_args()
    lines = () if arguments.shipped else read_lines(LINES)
    data = corpus((*read(arguments.rated), *lines), personas_of(arguments.personas), arguments.vectors)
    if not arguments.shipped:
        print(report(data, tuple(persona.id for persona in personas_of(arguments.personas[:1]))))
        return
    level, score, confidence, classes = asyncio.run(shipped(data))
    said = cells(data, level, score, confidence, np.ones(len(data.personas), dtype=np.bool_))
    beside = _plain(said, said.level)
    print(
        "\n\n".join(
            [
                overall({"built-in, as shipped": said, "always 3": beside["always 3"]}),
                sureness(said),
                per_persona(said),
            ]
        )
    )
    print(f"\n{labels(data, classes)}")


if __name__ == "__main__":
    main()
