"""One SQLite file, or one in memory: one writer, readers that do not wait for it, errors in words."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from soniclayer.errors import LibraryDamagedError, LibraryError, LibraryFullError
from soniclayer.library.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

FOLDER_MODE, FILE_MODE = 0o700, 0o600
BUSY_S = 10.0
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_WRITTEN_OFF = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_FSYNC)


class Database:
    """Every method may be called from any thread; other processes may use the same file.

    A write is on disk when `write` has ended, and whole: a process that is killed leaves all of it or nothing.
    """

    def __init__(self, path: Path | None) -> None:
        """Open it, made or brought up to date if need be; None keeps all of it in memory.

        Raises:
            LibraryError: it cannot be used; `LibraryFullError` and `LibraryDamagedError` say why.
        """
        self.path = path
        self._writing = threading.RLock()
        self._writer = self._reader = self._opened()
        self._reading = self._writing
        if path is not None:
            try:
                self._reader = self._opened()
            except LibraryError:
                self._writer.close()
                raise
            self._reading = threading.RLock()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction: committed where the block ends, undone where it raises. Raises LibraryError."""
        with self._writing, in_words(self.path):
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # a full disk may have ended the transaction itself
                    self._writer.execute("ROLLBACK")
                raise

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[sqlite3.Row]:
        """What a query finds. Raises LibraryError."""
        with self._reading, in_words(self.path):
            found: list[sqlite3.Row] = self._reader.execute(sql, values).fetchall()
            return found

    def row(self, sql: str, values: Sequence[object] = ()) -> Any:
        """The first row, or None. Raises LibraryError."""
        return next(iter(self.rows(sql, values)), None)

    def forget_deleted(self) -> bool:
        """Leave nothing of deleted rows on disk; False where another process was in the way. Raises LibraryError."""
        with self._writing, in_words(self.path):
            try:
                self._writer.execute("INSERT INTO search (search) VALUES ('optimize')")
                self._writer.execute("VACUUM")
                busy: int = self._writer.execute("PRAGMA wal_checkpoint (TRUNCATE)").fetchone()[0]
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    raise
                return False
            return not busy

    def close(self) -> None:
        """Close the file."""
        with self._writing, self._reading:
            self._reader.close()
            self._writer.close()

    def _opened(self) -> sqlite3.Connection:
        with in_words(self.path):
            if self.path is not None:
                self.path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
                _make(self.path)
            connection = sqlite3.connect(
                self.path or ":memory:", timeout=BUSY_S, isolation_level=None, check_same_thread=False
            )
            try:
                self._set_up(connection)
            except BaseException:
                connection.close()
                raise
        return connection

    def _set_up(self, connection: sqlite3.Connection) -> None:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        for setting in ("foreign_keys = ON", "secure_delete = ON", "synchronous = FULL", "temp_store = MEMORY"):
            connection.execute(f"PRAGMA {setting}")
        migrate(connection)


def _make(path: Path) -> None:
    """Make the file, for its owner alone; SQLite's other files follow it."""
    # Never open one that is there: closing it would end the locks that SQLite has on it in this process, and another
    # process could take the log away from under it.
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, FILE_MODE))


@contextmanager
def in_words(path: Path | None) -> Iterator[None]:
    """Errors of SQLite and of the file system as a LibraryError that says what to do."""
    where = "in memory" if path is None else str(path)
    try:
        yield
    except OSError as error:
        raise LibraryError(
            f"The library of shows ({where}) cannot be used: {error.strerror}. Name another folder in "
            "SONICLAYER_DATA."
        ) from error
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        if code in _DAMAGED:
            raise LibraryDamagedError(f"The library of shows ({where}) is damaged: {error}.") from error
        if code in _WRITTEN_OFF:
            raise LibraryFullError(
                f"The disk has no room for the library of shows ({where}). Make room; until then nothing is kept."
            ) from error
        raise LibraryError(
            f"The library of shows ({where}) cannot be used: {error}. Close other programs that use it, or name "
            "another folder in SONICLAYER_DATA."
        ) from error
