-- A library of version 1, as it was first released: the tables, and one show.

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
INSERT INTO shows VALUES (1, 'friday', 'Friday.vtt', '0123', X'789c0b77750a0b090100066f01dd', '{"format": null, "encoding": null, "target_s": 60, "names": []}', 'Breakfast', '', 0.0, 1.0, 1.0, NULL);
INSERT INTO reviews VALUES (1, 'friday', 'd', 0, 'ann', 5, 'Funny after all.', 'Mo', 1.0, NULL);
INSERT INTO edits VALUES (1, 'friday', 'd', 0, 'New words.', '[]', 1.0);
UPDATE search SET words = 'slow roasted lamb' WHERE rowid = 1;
PRAGMA user_version = 1;
