"""An archive judged by the workers of a Dask cluster, some of which die."""

from __future__ import annotations

import argparse
import logging
import os
import pickle
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from distributed import Client, LocalCluster

from soniclayer import settings
from soniclayer.archive import command, remote
from soniclayer.archive.cluster import Cluster, divided
from soniclayer.archive.evaluation import Evaluation
from soniclayer.archive.output import Output
from soniclayer.engine import Engine
from soniclayer.errors import FatalError, SettingsError
from tests.archive.shows import CELLS, SEGMENTS, ask_stub, evaluated, make_shows, plan_of
from tests.stub_server import Call, Stub

pytestmark = pytest.mark.slow

SHOWS = 60
PERSONAS = ("genz", "tradies")
COST = 140 / 1_000_000  # of a call of the stub, at the prices below
CHAT_SHOWS = 12
CALLS = CHAT_SHOWS * (SEGMENTS * len(PERSONAS) + 1)


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[LocalCluster]:
    """Two worker processes that start again when they die, as somebody else's cluster would have them."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-workers")
    monkeypatch.setenv("SONICLAYER_DATA", str(tmp_path / "data"))
    with LocalCluster(
        n_workers=2, threads_per_worker=2, dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL
    ) as cluster:
        yield cluster


def pids(cluster: LocalCluster) -> list[int]:
    return [worker.pid for worker in cluster.workers.values()]


def kill_one(cluster: LocalCluster) -> None:
    os.kill(pids(cluster)[0], signal.SIGKILL)


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_a_worker_that_dies_changes_no_result(tmp_path: Path, cluster: LocalCluster) -> None:
    make_shows(tmp_path / "in", SHOWS)
    evaluated(tmp_path / "in", tmp_path / "alone")
    plan, tally = plan_of(tmp_path / "in", tmp_path / "out")
    executor = Cluster(settings.read(), "builtin", address=cluster.scheduler_address)
    killed: list[int] = []

    def look(now: object) -> None:
        if tally.judged >= SHOWS // 2 and not killed:
            killed.append(1)
            kill_one(cluster)

    try:
        with Output(tmp_path / "out") as output:
            Evaluation(plan, output, executor, tally).run(look)
    finally:
        executor.close()
    assert killed
    assert tally.judged == SHOWS
    assert tally.cells == SHOWS * CELLS, "every cell once"
    for path in (tmp_path / "alone" / "shows").iterdir():
        assert (tmp_path / "out" / "shows" / path.name).read_bytes() == path.read_bytes()


def test_a_scheduler_that_goes_away_ends_the_run_and_what_is_done_stays(
    tmp_path: Path, cluster: LocalCluster
) -> None:
    make_shows(tmp_path / "in", 20)
    plan, tally = plan_of(tmp_path / "in", tmp_path / "out")
    executor = Cluster(settings.read(), "builtin", address=cluster.scheduler_address)
    try:
        with Output(tmp_path / "out") as output, pytest.raises(FatalError, match="is lost"):
            Evaluation(plan, output, executor, tally).run(lambda tally: cluster.close() if tally.judged else None)
    finally:
        executor.close()
    assert 0 < len(list((tmp_path / "out" / "shows").iterdir())) < 20


def test_processes_of_this_machine_judge_as_one_does(tmp_path: Path, folder: Path) -> None:
    make_shows(tmp_path / "in", 4)
    told = [str(tmp_path / "in"), "--only", "genz,tradies", "--output"]
    for out, options in (("one", ()), ("two", ("--local-workers", "2"))):
        given = [*told, str(tmp_path / out), *options]
        assert command.main(given, argparse.ArgumentParser, "soniclayer") == 0
    for path in (tmp_path / "one" / "shows").iterdir():
        assert (tmp_path / "two" / "shows" / path.name).read_bytes() == path.read_bytes()
    assert (tmp_path / "two" / "cells.parquet").read_bytes() == (tmp_path / "one" / "cells.parquet").read_bytes()


@pytest.fixture
def told(stub: Stub, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A chat archive of twelve shows."""
    ask_stub(stub, monkeypatch)
    make_shows(tmp_path / "in", CHAT_SHOWS)
    return [str(tmp_path / "in"), "--output", str(tmp_path / "out"), "--only", ",".join(PERSONAS)]


