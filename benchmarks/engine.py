"""How close a run is to the wire: wall time over ideal wall time, CPU per call, side by side with other clients.

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
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ["HOME"] = tempfile.mkdtemp(prefix="soniclayer-benchmark-")  # answers kept here are nobody's own

import aiohttp  # noqa: E402
import openai  # noqa: E402
from langchain_core.prompts import ChatPromptTemplate  # noqa: E402
from langchain_openai import ChatOpenAI  # noqa: E402
from pydantic import SecretStr  # noqa: E402

from soniclayer import cache, personas  # noqa: E402
from soniclayer.endpoint import Endpoint  # noqa: E402
from soniclayer.evaluators.chain import ChatEvaluator  # noqa: E402
from soniclayer.feedback import Classification, Feedback  # noqa: E402
from soniclayer.personas import Persona  # noqa: E402
from soniclayer.prompts import (  # noqa: E402
    EVALUATE_QUESTION,
    FEEDBACK_FORMAT,
    FeedbackAnswer,
    persona_system,
    scene,
)
from soniclayer.run import Run, State  # noqa: E402
from soniclayer.segments import Segment  # noqa: E402

MODEL = "stub-large"
WORDS = "and now the weather with Sam it is going to be a warm one so take a hat if you are off to the footy tonight"
Call = Callable[[int], Awaitable[object]]


@dataclass(frozen=True)
class Measured:
    """wall_s: from the first call to the last answer. cpu_ms: of this process, per call."""

    wall_s: float
    cpu_ms: float


def make_segments(count: int, salt: str = "") -> tuple[Segment, ...]:
    """Segments of a usual length, none equal to another; `salt` tells one run's questions from another's."""
    texts = [f"Part {index} of the show {salt}. {' '.join([WORDS] * 3)}." for index in range(count)]
    return tuple(
        Segment(index, index * 30_000, (index + 1) * 30_000, ("Kim",), text, texts[index - 1] if index else "")
        for index, text in enumerate(texts)
    )


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
    return Measured(time.perf_counter() - wall, (time.process_time() - cpu) / calls * 1000)


def question(persona: Persona, number: int) -> list[dict[str, str]]:
    segment = make_segments(1, str(number))[0]
    asked = EVALUATE_QUESTION.replace("{scene}", scene(segment))
    return [{"role": "system", "content": persona_system(persona)}, {"role": "user", "content": asked}]


@asynccontextmanager
async def bare_aiohttp(url: str, persona: Persona) -> AsyncIterator[Call]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def call(number: int) -> object:
            body = {"model": MODEL, "messages": question(persona, number), "response_format": FEEDBACK_FORMAT}
            async with session.post(f"{url}/chat/completions", json=body) as response:
                return await response.json()

        yield call


def openai_client(make: Callable[[], Any]) -> Callable[[str, Persona], Any]:
    @asynccontextmanager
    async def client(url: str, persona: Persona) -> AsyncIterator[Call]:
        async with openai.AsyncOpenAI(base_url=url, api_key="k", http_client=make()) as api:

            async def call(number: int) -> object:
                messages: Any = question(persona, number)
                wanted: Any = FEEDBACK_FORMAT
                return await api.chat.completions.create(model=MODEL, messages=messages, response_format=wanted)

            yield call

    return client


def usual_chain(*, rebuilt: bool) -> Callable[[str, Persona], Any]:
    """`prompt | model.with_structured_output(...)`, made once or made for every call."""

    def make(url: str, persona: Persona) -> Any:
        prompt = ChatPromptTemplate.from_messages([("system", "{system}"), ("human", "{scene}")])
        model = ChatOpenAI(model=MODEL, base_url=url, api_key=SecretStr("k"), temperature=0.2)
        return prompt | model.with_structured_output(FeedbackAnswer)

    @asynccontextmanager
    async def chain(url: str, persona: Persona) -> AsyncIterator[Call]:
        kept = make(url, persona)

        async def call(number: int) -> object:
            system, asked = question(persona, number)
            used = make(url, persona) if rebuilt else kept
            return await used.ainvoke({"system": system["content"], "scene": asked["content"]})

        yield call

    return chain


OTHERS: dict[str, Callable[[str, Persona], Any]] = {
    "bare aiohttp": bare_aiohttp,
    "openai client over aiohttp": openai_client(openai.DefaultAioHttpClient),
    "openai client as it comes": openai_client(lambda: None),
    "usual LangChain chain, reused": usual_chain(rebuilt=False),
    "usual LangChain chain, rebuilt per call": usual_chain(rebuilt=True),
}


class Stopwatch(ChatEvaluator):
    """Notes when the first card could be shown."""

    first_card_at = 0.0

    async def evaluate(self, persona: Persona, segment: Segment, classification: Classification) -> Feedback:
        feedback = await super().evaluate(persona, segment, classification)
        self.first_card_at = self.first_card_at or time.perf_counter()
        return feedback


@dataclass(frozen=True)
class Ours:
    """One run of ours. first_card_s: from its start to the first feedback."""

    measured: Measured
    first_card_s: float


async def ours(endpoint: Endpoint, cast: tuple[Persona, ...], segments: tuple[Segment, ...], width: int) -> Ours:
    """The whole pipeline: run, chains, cache, progress read as often as the page does."""
    evaluator = Stopwatch(endpoint, MODEL, store=cache.store, show="Benchmark")
    run = Run(segments, cast, evaluator, in_flight=width)
    wall, cpu = time.perf_counter(), time.process_time()
    task = asyncio.create_task(run.execute())
    while not task.done():
        await asyncio.wait({task}, timeout=0.5)
        assert run.progress.state is not State.WAITING
    await task
    if not run.complete:
        raise SystemExit(run.fatal or f"{len(run.failures)} cells failed")
    calls = len(segments) * (1 + len(cast))
    took = Measured(time.perf_counter() - wall, (time.process_time() - cpu) / calls * 1000)
    return Ours(took, evaluator.first_card_at - wall)


async def compare(options: argparse.Namespace, cast: tuple[Persona, ...]) -> None:
    """The table: every row at every width."""
    four = cast[:4]
    segments = math.ceil(options.calls / 5)
    calls = segments * 5
    heads = "".join(f" wall / ideal at {width} | CPU ms per call |" for width in options.widths)
    print(f"{calls} calls of {options.latency * 1000:.0f} ms\n\n| |{heads}\n|---|{'---|---|' * len(options.widths)}")
    print("| ideal |" + " 1.00 | |" * len(options.widths))
    for name, client in OTHERS.items():
        cells = []
        for width in options.widths:
            with stub(options.latency) as url:
                async with client(url, cast[0]) as call:
                    cells.append(shown(await at_width(call, calls, width), calls, width, options.latency))
        print(f"| {name} |{''.join(cells)}", flush=True)
    cells, notes = [], []
    for width in options.widths:
        with stub(options.latency) as url:
            endpoint = Endpoint(url, SecretStr("k"), concurrency=width)
            await ours(endpoint, four, make_segments(1, "warm-up"), width)
            show = make_segments(segments, f"{width}")
            cold = await ours(endpoint, four, show, width)
            asked = calls_so_far(url)
            warm = await ours(endpoint, four, show, width)
            again = calls_so_far(url) - asked
            await endpoint.close()
        cells.append(shown(cold.measured, calls, width, options.latency))
        notes.append(
            f"At {width} in flight: first card after {cold.first_card_s:.2f} s; "
            f"warm re-run in {warm.measured.wall_s:.2f} s with {again} calls."
        )
    print(f"| **ours, the full pipeline** |{''.join(cells)}\n")
    print("\n".join(notes))


def shown(measured: Measured, calls: int, width: int, latency_s: float) -> str:
    ideal_s = calls / width * latency_s
    return f" {measured.wall_s / ideal_s:.2f} | {measured.cpu_ms:.2f} |"


async def growth(options: argparse.Namespace, cast: tuple[Persona, ...]) -> None:
    """Wall time from few cells to many."""
    width = options.widths[-1]
    print(f"\n| cells | calls | s | wall / ideal at {width} | ms per call | CPU ms per call |")
    print("|---|---|---|---|---|---|")
    for cells in options.growth:
        segments = make_segments(math.ceil(cells / len(cast)), f"growth {cells}")
        calls = len(segments) * (1 + len(cast))
        with stub(options.latency) as url:
            endpoint = Endpoint(url, SecretStr("k"), concurrency=width)
            await ours(endpoint, cast, make_segments(1, "warm-up"), width)
            took = (await ours(endpoint, cast, segments, width)).measured
            await endpoint.close()
        ratio = took.wall_s / (calls / width * options.latency)
        each = took.wall_s / calls * 1000
        print(f"| {cells} | {calls} | {took.wall_s:.1f} | {ratio:.2f} | {each:.2f} | {took.cpu_ms:.2f} |", flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\nPeak memory of this process: {peak:.0f} MB.")


async def small(options: argparse.Namespace, cast: tuple[Persona, ...]) -> None:
    """200 segments x 5 personas at 32 in flight."""
    with stub(options.latency) as url:
        endpoint = Endpoint(url, SecretStr("k"), concurrency=32)
        took = await ours(endpoint, cast[:5], make_segments(200), 32)
        await endpoint.close()
    ratio = took.measured.wall_s / (1200 / 32 * options.latency)
    print(f"200 segments x 5 personas, {options.latency * 1000:.0f} ms per answer, 32 in flight, 1200 calls")
    print(
        f"wall / ideal {ratio:.2f}, CPU {took.measured.cpu_ms:.2f} ms per call, first card {took.first_card_s:.2f} s"
    )


def numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",") if part]


async def main() -> None:
    parser = argparse.ArgumentParser(description="How close a run is to the wire.")
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--latency", type=float, default=0.2, help="seconds per answer")
    parser.add_argument("--widths", type=numbers, default=[32, 128], help="calls in flight")
    parser.add_argument("--growth", type=numbers, default=[100, 1000, 5000, 20000], help="cells")
    parser.add_argument("--small", action="store_true", help="only 200 segments x 5 personas at 32 in flight")
    options = parser.parse_args()
    cache.persist_without_server()
    cast = tuple(personas.load(ROOT / "personas.toml").values())
    if options.small:
        await small(options, cast)
        return
    await compare(options, cast)
    if options.growth:
        await growth(options, cast)


if __name__ == "__main__":
    asyncio.run(main())
