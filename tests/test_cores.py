"""One thread for numpy, wherever SonicLayer is a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from soniclayer.archive.executors import Processes
from tests.archive.shows import LISTENERS
from tests.conftest import ROOT

TOLD = "import os, sys; {}; print(os.environ.get('OPENBLAS_NUM_THREADS'), 'numpy' in sys.modules)"


@pytest.mark.parametrize(
    "begin",
    ["from soniclayer.__main__ import main; main(['library', 'list'])", "import app"],
    ids=["command", "page"],
)
def test_it_is_said_before_numpy_is_imported(begin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    done = subprocess.run([sys.executable, "-c", TOLD.format(begin)], cwd=ROOT, capture_output=True, check=True)
    assert done.stdout.split()[-2:] == [b"1", b"False"]


def test_the_processes_of_an_archive_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "")  # so that what is set here goes again
    monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    processes = Processes("builtin", LISTENERS, 1)
    try:
        assert processes._pool.submit(os.getenv, "OPENBLAS_NUM_THREADS").result() == "1"
    finally:
        processes.close()


def test_what_the_user_has_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
    begin = "from soniclayer.cores import one_thread; one_thread()"
    done = subprocess.run([sys.executable, "-c", TOLD.format(begin)], cwd=ROOT, capture_output=True, check=True)
    assert done.stdout.split() == [b"3", b"False"]
