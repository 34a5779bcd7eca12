"""The tables of the library, as the steps that lead to them.

`PRAGMA user_version` of a file is the number of steps it has taken. A step that has been released stays as it is: to
change a table, add a step. Times are seconds since 1970 (UTC) as numbers, blobs are compressed by zlib.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from soniclayer.errors import LibraryError

if TYPE_CHECKING:
    from collections.abc import Iterator

_FIRST = """
CREATE TABLE shows (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,            -- what the address of the page carries
    name TEXT NOT NULL,
    content TEXT NOT NULL,              -- digest of the file's bytes
    source BLOB NOT NULL,               -- the file's bytes
    options TEXT NOT NULL,              -- JSON: how the file is read
    tag TEXT NOT NULL DEFAULT '',       -- the programme it belongs to
    facts TEXT NOT NULL DEFAULT '',     -- format, length, segments, speakers, in one line
    duration_s REAL NOT NULL DEFAULT 0,
    created REAL NOT NULL,
    opened REAL NOT NULL,
    removed REAL                        -- when it was deleted, while that can be undone
);
CREATE INDEX shows_by_opened ON shows (opened);
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    show TEXT NOT NULL REFERENCES shows (id) ON DELETE CASCADE,
    reading TEXT NOT NULL,              -- digest of the file and of how it is read
    identity TEXT NOT NULL,             -- of the evaluator and its settings
    personas TEXT NOT NULL,             -- fingerprint of the personas file
    evaluator TEXT NOT NULL,            -- id of its row in the table of evaluators
    name TEXT NOT NULL,
    model TEXT NOT NULL,
    state TEXT NOT NULL,
    answered INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    means TEXT NOT NULL,                -- JSON: [id, name, emoji, mean] of every persona
    usage TEXT NOT NULL,                -- JSON: of all of it together
    cost REAL,
    saved REAL NOT NULL,
    record BLOB NOT NULL,
    UNIQUE (show, reading, identity, personas)
);
CREATE TABLE reviews (
    id INTEGER PRIMARY KEY,
    show TEXT NOT NULL REFERENCES shows (id) ON DELETE CASCADE,
    words TEXT NOT NULL,                -- digest of the segment's words
    start_ms INTEGER NOT NULL,
    persona TEXT NOT NULL,
    score INTEGER NOT NULL CHECK (score BETWEEN 1 AND 5),
    reason TEXT NOT NULL,
    who TEXT NOT NULL,
    made REAL NOT NULL,
    undone REAL
);
CREATE INDEX reviews_by_show ON reviews (show);
CREATE TABLE edits (
    id INTEGER PRIMARY KEY,
    show TEXT NOT NULL REFERENCES shows (id) ON DELETE CASCADE,
    words TEXT NOT NULL,                -- digest of the segment's words before the edit
    start_ms INTEGER NOT NULL,
    text TEXT,                          -- the new words
    struck TEXT NOT NULL,               -- JSON: [begin, end] of characters that are struck out
    made REAL NOT NULL,
    UNIQUE (show, words, start_ms)
);
CREATE TABLE audio (
    show TEXT PRIMARY KEY REFERENCES shows (id) ON DELETE CASCADE,
    path TEXT NOT NULL,
    copied INTEGER NOT NULL,            -- the file is the library's own
    offset_ms INTEGER NOT NULL
);
CREATE VIRTUAL TABLE search USING fts5 (name, words, tokenize = 'unicode61 remove_diacritics 2');
CREATE TRIGGER shows_named AFTER UPDATE OF name ON shows BEGIN
    UPDATE search SET name = new.name WHERE rowid = new.key;
END;
CREATE TRIGGER shows_added AFTER INSERT ON shows BEGIN
    INSERT INTO search (rowid, name, words) VALUES (new.key, new.name, '');
END;
CREATE TRIGGER shows_gone AFTER DELETE ON shows BEGIN
    DELETE FROM search WHERE rowid = old.key;
END;
"""

_SECOND = """
ALTER TABLE reviews ADD COLUMN undone_by TEXT NOT NULL DEFAULT '';
ALTER TABLE reviews ADD COLUMN text TEXT NOT NULL DEFAULT '';        -- the segment's words as they were
ALTER TABLE reviews ADD COLUMN said INTEGER;                         -- what the evaluator had said
ALTER TABLE reviews ADD COLUMN evaluator TEXT NOT NULL DEFAULT '';   -- its name
"""

_THIRD = """
ALTER TABLE audio ADD COLUMN name TEXT NOT NULL DEFAULT '';    -- as the user knows it
ALTER TABLE audio ADD COLUMN token TEXT NOT NULL DEFAULT '';   -- what its web address carries
CREATE INDEX audio_by_token ON audio (token);
"""

_FOURTH = """
-- All that the list shows: beside the file's bytes it would be read with them.
CREATE INDEX shows_listed ON shows (opened, removed, id, name, tag, facts, duration_s, created);
DROP INDEX shows_by_opened;
"""

MIGRATIONS = (_FIRST, _SECOND, _THIRD, _FOURTH)
"""SQL scripts, in order; a file of version n has taken the first n."""


def migrate(connection: sqlite3.Connection) -> None:
    """Take the steps that are missing, each whole or not at all, whoever else opens the file at the same time.

    Raises:
        LibraryError: the file was written by a newer version.
    """
    while (version := _version(connection)) != len(MIGRATIONS):
        if version > len(MIGRATIONS):
            raise LibraryError(
                "The library of shows was written by a newer SonicLayer. Update this one, or name another folder in "
                "SONICLAYER_DATA."
            )
        connection.execute("BEGIN IMMEDIATE")
        try:
            version = _version(connection)  # another process may have been quicker
            if version < len(MIGRATIONS):
                for statement in _statements(MIGRATIONS[version]):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {version + 1}")
            connection.execute("COMMIT")
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def _version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def _statements(script: str) -> Iterator[str]:
    """One after the other, because `executescript` would end the transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
