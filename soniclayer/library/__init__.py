"""The library: shows with their runs, reviews, edits and sound, in one SQLite file that outlives the server.

`open_library` gives the one of a folder, `Library(None)` one in memory that is used in the same way. No layer above
writes SQL: to keep something new, add a step in `schema`, a row in `rows` and a method here.
"""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from soniclayer.audio import discard
from soniclayer.errors import LibraryDamagedError, LibraryError
from soniclayer.library.database import Database
from soniclayer.library.notes import Audios, Edits, Reviews
from soniclayer.library.rows import IMPORTED as IMPORTED
from soniclayer.library.rows import Mean as Mean
from soniclayer.library.rows import RunRow as RunRow
from soniclayer.library.rows import ShowRow as ShowRow
from soniclayer.library.runs import Runs
from soniclayer.library.shows import Shows

if TYPE_CHECKING:
    from collections.abc import Collection

FILE = "library.sqlite3"
AUDIO = "audio"
TABLES = {
    "shows": ("id", "key"),
    "audio": ("show", ""),
    **dict.fromkeys(("runs", "reviews", "edits"), ("show", "id")),
}
"""By name of a table, the column that has the id of the show, and the one that numbers its rows."""
UNDO_S = 60.0
"""Seconds for which a deleted show can be brought back."""
ORPHAN_S = 3600.0
"""Age in seconds beyond which a copied audio file that belongs to no show is deleted: an upload has ended by then."""


class Library:
    """Shows and all that belongs to them. Every method may be called from any thread, and raises LibraryError.

    Attributes:
        shows, runs, reviews, edits, audio: one table each.
        path: of its file, or None where it is in memory.
    """

    def __init__(self, path: Path | None) -> None:
        """Open the file, made if need be; None keeps all of it in memory. Raises LibraryError."""
        self.path = path
        self._database = Database(path)
        self.shows = Shows(self._database)
        self.runs = Runs(self._database)
        self.reviews = Reviews(self._database)
        self.edits = Edits(self._database)
        self.audio = Audios(self._database)

    @property
    def audio_folder(self) -> Path | None:
        """Where the library's own copies of audio files are; None in memory."""
        return None if self.path is None else self.path.parent / AUDIO

    def delete(self, shows: Collection[str]) -> bool:
        """Delete shows with all that belongs to them, so that nothing of it is left on disk.

        Returns:
            False where another process was in the way: the rows are gone, their bytes go with the next deletion.
        """
        for show in shows:
            found = self.audio.get(show)
            with self._database.write() as connection:
                connection.execute("DELETE FROM shows WHERE id = ?", (show,))
            if found is not None:
                discard(found)
        return self._database.forget_deleted()

    def delete_removed(self, *, now: float | None = None) -> list[str]:
        """Delete for good what was removed longer ago than `UNDO_S`.

        Returns:
            Digests of the files of which no show is left (`Source.content`).
        """
        gone = self.shows.removed((time.time() if now is None else now) - UNDO_S)
        if not gone:
            return []
        contents = {self.shows.content(show) for show in gone}
        self.delete(gone)
        return sorted(contents - self.shows.contents())

    def move(self, show: str, target: Library) -> None:
        """Have a show, and all that belongs to it, in another library in place of this one."""
        found = {
            table: [dict(row) for row in self._database.rows(f"SELECT * FROM {table} WHERE {key} = ?", (show,))]
            for table, (key, _) in TABLES.items()
        }
        words = self._database.row("SELECT words FROM search JOIN shows ON key = search.rowid WHERE id = ?", (show,))
        with target._database.write() as connection:
            connection.execute("DELETE FROM shows WHERE id = ?", (show,))
            for table, rows in found.items():
                for row in rows:
                    values = {name: value for name, value in row.items() if name != TABLES[table][1]}
                    marks = ", ".join(f":{name}" for name in values)
                    connection.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", values)
            connection.execute(
                "UPDATE search SET words = ? WHERE rowid = (SELECT key FROM shows WHERE id = ?)",
                (words[0] if words else "", show),
            )
        with self._database.write() as connection:  # not `delete`, which takes the copied sound file with it
            connection.execute("DELETE FROM shows WHERE id = ?", (show,))
        self._database.forget_deleted()

    def sweep(self, *, now: float | None = None) -> None:
        """Delete copied audio of which no show is left: the server ended before it could, or the file was in use."""
        folder = self.audio_folder
        if folder is None or not folder.is_dir():
            return
        latest, copies = (time.time() if now is None else now) - ORPHAN_S, self.audio.copies()
        for path in folder.iterdir():
            with suppress(OSError):
                if path.name not in copies and path.stat().st_mtime < latest:
                    path.unlink()

    @property
    def size(self) -> int:
        """Bytes of the file, or in memory."""
        pages: int = self._database.row("PRAGMA page_count")[0]
        bytes_of_page: int = self._database.row("PRAGMA page_size")[0]
        return pages * bytes_of_page

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def open_library(folder: Path, *, damage: LibraryDamagedError | None = None) -> tuple[Library, str]:
    """The library of a folder, and "", or in words for the user what is wrong with it.

    One that is damaged is set aside under another name, and a new one begun. Where the folder cannot be used at all
    the library is in memory.

    damage: what was found in a library that had been opened.
    """
    path = folder / FILE
    try:
        if damage is not None:
            raise damage
        return Library(path), ""
    except LibraryDamagedError as error:
        try:
            aside = set_aside(path)
            return Library(path), f"{error} It was set aside as {aside.name}, and a new one was begun."
        except (LibraryError, OSError) as another:
            return Library(None), f"{error} {another} {IN_MEMORY}"
    except LibraryError as error:
        return Library(None), f"{error} {IN_MEMORY}"


IN_MEMORY = "Until then shows are kept in memory, and gone when the server ends."


def set_aside(path: Path) -> Path:
    """Give a damaged library another name, with the date; returns its new path. Raises OSError."""
    stamp = datetime.now().strftime("%Y-%m-%d-%H%M%S")
    aside = path.with_name(f"{path.stem}-damaged-{stamp}{path.suffix}")
    for ending in ("-wal", "-shm", ""):  # what was written last may still be in the log beside it
        part = Path(f"{path}{ending}")
        if part.exists():
            part.replace(f"{aside}{ending}")
    return aside
