"""How often an evaluator is right, on the labelled lines of data/judgement.tsv: Markdown tables on stdout.

    python -m benchmarks.written                                          the built-in evaluator, reporting half
    python -m benchmarks.written --part others                            ... on hard lines by other hands
    python -m benchmarks.written --model NAME --base-url http://localhost:11434/v1
                                                                          a chat model; the key from OPENAI_API_KEY

A side measure: lines written to please or displease flatter, see `benchmarks.judgement` for real talk.

The chat evaluator is asked only about labelled cells (about 600 calls for a half; --lines N asks less).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from dataclasses import dataclass
from itertools import pairwise, product
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from benchmarks.labelled import Line, read_lines
from benchmarks.measures import table
from soniclayer.errors import AnswerError
from soniclayer.evaluators.builtin.evaluator import BuiltinEvaluator, warm
from soniclayer.evaluators.chat.evaluator import ChatEvaluator
from soniclayer.feedback import Classification, Feedback
from soniclayer.llm_client.client import Endpoint
from soniclayer.personas import Registry, load
from soniclayer.segments import Segment

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from soniclayer.evaluators.base import Evaluator

PERSONAS = Path(__file__).parents[1] / "personas.toml"
BINS = (0.0, 0.4, 0.6, 0.7, 0.8, 0.9, 1.01)
WORDS = {-1: "displeased", 0: "cold", 1: "pleased"}


@dataclass(frozen=True, slots=True)
class Cell:
    """A labelled cell and what the evaluator said. `label`: -1 displeased, 0 cold, 1 pleased."""

    persona: str
    trait: str
    label: int
    feedback: Feedback

    @property
    def side(self) -> int:
        """The score as a label: below 3, 3, above 3."""
        return (self.feedback.score > 3) - (self.feedback.score < 3)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything an evaluator said about some lines.

    Attributes:
        cells: the labelled ones that have feedback.
        classes: per line, what it was classified as (None and None where that failed).
        evaluated, failed: number of cells asked about, labelled or not.
        seconds, cpu_s: wall and processor time of all of it.
        tokens: input and output together, as the server reported.
    """

    cells: tuple[Cell, ...]
    classes: tuple[tuple[Line, Classification], ...]
    evaluated: int
    failed: int
    seconds: float
    cpu_s: float
    tokens: int


async def measure(evaluator: Evaluator, lines: Sequence[Line], personas: Registry, *, every: bool) -> Outcome:
    """Ask about the labelled cells of these lines, or about `every` cell."""
    cells: list[Cell] = []
    classes: list[tuple[Line, Classification]] = []
    evaluated = failed = 0

    async def ask(number: int, line: Line) -> None:
        nonlocal evaluated, failed
        segment = Segment(number, number * 30_000, (number + 1) * 30_000, (), line.text)
        try:
            known = await evaluator.classify(segment)
        except AnswerError:
            known = Classification()
        classes.append((line, known))
        for key in personas if every else line.reactions:
            evaluated += 1
            try:
                feedback = await evaluator.evaluate(personas[key], segment, known)
            except AnswerError:
                failed += 1
                continue
            if key in line.reactions:
                cells.append(Cell(key, line.trait, line.reactions[key], feedback))

    began, began_cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(ask(number, line) for number, line in enumerate(lines)))
    seconds, cpu_s = time.perf_counter() - began, time.process_time() - began_cpu
    tokens = sum(usage.input_tokens + usage.output_tokens for usage in evaluator.usage.values())
    return Outcome(tuple(cells), tuple(classes), evaluated, failed, seconds, cpu_s, tokens)


def by_level(cell: Cell) -> float:
    """The leaning where there is one, else the score."""
    return cell.feedback.value


def by_sureness(cell: Cell) -> float:
    """The score, and among equal ones how sure it is: a sure 5 stands above an unsure one, a sure 1 below."""
    return cell.feedback.score + cell.side * (cell.feedback.confidence or 0.0) / 2


def auc(cells: Iterable[Cell], rank: Callable[[Cell], float] = by_level) -> float | None:
    """Share of the pairs of a pleasing and a displeasing line that are ranked right, ties half."""
    given = tuple(cells)
    pleased = [rank(cell) for cell in given if cell.label > 0]
    displeased = [rank(cell) for cell in given if cell.label < 0]
    pairs = [(high > low) + (high == low) / 2 for high, low in product(pleased, displeased)]
    return sum(pairs) / len(pairs) if pairs else None


def ranking(outcome: Outcome) -> str:
    """AUC and agreement per persona and, as the mean over personas, for all lines."""
    names = list(dict.fromkeys(cell.persona for cell in outcome.cells))
    rows = []
    for name in sorted(names):
        of_persona = [cell for cell in outcome.cells if cell.persona == name]
        counts = [sum(cell.label == label for cell in of_persona) for label in (1, 0, -1)]
        measures = (auc(of_persona), auc(of_persona, by_sureness), _right(of_persona))
        rows.append([name, *map(str, counts), *map(_share, measures)])
    total = [str(sum(cell.label == label for cell in outcome.cells)) for label in (1, 0, -1)]
    sure, right = mean_auc(outcome.cells, by_sureness), _right(outcome.cells)
    rows.append(["**all**", *total, f"**{_share(mean_auc(outcome.cells))}**", _share(sure), _share(right)])
    heads = ["AUC", "AUC, ties by confidence", "score on the label's side"]
    return table(["persona", "pleased", "cold", "displeased", *heads], rows)


def mean_auc(cells: Iterable[Cell], rank: Callable[[Cell], float] = by_level) -> float | None:
    """Mean over personas of their AUC."""
    given = tuple(cells)
    names = sorted({cell.persona for cell in given})
    each = [auc((cell for cell in given if cell.persona == name), rank) for name in names]
    known = [value for value in each if value is not None]
    return sum(known) / len(known) if known else None


