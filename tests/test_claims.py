from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from soniclayer.claims import Claims
from tests.conftest import ROOT

ROUNDS = 40


@pytest.fixture(params=["names of one file", "files"])
def _disk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk on which a file can have several names, and one on which it cannot, such as exFAT."""

    def refused(*_: object) -> None:
        raise PermissionError("Operation not permitted")

    if request.param == "files":
        monkeypatch.setattr(os, "link", refused)


@pytest.mark.usefixtures("_disk")
def test_a_claim_holds_until_it_is_released(tmp_path: Path) -> None:
    one, other = Claims(tmp_path / "asking"), Claims(tmp_path / "asking")
    assert one.take("q")
    assert not other.take("q")
    assert other.take("another")
    one.release("q")
    assert other.take("q")
    assert not one.take("q")
    assert (tmp_path / "asking").stat().st_mode & 0o777 == 0o700


def test_a_claim_makes_no_new_file(tmp_path: Path) -> None:
    one = Claims(tmp_path)
    for question in ("q", "r"):
        assert one.take(question)
    assert (tmp_path / "q").samefile(tmp_path / "r")


def test_a_claim_of_ones_own_is_no_hindrance(tmp_path: Path) -> None:
    one = Claims(tmp_path)
    assert one.take("q")
    assert one.take("q")


def test_the_claims_of_a_process_that_is_gone_do_not_count(tmp_path: Path) -> None:
    script = "import os, sys, pathlib; from soniclayer.claims import Claims; "
    script += (
        "print(Claims(pathlib.Path(sys.argv[1])).take('q'), flush=True); os._exit(9)"  # as a kill: nothing is run
    )
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path], cwd=ROOT, capture_output=True, timeout=60, check=False
    )
    assert done.stdout.strip() == b"True"
    one = Claims(tmp_path)
    assert one.take("q")
    assert len(list(tmp_path.glob("*.process"))) == 1, "its own: the other's is tidied up"
    assert len(list(tmp_path.glob("*.holder"))) == 1


def test_a_claim_without_a_name_counts_for_a_moment(tmp_path: Path) -> None:
    (tmp_path / "q").touch()
    assert not Claims(tmp_path).take("q")
    os.utime(tmp_path / "q", (0, 0))
    assert Claims(tmp_path).take("q")


def test_where_nothing_can_be_written_every_claim_is_granted(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "asking"):
        assert Claims(folder).take("q")
        Claims(folder).release("q")


def test_of_processes_that_begin_at_once_one_gets_the_claim(tmp_path: Path) -> None:
    script = (
        "import pathlib, sys, time\n"
        "from soniclayer.claims import Claims\n"
        "made = []\n"
        f"for number in range({ROUNDS}):\n"
        "    time.sleep(max(0, float(sys.argv[2]) + number * 0.02 - time.time()))\n"
        "    made.append(Claims(pathlib.Path(sys.argv[1]) / str(number)))\n"
        "    print(int(made[-1].take('q')), end='', flush=True)\n"
        "sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path), str(time.time() + 1.5)]
    processes = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    granted = [process.stdout.read(ROUNDS) for process in processes if process.stdout is not None]
    for process in processes:
        process.communicate(timeout=60)
    assert [sum(map(int, each)) for each in zip(*granted, strict=True)] == [1] * ROUNDS
