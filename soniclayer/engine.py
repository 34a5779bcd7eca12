"""The process's one event loop, in a thread of its own, and everything that belongs to that loop for ever.

Runs, HTTP clients and limiters live here, so a click on the page never cancels a paid call, closing the tab never
loses an hour's work, and no client is ever used by a loop it does not belong to.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, TypeVar, cast

from soniclayer.evaluators.base import Closing
from soniclayer.run import Cell, Run, State

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from concurrent.futures import Future

T = TypeVar("T")
C = TypeVar("C", bound=Closing)
COLLECT_AFTER = 10_000  # new objects; at Python's 700 a run and its page had a full collection of 0.3 s every second
KEPT = 32  # runs kept in memory after they ended, so that coming back to a show is instant


class Engine:
    """One event loop in a daemon thread. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="soniclayer-engine", daemon=True)
        self._thread.start()
        self._runs: OrderedDict[str, Run] = OrderedDict()
        self._shared: dict[str, Closing] = {}
        self._lock = threading.RLock()  # what `start` makes may ask for what is `shared`
        self._tasks: set[asyncio.Future[None]] = set()
        self._modules = 0
        gc.set_threshold(COLLECT_AFTER, *gc.get_threshold()[1:])

    def find(self, key: str) -> Run | None:
        """The run started under this key, going on or ended, if it is still in memory."""
        with self._lock:
            return self._runs.get(key)

    def start(self, key: str, make: Callable[[], Run], only: frozenset[Cell] | None = None) -> Run:
        """The run of this key: the one there is, carried on where it stopped, or a new one from `make`.

        only: ask for these cells; None means for all.

        Two sessions that start the same key are shown the same run.
        """
        with self._lock:
            run = self._runs.get(key)
            if run is None:
                run = self._runs[key] = make()
                self._forget_old()
            self._runs.move_to_end(key)
        self.resume(run, only)
        return run

    def adopt(self, key: str, run: Run) -> Run:
        """Have a run that was read back be the one of this key, unless there is one; returns that of the key."""
        with self._lock:
            run = self._runs.setdefault(key, run)
            self._forget_old()
            return run

    def resume(self, run: Run, only: frozenset[Cell] | None = None) -> None:
        """Ask what has no feedback yet, or of that only the cells in `only`.

        A run under way asks those again that have failed.
        """
        if run.state is not State.RUNNING and not run.complete:
            run.state = State.WAITING  # at once, so that whoever asked already sees it under way
        self._freeze_imports()
        self._loop.call_soon_threadsafe(self._execute, run, only)

    def _freeze_imports(self) -> None:
        """Modules stay; that the garbage collector looks through them again and again is a sixth of a call's CPU."""
        if len(sys.modules) != self._modules:
            self._modules = len(sys.modules)
            gc.freeze()

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Have a coroutine run in the loop; the future has what it returns or raises."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def call(self, coroutine: Coroutine[Any, Any, T], *, timeout_s: float | None = None) -> T:
        """Run a coroutine in the loop and wait for what it returns. Raises TimeoutError after `timeout_s`."""
        future = self.submit(coroutine)
        try:
            return future.result(timeout_s)
        except TimeoutError:
            future.cancel()
            raise

    def prepare(self, work: Callable[[], None]) -> None:
        """Do some short work in the loop soon, before any run that is started later."""
        self._loop.call_soon_threadsafe(work)

    def shared(self, key: str, make: Callable[[], C]) -> C:
        """The one object of this key that lives as long as the loop (a client pool, say), made at first use."""
        with self._lock:
            if key not in self._shared:
                self._shared[key] = make()
            return cast("C", self._shared[key])

    def close(self) -> None:
        """Cancel every run, close what is shared, end the loop."""
        self.call(self._wind_down())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _execute(self, run: Run, only: frozenset[Cell] | None) -> None:
        if run.state is State.RUNNING:
            run.rejoin(only or frozenset())
        if run.state is State.RUNNING or run.complete:
            return
        run.state = State.RUNNING
        task = self._loop.create_task(run.execute(only))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _forget_old(self) -> None:
        ended = [key for key, run in self._runs.items() if run.state not in (State.RUNNING, State.WAITING)]
        for key in ended[: max(0, len(self._runs) - KEPT)]:
            del self._runs[key]

    async def _wind_down(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for shared in self._shared.values():
            await shared.close()
