"""Where shows are judged: in processes of this machine, or in this one where a server does the work.

An executor takes a `Task` and gives a future of its `Result`, so that `evaluation` need not know where that is.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, Protocol

from soniclayer.archive.work import Result, Task, evaluate, evaluate_show
from soniclayer.cores import cores, one_thread
from soniclayer.engine import Engine
from soniclayer.evaluators.base import Usage
from soniclayer.evaluators.registry import evaluator_spec
from soniclayer.terminal import disk_store

if TYPE_CHECKING:
    from concurrent.futures import Future

    from soniclayer.personas import Persona
    from soniclayer.run import Run
    from soniclayer.settings import Settings

OPEN_SHOWS = 4
"""Of a chat run: enough that calls are in flight while the last ones of a show are waited for."""


class Executor(Protocol):
    """Judges shows, several at a time."""

    @property
    def width(self) -> int:
        """Shows to be submitted at once; more wait for nothing but memory."""

    @property
    def under_way(self) -> tuple[int, Usage]:
        """Cells judged in shows that have not ended, and what they have cost; zero where that is not known."""

    def submit(self, task: Task) -> Future[Result]:
        """Have a show judged; see `work.evaluate` for what the future may raise."""

    def close(self) -> None:
        """Give up what has not ended, and end."""


class Processes:
    """For an evaluator that costs nothing: one process per core, each with the model loaded once."""

    under_way = (0, Usage())

    def __init__(self, evaluator: str, personas: tuple[Persona, ...], workers: int = 0) -> None:
        """`workers`: how many processes; 0 for one per core that this process may use."""
        self._workers = workers or cores()
        self._begin = (evaluator, personas)
        self._others = set(multiprocessing.active_children())
        one_thread()
        self._pool = self._new_pool()

    @property
    def width(self) -> int:
        """One show in each process and one waiting for each."""
        return 2 * self._workers

    def submit(self, task: Task) -> Future[Result]:
        """As `Executor` has it; a process that died is replaced. The future may raise BrokenProcessPool."""
        try:
            return self._pool.submit(evaluate_show, task)
        except BrokenProcessPool:
            self._pool.shutdown()
            self._pool = self._new_pool()
            return self._pool.submit(evaluate_show, task)

    def close(self) -> None:
        """End the processes, whatever they are at: a show takes longer than somebody who pressed Ctrl-C waits."""
        for process in set(multiprocessing.active_children()) - self._others:
            process.terminate()
        self._pool.shutdown(cancel_futures=True)

    def _new_pool(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self._workers, multiprocessing.get_context("spawn"), initializer=_begin_worker, initargs=self._begin
        )


def _begin_worker(evaluator: str, personas: tuple[Persona, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the first process ends this one
    threading.Thread(target=_end_with_parent, daemon=True).start()
    spec = evaluator_spec(evaluator)
    if spec.prepare is not None:
        spec.prepare(personas)


def _end_with_parent() -> None:
    """Do not outlive a first process that was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class OneProcess:
    """For an evaluator that asks a server: one event loop, one client with its rate limiter, one budget."""

    width = OPEN_SHOWS

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._engine = Engine()
        self._open: dict[asyncio.Task[Result], Run | None] = {}

    @property
    def under_way(self) -> tuple[int, Usage]:
        """As `Executor` has it."""
        runs = [run for run in list(self._open.values()) if run is not None]
        usage = [each for run in runs for each in list(run.evaluator.usage.values())]
        return sum(len(run.results) for run in runs), sum(usage, start=Usage())

    def submit(self, task: Task) -> Future[Result]:
        """As `Executor` has it. Every answer is kept on disk as it comes in."""
        return self._engine.submit(self._evaluate(task))

    def close(self) -> None:
        """As `Executor` has it; calls in flight are cancelled."""
        self._engine.call(self._cancel())
        self._engine.close()

    async def _evaluate(self, task: Task) -> Result:
        this = asyncio.current_task()
        assert this is not None
        self._open[this] = None

        def begun(run: Run) -> None:
            self._open[this] = run

        try:
            store = disk_store(task.content)
            return await evaluate(task, self._settings, store, self._engine.shared, begun)
        finally:
            del self._open[this]

    async def _cancel(self) -> None:
        tasks = list(self._open)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
