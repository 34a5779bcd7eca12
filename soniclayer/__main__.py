"""The command line, as `soniclayer` or `python -m soniclayer`.

    soniclayer          opens the page
    soniclayer FILE     evaluates one transcript and writes the results
    soniclayer init     writes the shipped personas.toml into the current folder

Results go to stdout (JSON) or to --output PATH; progress and messages go to stderr.
Exit status: 0 every cell has feedback; 1 some failed (the file is still written); 2 bad input or configuration.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from typing_extensions import override

from soniclayer import __version__, personas, settings
from soniclayer.errors import SettingsError, SonicLayerError, TranscriptError
from soniclayer.evaluators.registry import EVALUATORS, evaluator_spec
from soniclayer.exports import EXPORTS
from soniclayer.run import Run, State
from soniclayer.segments import split
from soniclayer.session import Resources, assemble, no_store
from soniclayer.shipped import PERSONAS, shipped_personas
from soniclayer.transcript import Transcript, parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soniclayer.evaluators.base import Store

SHORTEST_S, LONGEST_S = 5, 600  # target length of a segment


PAGE_OPTION = re.compile(r"--[a-z]+(?:\.\w+)+(?P<value>=.*)?", re.DOTALL)  # Streamlit's have a dot, ours have none

USAGE = """%(prog)s [--section.option VALUE ...]
       %(prog)s FILE [options]
       %(prog)s init"""
DESCRIPTION = """Ask every persona about every part of a show.

Without FILE the page opens in the browser; init writes the shipped personas.toml into the current folder.
(A transcript that is called init is ./init.)"""
EPILOG = """Options with a dot in their name are Streamlit's and belong to the page: --server.port 8600,
--server.headless true. "streamlit run --help" lists them. They win over STREAMLIT_* variables, these over
.streamlit/config.toml in the current folder or at home, and that over what comes with SonicLayer."""


class _Parser(argparse.ArgumentParser):
    @override
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"soniclayer: {message}. See {_program()} --help.\n")


def _program() -> str:
    return "python -m soniclayer" if Path(sys.argv[0]).name == "__main__.py" else "soniclayer"


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


def _parser() -> _Parser:
    parser = _Parser(
        prog=_program(),
        usage=USAGE,
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", metavar="FILE", nargs="?", help="a transcript; - reads standard input")
    parser.add_argument(
        "--personas", type=Path, metavar="FILE", help="personas file (default: personas.toml, else the shipped one)"
    )
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
    parser.add_argument("--version", action="version", version=f"soniclayer {__version__}")
    return parser


def _arguments(argv: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    """What was asked for, and the options for the page."""
    parser = _parser()
    page, own = _apart(argv)
    arguments = parser.parse_args(own)
    if arguments.output is not None and arguments.output.suffix.lower() not in EXPORTS:
        parser.error(f"argument --output: {arguments.output.name} must end in {' or '.join(EXPORTS)}")
    if arguments.file is not None and page:
        parser.error(f"{page[0].partition('=')[0]} is an option of the page, which FILE does not open")
    if arguments.file is None:
        for name, value in vars(arguments).items():
            if name != "personas" and value != parser.get_default(name):
                parser.error(f"--{name.replace('_', '-')} needs a FILE")
    return arguments, page


def _apart(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """Streamlit's options, each as one argument, and all the rest."""
    page: list[str] = []
    rest: list[str] = []
    waiting = iter(argv)
    for argument in waiting:
        match = PAGE_OPTION.fullmatch(argument)
        if match is None:
            rest.append(argument)
        elif match["value"] is not None:
            page.append(argument)
        else:
            page.append(f"{argument}={next(waiting, '')}")  # every one of Streamlit's takes a value
    return page, rest


def main(argv: Sequence[str] | None = None) -> int:
    """Do what `argv` asks for; returns the exit status."""
    argv = sys.argv[1:] if argv is None else argv
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        if argv[:1] == ["init"]:
            return _init(argv[1:])
        arguments, page = _arguments(argv)
        if arguments.file is None:
            return _open_page(arguments.personas, page)
        return asyncio.run(_evaluate(arguments))
    except SonicLayerError as error:
        _say(str(error))
        return 2


def _init(argv: Sequence[str]) -> int:
    _Parser(prog=f"{_program()} init", description="Write the shipped personas.toml into this folder.").parse_args(
        argv
    )
    try:
        with Path(PERSONAS).open("xb") as file:
            file.write(shipped_personas().read_bytes())
    except FileExistsError as error:
        raise SettingsError(f"{PERSONAS} is in this folder already, and stays as it is.") from error
    except OSError as error:
        raise SettingsError(f"{PERSONAS} cannot be written: {error.strerror}. Choose another folder.") from error
    _say(f"{PERSONAS} is written. Edit it: the page follows.")
    return 0


def _open_page(personas_file: Path | None, options: Sequence[str]) -> int:
    from soniclayer.ui.launch import serve

    if personas_file is not None:
        os.environ["SONICLAYER_PERSONAS"] = str(personas_file)
    serve(options)
    return 0


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
