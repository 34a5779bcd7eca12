"""The files below a folder, and how each is read: once, whole, and within the size that is read at all."""

from __future__ import annotations

import os
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from soniclayer.errors import SettingsError, TranscriptError
from soniclayer.exports.plain import plain

HIDDEN = "Hidden: its name begins with a dot. Rename it to have it read."
READ_ALREADY = "A link to a folder that is read already."
NO_FILE = "Neither a file nor a folder, or a link that leads nowhere."


@dataclass(frozen=True, slots=True)
class Found:
    """A file below the folder.

    Attributes:
        path: where it is.
        file: its place below the folder, with / between; fit to be written and shown.
    """

    path: Path
    file: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """What was not evaluated, and why. `file` as in `Found`."""

    file: str
    reason: str


def scan(folder: Path, output: Path) -> tuple[list[Found], list[Skipped]]:
    """Every file below the folder in order of name, links followed; `output` is left out, wherever it is.

    Raises:
        SettingsError: there is no such folder.
    """
    if not folder.is_dir():
        raise SettingsError(f"{folder} is not a folder. Name one that holds transcripts.")
    return _Walk(output).below(folder)


class _Walk:
    """A walk over folders. Links come last, so that a folder is found in its own place before a link leads to it."""

    def __init__(self, output: Path) -> None:
        self._output = _identity(output)
        self._read: set[tuple[int, int]] = set()
        self._found: list[Found] = []
        self._skipped: list[Skipped] = []
        self._folders: deque[Found] = deque()
        self._links: deque[Found] = deque()

    def below(self, folder: Path) -> tuple[list[Found], list[Skipped]]:
        self._folders.append(Found(folder, ""))
        while self._folders or self._links:
            where = self._folders.popleft() if self._folders else self._links.popleft()
            try:
                self._enter(where)
            except OSError as error:
                self._skip(where.file, f"The folder cannot be read: {error.strerror}.")
        return self._found, self._skipped

    def _enter(self, where: Found) -> None:
        identity = _identity(where.path)
        if identity == self._output:
            return
        if identity in self._read:
            self._skip(where.file, READ_ALREADY)
            return
        self._read.add(identity)
        with os.scandir(where.path) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                self._meet(entry, f"{where.file}/{plain(entry.name)}".lstrip("/"))

    def _meet(self, entry: os.DirEntry[str], file: str) -> None:
        here = Found(Path(entry.path), file)
        try:
            if entry.name.startswith("."):
                self._skip(file, HIDDEN)
            elif entry.is_dir():
                (self._links if entry.is_symlink() else self._folders).append(here)
            elif entry.is_file():
                self._found.append(here)
            else:
                self._skip(file, NO_FILE)
        except OSError as error:  # a link that leads to itself
            self._skip(file, f"It cannot be read: {error.strerror}.")

    def _skip(self, file: str, reason: str) -> None:
        self._skipped.append(Skipped(file, reason))


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


def read(path: Path, max_bytes: int) -> bytes:
    """The file's bytes.

    Raises:
        TranscriptError: it is larger than `max_bytes`, cannot be read, or changed meanwhile; says which.
    """
    try:
        with path.open("rb") as file:
            before = os.fstat(file.fileno())
            if before.st_size > max_bytes:
                raise TranscriptError(
                    f"It has {before.st_size:,} bytes, more than the {max_bytes:,} that are read. Is it the audio? "
                    "Split it, or raise SONICLAYER_MAX_MB."
                )
            data = file.read(max_bytes + 1)
            after = os.fstat(file.fileno())
    except OSError as error:
        raise TranscriptError(f"It cannot be read: {error.strerror}. See who may read it.") from error
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or len(data) != after.st_size:
        raise TranscriptError("It changed while it was read. Run again when it is whole.")
    return data
