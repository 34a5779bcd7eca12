"""Shows judged by the workers of a Dask cluster: `--scheduler`, `--local-workers`.

A show whose worker dies is judged again elsewhere, which is Dask's doing. What is ours: answers of a chat model come
back as they arrive and are kept here; the limit of calls in flight is divided among the workers there are; money is
handed out in small parts, never more than there is.
"""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import threading
import time
import uuid
from collections import defaultdict
from concurrent.futures import BrokenExecutor, Future, wait
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any, Literal

import dask
from distributed import Client, KilledWorker, LocalCluster, Nanny
from typing_extensions import override

import soniclayer
from soniclayer.archive import remote
from soniclayer.engine import Engine
from soniclayer.errors import FatalError, SettingsError
from soniclayer.evaluators.base import NotKeptError, Usage, absent
from soniclayer.evaluators.registry import evaluator_spec
from soniclayer.kept_files import UseList, listed
from soniclayer.terminal import disk_store, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from distributed import Scheduler

    from soniclayer.archive.work import Result, Task
    from soniclayer.settings import Settings

CONNECT_S = 10.0
LOOK_S = 1.0
"""How often it is looked which workers there are."""
KEEP_S = 5.0
"""So long it is waited at the end for answers that are on their way to the disk."""
REPLIES_S = 0.01
"""Replies to one worker within that time travel together."""
PARTS = 4
"""Of the money that is left, divided by the workers, so large a part is handed out at once."""
SMALLEST_PART = 0.001
"""Of all money; smaller parts would be asked for at every call."""
LOCAL_THREADS = 4
"""Shows under way in one local worker that asks a server; one that works itself has one."""
CHOSEN = (
    *("base_url", "model", "samples", "price_input", "price_output", "price_cached", "max_cost", "timeout_s"),
    *("extra_body", "thrifty"),
)
"""Settings that workers get from here; the others they have themselves. None of these is secret."""
SECRET = ("api_key", "headers")


