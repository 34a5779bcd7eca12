"""One transcript from the terminal: read, evaluated while stderr tells how far it is, and written."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from soniclayer import personas, settings
from soniclayer.errors import SettingsError, SonicLayerError, TranscriptError
from soniclayer.evaluators.base import TogetherEvaluator, no_store
from soniclayer.evaluators.registry import evaluator_spec
from soniclayer.exports import EXPORTS, ending_of
from soniclayer.exports.plain import plain  # a message may hold what a server said
from soniclayer.insights.selection import Selection, select
from soniclayer.insights.verdict import Insight
from soniclayer.run import Run, State
from soniclayer.segments import split
from soniclayer.session import Resources, assemble
from soniclayer.source import content_id
from soniclayer.transcript import Transcript, parse

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it."""

if TYPE_CHECKING:
    import argparse

    from soniclayer.evaluators.base import Store


def evaluate_file(arguments: argparse.Namespace) -> int:
    """Evaluate one transcript as the command line says; returns the exit status."""
    try:
        return asyncio.run(_evaluate(arguments))
    except SonicLayerError as error:
        say(str(error))
        return 2
    except KeyboardInterrupt:
        say("Stopped. Every answer of a chat model is kept; run again to ask only the rest.")
        return INTERRUPTED


async def _evaluate(arguments: argparse.Namespace) -> int:
    configuration = settings.read()
    registry = personas.load(arguments.personas or configuration.personas)
    chosen = registry.only(arguments.only or tuple(registry))
    name, data = _read(arguments.file)
    transcript = parse(name, data, max_bytes=configuration.max_bytes)
    segments = split(transcript, target_s=arguments.segment_seconds)
    chosen_here = {"model": arguments.model, "thrifty": arguments.thrifty or None}
    configuration = configuration.model_copy(update={name: value for name, value in chosen_here.items() if value})
    spec = evaluator_spec(arguments.evaluator)
    async with Resources() as shared:
        run = assemble(
            segments,
            chosen,
            spec,
            show=transcript.name,
            settings=configuration,
            store=no_store if spec.starts_by_itself else disk_store(content_id(data)),
            shared=shared,
        )
        await _watch(run)
    if run.state is State.BROKEN and not run.results:
        say(run.fatal)
        return 2
    _write([path for path in (arguments.output, arguments.report, arguments.markers) if path], run, transcript)
    return _conclude(run)


def _read(file: str) -> tuple[str, bytes]:
    if file == "-":
        return "standard input", sys.stdin.buffer.read()
    path = Path(file)
    try:
        return path.name, path.read_bytes()
    except OSError as error:
        raise TranscriptError(f"{file} cannot be read: {error.strerror}. Name a transcript file.") from error


def disk_store(content: str) -> Store:
    """Where answers are kept on disk; content: `source.content_id` of the show that they are about."""
    logging.getLogger("streamlit.runtime.caching.cache_data_api").addFilter(_above_warning)
    from soniclayer import cache  # brings Streamlit, which an evaluator that costs nothing need not wait for

    return cache.stores_of(content)[0]


def _above_warning(record: logging.LogRecord) -> bool:
    # Streamlit warns that no server runs here; that is meant so.
    return record.levelno > logging.WARNING


async def _watch(run: Run) -> None:
    """Execute the run, telling on stderr how far it is."""
    task = asyncio.create_task(run.execute())
    try:
        await _tell(run, task)
    except asyncio.CancelledError:
        run.stop()
        await task
        raise
    await task


async def _tell(run: Run, task: asyncio.Task[None]) -> None:
    while not task.done():
        await asyncio.wait({task}, timeout=1)
        progress = run.progress
        left = "" if progress.eta_s is None else f", about {progress.eta_s:.0f} s left"
        failed = f", {progress.failed} failed" if progress.failed else ""
        traffic = f", {run.evaluator.traffic.words}" if isinstance(run.evaluator, TogetherEvaluator) else ""
        settled = progress.done + progress.failed
        say(f"{settled} of {progress.total} cells{failed}{left}{traffic}", passing=True)


def _conclude(run: Run) -> int:
    if run.nothing_judged:
        say(run.nothing_judged)
    if run.complete:
        return 0
    for reason in dict.fromkeys(failure.reason for failure in run.failures.values()):
        say(reason)
    if run.fatal:
        say(run.fatal)
    say(f"{run.total - len(run.results)} of {run.total} cells have no feedback. Run again to ask only those.")
    return 1


def _write(paths: list[Path], run: Run, transcript: Transcript) -> None:
    """Every file that was asked for, each as its ending says; JSON on stdout where none was."""
    insight = Insight(select(run, Selection()))
    if not paths:
        sys.stdout.buffer.write(EXPORTS[".json"].write(insight, transcript))
        sys.stdout.buffer.flush()
    files = [(path, EXPORTS[ending_of(path.name)].write(insight, transcript)) for path in paths]
    for path, data in files:
        put_file(path, data)


def put_file(path: Path, data: bytes) -> None:
    """Whole or not at all: a reader never sees half a file."""
    part = path.with_name(f"{path.name}.part")
    try:
        try:
            part.write_bytes(data)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror}. Name another file.") from error


def say(message: str, *, passing: bool = False) -> None:
    """One line on stderr; a passing one is overwritten by the next, and left out where nobody watches."""
    if passing and not sys.stderr.isatty():
        return
    start = "\r\x1b[K" if sys.stderr.isatty() else ""
    print(f"{start}{plain(message)}", end="" if passing else "\n", file=sys.stderr, flush=True)
