"""The folder that an archive is written into: what it holds, and whether that is still true.

    shows/CONTENT.json   the results of one show, schema "soniclayer/1"; CONTENT is the digest of its file's bytes
    index.jsonl          one line per show: of what its results are, and its facts; the last line of a show counts
    shows.csv, cells.parquet, report.csv    see `tables`
    archive.lock         held by the process that writes

A show's results are written first, its line in the index after that: whatever is killed in between is done again.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Self

from filelock import FileLock, Timeout
from pydantic import TypeAdapter, ValidationError

from soniclayer.archive.work import Facts
from soniclayer.errors import RecordError, SettingsError
from soniclayer.exports.json_results import read_results
from soniclayer.terminal import put_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from types import TracebackType

    from soniclayer.personas import Persona
    from soniclayer.records import Record

LOCK_MODE = 0o644


@dataclass(frozen=True, slots=True)
class Basis:
    """What results depend on beside the show itself, as digests.

    Attributes:
        evaluator: the evaluator, the version of its model, its settings, the length of segments.
        personas: as they are asked and shown.
    """

    evaluator: str
    personas: str


def basis_of(evaluator: str, identity: str, target_s: float, personas: Iterable[Persona]) -> Basis:
    """`evaluator`, `identity`: of the row in the table of evaluators, with the settings."""
    return Basis(_digest(evaluator, identity, target_s), _digest(*personas))


def _digest(*parts: object) -> str:
    return hashlib.blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Entry:
    """What is held of a show.

    Attributes:
        content: digest of its file's bytes.
        file: where that was below the folder when it was last seen.
        basis: of the results.
        facts: of the results.
    """

    content: str
    file: str
    basis: Basis
    facts: Facts


class Output:
    """The folder, locked: `with Output(path) as output:`."""

    def __init__(self, folder: Path) -> None:
        """Makes the folder. Raises SettingsError where that cannot be."""
        self.folder = folder
        self._shows = folder / "shows"
        self._index = folder / "index.jsonl"
        self.entries: dict[str, Entry] = {}
        try:
            self._shows.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SettingsError(f"{folder} cannot be written: {error.strerror}. Name another folder.") from error
        self._lock = FileLock(folder / "archive.lock", timeout=0, mode=LOCK_MODE, thread_local=False)

    def __enter__(self) -> Self:
        """Raises SettingsError where another process writes into it."""
        try:
            self._lock.acquire()
        except Timeout as error:
            raise SettingsError(
                f"Another run is writing into {self.folder}. Wait until it ends, or name another folder."
            ) from error
        except (OSError, NotImplementedError) as error:
            raise SettingsError(f"{self.folder} cannot be locked: {error}. Name a folder on another disk.") from error
        self.entries = {entry.content: entry for entry in self._read_index()}
        self.write_index()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()

    def still_true(self, content: str, basis: Basis) -> bool:
        """The results of this show are whole, and would be the same now."""
        entry = self.entries.get(content)
        return entry is not None and entry.basis == basis and entry.facts.complete and self.path(content).is_file()

    def results(self, content: str, basis: Basis) -> bytes:
        """The results of this show by the same evaluator, some of whose cells may still be true; b"" for none."""
        entry = self.entries.get(content)
        if entry is None or entry.basis.evaluator != basis.evaluator:
            return b""
        try:
            return self.path(content).read_bytes()
        except OSError:  # as if it were not there
            return b""

    def path(self, content: str) -> Path:
        """Where the results of a show are."""
        return self._shows / f"{content}.json"

    def record(self, content: str) -> tuple[bytes, Record]:
        """The results of a show as they stand in their file, and read. Raises SettingsError where they cannot be."""
        path = self.path(content)
        try:
            data = path.read_bytes()
            return data, read_results(data, when=path.stat().st_mtime).record
        except (OSError, RecordError) as error:
            raise SettingsError(f"{path} cannot be read: {error} Delete it, and run again.") from error

    def put(self, entry: Entry, show: bytes) -> None:
        """Write the results of a show down. Raises SettingsError where they cannot be written."""
        put_file(self.path(entry.content), show)
        self.entries[entry.content] = entry
        try:
            with self._index.open("ab") as file:
                file.write(_line(entry))
        except OSError as error:
            raise SettingsError(f"{self._index} cannot be written: {error.strerror}. Make room.") from error

    def seen(self, content: str, file: str) -> None:
        """A show that is held was found, perhaps in another place than before."""
        self.entries[content] = replace(self.entries[content], file=file)

    def write_index(self) -> None:
        """Write the index anew, with one line per show. Raises SettingsError."""
        put_file(self._index, b"".join(map(_line, self.entries.values())))

    def _read_index(self) -> Iterator[Entry]:
        if not self._index.exists():
            return
        for line in self._index.read_bytes().splitlines():
            try:
                yield _adapter().validate_json(line)
            except ValidationError:  # the last line of a process that was killed; its show is done again
                continue


def _line(entry: Entry) -> bytes:
    document = _adapter().dump_python(entry, mode="python")
    return (json.dumps(document, ensure_ascii=True, allow_nan=False, separators=(",", ":")) + "\n").encode()


@cache
def _adapter() -> TypeAdapter[Entry]:
    return TypeAdapter(Entry)
