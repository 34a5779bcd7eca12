from __future__ import annotations

import os
from pathlib import Path

import pytest

from soniclayer.archive.folder import HIDDEN, NO_FILE, READ_ALREADY, read, scan
from soniclayer.errors import SettingsError, TranscriptError


def files(here: Path, output: Path | None = None) -> tuple[list[str], dict[str, str]]:
    found, skipped = scan(here, output or here.parent)
    return [each.file for each in found], {each.file: each.reason for each in skipped}


def test_files_of_all_folders_are_found_whatever_their_names(tmp_path: Path) -> None:
    names = ["a.vtt", "Ελλάδα.txt", "放送.srt", "עברית.json", "with\nbreak", "2024/b", "2024/deep/c.docx"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    found, skipped = files(tmp_path)
    assert sorted(found) == sorted(name.replace("\n", " ") for name in names)
    assert not skipped


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_a_name_that_is_no_text_can_be_written_down(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff\xfe.srt")).write_bytes(b"x")
    ((name,), _) = files(tmp_path)
    assert name.encode()


def test_links_are_followed_once_and_never_in_circles(tmp_path: Path) -> None:
    here = tmp_path / "in"
    (here / "2024").mkdir(parents=True)
    (here / "2024" / "a.vtt").write_bytes(b"x")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "b.vtt").write_bytes(b"x")
    try:
        (here / "0 circle").symlink_to(here)
        (here / "2024" / "up").symlink_to("..")
        (here / "outside").symlink_to(tmp_path / "elsewhere")
        (here / "itself").symlink_to("itself")
        (here / "gone").symlink_to("nowhere")
    except OSError:
        pytest.skip("this user may not make links")
    found, skipped = files(here, tmp_path / "elsewhere" / "b.vtt")
    assert found == ["2024/a.vtt", "outside/b.vtt"]
    assert skipped["0 circle"] == skipped["2024/up"] == READ_ALREADY
    assert skipped["gone"] == NO_FILE
    assert skipped["itself"].startswith("It cannot be read: ")


def test_the_output_and_what_is_hidden_are_left_out(tmp_path: Path) -> None:
    for name in ("out/shows/x.json", ".git/config", ".DS_Store", "a.vtt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    assert files(tmp_path, tmp_path / "out") == (["a.vtt"], {".DS_Store": HIDDEN, ".git": HIDDEN})


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in folders here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert files(tmp_path) == ([], {"pipe": NO_FILE})


def test_a_folder_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "z.vtt").write_bytes(b"x")
    whole = os.scandir

    def scandir(path: Path) -> object:
        if path.name == "closed":
            raise PermissionError(13, "Permission denied")
        return whole(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert files(tmp_path) == (["z.vtt"], {"closed": "The folder cannot be read: Permission denied."})


def test_no_folder_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is not a folder"):
        scan(tmp_path / "none", tmp_path)


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "audio.wav"
    with path.open("wb") as file:
        file.truncate(2_000_000_000)  # takes no room on disk
    with pytest.raises(TranscriptError, match=r"It has 2,000,000,000 bytes, more than the 1,000 that are read"):
        read(path, 1_000)


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(TranscriptError, match="It cannot be read"):
        read(tmp_path / "gone.vtt", 1_000)


def test_a_file_that_changes_while_it_is_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "live.vtt"
    path.write_bytes(b"WEBVTT")
    whole = os.fstat

    def fstat(number: int) -> os.stat_result:
        found = whole(number)
        with path.open("ab") as file:  # somebody writes, right after it was looked at
            file.write(b" more")
        return found

    monkeypatch.setattr(os, "fstat", fstat)
    with pytest.raises(TranscriptError, match="changed while it was read"):
        read(path, 1_000)
