"""The command line, as `soniclayer` or `python -m soniclayer`.

    soniclayer          opens the page
    soniclayer FILE     evaluates one transcript and writes the results
    soniclayer init     writes the shipped personas.toml into the current folder
    soniclayer library  lists, shows, exports and deletes the shows that are kept
    soniclayer archive  evaluates every transcript below a folder

Results go to stdout (JSON), or to --output, --report and --markers PATH; progress and messages go to stderr.
Exit status: 0 every cell has feedback; 1 some failed (the file is still written); 2 bad input or configuration;
130 stopped with Ctrl-C, everything answered is kept.
"""

from __future__ import annotations

import argparse
import logging
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from typing_extensions import override

from soniclayer import __version__
from soniclayer.arguments import add_evaluation
from soniclayer.cores import one_thread
from soniclayer.errors import SettingsError, SonicLayerError
from soniclayer.exports import ending_of, endings
from soniclayer.shipped import PERSONAS, shipped_personas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soniclayer.exports import Role

PAGE_OPTION = re.compile(r"--[a-z]+(?:\.\w+)+(?P<value>=.*)?", re.DOTALL)  # Streamlit's have a dot, ours have none

USAGE = """%(prog)s [--section.option VALUE ...]
       %(prog)s FILE [options]
       %(prog)s init
       %(prog)s library list | show | export | delete
       %(prog)s archive FOLDER --output OUT [options]"""
DESCRIPTION = """Ask every persona about every part of a show.

Without FILE the page opens in the browser; init writes the shipped personas.toml into the current folder.
library has the shows that are kept; archive evaluates every transcript below a folder.
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


def _parser() -> _Parser:
    parser = _Parser(
        prog=_program(),
        usage=USAGE,
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", metavar="FILE", nargs="?", help="a transcript; - reads standard input")
    add_evaluation(parser)
    parser.add_argument("--output", type=Path, metavar="PATH", help=f"write here instead of stdout: {endings()}")
    parser.add_argument("--report", type=Path, metavar="PATH", help=f"write a report to send: {endings('report')}")
    parser.add_argument("--markers", type=Path, metavar="PATH", help=f"for an editor: {endings('markers')}")
    parser.add_argument("--version", action="version", version=f"soniclayer {__version__}")
    return parser


def _arguments(argv: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    """What was asked for, and the options for the page."""
    parser = _parser()
    page, own = _apart(argv)
    arguments = parser.parse_args(own)
    _check_files(parser, arguments)
    if arguments.file is not None and page:
        parser.error(f"{page[0].partition('=')[0]} is an option of the page, which FILE does not open")
    if arguments.file is None:
        for name, value in vars(arguments).items():
            if name != "personas" and value != parser.get_default(name):
                parser.error(f"--{name.replace('_', '-')} needs a FILE")
    return arguments, page


def _check_files(parser: _Parser, arguments: argparse.Namespace) -> None:
    """Refuse a file that cannot be written before anything is asked that may cost money."""
    taken = [Path(arguments.file).absolute()] if arguments.file else []
    roles: dict[str, Role | None] = {"output": None, "report": "report", "markers": "markers"}
    for option, role in roles.items():
        path: Path | None = getattr(arguments, option)
        if path is None:
            continue
        if not ending_of(path.name, role):
            parser.error(f"argument --{option}: {path.name} must end in {endings(role)}")
        if path.absolute() in taken:
            parser.error(f"argument --{option}: {path.name} is named twice. Name another file")
        if not path.absolute().parent.is_dir():
            parser.error(f"argument --{option}: {path} cannot be written: no such folder. Make it, or name another")
        taken.append(path.absolute())


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
    one_thread()
    try:
        if argv[:1] == ["init"]:
            return _init(argv[1:])
        if argv[:1] == ["library"]:
            from soniclayer import library_command  # which the page and --help need not wait for

            return library_command.main(argv[1:], _Parser, _program())
        if argv[:1] == ["archive"]:
            from soniclayer.archive import command

            return command.main(argv[1:], _Parser, _program())
        arguments, page = _arguments(argv)
        if arguments.file is None:
            return _open_page(arguments.personas, page)
    except SonicLayerError as error:
        _say(str(error))
        return 2
    from soniclayer.terminal import evaluate_file  # which --help need not wait for

    return evaluate_file(arguments)


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


def _say(message: str) -> None:
    print(message, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
