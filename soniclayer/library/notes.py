"""What people add to a show: reviews, edits, and the sound."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

from soniclayer.library.rows import Audio, Edit, Review
from soniclayer.library.shows import clean

if TYPE_CHECKING:
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
        when: float | None = None,
    ) -> Review:
        """Keep a review; an earlier one of the same words and persona stays in the history. See `Review`."""
        if score not in range(1, 6):
            raise ValueError(f"a score is 1 to 5, not {score}")
        made = time.time() if when is None else when
        values = (show, words, start_ms, persona, score, clean(reason), clean(who), made)
        with self._database.write() as connection:
            made_id = connection.execute(
                "INSERT INTO reviews (show, words, start_ms, persona, score, reason, who, made)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            ).lastrowid
        return Review(made_id or 0, *values, undone=None)

    def list(self, show: str, *, history: bool = False) -> list[Review]:
        """The reviews of a show that count, in order of time: of each words and persona the last one not undone.

        history: all there ever were, undone ones too.
        """
        rows = self._database.rows("SELECT * FROM reviews WHERE show = ? ORDER BY made, id", (show,))
        found = [Review(**dict(row)) for row in rows]
        if history:
            return found
        counting = {(review.words, review.persona): review for review in found if review.undone is None}
        return sorted(counting.values(), key=lambda review: (review.made, review.id))

    def undo(self, review: int, *, when: float | None = None) -> None:
        """Take a review back; the one before it counts again."""
        with self._database.write() as connection:
            connection.execute(
                "UPDATE reviews SET undone = ? WHERE id = ? AND undone IS NULL",
                (time.time() if when is None else when, review),
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
        """Keep the edit of a segment, in place of the one before. See `Edit`."""
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
    """The sound of shows. Every method raises LibraryError where the file cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def set(self, show: str, path: Path, *, copied: bool, offset_ms: int = 0) -> Audio:
        """Note where the sound of a show is, in place of what was noted before. See `Audio`."""
        with self._database.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO audio (show, path, copied, offset_ms) VALUES (?, ?, ?, ?)",
                (show, str(path), int(copied), offset_ms),
            )
        return Audio(show, path, copied, offset_ms)

    def get(self, show: str) -> Audio | None:
        """The sound of a show, if there is any."""
        row = self._database.row("SELECT path, copied, offset_ms FROM audio WHERE show = ?", (show,))
        return None if row is None else Audio(show, Path(row["path"]), bool(row["copied"]), row["offset_ms"])

    def drop(self, show: str) -> None:
        """Forget the sound of a show; a file of the library's own stays for whoever asked to delete."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM audio WHERE show = ?", (show,))
