"""How many shows a minute an archive takes, by the number of processes, beside a loop over the command line.

Run `python -m benchmarks.archive [SHOWS [MINUTES]]`. Writes shows of half an hour, or of so many minutes, into a
temporary folder, judges them with the built-in evaluator and eight personas, by processes of this machine and by
workers of a Dask cluster on it, and prints one table: shows a minute, the largest process, the tables' share.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from soniclayer import settings
from soniclayer.archive.cluster import Cluster
from soniclayer.archive.evaluation import Evaluation, Plan, Tally
from soniclayer.archive.executors import Processes
from soniclayer.archive.folder import scan
from soniclayer.archive.output import Output, basis_of
from soniclayer.archive.tables import write_tables
from soniclayer.evaluators.registry import evaluator_spec
from soniclayer.personas import load
from soniclayer.shipped import shipped
from soniclayer.transcript import parse

if TYPE_CHECKING:
    from soniclayer.archive.executors import Executor

WORKERS = (1, 2)
MINUTES, CUE_S = 30, 5
MOST_COMMANDS = 100  # of the loop over the command line, whose rate does not depend on how many there are
LOOK_S = 0.2


def show(seed: int, minutes: int) -> bytes:
    """So many minutes of captions: what is said in the sample show, in another order."""
    path = shipped("breakfast_show.vtt")
    said = [cue.text for cue in parse(path.name, path.read_bytes()).cues]
    chance = random.Random(seed)
    cues = [
        f"{_stamp(start)} --> {_stamp(start + CUE_S)}\n{chance.choice(said)}\n"
        for start in range(0, 60 * minutes, CUE_S)
    ]
    return "\n".join(["WEBVTT\n", *cues]).encode()


def _stamp(second: int) -> str:
    return f"{second // 60:02}:{second % 60:02}.000"


class Largest:
    """The most memory that any process of ours had, looked at now and then."""

    def __init__(self) -> None:
        self.mb = 0.0
        self._looked = 0.0

    def look(self, tally: Tally) -> None:
        """Look, unless that was just done."""
        if time.monotonic() - self._looked < LOOK_S:
            return
        self._looked = time.monotonic()
        for child in psutil.Process().children(recursive=True):
            with suppress(psutil.Error):  # it has just ended
                self.mb = max(self.mb, child.memory_info().rss / 1024**2)


def archive(folder: Path, out: Path, workers: int, *, cluster: bool) -> tuple[float, float, float]:
    """Shows a minute, the largest process in MB, seconds that the tables took."""
    out.mkdir()
    personas, used, spec = tuple(load().values()), settings.read(), evaluator_spec("builtin")
    plan = Plan(
        scan(folder, out)[0], personas, spec.id, 30.0, basis_of(spec.id, spec.identity(used), 30.0, personas), used
    )
    tally, largest = Tally(len(plan.found)), Largest()
    executor: Executor = (
        Cluster(used, spec.id, local_workers=workers) if cluster else Processes(spec.id, personas, workers)
    )
    with Output(out) as output:
        begun = time.monotonic()
        try:
            Evaluation(plan, output, executor, tally).run(largest.look)
        finally:
            executor.close()
        took = time.monotonic() - begun
        begun = time.monotonic()
        write_tables(output, tally.shows, tally.skipped, used)
    return 60 * tally.judged / took, largest.mb, time.monotonic() - begun


def command_line(folder: Path, out: Path, workers: int) -> float:
    """Shows a minute of one process a show, `workers` at a time, as `xargs -P` does."""
    out.mkdir()

    def one(path: Path) -> None:
        target = out / f"{path.stem}.json"
        command = [sys.executable, "-m", "soniclayer", str(path), "--output", str(target)]
        subprocess.run(command, check=True, capture_output=True)

    paths = sorted(folder.iterdir())[:MOST_COMMANDS]
    begun = time.monotonic()
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(one, paths))
    return 60 * len(paths) / (time.monotonic() - begun)


def main() -> None:
    """Print the table."""
    shows = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    minutes = int(sys.argv[2]) if len(sys.argv) > 2 else MINUTES
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        (home / "in").mkdir()
        for number in range(shows):
            (home / "in" / f"{number:04}.vtt").write_bytes(show(number, minutes))
        print(f"{shows} shows of {minutes} minutes\n                     shows/min  largest MB  tables s")
        for cluster in (False, True):
            for workers in WORKERS:
                out = home / f"out-{cluster}-{workers}"
                rate, mb, tables_s = archive(home / "in", out, workers, cluster=cluster)
                name = f"{workers} {'Dask workers' if cluster else 'processes'}"
                print(f"{name:19}  {rate:9.1f}  {mb:10.0f}  {tables_s:8.1f}", flush=True)
        rate = command_line(home / "in", home / "out-command", WORKERS[-1])
        print(f"one process a show, {WORKERS[-1]} at a time: {rate:.1f} shows/min")


if __name__ == "__main__":
    main()
