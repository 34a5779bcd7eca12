"""`soniclayer archive` in processes: killed, stopped, run twice at a time."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from soniclayer.archive import command
from soniclayer.errors import SettingsError
from tests.archive.shows import SEGMENTS, make_shows
from tests.conftest import ROOT
from tests.stub_server import Stub

SHOWS = 16
START_S = 240  # of a busy machine


def started(tmp_path: Path, *options: str, **environment: str) -> subprocess.Popen[bytes]:
    """The command over `in` and `out`, in a process group of its own."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("OPENAI_", "SONICLAYER_"))}
    whole = [sys.executable, "-m", "soniclayer", "archive", str(tmp_path / "in"), "--output", str(tmp_path / "out")]
    return subprocess.Popen(
        [*whole, "--only", "genz,tradies", *options],
        cwd=ROOT,
        env=clean | {"HOME": str(tmp_path)} | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        # Whatever started the tests in the background may have them ignore Ctrl-C, and their children with them.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def done(tmp_path: Path) -> dict[str, int]:
    """When each show was written."""
    return {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out" / "shows").glob("*.json")}


def wait_for_shows(tmp_path: Path, count: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S
    while len(done(tmp_path)) < count:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)


def wait_for_group(group: int) -> None:
    """Until no process of the group is left."""
    deadline = time.monotonic() + START_S
    while True:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        assert time.monotonic() < deadline, "processes outlived the first one"
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "killpg"), reason="there are no process groups here")
def test_a_killed_run_leaves_no_process_and_loses_the_shows_in_flight_alone(tmp_path: Path) -> None:
    make_shows(tmp_path / "in", SHOWS)
    first = started(tmp_path)
    wait_for_shows(tmp_path, 3, first)
    out = ["--output", str(tmp_path / "out")]
    with pytest.raises(SettingsError, match="Another run is writing into"):
        command.main([str(tmp_path / "in"), *out], argparse.ArgumentParser, "soniclayer")
    first.kill()
    first.communicate()
    before = done(tmp_path)
    wait_for_group(first.pid)

    second = started(tmp_path)
    _, told = second.communicate(timeout=START_S)
    assert second.returncode == 0, told
    after = done(tmp_path)
    assert len(after) == SHOWS
    redone = [name for name, when in before.items() if after[name] != when]
    assert len(redone) <= 1, "the one whose line in the index was missing"
    assert f"{SHOWS - len(before) + len(redone)} judged now" in told.decode()
    assert (tmp_path / "out" / "cells.parquet").is_file()


def test_of_a_killed_chat_run_no_answer_is_paid_again(tmp_path: Path, stub: Stub) -> None:
    stub.latency_s = 0.1
    make_shows(tmp_path / "in", SHOWS)
    in_flight = 4
    options = ("--evaluator", "chat", "--yes")
    environment = {"OPENAI_BASE_URL": stub.url, "SONICLAYER_MODEL": "stub-small"}
    environment["SONICLAYER_CONCURRENCY"] = str(in_flight)
    first = started(tmp_path, *options, **environment)
    wait_for_shows(tmp_path, 2, first)
    first.kill()
    first.communicate()
    stub.latency_s = 0
    second = started(tmp_path, *options, **environment)
    _, told = second.communicate(timeout=START_S)
    assert second.returncode == 0, told
    assert len(done(tmp_path)) == SHOWS
    repeated = sum(stub.answered.values()) - len(stub.answered)
    assert repeated <= in_flight, "what was in flight when it was killed"


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "killpg"), reason="there are no process groups here")
@pytest.mark.parametrize("evaluator", ["builtin", "chat"])
@pytest.mark.parametrize("where", [(), ("--local-workers", "2")], ids=["alone", "cluster"])
def test_ctrl_c_ends_it_soon_and_keeps_what_is_done(
    tmp_path: Path, stub: Stub, evaluator: str, where: tuple[str, ...]
) -> None:
    stub.latency_s = 0.3
    make_shows(tmp_path / "in", 60)
    environment = {"OPENAI_BASE_URL": stub.url, "SONICLAYER_MODEL": "stub-small", "SONICLAYER_CONCURRENCY": "4"}
    process = started(tmp_path, "--evaluator", evaluator, "--yes", *where, **environment)
    wait_for_shows(tmp_path, 2, process)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    begun = time.monotonic()
    _, told = process.communicate(timeout=30)
    took = time.monotonic() - begun
    assert process.returncode == 130, told
    lines = told.decode().splitlines()
    assert lines[-1].startswith("Stopped. Every show that was done is kept")
    assert "Traceback" not in told.decode()
    assert took < 2 * (1 + os.getloadavg()[0] / (os.cpu_count() or 1)), "two seconds, of a machine that is not busy"
    wait_for_group(process.pid)
    answered = sum(stub.answered.values())
    assert len(done(tmp_path)) < 60
    if evaluator == "chat":
        assert answered >= 2 * SEGMENTS
