"""`soniclayer library`: the shows that are kept, from a terminal.

    soniclayer library list [WORDS]        the shows, those looked at last first, or those that hold these words
    soniclayer library show SHOW           what is known of a show, and its runs
    soniclayer library export SHOW PATH    the results of its last run, as the ending of PATH says
    soniclayer library delete SHOW         delete a show for good, after asking

SHOW is the beginning of an id as `list` gives it, or a name.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from soniclayer import settings
from soniclayer.errors import LibraryError
from soniclayer.exports import EXPORTS, ending_of, endings
from soniclayer.exports.json_results import is_results, read_results
from soniclayer.exports.plain import plain
from soniclayer.insights.reviews import place, reviewed
from soniclayer.insights.selection import Selection, select
from soniclayer.insights.verdict import Insight
from soniclayer.library import FILE, Library
from soniclayer.phrasing import clock, day, money, plural
from soniclayer.records import restore
from soniclayer.terminal import put_file, say
from soniclayer.transcript import Transcript, parse, rename_speakers

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from soniclayer.library import RunRow, ShowRow
    from soniclayer.source import Source

MOST = 1_000_000
SHORT_ID = 8


def main(argv: Sequence[str], parser: type[argparse.ArgumentParser], program: str) -> int:
    """Do what the rest of the command line asks for; returns the exit status. Raises SonicLayerError."""
    arguments = _parser(parser, program).parse_args(argv)
    path = settings.read().data / FILE
    if not path.exists():
        raise LibraryError(f"There is no library in {path.parent} yet. Open a show on the page first.")
    library = Library(path)
    try:
        status: int = arguments.do(library, arguments)
        return status
    finally:
        library.close()


def _parser(kind: type[argparse.ArgumentParser], program: str) -> argparse.ArgumentParser:
    parser = kind(prog=f"{program} library", description="The shows that are kept.")
    commands = parser.add_subparsers(required=True, metavar="list | show | export | delete")
    listing = commands.add_parser("list", help="the shows that are kept")
    listing.add_argument("words", nargs="*", metavar="WORDS", help="only shows whose name or text holds them")
    listing.set_defaults(do=_list)
    for name, do, text in (
        ("show", _show, "what is known of a show"),
        ("export", _export, "write the results of its last run"),
        ("delete", _delete, "delete a show for good"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("show", metavar="SHOW", help="the beginning of its id, or its name")
        command.set_defaults(do=do)
        if name == "export":
            command.add_argument("path", type=Path, metavar="PATH", help=f"a name that ends in {endings()}")
        if name == "delete":
            command.add_argument("--yes", action="store_true", help="do not ask")
    return parser


def _list(library: Library, arguments: argparse.Namespace) -> int:
    words = " ".join(arguments.words)
    rows = library.shows.search(words, MOST) if words else library.shows.recent(MOST)
    for row in rows:
        _tell(f"{row.id[:SHORT_ID]}  {day(row.opened)}  {clock(row.duration_s):>8}  {row.name}")
    return 0


def _show(library: Library, arguments: argparse.Namespace) -> int:
    row = _find(library, arguments.show)
    _tell(row.name)
    for line in (row.id, row.facts, row.tag and f"Programme: {row.tag}", f"Came in on {day(row.created)}"):
        if line:
            _tell(f"  {line}")
    if reviews := library.reviews.list(row.id):
        _tell(f"  {plural(len(reviews), 'review')}")
    for run in library.runs.of([row.id]):
        _tell(f"  {_run(run)}")
    return 0


def _run(run: RunRow) -> str:
    cost = f", {money(run.cost)}" if run.cost is not None else ""
    means = ", ".join(f"{mean.name} {mean.mean:.1f}" for mean in run.means if mean.mean is not None)
    who = " ".join(filter(None, (run.name, run.model)))
    return f"{day(run.saved)}: {who}, {plural(run.answered, 'reaction')}, {run.failed:,} failed{cost}. {means}"


def _export(library: Library, arguments: argparse.Namespace) -> int:
    ending = ending_of(arguments.path.name)
    if not ending:
        raise LibraryError(f"{arguments.path.name} must end in {endings()}.")
    row = _find(library, arguments.show)
    runs, source = library.runs.of([row.id]), library.shows.source(row.id)
    if not runs or source is None:
        raise LibraryError(f"Nobody has judged {row.name} yet. Open it on the page first.")
    run = restore(library.runs.record(runs[0].id))
    run = reviewed(run, place(run.segments, library.reviews.list(row.id)))
    put_file(arguments.path, EXPORTS[ending].write(Insight(select(run, Selection())), _transcript(source)))
    return 0


def _transcript(source: Source) -> Transcript:
    if is_results(source.data):
        return read_results(source.data, when=0).transcript
    options = source.options
    read = parse(
        source.name, source.data, format=options.format, encoding=options.encoding, max_bytes=len(source.data) + 1
    )
    return rename_speakers(read, dict(options.names))


def _delete(library: Library, arguments: argparse.Namespace) -> int:
    row = _find(library, arguments.show)
    if not arguments.yes:
        if not sys.stdin.isatty():
            raise LibraryError(f"{row.name} was not deleted: nobody is there to ask. Say --yes.")
        say(f"Delete {row.name} ({row.facts}) with its runs, reviews and kept answers, for good? [y/N]")
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            return 1
    from soniclayer import clearing  # brings Streamlit

    content = library.shows.content(row.id)
    done = library.delete([row.id])
    if content not in library.shows.contents():
        clearing.forget(content)
    say(f"{row.name} is deleted." if done else f"{row.name} is deleted; its bytes go when no other program reads.")
    return 0


def _find(library: Library, wanted: str) -> ShowRow:
    """The one show that is meant. Raises LibraryError."""
    rows = library.shows.recent(MOST)
    found = [row for row in rows if row.name == wanted] or [
        row for row in rows if wanted and row.id.startswith(wanted)
    ]
    if len(found) != 1:
        how_many = plural(len(found), "show") if found else "No show"
        raise LibraryError(f"{how_many} of this id or name: {wanted}. `soniclayer library list` has the ids.")
    return found[0]


def _tell(line: str) -> None:
    print(plain(line))
