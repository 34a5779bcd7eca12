"""`soniclayer library` in processes: list, show, export, delete."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from soniclayer.library import FILE, Library
from soniclayer.records import record
from soniclayer.session import evaluate
from soniclayer.source import Source
from soniclayer.transcript import parse
from tests.conftest import ROOT
from tests.ui.page_driver import VTT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A library of two shows, one of which was judged."""
    data = tmp_path / "data"
    library = Library(data / FILE)
    for show, name, source in (("abc123", "Friday.vtt", VTT), ("abd456", "Odd \x1b[31m.vtt", b"WEBVTT")):
        library.shows.put(show, Source(name, source))
    transcript = parse("Friday.vtt", VTT)
    run = evaluate(transcript)
    library.runs.put("abc123", record(run, name="Friday.vtt"), reading="r", identity="i", personas="p", cost=0.5)
    library.shows.describe("abc123", facts="WebVTT · 1:05", duration_s=65, words="slow roasted lamb")
    library.close()
    return data


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"SONICLAYER_DATA": str(folder), "HOME": str(folder.parent)}
    whole = [sys.executable, "-m", "soniclayer", "library", *arguments]
    return subprocess.run(
        whole, cwd=ROOT, env=environment, capture_output=True, stdin=subprocess.DEVNULL, text=True, timeout=120
    )


def test_shows_are_listed_searched_and_told_about(folder: Path) -> None:
    listed = command(folder, "list").stdout.splitlines()
    assert [line.split()[0] for line in listed] == ["abd456", "abc123"]
    assert "\x1b" not in "".join(listed)
    assert [line.split()[0] for line in command(folder, "list", "roasted").stdout.splitlines()] == ["abc123"]
    told = command(folder, "show", "Friday.vtt").stdout
    assert "16 reactions, 0 failed, $0.50" in told
    assert "Tradies" in told


def test_results_are_exported(folder: Path, tmp_path: Path) -> None:
    done = command(folder, "export", "abc", str(tmp_path / "friday.json"))
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads((tmp_path / "friday.json").read_text(encoding="utf-8"))
    assert document["transcript"]["format"] == "WebVTT"
    assert len(document["segments"]) == 2


def test_a_show_is_deleted_only_when_that_is_meant(folder: Path) -> None:
    asked = command(folder, "delete", "abc")
    assert asked.returncode == 2
    assert "--yes" in asked.stderr
    assert "is deleted" in command(folder, "delete", "abc", "--yes").stderr
    assert [line.split()[0] for line in command(folder, "list").stdout.splitlines()] == ["abd456"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "ab"), "2 shows"),
        (("show", "nothing"), "No show"),
        (("export", "abd", "x.json"), "Nobody has judged"),
        (("export", "abc", "x.mp3"), "must end in"),
    ],
)
def test_what_cannot_be_done_is_said(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    done = command(folder, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_library_nothing_is_made(tmp_path: Path) -> None:
    done = command(tmp_path / "nowhere", "list")
    assert done.returncode == 2
    assert "no library" in done.stderr
    assert not (tmp_path / "nowhere").exists()
