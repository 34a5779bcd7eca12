"""The file: its versions, its owner, damage, a full disk, a newer program, several processes."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from soniclayer.errors import LibraryDamagedError, LibraryError, LibraryFullError
from soniclayer.library import FILE, Library, open_library, schema
from soniclayer.source import Source
from tests.conftest import ROOT
from tests.library.contents import unpacked_rows

SECRET = "quokka"  # a word of the show that is deleted


def put(library: Library, show: str, data: bytes = b"x") -> None:
    library.shows.put(show, Source(f"{show}.vtt", data))


def test_an_empty_file_is_brought_to_the_newest_version(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    Library(path).close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(schema.MIGRATIONS),)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


VERSION_1 = Path(__file__).with_name("version-1.sql")


def test_a_library_of_version_1_keeps_everything(path: Path) -> None:
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.executescript(VERSION_1.read_text(encoding="utf-8"))
    connection.close()
    library = Library(path)
    (row,) = library.shows.search("lamb", 9)
    assert (row.id, row.name, row.tag) == ("friday", "Friday.vtt", "Breakfast")
    source = library.shows.source("friday")
    assert source is not None
    assert (source.data, source.options.target_s) == (b"WEBVTT", 60)
    assert [review.reason for review in library.reviews.list("friday")] == ["Funny after all."]
    assert [edit.text for edit in library.edits.list("friday")] == ["New words."]
    library.close()


def test_a_later_step_is_taken_by_a_file_of_the_version_before(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library(path)
    put(library, "friday")
    library.close()
    step = "ALTER TABLE shows ADD COLUMN mood TEXT NOT NULL DEFAULT 'fine';\nCREATE TABLE more (a INTEGER);"
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, step))
    library = Library(path)
    assert library._database.row("SELECT mood FROM shows")[0] == "fine"
    assert library._database.row("PRAGMA user_version")[0] == len(schema.MIGRATIONS)
    library.close()


def test_a_step_that_fails_leaves_the_file_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Library(path).close()
    before = len(schema.MIGRATIONS)
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, "CREATE TABLE more (a);\nCREATE TABLE shows (a);"))
    with pytest.raises(LibraryError, match="cannot be used"):
        Library(path)
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (before,)
    assert not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'more'").fetchall()
    connection.close()


def test_a_library_of_a_newer_version_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()
    library, message = open_library(path.parent)
    assert library.path is None
    assert "newer SonicLayer" in message
    assert path.read_bytes()[100:] == before[100:]
    library.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_only_its_owner_can_read_it(path: Path) -> None:
    library = Library(path)
    put(library, "friday")
    files = list(path.parent.iterdir())
    assert {file.name for file in files} >= {FILE, f"{FILE}-wal"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    library.close()


@pytest.mark.parametrize("damage", [b"not a database at all" * 400, b"SQLite format 3\0" + b"\xff" * 9_000])
def test_a_damaged_library_is_set_aside_and_never_overwritten(path: Path, damage: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(damage)
    library, message = open_library(path.parent)
    (aside,) = path.parent.glob("*-damaged-*")
    assert aside.read_bytes() == damage
    assert aside.name in message
    put(library, "friday")
    assert library.path == path
    library.close()


def test_damage_that_shows_later_is_said(path: Path) -> None:
    library = Library(path)
    for number in range(50):
        put(library, f"show {number}", os.urandom(20_000))
    library.close()
    data = bytearray(path.read_bytes())
    data[40 * 4096 :] = os.urandom(len(data) - 40 * 4096)
    path.write_bytes(data)
    library = Library(path)
    with pytest.raises(LibraryDamagedError, match="damaged"):
        _ = [library.shows.source(f"show {number}") for number in range(50)]
    library.close()


def test_a_folder_that_cannot_be_written_means_memory(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    library, message = open_library(tmp_path / "file")
    assert "SONICLAYER_DATA" in message
    assert "in memory" in message
    put(library, "friday")
    assert library.shows.count() == 1
    library.close()


def test_a_full_disk_is_said_and_what_is_there_stays(path: Path) -> None:
    library = Library(path)
    put(library, "friday")
    library._database._writer.execute(f"PRAGMA max_page_count = {path.stat().st_size // 4096 + 60}")
    with pytest.raises(LibraryFullError, match="no room"):
        put(library, "large", os.urandom(1_000_000))
    assert [row.id for row in library.shows.recent(9)] == ["friday"]
    library._database._writer.execute("PRAGMA max_page_count = 1000000")
    put(library, "large", os.urandom(1_000_000))
    library.close()


def test_a_reader_does_not_wait_for_a_writer(path: Path) -> None:
    library = Library(path)
    put(library, "friday")
    with library._database.write() as connection:
        connection.execute("UPDATE shows SET name = 'Saturday'")
        assert [row.name for row in library.shows.recent(9)] == ["friday.vtt"]
    assert [row.name for row in library.shows.recent(9)] == ["Saturday"]
    library.close()


def everything(folder: Path) -> list[str]:
    """All the files of a folder as they are, and every value of every table of the library in it, unpacked."""
    files = [file.read_bytes().decode("latin-1").lower() for file in folder.rglob("*") if file.is_file()]
    return files + unpacked_rows(folder / FILE)


def test_after_a_deletion_nothing_of_the_shows_words_is_on_disk(path: Path) -> None:
    library = Library(path)
    put(library, "stays", b"WEBVTT and the wombat")
    put(library, SECRET, f"WEBVTT with the {SECRET}".encode())
    for show, word in (("stays", "wombat"), (SECRET, SECRET)):
        library.shows.describe(show, facts=word, duration_s=1, words=f"words with the {word} in them")
        library.reviews.add(show, words="d", start_ms=0, persona="ann", score=3, reason=f"The {word}.")
        library.edits.put(show, words="d", start_ms=0, text=f"No {word}.")
        library.shows.tag(show, word)
    assert any(SECRET in each for each in everything(path.parent))
    assert library.delete([SECRET])
    left = everything(path.parent)
    assert not any(SECRET in each for each in left)
    assert any("wombat" in each for each in left)
    library.close()
    assert not any(SECRET in each for each in everything(path.parent))


WRITER = """
import sys
from pathlib import Path
from soniclayer.library import Library
from soniclayer.source import Source
library = Library(Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    library.shows.put(f"{sys.argv[2]} {number}", Source("a.vtt", str(number).encode() * 500))
    print(number, flush=True)
library.close()
"""


def writer(path: Path, name: str, count: int) -> subprocess.Popen[bytes]:
    """A process that puts shows into a library, and says after each that it is done."""
    command = [sys.executable, "-c", WRITER, str(path), name, str(count)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)


def test_several_processes_begin_and_fill_one_library_together(path: Path) -> None:
    processes = [writer(path, name, 15) for name in "ab"]
    assert [len(process.communicate(timeout=60)[0].split()) for process in processes] == [15, 15]
    library = Library(path)
    assert library.shows.count() == 30
    library.close()


def test_a_process_that_ends_leaves_the_log_to_one_that_goes_on(path: Path) -> None:
    """Opening the file a second time must not end the locks of the first."""
    here = Library(path)
    assert len(writer(path, "there", 1).communicate(timeout=60)[0].split()) == 1
    put(here, "here")
    looker = "import sys; from pathlib import Path; from soniclayer.library import Library; "
    looker += "print(Library(Path(sys.argv[1])).shows.count())"
    found = subprocess.run([sys.executable, "-c", looker, str(path)], cwd=ROOT, capture_output=True, check=True)
    assert found.stdout.split() == [b"2"]
    here.close()


def kill_and_count(path: Path, name: str, after: int) -> None:
    """Kill a writer in the middle of its work: what it said to be done is there."""
    process = writer(path, name, 1_000_000)
    assert process.stdout is not None
    said = [process.stdout.readline() for _ in range(after)]
    process.kill()
    said += process.stdout.readlines()
    process.wait()
    process.stdout.close()
    done = sum(line.endswith(b"\n") for line in said)
    library = Library(path)
    shows = [library.shows.source(f"{name} {number}") for number in range(done)]
    assert [show and show.data for show in shows] == [str(number).encode() * 500 for number in range(done)]
    assert library._database.row("PRAGMA integrity_check")[0] == "ok"
    library.close()


def test_a_kill_loses_no_finished_write(path: Path) -> None:
    for after in (1, 9):
        kill_and_count(path, f"run {after}", after)


@pytest.mark.soak
def test_thirty_kills_lose_no_finished_write(path: Path) -> None:
    for number in range(30):
        kill_and_count(path, f"run {number}", 1 + number * 7 % 40)
