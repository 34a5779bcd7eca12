"""What people add to a show: reviews, edits, and the sound."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

from soniclayer.audio import Audio
from soniclayer.edits import Edit
from soniclayer.feedback import Review
from soniclayer.library.shows import clean

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from soniclayer.library.database import Database


class Reviews:
    """Overruling scores. Every method raises LibraryError where the file cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        show: str,
        *,
        words: str,
        start_ms: int,
        persona: str,
        score: int,
        reason: str,
        who: str = "",
        text: str = "",
        said: int | None = None,
        evaluator: str = "",
        when: float | None = None,
    ) -> Review:
        """Keep a review; an earlier one of the same words and persona stays in the history. See `feedback.Review`."""
        if score not in range(1, 6):
            raise ValueError(f"a score is 1 to 5, not {score}")
        values = {
            "show": show,
            "words": words,
            "start_ms": start_ms,
            "persona": persona,
            "score": score,
            "reason": clean(reason),
            "who": clean(who),
            "made": time.time() if when is None else when,
            "text": clean(text),
            "said": said,
            "evaluator": clean(evaluator),
        }
        marks = ", ".join(f":{name}" for name in values)
        insert = f"INSERT INTO reviews ({', '.join(values)}) VALUES ({marks}) RETURNING *"
        with self._database.write() as connection:
            return Review(**dict(connection.execute(insert, values).fetchone()))

    def list(self, show: str) -> list[Review]:
        """All reviews of a show in order of time, also those taken back; `insights.reviews` says which count."""
        rows = self._database.rows("SELECT * FROM reviews WHERE show = ? ORDER BY made, id", (show,))
        return [Review(**dict(row)) for row in rows]

    def undo(self, review: int, *, who: str = "", when: float | None = None) -> None:
        """Take a review back; the one before it counts again. who: takes it back."""
        with self._database.write() as connection:
            connection.execute(
                "UPDATE reviews SET undone = ?, undone_by = ? WHERE id = ? AND undone IS NULL",
                (time.time() if when is None else when, clean(who), review),
            )


class Edits:
    """Rewritten and cut segments. Every method raises LibraryError where the file cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(
        self,
        show: str,
        *,
        words: str,
        start_ms: int,
        text: str | None = None,
        struck: Iterable[tuple[int, int]] = (),
        when: float | None = None,
    ) -> Edit:
        """Keep the edit of a segment, in place of the one before. See `edits.Edit`."""
        cleaned = None if text is None else clean(text)
        edit = Edit(show, words, start_ms, cleaned, tuple(struck), time.time() if when is None else when)
        with self._database.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO edits (show, words, start_ms, text, struck, made) VALUES (?, ?, ?, ?, ?, ?)",
                (show, words, start_ms, edit.text, json.dumps(edit.struck), edit.made),
            )
        return edit

    def list(self, show: str) -> list[Edit]:
        """The edits of a show, in order of place."""
        rows = self._database.rows(
            "SELECT show, words, start_ms, text, struck, made FROM edits WHERE show = ? ORDER BY start_ms, id",
            (show,),
        )
        return [Edit(**{**row, "struck": tuple(map(tuple, json.loads(row["struck"])))}) for row in map(dict, rows)]

    def drop(self, show: str, words: str, start_ms: int) -> None:
        """Forget the edit of a segment."""
        with self._database.write() as connection:
            connection.execute(
                "DELETE FROM edits WHERE show = ? AND words = ? AND start_ms = ?", (show, words, start_ms)
            )


class Audios:
    """The audio of shows. Every method raises LibraryError where the file cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, show: str, audio: Audio) -> None:
        """Note what the audio of a show is, in place of what was noted before."""
        offset_ms = round(audio.offset_s * 1000)
        with self._database.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO audio (show, path, copied, offset_ms, name, token) VALUES (?, ?, ?, ?, ?, ?)",
                (show, str(audio.path), int(audio.copied), offset_ms, clean(audio.name), audio.token),
            )

    def get(self, show: str) -> Audio | None:
        """The audio of a show, if there is any, and also of one that was removed."""
        return _audio(self._database.row("SELECT * FROM audio WHERE show = ?", (show,)))

    def with_token(self, token: str) -> Audio | None:
        """The audio that is served at this token, unless its show was removed."""
        return _audio(
            self._database.row(
                "SELECT a.* FROM audio a JOIN shows s ON s.id = a.show WHERE a.token = ? AND s.removed IS NULL",
                (token,),
            )
        )

    def copies(self) -> set[str]:
        """The names of the files that are the library's own."""
        return {Path(row["path"]).name for row in self._database.rows("SELECT path FROM audio WHERE copied")}

    def drop(self, show: str) -> None:
        """Forget the audio of a show; a file of the library's own stays for whoever asked to delete."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM audio WHERE show = ?", (show,))


def _audio(row: sqlite3.Row | None) -> Audio | None:
    if row is None:
        return None
    return Audio(row["token"], Path(row["path"]), row["name"], bool(row["copied"]), row["offset_ms"] / 1000)
