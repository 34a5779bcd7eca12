"""The results of an archive as a library, in its folder: so the page lists them, searches them and opens them.

It is made from the other files, and made again where it is missing or damaged. Reviews that people write on the page
are kept in it.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from soniclayer.errors import LibraryDamagedError
from soniclayer.library import FILE, IMPORTED, Library, set_aside
from soniclayer.library.rows import date_in
from soniclayer.phrasing import clock, plural
from soniclayer.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from soniclayer.archive.folder import Found
    from soniclayer.archive.output import Entry, Output
    from soniclayer.archive.work import Facts


def write_library(output: Output, shows: Mapping[str, str], found: Iterable[Found]) -> None:
    """Bring the library of the folder up to date.

    shows: by content, the file each was found in. found: all files.

    Raises:
        LibraryError: it cannot be used.
        SettingsError: results cannot be read.
    """
    paths = {each.file: each.path for each in found}
    library = _open(output)
    try:
        names, held = library.shows.names(), _held(library)
        for content, file in shows.items():
            entry = output.entries[content]
            if held.get(content) != _basis(entry):
                _put(library, output, entry, file, _date(file, paths.get(file)))
            elif names[content] != file:
                library.shows.rename(content, file)
        if gone := names.keys() - shows.keys():
            library.delete(gone)
    finally:
        library.close()


def _open(output: Output) -> Library:
    path = output.folder / FILE
    try:
        return Library(path)
    except LibraryDamagedError:
        set_aside(path)
        return Library(path)


def _held(library: Library) -> dict[str, str]:
    """By show, of what its results in the library are."""
    return {run.show: run.personas for run in library.runs.of(library.shows.names())}


def _basis(entry: Entry) -> str:
    return f"{entry.basis.evaluator} {entry.basis.personas} {entry.facts.judged}"


def _date(file: str, path: Path | None) -> float | None:
    """When a show was: the date in its name, else that of its file."""
    if (named := date_in(file)) is not None:
        return named
    with suppress(OSError):
        return path.stat().st_mtime if path is not None else None
    return None


def _put(library: Library, output: Output, entry: Entry, file: str, when: float | None) -> None:
    data, record = output.record(entry.content)
    show, source = entry.content, Source(file, data)
    library.shows.put(show, source, when=when)
    library.shows.replace(show, source)
    for old in library.runs.of([show]):
        library.runs.drop(old.id)
    words = "\n".join(segment.text for segment in record.segments)
    library.shows.describe(show, facts=_told(entry.facts), duration_s=entry.facts.duration_s, words=words)
    library.runs.put(show, record, reading=source.reading, identity=IMPORTED, personas=_basis(entry))


def _told(facts: Facts) -> str:
    parts = [facts.format, clock(facts.duration_s), plural(facts.segments, "segment")]
    return " · ".join(parts + ([plural(facts.speakers, "speaker")] if facts.speakers else []))
