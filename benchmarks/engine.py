"""How close a run is to the ideal: wall time over ideal wall time, CPU per call, side by side with other clients.

    python benchmarks/engine.py                     everything, about five minutes
    python benchmarks/engine.py --small             200 segments x 5 personas at 32 in flight, one minute
    python benchmarks/engine.py --calls 300 --widths 32 --growth 100,1000

Every row asks the same stub server, which runs in a process of its own and answers after `--latency` seconds.
Ideal is calls / in flight x latency. CPU is that of this process alone.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typing_extensions import override

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ["HOME"] = tempfile.mkdtemp(prefix="soniclayer-benchmark-")  # answers kept here are nobody's own

from pydantic import SecretStr  # noqa: E402

from benchmarks.clients import MODEL, OTHERS, Call, make_segments  # noqa: E402
from soniclayer import cache, personas  # noqa: E402
from soniclayer.evaluators.chat.evaluator import ChatEvaluator  # noqa: E402
from soniclayer.llm_client.client import Endpoint  # noqa: E402
from soniclayer.results import total_usage  # noqa: E402
from soniclayer.run import Run, State  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from soniclayer.feedback import Classification, Feedback
    from soniclayer.personas import Persona
    from soniclayer.segments import Segment


@dataclass(frozen=True)
class Measured:
    """wall_s: from the first call to the last answer. cpu_ms: of this process, per call.

    calls: how many were sent. first_card_s: from the press to the first card.
    """

    wall_s: float
    cpu_ms: float
    calls: int
    first_card_s: float = 0.0

    def over_ideal(self, width: int, latency_s: float) -> float:
        """Wall time over that of a server kept busy from the first moment to the last."""
        return self.wall_s / (self.calls / width * latency_s)


@contextmanager
def stub(latency_s: float) -> Iterator[str]:
    """A stub server in a process of its own; its address."""
    command = [sys.executable, "-m", "tests.stub_server", "--latency", str(latency_s), "--forget"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def calls_so_far(url: str) -> int:
    """How many calls the stub server of this address has received."""
    with urllib.request.urlopen(url.removesuffix("/v1") + "/stats") as reply:
        return int(json.load(reply)["calls"])


async def at_width(call: Call, calls: int, width: int) -> Measured:
    """`calls` calls, `width` of them in flight."""
    room = asyncio.Semaphore(width)

    async def one(number: int) -> None:
        async with room:
            await call(number)

    await call(-1)  # connections, caches and imports are warm in every row
    wall, cpu = time.perf_counter(), time.process_time()
    async with asyncio.TaskGroup() as group:
        for number in range(calls):
            group.create_task(one(number))
    return Measured(time.perf_counter() - wall, (time.process_time() - cpu) / calls * 1000, calls)


class Stopwatch(ChatEvaluator):
    """Notes when the first and the last card could be shown."""

    first_card_at = last_card_at = 0.0

    @override
    async def evaluate(self, persona: Persona, segment: Segment, classification: Classification) -> Feedback:
        feedback = await super().evaluate(persona, segment, classification)
        self.last_card_at = time.perf_counter()
        self.first_card_at = self.first_card_at or self.last_card_at
        return feedback


class Ours:
    """The whole pipeline as the app runs it: engine, run, chains, cache; progress is read twice a second."""

    def __init__(self, url: str, width: int) -> None:
        self._engine = cache.engine()
        self._width = width
        self._endpoint = Endpoint(url, SecretStr("k"), concurrency=width)

    def run(self, cast: tuple[Persona, ...], segments: tuple[Segment, ...]) -> Measured:
        """What a run took."""
        evaluator = Stopwatch(self._endpoint, MODEL, store=cache.store, show="Benchmark")
        wall, cpu = time.perf_counter(), time.process_time()
        run = self._engine.start(str(wall), lambda: Run(segments, cast, evaluator, in_flight=self._width))
        while run.progress.state in (State.WAITING, State.RUNNING):
            time.sleep(0.5)
        if not run.complete:
            raise SystemExit(run.fatal or f"{len(run.failures)} cells failed")
        calls = total_usage(run).calls
        cpu_ms = (time.process_time() - cpu) / (calls or run.total) * 1000
        return Measured(evaluator.last_card_at - wall, cpu_ms, calls, evaluator.first_card_at - wall)

    def close(self) -> None:
        """Close the connections to the server."""
        self._engine.call(self._endpoint.close())


@contextmanager
def ours(latency_s: float, width: int, cast: tuple[Persona, ...]) -> Iterator[tuple[Ours, str]]:
    """Our pipeline, warm, on a stub of its own; and the stub's address."""
    with stub(latency_s) as url:
        pipeline = Ours(url, width)
        pipeline.run(cast, make_segments(1, f"warm-up {url}"))
        try:
            yield pipeline, url
        finally:
            pipeline.close()


