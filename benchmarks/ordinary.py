"""What the built-in evaluator makes of ordinary talk: a Markdown table on stdout.

    python -m benchmarks.ordinary ../shared/samples/*/*          every transcript given, as one
    python -m benchmarks.ordinary                                 the sample show

A show mostly neither pleases nor displeases. So this is where it is seen that small talk is not loved or hated by
everybody, and what a half-minute segment costs. Look at it after every training.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measures import table
from benchmarks.written import PERSONAS, not_stored
from soniclayer.errors import TranscriptError
from soniclayer.evaluators.builtin import hearing
from soniclayer.evaluators.builtin.evaluator import BuiltinEvaluator, warm
from soniclayer.evaluators.builtin.language import foreign
from soniclayer.personas import Persona, load
from soniclayer.segments import Segment, split
from soniclayer.transcript import parse
from soniclayer.ui.sources import SAMPLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from soniclayer.feedback import Feedback


def segments_of(files: Iterable[Path]) -> list[Segment]:
    """The English segments in which something is said; transcripts that cannot be read are left out."""
    found: list[Segment] = []
    for file in files:
        try:
            transcript = parse(file.name, file.read_bytes())
        except TranscriptError:
            continue
        found += [segment for segment in split(transcript) if segment.speech and not foreign(segment.text)]
    return found


async def react(personas: Sequence[Persona], segments: Sequence[Segment]) -> list[tuple[Persona, Feedback]]:
    """Every reaction, segment by segment, nothing remembered from before."""
    hearing.forget()
    evaluator = BuiltinEvaluator(not_stored, personas)
    found = []
    for segment in segments:
        known = await evaluator.classify(segment)
        found += [(persona, await evaluator.evaluate(persona, segment, known)) for persona in personas]
    return found


def main() -> None:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, default=[SAMPLE])
    parser.add_argument("--personas", type=Path, default=PERSONAS)
    arguments = parser.parse_args()
    segments, personas = segments_of(arguments.files), tuple(load(arguments.personas).values())
    warm(personas)
    began = time.process_time()
    reactions = asyncio.run(react(personas, segments))
    cpu_ms = (time.process_time() - began) * 1000 / max(len(segments), 1)
    rows = []
    for name in (*(persona.id for persona in personas), ""):
        scores = Counter(feedback.score for persona, feedback in reactions if name in ("", persona.id))
        total = max(scores.total(), 1)
        shares = (f"{scores[score] / total:.0%}" for score in range(1, 6))
        rows.append([name or "**all**", str(scores.total()), *shares])
    print(table(["persona", "cells", "1", "2", "3", "4", "5"], rows))
    print(f"\n{cpu_ms:.0f} ms of CPU per segment.")


if __name__ == "__main__":
    main()