def archive(*told: str) -> int:
    return command.main([*told, "--evaluator", "chat", "--yes"], argparse.ArgumentParser, "soniclayer")


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_what_a_dead_worker_was_answered_is_not_paid_again(
    told: list[str], stub: Stub, cluster: LocalCluster
) -> None:
    stub.latency_s = 0.1
    killing = threading.Event()

    def kill(call: Call) -> str:
        if len(stub.calls) >= CALLS // 2 and not killing.is_set():
            killing.set()
            threading.Thread(target=kill_one, args=(cluster,)).start()
        return ""

    stub.fault = kill
    assert archive(*told, "--scheduler", cluster.scheduler_address) == 0
    assert killing.is_set()
    assert stub.stats()["peak"] <= 8, "one limit, divided"
    again = len(stub.calls) - CALLS
    assert 0 <= again <= 8, "only what was in flight on the dead worker is asked again"


def test_money_is_divided_and_never_passed(
    told: list[str], stub: Stub, cluster: LocalCluster, capfd: pytest.CaptureFixture[str]
) -> None:
    limit = CALLS * COST / 2
    assert archive(*told, "--scheduler", cluster.scheduler_address, "--max-cost", str(limit)) == 1
    assert "The limit of" in capfd.readouterr().err
    assert 0.3 * limit < len(stub.calls) * COST <= limit  # a call reserves more than it costs
    assert archive(*told, "--scheduler", cluster.scheduler_address) == 0
    assert len(stub.calls) == CALLS, "no answer is paid twice"


def test_the_key_goes_to_the_workers_where_the_user_says_so_and_into_no_task(
    told: list[str], stub: Stub, cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-user")
    seen: list[str] = []

    def look() -> None:
        with Client(cluster.scheduler_address) as client:
            while not done.is_set():
                seen.append(client.run_on_scheduler(_tasks_in_words))
                time.sleep(0.05)

    done = threading.Event()
    stub.latency_s = 0.05
    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        assert archive(*told, "--scheduler", cluster.scheduler_address) == 0
        assert _keys(stub) == {"Bearer sk-of-the-workers"}
        stub.reset()
        monkeypatch.setenv("SONICLAYER_MODEL", "stub-large")  # of which no answer is kept
        assert (
            archive(
                *told, "--scheduler", cluster.scheduler_address, "--send-key", "--thrifty", "--output", f"{told[2]}-2"
            )
            == 0
        )
        assert _keys(stub) == {"Bearer sk-of-the-user"}
    finally:
        done.set()
        watcher.join()
    assert any("show 0" in each for each in seen), "tasks were looked into"
    assert not any("sk-of-the" in each for each in seen)


def _keys(stub: Stub) -> set[str]:
    return {call.headers["Authorization"] for call in stub.calls}


def _tasks_in_words(dask_scheduler: Any) -> str:
    return "".join(f"{key} {pickle.dumps(task.run_spec)!r}" for key, task in dask_scheduler.tasks.items())


def test_what_is_not_there_is_said(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_shows(tmp_path / "in", 1)
    told = [str(tmp_path / "in"), "--output", str(tmp_path / "out")]
    monkeypatch.setattr("soniclayer.archive.cluster.CONNECT_S", 1.0)
    with pytest.raises(SettingsError, match="No Dask scheduler answers at tcp:"):
        command.main([*told, "--scheduler", "tcp://127.0.0.1:9"], argparse.ArgumentParser, "soniclayer")
    with pytest.raises(SettingsError, match="No Dask scheduler answers at nowhere"):
        command.main([*told, "--scheduler", "nowhere://x"], argparse.ArgumentParser, "soniclayer")


@pytest.mark.parametrize(("whole", "count", "parts"), [(32, 3, [11, 11, 10]), (2, 3, [1, 1, 1]), (5, 0, [])])
def test_calls_in_flight_are_divided(whole: int, count: int, parts: list[int]) -> None:
    assert list(divided(whole, [f"w{number}" for number in range(count)]).values()) == parts


def test_threads_of_a_worker_that_begin_at_once_share_one_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Engine] = []

    class Slow(Engine):
        def __init__(self) -> None:
            time.sleep(0.05)
            super().__init__()
            made.append(self)

    async def judged(task: object) -> None:
        return None

    monkeypatch.setattr(remote, "Engine", Slow)
    site: Any = remote.Site("run", {})
    site.setup(None)
    monkeypatch.setattr(site, "_judge", judged)
    threads = [threading.Thread(target=site.judge, args=(None,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    made[0].close()
