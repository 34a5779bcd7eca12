"""The terminal face: `python -m soniclayer FILE` evaluates one transcript and writes the results.

Results go to stdout (JSON) or to --output PATH; progress and messages go to stderr.
Exit status: 0 every cell has feedback; 1 some failed (the file is still written); 2 bad input or configuration.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from soniclayer import personas, settings
from soniclayer.errors import SettingsError, SonicLayerError, TranscriptError
from soniclayer.evaluators.base import Store
from soniclayer.evaluators.registry import EVALUATORS, evaluator_spec
from soniclayer.exports import EXPORTS
from soniclayer.run import Run, State
from soniclayer.segments import split
from soniclayer.session import Resources, assemble, no_store
from soniclayer.transcript import Transcript, parse

SHORTEST_S, LONGEST_S = 5, 600  # target length of a segment


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"soniclayer: {message}. See python -m soniclayer --help.\n")


def _ids(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not SHORTEST_S <= value <= LONGEST_S:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds from {SHORTEST_S} to {LONGEST_S}")
    return value


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = _Parser(prog="python -m soniclayer", description="Ask every persona about every part of a show.")
    parser.add_argument("file", metavar="FILE", help="a transcript; - reads standard input")
    parser.add_argument("--personas", type=Path, metavar="FILE", help="personas file (default: personas.toml)")
    parser.add_argument("--only", type=_ids, default=(), metavar="ID,ID", help="ask only these personas")
    parser.add_argument(
        "--evaluator", choices=tuple(EVALUATORS), default=next(iter(EVALUATORS)), help="default: %(default)s"
    )
    parser.add_argument("--model", metavar="NAME", help="chat model (default: SONICLAYER_MODEL)")
    parser.add_argument(
        "--segment-seconds", type=_seconds, default=30.0, metavar="N", help="target length of a segment (default: 30)"
    )
    parser.add_argument(
        "--output", type=Path, metavar="PATH", help=f"write here instead of stdout, as {' or '.join(EXPORTS)}"
    )
    arguments = parser.parse_args(argv)
    if arguments.output is not None and arguments.output.suffix.lower() not in EXPORTS:
        parser.error(f"argument --output: {arguments.output.name} must end in {' or '.join(EXPORTS)}")
    return arguments


def main(argv: Sequence[str] | None = None) -> int:
    """Evaluate one transcript as `argv` says; returns the exit status."""
    arguments = _arguments(argv)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        return asyncio.run(_evaluate(arguments))
    except SonicLayerError as error:
        _say(str(error))
        return 2


async def _evaluate(arguments: argparse.Namespace) -> int:
    configuration = settings.read()
    registry = personas.load(arguments.personas or configuration.personas)
    chosen = registry.only(arguments.only or tuple(registry))
    transcript = _read(arguments.file, configuration.max_bytes)
    segments = split(transcript, target_s=arguments.segment_seconds)
    if arguments.model:
        configuration = configuration.model_copy(update={"model": arguments.model})
    spec = evaluator_spec(arguments.evaluator)
    async with Resources() as shared:
        run = assemble(
            segments,
            chosen,
            spec,
            show=transcript.name,
            settings=configuration,
            store=no_store if spec.starts_by_itself else _disk_store(),
            shared=shared,
        )
        await _watch(run)
    if run.state is State.BROKEN and not run.results:
        _say(run.fatal)
        return 2
    _write(arguments.output, run, transcript)
    return _conclude(run)


def _read(file: str, max_bytes: int) -> Transcript:
    if file == "-":
        return parse("standard input", sys.stdin.buffer.read(), max_bytes=max_bytes)
    path = Path(file)
    try:
        return parse(path.name, path.read_bytes(), max_bytes=max_bytes)
    except OSError as error:
        raise TranscriptError(f"{file} cannot be read: {error.strerror}. Name a transcript file.") from error


def _disk_store() -> Store:
    # Streamlit warns that no server runs here; that is meant so.
    logging.getLogger("streamlit.runtime.caching.cache_data_api").addFilter(
        lambda record: record.levelno > logging.WARNING
    )
    from soniclayer import cache  # brings Streamlit, which an evaluator that costs nothing need not wait for

    cache.persist_without_server()
    return cache.store


async def _watch(run: Run) -> None:
    """Execute the run, telling on stderr how far it is."""
    task = asyncio.create_task(run.execute())
    while not task.done():
        await asyncio.wait({task}, timeout=1)
        progress = run.progress
        left = "" if progress.eta_s is None else f", about {progress.eta_s:.0f} s left"
        failed = f", {progress.failed} failed" if progress.failed else ""
        _say(f"{progress.done + progress.failed} of {progress.total} cells{failed}{left}", passing=True)
    await task


def _conclude(run: Run) -> int:
    if run.nothing_judged:
        _say(run.nothing_judged)
    if run.complete:
        return 0
    for reason in dict.fromkeys(failure.reason for failure in run.failures.values()):
        _say(reason)
    if run.fatal:
        _say(run.fatal)
    _say(f"{run.total - len(run.results)} of {run.total} cells have no feedback. Run again to ask only those.")
    return 1


def _write(output: Path | None, run: Run, transcript: Transcript) -> None:
    if output is None:
        sys.stdout.buffer.write(EXPORTS[".json"].write(run, transcript))
        sys.stdout.buffer.flush()
        return
    data = EXPORTS[output.suffix.lower()].write(run, transcript)
    try:
        # Whole or not at all: a reader never sees half a file.
        part = output.with_name(f"{output.name}.part")
        part.write_bytes(data)
        part.replace(output)
    except OSError as error:
        raise SettingsError(f"{output} cannot be written: {error.strerror}. Name another --output.") from error


def _say(message: str, *, passing: bool = False) -> None:
    """One line on stderr; a passing one is overwritten by the next, and left out where nobody watches."""
    if passing and not sys.stderr.isatty():
        return
    start = "\r\x1b[K" if sys.stderr.isatty() else ""
    print(f"{start}{message}", end="" if passing else "\n", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
