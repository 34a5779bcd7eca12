"""How many shows a minute an archive takes, by the number of processes, beside a loop over the command line.

Run `python -m benchmarks.archive [SHOWS]`. Writes shows of half an hour into a temporary folder, judges them with the
built-in evaluator and eight personas, and prints one table: shows a minute, the largest process, the tables' share.
"""

from __future__ import annotations

import multiprocessing
import random
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from soniclayer import settings
from soniclayer.archive.evaluation import Evaluation, Plan, Tally
from soniclayer.archive.executors import Processes
from soniclayer.archive.folder import scan
from soniclayer.archive.output import Output, basis_of
from soniclayer.archive.tables import write_tables
from soniclayer.evaluators.registry import evaluator_spec
from soniclayer.personas import load
from soniclayer.shipped import shipped
from soniclayer.transcript import parse

WORKERS = (1, 2)
SHOW_S, CUE_S = 1800, 5
LOOK_S = 0.2


def show(seed: int) -> bytes:
    """Half an hour of captions: what is said in the sample show, in another order."""
    path = shipped("breakfast_show.vtt")
    said = [cue.text for cue in parse(path.name, path.read_bytes()).cues]
    chance = random.Random(seed)
    cues = [
        f"{_stamp(start)} --> {_stamp(start + CUE_S)}\n{chance.choice(said)}\n" for start in range(0, SHOW_S, CUE_S)
    ]
    return "\n".join(["WEBVTT\n", *cues]).encode()


def _stamp(second: int) -> str:
    return f"{second // 60:02}:{second % 60:02}.000"


class Largest:
    """The most memory that any process of a pool had, looked at now and then; 0 where the system does not tell."""

    def __init__(self) -> None:
        self.mb = 0.0
        self._looked = 0.0

    def look(self, tally: Tally) -> None:
        """Look, unless that was just done."""
        if time.monotonic() - self._looked < LOOK_S:
            return
        self._looked = time.monotonic()
        for process in multiprocessing.active_children():
            status = Path(f"/proc/{process.pid}/status")
            if status.exists():
                (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
                self.mb = max(self.mb, int(line.split()[1]) / 1024)


def archive(folder: Path, out: Path, workers: int) -> tuple[float, float, float]:
    """Shows a minute, the largest process in MB, seconds that the tables took."""
    out.mkdir()
    personas, used, spec = tuple(load().values()), settings.read(), evaluator_spec("builtin")
    plan = Plan(
        scan(folder, out)[0], personas, spec.id, 30.0, basis_of(spec.id, spec.identity(used), 30.0, personas), used
    )
    tally, largest, executor = Tally(len(plan.found)), Largest(), Processes(spec.id, personas, workers)
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

    paths = sorted(folder.iterdir())
    begun = time.monotonic()
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(one, paths))
    return 60 * len(paths) / (time.monotonic() - begun)


def main() -> None:
    """Print the table."""
    shows = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        (home / "in").mkdir()
        for number in range(shows):
            (home / "in" / f"{number:04}.vtt").write_bytes(show(number))
        print(f"{shows} shows of {SHOW_S // 60} minutes\nprocesses  shows/min  largest MB  tables s")
        for workers in WORKERS:
            rate, mb, tables_s = archive(home / "in", home / f"out-{workers}", workers)
            print(f"{workers:9}  {rate:9.1f}  {mb:10.0f}  {tables_s:8.1f}", flush=True)
        rate = command_line(home / "in", home / "out-command", WORKERS[-1])
        print(f"one process a show, {WORKERS[-1]} at a time: {rate:.1f} shows/min")


if __name__ == "__main__":
    main()