async def other(
    client: Callable[[str, Persona], Any], persona: Persona, calls: int, width: int, latency_s: float
) -> Measured:
    """What so many calls by another client take."""
    with stub(latency_s) as url:
        async with client(url, persona) as call:
            return await at_width(call, calls, width)


def compare(options: argparse.Namespace, cast: tuple[Persona, ...]) -> None:
    """The table: every row at every width."""
    segments = math.ceil(options.calls / 5)
    calls = segments * 5
    heads = "".join(f" wall / ideal at {width} | CPU ms per call |" for width in options.widths)
    print(f"{calls} calls of {options.latency * 1000:.0f} ms\n\n| |{heads}\n|---|{'---|---|' * len(options.widths)}")
    print("| ideal |" + " 1.00 | |" * len(options.widths))
    for name, client in OTHERS.items():
        row = [asyncio.run(other(client, cast[0], calls, width, options.latency)) for width in options.widths]
        print(f"| {name} |{shown(row, options)}", flush=True)
    row, notes = [], []
    for width in options.widths:
        with ours(options.latency, width, cast[:4]) as (pipeline, url):
            show = make_segments(segments, f"{width} {url}")
            cold = pipeline.run(cast[:4], show)
            asked = calls_so_far(url)
            warm = pipeline.run(cast[:4], show)
            again = calls_so_far(url) - asked
        row.append(cold)
        notes.append(
            f"At {width} in flight: first card after {cold.first_card_s:.2f} s, "
            f"{cold.first_card_s / options.latency:.2f} latencies; "
            f"warm re-run in {warm.wall_s:.2f} s with {again} calls."
        )
    print(f"| **ours, the full pipeline** |{shown(row, options)}\n")
    print("\n".join(notes))


def shown(row: list[Measured], options: argparse.Namespace) -> str:
    """A row of the Markdown table."""
    cells = []
    for measured, width in zip(row, options.widths, strict=True):
        cells.append(f" {measured.over_ideal(width, options.latency):.2f} | {measured.cpu_ms:.2f} |")
    return "".join(cells)


def growth(options: argparse.Namespace, cast: tuple[Persona, ...]) -> None:
    """Wall time from few cells to many."""
    width = options.widths[-1]
    print(f"\n| cells | calls | s | wall / ideal at {width} | ms per call | CPU ms per call |")
    print("|---|---|---|---|---|---|")
    for cells in options.growth:
        segments = math.ceil(cells / len(cast))
        with ours(options.latency, width, cast) as (pipeline, url):
            took = pipeline.run(cast, make_segments(segments, f"growth {url}"))
        ratio = took.over_ideal(width, options.latency)
        each = took.wall_s / took.calls * 1000
        print(
            f"| {cells} | {took.calls} | {took.wall_s:.1f} | {ratio:.2f} | {each:.2f} | {took.cpu_ms:.2f} |",
            flush=True,
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\nPeak memory of this process: {peak:.0f} MB.")


def small(options: argparse.Namespace, cast: tuple[Persona, ...]) -> None:
    """200 segments x 5 personas at 32 in flight."""
    with ours(options.latency, 32, cast[:5]) as (pipeline, url):
        took = pipeline.run(cast[:5], make_segments(200, url))
    print(f"200 segments x 5 personas, {options.latency * 1000:.0f} ms per answer, 32 in flight, {took.calls} calls")
    print(
        f"wall / ideal {took.over_ideal(32, options.latency):.2f}, CPU {took.cpu_ms:.2f} ms per call, first card "
        f"{took.first_card_s:.2f} s, {took.first_card_s / options.latency:.2f} latencies"
    )


def numbers(text: str) -> list[int]:
    """Comma-separated whole numbers."""
    return [int(part) for part in text.split(",") if part]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="How close a run is to the ideal.")
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--latency", type=float, default=0.2, help="seconds per answer")
    parser.add_argument("--widths", type=numbers, default=[32, 128], help="calls in flight")
    parser.add_argument("--growth", type=numbers, default=[100, 1000, 5000, 20000], help="cells")
    parser.add_argument("--small", action="store_true", help="only 200 segments x 5 personas at 32 in flight")
    options = parser.parse_args()
    cast = tuple(personas.load(ROOT / "personas.toml").values())
    if options.small:
        small(options, cast)
        return
    compare(options, cast)
    if options.growth:
        growth(options, cast)


if __name__ == "__main__":
    main()
