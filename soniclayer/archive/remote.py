"""What a worker of a cluster does: it judges shows, and has the process that hands them out keep answers and money.

Messages to that process are events of Dask, its replies calls of `deliver`. Keys come with the plugin at most, which
Dask shows nowhere; tasks never hold one.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
from typing import TYPE_CHECKING, Any

from distributed import WorkerPlugin, get_worker
from typing_extensions import override

from soniclayer.archive.work import ARCHIVE, Result, Task, evaluate, evaluate_show
from soniclayer.engine import Engine
from soniclayer.errors import FatalError, SettingsError
from soniclayer.evaluators.base import absent
from soniclayer.evaluators.registry import evaluator_spec
from soniclayer.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from distributed import Worker

    from soniclayer.evaluators.base import Store
    from soniclayer.evaluators.chat.budget import Spent

REPLY_S = 60.0
"""So long an answer of the process that hands out the shows is waited for."""


class Site(WorkerPlugin):
    """One worker's side of a run over an archive: the settings, an engine, and what it may spend."""

    def __init__(self, name: str, settings: Mapping[str, Any]) -> None:
        """name: of the run. settings: as `Settings` takes them; the worker's environment has the others."""
        self.name = name
        self._given = dict(settings)

    @override
    def setup(self, worker: Worker) -> None:
        """As `WorkerPlugin` has it."""
        self._worker = worker
        self._settings = Settings(**self._given)
        self._engine: Engine | None = None
        self._making = threading.Lock()
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._numbers = itertools.count()

    @override
    async def teardown(self, worker: Worker) -> None:
        """As `WorkerPlugin` has it; what is in flight is cancelled."""
        if self._engine is not None:
            await asyncio.to_thread(self._engine.close)

    def share(self, concurrency: int) -> None:
        """So many calls may be in flight here."""
        self._settings = self._settings.model_copy(update={"concurrency": concurrency})
        if self._engine is not None:
            self._engine.submit(self._server().resize(concurrency))

    def judge(self, task: Task) -> Result:
        """Judge a show with a chat model; waits for it."""
        with self._making:  # several threads judge, and what is shared must belong to the loop of all of them
            if self._engine is None:
                self._engine = Engine()
        return self._engine.submit(self._judge(task)).result()

    def deliver(self, replies: Mapping[int, Any]) -> None:
        """Replies to messages, by their numbers."""
        if self._engine is not None:
            self._engine.prepare(lambda: self._settle(replies))

    def _settle(self, replies: Mapping[int, Any]) -> None:
        for number, reply in replies.items():
            if (waiting := self._waiting.pop(number, None)) is not None and not waiting.done():
                waiting.set_result(reply)

    async def _judge(self, task: Task) -> Result:
        assert self._engine is not None
        if self._settings.max_cost is not None:
            self._engine.shared(f"spent {ARCHIVE}", self._spent)
        kept = await self._ask({"op": "begin", "content": task.content})
        store = self._store(task.content, look=bool(kept))
        try:
            return await evaluate(task, self._settings, store, self._engine.shared, lambda run: None)
        except SettingsError as error:
            raise SettingsError(f"The worker at {self._worker.address}: {error} Or say --send-key.") from error

    def _spent(self) -> Spent:
        """What is spent here. The first who asks has it made before any evaluator is."""
        from soniclayer.evaluators.chat.budget import Spent

        return Spent(limit=0.0, grant=self._more)

    async def _more(self) -> float:
        """Money that may be spent here beside what may already; 0.0 where none is left."""
        return float(await self._ask({"op": "money"}))

    def _server(self) -> Any:
        from soniclayer.evaluators.chat.factory import server

        assert self._engine is not None
        return server(self._settings, self._engine.shared)

    def _store(self, content: str, *, look: bool) -> Store:
        """Answers are looked up and kept where the shows are handed out; look: whether any can be there."""

        async def stored(question: str, ask: Callable[[], Awaitable[str]]) -> str:
            about = {"content": content, "question": question}
            if look and (text := await self._ask({"op": "look", **about})) is not None:
                return str(text)
            if ask is absent:
                return await absent()
            text = await ask()
            self._send({"op": "keep", **about, "text": text})
            return text

        return stored

    async def _ask(self, message: dict[str, Any]) -> Any:
        number = next(self._numbers)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        self._send({**message, "number": number})
        try:
            return await asyncio.wait_for(self._waiting[number], REPLY_S)
        except TimeoutError as error:
            raise FatalError("The process that hands out the shows does not reply. Is it still there?") from error
        finally:
            self._waiting.pop(number, None)

    def _send(self, message: dict[str, Any]) -> None:
        told = {**message, "worker": self._worker.address}
        self._worker.log_event(self.name, json.dumps(told))  # ASCII: not every text of an answer is fit for Dask


def judge(name: str, task: Task) -> Result:
    """Judge a show on this worker; see `work.evaluate` for the errors."""
    if evaluator_spec(task.evaluator).starts_by_itself:
        return evaluate_show(task)
    return _site(get_worker(), name).judge(task)


def _site(worker: Worker, name: str) -> Site:
    site = worker.plugins[name]
    assert isinstance(site, Site)
    return site


def deliver(name: str, replies: Mapping[int, Any], dask_worker: Worker) -> None:
    """`Site.deliver` on a worker."""
    _site(dask_worker, name).deliver(replies)


def share(name: str, parts: Mapping[str, int], dask_worker: Worker) -> None:
    """`Site.share` on a worker; parts: by its address."""
    _site(dask_worker, name).share(parts[dask_worker.address])


def version() -> str:
    """Of SonicLayer on a worker."""
    import soniclayer

    return soniclayer.__version__