class Cluster:
    """An executor, see `executors`."""

    under_way = (0, Usage())

    def __init__(
        self,
        settings: Settings,
        evaluator: str,
        *,
        address: str = "",
        local_workers: int = 0,
        send_key: bool = False,
    ) -> None:
        """Connect.

        address: of a Dask scheduler; "" for `local_workers` processes of this machine.
        send_key: the workers get the key and headers of the settings; otherwise they have their own.

        Raises:
            SettingsError: nothing answers there, or the workers cannot judge shows.
        """
        self._settings = settings
        self._asks_server = not evaluator_spec(evaluator).starts_by_itself
        if self._asks_server and settings.max_calls is not None:
            raise SettingsError("SONICLAYER_MAX_CALLS cannot be divided among machines. Set --max-cost instead.")
        self._name = f"soniclayer-{uuid.uuid4().hex[:8]}"
        self._granted = 0.0
        self._replies: dict[str, dict[int, Any]] = defaultdict(dict)
        self._looked_at = -LOOK_S
        self._parts: dict[str, int] = {}
        self._threads = 1
        self._keeping: set[Future[None]] = set()
        self._closing = ExitStack()
        try:
            self._engine = Engine()
            self._closing.callback(self._engine.close)
            self._client = self._connect(address, local_workers)
            self._closing.callback(self._client.close)
            self._check_version()
            self._client.subscribe_topic(self._name, self._heard)
            self._client.register_plugin(remote.Site(self._name, _for_workers(settings, send_key=send_key)))
            self._closing.callback(self._client.unregister_worker_plugin, self._name)
        except BaseException:
            self.close()
            raise
        self._executor = self._client.get_executor(pure=False)
        self._closing.callback(self._executor.shutdown, wait=False)

    @property
    def width(self) -> int:
        """One show in each thread of the workers, and one waiting for each. Raises FatalError, as `submit` does."""
        if time.monotonic() - self._looked_at > LOOK_S:
            self._look()
        return 2 * max(1, self._threads)

    def submit(self, task: Task) -> Future[Result]:
        """As `Executor` has it. The future may raise BrokenExecutor, where every worker died that judged the show.

        Raises:
            FatalError: the scheduler is gone.
        """
        self._check_connection()
        outcome: Future[Result] = Future()

        def settle(inner: Future[Result]) -> None:
            error = inner.exception() if not inner.cancelled() else BrokenExecutor("cancelled")
            if error is None:
                outcome.set_result(inner.result())
            elif isinstance(error, KilledWorker):
                outcome.set_exception(BrokenExecutor(str(error)))
            else:
                outcome.set_exception(error)

        self._executor.submit(remote.judge, self._name, task).add_done_callback(settle)
        return outcome

    def close(self) -> None:
        """As `Executor` has it; answers that have arrived are kept."""
        wait(list(self._keeping), KEEP_S)
        with suppress(OSError, TimeoutError):  # a scheduler that is gone has nothing to end
            self._closing.close()

    def _connect(self, address: str, local_workers: int) -> Client:
        for name in ("distributed", "tornado", "asyncio"):  # what concerns the user is said here
            logging.getLogger(name).setLevel(logging.CRITICAL)
        dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 GB"})  # shows travel with their tasks
        if not address:
            threads = LOCAL_THREADS if self._asks_server else 1
            with _deaf_to_ctrl_c():
                local = LocalCluster(
                    n_workers=local_workers,
                    threads_per_worker=threads,
                    worker_class=_Impatient,
                    dashboard_address="127.0.0.1:0",  # of None it makes port 8787, which another run may have
                    silence_logs=logging.CRITICAL,
                )
            self._closing.callback(local.close)
            return Client(local)
        try:
            return Client(address, timeout=CONNECT_S)
        except (OSError, ValueError, TimeoutError) as error:
            raise SettingsError(
                f"No Dask scheduler answers at {address}: {error}. Start one with: dask scheduler"
            ) from error

    def _check_version(self) -> None:
        """Scheduler and workers have the same SonicLayer: else results would depend on where a show was judged."""
        found = self._client.run(remote.version, on_error="return")
        try:
            found["the scheduler"] = self._client.run_on_scheduler(remote.version)
        except ImportError as error:
            found["the scheduler"] = error
        for where, version in found.items():
            if isinstance(version, BaseException):
                raise SettingsError(
                    f"No show can be judged at {where}: {version}. Install soniclayer[cluster] there."
                ) from version
            if version != soniclayer.__version__:
                raise SettingsError(
                    f"SonicLayer has version {version} at {where}, and this is {soniclayer.__version__}. "
                    "Install the same everywhere."
                )

    def _check_connection(self) -> None:
        if self._client.status != "running":
            raise FatalError("The connection to the Dask scheduler is lost. Start it again, and run again to go on.")

    def _look(self) -> None:
        """Divide the calls in flight anew where a worker has come or gone."""
        self._looked_at = time.monotonic()
        self._check_connection()
        workers = self._client.scheduler_info()["workers"]
        self._threads = sum(worker["nthreads"] for worker in workers.values())
        if self._asks_server:
            self._client.run_on_scheduler(_forget, self._name)
        if set(workers) == set(self._parts):
            return
        if not workers and self._parts:
            say("No worker of the cluster is left. The shows wait until one joins.")
        before, self._parts = self._parts, divided(self._settings.concurrency, list(workers))
        if self._asks_server:
            # Who has to do with less comes first, so that never more calls start than may.
            less = [each for each in workers if self._parts[each] < before.get(each, 0)]
            for group in (less, [each for each in workers if each not in less]):
                if group:
                    self._client.run(remote.share, self._name, self._parts, workers=group)

    def _heard(self, event: tuple[float, str]) -> None:
        """In Dask's thread: a message of a worker."""
        message = json.loads(event[1])
        reply = self._engine.submit(self._reply(message))
        if message["op"] == "keep":
            self._keeping.add(reply)
            reply.add_done_callback(self._keeping.discard)

    async def _reply(self, message: Mapping[str, Any]) -> None:
        reply: object
        match message["op"]:
            case "keep":
                await disk_store(message["content"])(message["question"], _known(message["text"]))
                return
            case "begin":
                reply = bool(listed(UseList(message["content"]).file))
            case "look":
                reply = await _kept(message["content"], message["question"])
            case _:
                reply = self._grant()
        worker = message["worker"]
        waiting = self._replies[worker]
        waiting[message["number"]] = reply
        if len(waiting) == 1:
            await asyncio.sleep(REPLIES_S)
            await asyncio.to_thread(self._deliver, worker, self._replies.pop(worker))

    def _deliver(self, worker: str, replies: Mapping[int, Any]) -> None:
        with suppress(OSError):  # the worker has died, and its shows begin anew
            self._client.run(remote.deliver, self._name, replies, workers=[worker])

    def _grant(self) -> float:
        """A part of the money that is left."""
        limit = self._settings.max_cost
        assert limit is not None
        left = limit - self._granted
        part = min(left, max(left / (PARTS * max(1, len(self._parts))), SMALLEST_PART * limit))
        self._granted += part
        return part


class _Impatient(Nanny):
    """Gives its worker a second to end, not five: what was answered is kept, and no call goes on for nothing."""

    @override
    async def close(  # type: ignore[override]
        self, timeout: float = 1.0, reason: str = "nanny-close"
    ) -> Literal["OK"]:
        return await super().close(timeout=timeout, reason=reason)


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Processes that start meanwhile do not hear Ctrl-C, which reaches the whole group: this one ends them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _for_workers(settings: Settings, *, send_key: bool) -> dict[str, Any]:
    """The settings that workers get from here; what is not set here they may have themselves."""
    names = (*CHOSEN, *SECRET) if send_key else CHOSEN
    found = {name: value for name in names if (value := getattr(settings, name)) is not None}
    return {**found, "concurrency": 1}  # until it is known how many workers there are


def divided(whole: int, among: list[str]) -> dict[str, int]:
    """`whole` in equal parts, at least 1 each."""
    base, rest = divmod(whole, max(1, len(among)))
    return {each: max(1, base + (place < rest)) for place, each in enumerate(sorted(among))}


def _known(text: str) -> Any:
    async def known() -> str:
        return text

    return known


async def _kept(content: str, question: str) -> str | None:
    try:
        return await disk_store(content)(question, absent)
    except NotKeptError:
        return None


def _forget(topic: str, dask_scheduler: Scheduler) -> None:
    """Have the scheduler drop the messages it has passed on; it would keep a hundred thousand."""
    dask_scheduler._broker.truncate(topic)
