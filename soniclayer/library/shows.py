"""The shows of the library: put in, found, searched, renamed, deleted."""

from __future__ import annotations

import json
import re
import time
import unicodedata
import zlib
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from soniclayer.library.rows import ShowRow
from soniclayer.source import Options, Source

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from soniclayer.library.database import Database

LISTED = "s.id, s.name, s.tag, s.facts, s.duration_s, s.created, s.opened"


OPEN_FILES = 8
BEFORE, AFTER = 4, 8  # words that are shown around what was found
FAR = 200  # characters within which they are


class Shows:
    """Every method raises LibraryError where the file cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._files: dict[str, bytes] = {}  # by digest, those that were opened last: every look at a page asks

    def put(self, show: str, source: Source, *, when: float | None = None) -> None:
        """Keep a show under an id. One that is there stays as it is, and counts as looked at.

        One of this id that was deleted goes for good first.
        """
        now = time.time() if when is None else when
        packed = zlib.compress(source.data)
        with self._database.write() as connection:
            connection.execute("DELETE FROM shows WHERE id = ? AND removed IS NOT NULL", (show,))
            connection.execute(
                "INSERT INTO shows (id, name, content, source, options, created, opened) VALUES (?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET opened = excluded.opened",
                (show, clean(source.name), source.content, packed, _written(source.options), now, now),
            )

    def replace(self, show: str, source: Source) -> None:
        """Have another file be the show's; what people have said of it stays."""
        with self._database.write() as connection:
            connection.execute(
                "UPDATE shows SET name = ?, content = ?, source = ?, options = ? WHERE id = ?",
                (clean(source.name), source.content, zlib.compress(source.data), _written(source.options), show),
            )

    def describe(self, show: str, *, facts: str, duration_s: float, words: str) -> None:
        """Note what was understood of a show: its line in the list, and its words for the search."""
        with self._database.write() as connection:
            connection.execute(
                "UPDATE shows SET facts = ?, duration_s = ? WHERE id = ?", (clean(facts), duration_s, show)
            )
            connection.execute(
                "UPDATE search SET words = ? WHERE rowid = (SELECT key FROM shows WHERE id = ?)", (clean(words), show)
            )

    def source(self, show: str) -> Source | None:
        """The file of a show and how it is to be read; None where there is no such show."""
        row = self._database.row("SELECT name, content, options FROM shows WHERE id = ? AND removed IS NULL", (show,))
        if row is None:
            return None
        data = self._files.get(row["content"])
        if data is None:
            packed = self._database.row("SELECT source FROM shows WHERE id = ?", (show,))
            if packed is None:
                return None
            data = self._files[row["content"]] = zlib.decompress(packed[0])
            for old in list(self._files)[:-OPEN_FILES]:
                self._files.pop(old, None)
        return Source(row["name"], data, _read(row["options"]), row["content"])

    def names(self) -> dict[str, str]:
        """The names of all shows by their ids, in alphabetical order."""
        rows = self._database.rows("SELECT id, name FROM shows WHERE removed IS NULL ORDER BY name, key")
        return {row[0]: row[1] for row in rows}

    def content(self, show: str) -> str:
        """Digest of the file of a show, removed or not; "" where there is no such show."""
        row = self._database.row("SELECT content FROM shows WHERE id = ?", (show,))
        return "" if row is None else row[0]

    def contents(self) -> set[str]:
        """Digests of the files of all shows, removed ones too."""
        return {row[0] for row in self._database.rows("SELECT DISTINCT content FROM shows")}

    def get(self, show: str) -> ShowRow | None:
        """A show as the list has it; None where there is no such show."""
        found = self.recent(1, only=(show,))
        return found[0] if found else None

    def recent(self, limit: int, *, offset: int = 0, only: Collection[str] | None = None) -> list[ShowRow]:
        """The shows that were looked at last, the latest first; of these ids, where they are given."""
        among, values = _among(only)
        rows = self._database.rows(
            f"SELECT {LISTED} FROM shows s WHERE s.removed IS NULL{among} ORDER BY s.opened DESC, s.key DESC"
            " LIMIT ? OFFSET ?",
            (*values, limit, offset),
        )
        return [ShowRow(*row) for row in rows]

    def count(self) -> int:
        """How many shows there are."""
        number: int = self._database.row("SELECT count(*) FROM shows WHERE removed IS NULL")[0]
        return number

    def search(self, text: str, limit: int, *, only: Collection[str] | None = None) -> list[ShowRow]:
        """The shows whose name or words hold all of these words, or words that begin so; the best first."""
        words = clean(text).replace("\0", " ").split()
        if not words:
            return []
        among, values = _among(only)
        best = self._database.rows(
            f"SELECT s.key FROM search JOIN shows s ON s.key = search.rowid"
            f" WHERE search MATCH ? AND s.removed IS NULL{among}"
            " ORDER BY bm25(search, 5.0, 1.0), s.opened DESC LIMIT ?",
            (" ".join(map(_term, words)), *values, limit),
        )
        keys = [row[0] for row in best]
        rows: Iterable[Any] = self._database.rows(
            f"SELECT s.key, {LISTED}, search.words FROM search JOIN shows s ON s.key = search.rowid"
            f" WHERE search.rowid IN ({', '.join('?' * len(keys))})",
            keys,
        )
        # The words around it by ourselves: what SQLite has for that takes minutes where a word is found often.
        found = {row[0]: replace(ShowRow(*row[1:-1]), found=excerpt(row[-1], words)) for row in rows}
        return [found[key] for key in keys if key in found]

    def looked_at(self, show: str, *, when: float | None = None) -> None:
        """Have a show stand first in the list."""
        self._change(show, "opened", time.time() if when is None else when)

    def read_as(self, show: str, options: Options) -> None:
        """Change how its file is read."""
        self._change(show, "options", _written(options))

    def rename(self, show: str, name: str) -> None:
        """Call it otherwise."""
        self._change(show, "name", clean(name))

    def tag(self, show: str, tag: str) -> None:
        """Say which programme it belongs to; "" takes that back."""
        self._change(show, "tag", clean(tag).strip())

    def tags(self) -> list[str]:
        """Every programme there is, in alphabetical order."""
        rows = self._database.rows("SELECT DISTINCT tag FROM shows WHERE tag <> '' AND removed IS NULL ORDER BY tag")
        return [row[0] for row in rows]

    def remove(self, show: str, *, when: float | None = None) -> None:
        """Take a show out of sight; `bring_back` undoes it until it is deleted for good."""
        self._change(show, "removed", time.time() if when is None else when)

    def bring_back(self, show: str) -> None:
        """Undo `remove`."""
        self._change(show, "removed", None)

    def removed(self, before: float) -> list[str]:
        """Ids of the shows that were taken out of sight before this time."""
        return [row[0] for row in self._database.rows("SELECT id FROM shows WHERE removed < ?", (before,))]

    def _change(self, show: str, column: str, value: object) -> None:
        with self._database.write() as connection:
            connection.execute(f"UPDATE shows SET {column} = ? WHERE id = ?", (value, show))