def difficulty(outcome: Outcome) -> str:
    """Mean AUC by how hard the lines are."""
    kinds: dict[str, Callable[[Cell], bool]] = {
        "plain lines": lambda cell: cell.trait == "plain",
        "half a minute of talk": lambda cell: cell.trait == "segment",
        "oblique lines, irony, bad news gently told...": lambda cell: cell.trait not in ("plain", "segment"),
    }
    rows = []
    for kind, belongs in kinds.items():
        chosen = [cell for cell in outcome.cells if belongs(cell)]
        rows.append([kind, str(len(chosen)), _share(mean_auc(chosen)), _share(_right(chosen))])
    return table(["lines", "cells", "AUC", "score on the label's side"], rows)


def scores(outcome: Outcome) -> str:
    """How often each score was given for each label."""
    rows = []
    for label in (1, 0, -1):
        given = [cell.feedback.score for cell in outcome.cells if cell.label == label]
        shares = [_share(given.count(score) / len(given)) if given else "" for score in range(1, 6)]
        rows.append([WORDS[label], str(len(given)), *shares])
    return table(["label", "cells", "1", "2", "3", "4", "5"], rows)


def reliability(outcome: Outcome) -> str:
    """Is 0.8 right 8 times of 10? Stated confidence against the share of scores on the label's side."""
    rows = []
    for low, high in pairwise(BINS):
        chosen = [cell for cell in outcome.cells if low <= (cell.feedback.confidence or 0.0) < high]
        if chosen:
            stated = sum(cell.feedback.confidence or 0.0 for cell in chosen) / len(chosen)
            rows.append(
                [f"{low:.1f} to {min(high, 1):.1f}", str(len(chosen)), f"{stated:.2f}", _share(_right(chosen))]
            )
    return table(["confidence", "cells", "mean stated", "right"], rows)


def classification(outcome: Outcome) -> str:
    """Topic and tone accuracy."""
    rows = []
    for kind in ("", "plain", "segment"):
        chosen = [(line, known) for line, known in outcome.classes if kind in ("", line.trait)]
        if chosen:
            topic = sum(known.topic is line.topic for line, known in chosen) / len(chosen)
            either = sum(has_topic(line, known) for line, known in chosen) / len(chosen)
            tone = sum(known.tone is line.tone for line, known in chosen) / len(chosen)
            rows.append([kind or "all", str(len(chosen)), _share(topic), _share(either), _share(tone)])
    return table(["lines", "number", "topic", "topic or second topic", "tone"], rows)


def has_topic(line: Line, known: Classification) -> bool:
    """Is this the line's topic, or the second one that is as right?"""
    return known.topic in (line.topic, line.also or line.topic)


def cost(outcome: Outcome) -> str:
    """Seconds and tokens per 100 cells, classification included."""
    hundreds = max(outcome.evaluated, 1) / 100
    spent = (f"{seconds / hundreds:.3f}" for seconds in (outcome.seconds, outcome.cpu_s))
    row = [str(outcome.evaluated), str(outcome.failed), *spent, f"{outcome.tokens / hundreds:.0f}"]
    return table(["cells", "failed", "seconds per 100", "of them CPU", "tokens per 100"], [row])


def report(evaluator: Evaluator, outcome: Outcome, lines: int, part: str) -> str:
    """All tables, headed by what was measured."""
    title = f"### {evaluator.name}{f': {evaluator.model}' if evaluator.model else ''}, {lines} lines (part: {part})"
    tables = (ranking, difficulty, scores, reliability, classification, cost)
    return "\n\n".join([title, *(each(outcome) for each in tables)])


def _right(cells: Sequence[Cell]) -> float | None:
    return sum(cell.side == cell.label for cell in cells) / len(cells) if cells else None


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


async def not_stored(question: str, ask: Callable[[], Awaitable[str]]) -> str:
    """A Store that keeps nothing: every answer is measured."""
    return await ask()


async def _main(arguments: argparse.Namespace) -> None:
    lines = read_lines(arguments.part)
    if arguments.lines:
        lines = lines[:: max(1, len(lines) // arguments.lines)][: arguments.lines]
    personas = load(arguments.personas)
    if not arguments.model:
        warm(personas.values())
        builtin = BuiltinEvaluator(not_stored, personas.values())
        print(report(builtin, await measure(builtin, lines, personas, every=True), len(lines), arguments.part))
        return
    key = os.environ.get("OPENAI_API_KEY")
    endpoint = Endpoint(arguments.base_url, SecretStr(key) if key else None, concurrency=arguments.concurrency)
    try:
        chat = ChatEvaluator(endpoint, arguments.model, store=not_stored, temperature=0.0, samples=arguments.samples)
        print(report(chat, await measure(chat, lines, personas, every=False), len(lines), arguments.part))
    finally:
        await endpoint.close()


def main() -> None:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=("report", "others", "tune", "learn"), default="report")
    parser.add_argument("--model", default="", help="a chat model; without it, the built-in evaluator is measured")
    parser.add_argument("--base-url", default=os.environ.get("OPENAI_BASE_URL"), help="address of the chat endpoint")
    parser.add_argument("--concurrency", type=int, default=16, help="calls in flight")
    parser.add_argument("--samples", type=int, default=1, help="answers per cell")
    parser.add_argument("--lines", type=int, default=None, help="only N lines, spread over all topics")
    parser.add_argument("--personas", type=Path, default=PERSONAS)
    asyncio.run(_main(parser.parse_args()))


if __name__ == "__main__":
    main()
