"""Folders of small shows, and the parts of a run over them inside the test's own process."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from soniclayer import settings
from soniclayer.archive.evaluation import Evaluation, Plan, Tally
from soniclayer.archive.folder import scan
from soniclayer.archive.output import Output, basis_of
from soniclayer.archive.work import Result, Task, evaluate_show
from soniclayer.evaluators.base import Usage
from soniclayer.evaluators.registry import evaluator_spec
from soniclayer.personas import Persona
from tests.fakes import persona, webvtt
from tests.stub_server import Stub

LISTENERS = (persona("kim"), persona("lee"))
SEGMENTS = 2  # of a show
CELLS = SEGMENTS * len(LISTENERS)


def make_shows(folder: Path, count: int) -> list[Path]:
    """Shows of two segments, some of them in folders below."""
    paths = [folder / ("", "2024/", "2025/week 1/")[number % 3] / f"show {number:02}.vtt" for number in range(count)]
    for number, path in enumerate(paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(webvtt(SEGMENTS, f"show {number}"))
    return paths


def ask_stub(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a chat archive ask the stub server, eight calls at a time, at 1 and 2 per million tokens."""
    for name, value in (
        ("OPENAI_BASE_URL", stub.url),
        ("SONICLAYER_MODEL", "stub-small"),
        ("SONICLAYER_PRICE_INPUT", "1"),
        ("SONICLAYER_PRICE_OUTPUT", "2"),
        ("SONICLAYER_CONCURRENCY", "8"),
    ):
        monkeypatch.setenv(name, value)


class InThread:
    """An executor in a thread of this process; remembers what it was given."""

    width = 3
    under_way = (0, Usage())

    def __init__(self) -> None:
        self.tasks: list[Task] = []
        self._pool = ThreadPoolExecutor(1)

    def submit(self, task: Task) -> Future[Result]:
        self.tasks.append(task)
        return self._pool.submit(self.work, task)

    def work(self, task: Task) -> Result:
        return evaluate_show(task)

    def close(self) -> None:
        self._pool.shutdown()


def plan_of(folder: Path, out: Path, personas: tuple[Persona, ...] = LISTENERS) -> tuple[Plan, Tally]:
    """What the command would set about, with the built-in evaluator."""
    out.mkdir(exist_ok=True)
    found, skipped = scan(folder, out)
    used, spec = settings.read(), evaluator_spec("builtin")
    basis = basis_of(spec.id, spec.identity(used), 30.0, personas)
    return Plan(found, personas, spec.id, 30.0, basis, used), Tally(len(found), skipped=skipped)


def evaluated(
    folder: Path, out: Path, personas: tuple[Persona, ...] = LISTENERS, executor: InThread | None = None
) -> tuple[Tally, list[Task]]:
    """A whole run; what came of it, and which shows were judged for it."""
    used = executor or InThread()
    plan, tally = plan_of(folder, out, personas)
    try:
        with Output(out) as output:
            Evaluation(plan, output, used, tally).run(lambda tally: None)
    finally:
        used.close()
    return tally, used.tasks