def _term(word: str) -> str:
    """A word as the index looks for it: also at the beginning of longer ones, but for a single letter."""
    quoted = word.replace('"', '""')
    return f'"{quoted}"*' if len(word) > 1 else f'"{quoted}"'


def excerpt(text: str, words: Collection[str]) -> str:
    """Some words around the first place where a word begins with one of `words`; "" where none does."""
    begun = "|".join(re.escape(plain_letters(word)) for word in words)
    found = re.search(rf"(?<!\w)(?:{begun})", plain_letters(text))
    if found is None:
        return ""
    before = text[max(0, found.start() - FAR) : found.start()].split()[-BEFORE:]
    after = text[found.start() : found.start() + FAR].split()[:AFTER]
    first, last = text[: found.start()].split()[: BEFORE + 1], text[found.start() :].split(maxsplit=AFTER)
    return " ".join([*(["…"] if len(first) > BEFORE else []), *before, *after, *(["…"] if len(last) > AFTER else [])])


def plain_letters(text: str) -> str:
    """The text in small letters without accents, letter for letter as long."""
    if text.isascii():
        return text.lower()
    return "".join((unicodedata.normalize("NFD", letter)[0].lower() or letter)[0] for letter in text)


def _among(only: Collection[str] | None) -> tuple[str, tuple[str, ...]]:
    """A condition that leaves no shows but these, and its values."""
    if only is None:
        return "", ()
    return f" AND s.id IN ({', '.join('?' * len(only))})", tuple(only)


def clean(text: str) -> str:
    """The text, with a question mark for what UTF-8 cannot hold."""
    return text.encode("utf-8", "replace").decode()


def _written(options: Options) -> str:
    return clean(json.dumps(asdict(options), ensure_ascii=False))


def _read(text: str) -> Options:
    document: dict[str, Any] = json.loads(text)
    names = tuple((old, new) for old, new in document.pop("names", ()))
    return Options(**document, names=names)
