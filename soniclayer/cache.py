"""The seam to Streamlit's cache: answers on disk, and the process's one engine.

Streamlit's cache takes the place of a store of our own: one computation for equal questions asked at the same time,
answers that survive a restart, no exception ever kept. The files are for their owner alone. One that cannot be read
back (changed bytes, half a file, another version's class) counts as absent, and nothing but a kept text is ever
unpickled, so that a changed file cannot name code to run.
"""

from __future__ import annotations

import contextlib
import gc
import io
import logging
import os
import pickle
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.runtime.caching import cache_data_api
from streamlit.runtime.caching.cache_errors import CacheError
from streamlit.runtime.caching.cached_message_replay import CachedResult
from streamlit.runtime.caching.storage import (
    CacheStorage,
    CacheStorageContext,
    CacheStorageError,
    CacheStorageKeyNotFoundError,
)
from streamlit.runtime.caching.storage.in_memory_cache_storage_wrapper import InMemoryCacheStorageWrapper
from streamlit.runtime.caching.storage.local_disk_cache_storage import (
    LocalDiskCacheStorage,
    LocalDiskCacheStorageManager,
    get_cache_folder_path,
)
from typing_extensions import override

from soniclayer.engine import Engine

logger = logging.getLogger(__name__)

Ask = Callable[[], Awaitable[str]]

FOLDER_MODE, FILE_MODE = 0o700, 0o600
LARGEST_BYTES = 4_000_000
# What unpickling arbitrary bytes may raise; the module promises nothing.
_UNREADABLE = (
    pickle.UnpicklingError,
    EOFError,
    AttributeError,
    ImportError,
    LookupError,
    TypeError,
    ValueError,
    OverflowError,
    MemoryError,
    RecursionError,
)


@st.cache_data(persist="disk", show_spinner=False)
async def _answer(question: str, _ask: Ask) -> str:
    # Streamlit keys the store by this function's source too: an edit here forgets every answer kept so far.
    return await _ask()


@st.cache_data(persist="disk", show_spinner=False)
async def _computed(question: str, _ask: Ask) -> str:
    return await _ask()


async def computed(question: str, ask: Ask) -> str:
    """What is kept for `question`, or what `ask()` works out, which is then kept; see `evaluators.base.Context`.

    Apart from the answers: it cost nothing, so it is neither counted nor cleared with them.
    """
    return await _keep(_computed, question, ask, logging.DEBUG)


async def store(question: str, ask: Ask) -> str:
    """The kept answer to `question`, or what `ask()` returns, which is then kept. See `evaluators.Store`.

    `ask` may raise any SonicLayerError; it goes through as it is.
    """
    return await _keep(_answer, question, ask, logging.WARNING)


async def _keep(cached: Callable[..., Awaitable[str]], question: str, ask: Ask, level: int) -> str:
    """What `cached` has or gets from `ask`, kept or not; `level`: of the log line where the disk is in the way."""
    given: list[str] = []

    async def asking() -> str:
        given.append(await ask())
        return given[-1]

    try:
        # By name: of an argument given by position Streamlit looks up the name, at every call.
        return await cached(question=question, _ask=asking)
    except (CacheError, CacheStorageError, OSError):
        if given:
            # The disk is full or read-only. The answer itself is there, and paid for.
            logger.log(level, "An answer could not be written to disk; it is not kept.")
            return given[-1]
    logger.log(level, "The folder of kept answers cannot be read; this answer is not kept.")
    return await ask()


def stored() -> tuple[int, int]:
    """How many answers lie on disk, and their bytes."""
    files = _files(Path(get_cache_folder_path()))
    return len(files), sum(file.stat().st_size for file in files)


def _files(folder: Path) -> list[Path]:
    # Streamlit names the files so, and offers no other way to tell them apart.
    return sorted(folder.glob(f"{_answer._function_key}-*.memo")) if folder.is_dir() else []


def clear() -> None:
    """Forget every answer, in memory and on disk, for good; and what was worked out from the shows' words."""
    _answer.clear()
    _computed.clear()
    forget_cleared()


def clear_until_undone() -> int:
    """Forget every answer, in memory and on disk; returns how many. `undo_clear` brings them back."""
    forget_cleared()
    files = _files(Path(get_cache_folder_path()))
    if files:
        aside = _aside()
        aside.mkdir(mode=0o700, exist_ok=True)
        for file in files:
            file.replace(aside / file.name)
    _answer.clear()
    _computed.clear()
    return len(files)


def undo_clear() -> int:
    """Bring back what `clear_until_undone` forgot; returns how many. An answer given since then stays."""
    files = _files(_aside())
    folder = private_folder()
    for file in files:
        if not (folder / file.name).exists():
            file.replace(folder / file.name)
    forget_cleared()
    return len(files)


def cleared() -> int:
    """How many answers `undo_clear` would bring back."""
    return len(_files(_aside()))


def forget_cleared() -> None:
    """From now on a clearing cannot be undone, as when the next run begins."""
    aside = _aside()
    for file in _files(aside):
        file.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        aside.rmdir()


def _aside() -> Path:
    return Path(get_cache_folder_path()).with_name("cache-cleared")


async def forget(questions: Iterable[str]) -> dict[str, str]:
    """Forget the answers to these questions, those of one show say; returns them, for `remember` to bring back."""
    forgotten = {}
    for question in questions:
        with contextlib.suppress(_NotKeptError):
            forgotten[question] = await _answer(question=question, _ask=_absent)
            _answer.clear(question, _absent)
    return forgotten


async def remember(answers: Mapping[str, str]) -> None:
    """Keep these answers (question -> answer), as `forget` returned them."""
    for question, answer in answers.items():

        async def known(answer: str = answer) -> str:
            return answer

        await store(question, known)


class _NotKeptError(Exception):
    """There is no answer to this question."""


async def _absent() -> str:
    raise _NotKeptError


class PrivateStorageManager(LocalDiskCacheStorageManager):
    """Makes storages whose files only their owner can read."""

    @override
    def create(self, context: CacheStorageContext) -> CacheStorage:
        """A storage on disk with a layer in memory above it."""
        return InMemoryCacheStorageWrapper(persist_storage=_PrivateStorage(context), context=context)


class _PrivateStorage(LocalDiskCacheStorage):
    def __init__(self, context: CacheStorageContext) -> None:
        super().__init__(context)
        # Asked at every look-up, Streamlit's own way to it is a fifth of a call's CPU.
        self._folder = get_cache_folder_path()
        self._private = False

    @override
    def _get_cache_file_path(self, value_key: str) -> str:
        return f"{self._folder}/{self.function_key}-{value_key}.memo"

    @override
    def get(self, key: str) -> bytes:
        """The stored bytes. Raises CacheStorageKeyNotFoundError where there are none, or none that can be read."""
        if self.persist != "disk":
            return super().get(key)
        try:
            with open(self._get_cache_file_path(key), "rb") as file:
                value = file.read()
        except FileNotFoundError as error:
            raise CacheStorageKeyNotFoundError("There is no such answer on disk") from error
        except OSError as error:
            raise CacheStorageError("The folder of kept answers cannot be read") from error
        if not holds_text(value):
            raise CacheStorageKeyNotFoundError("The answer on disk cannot be read")
        return value

    @override
    def set(self, key: str, value: bytes) -> None:
        """Store bytes, whole or not at all. Raises CacheStorageError."""
        if self.persist != "disk":
            return
        path = self._get_cache_file_path(key)
        part = f"{path}.{os.getpid()}.part"
        try:
            if not self._private:
                self._private = bool(private_folder())
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE), "wb") as file:
                file.write(value)
            os.replace(part, path)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.unlink(part)
            raise CacheStorageError("The answer cannot be written to disk") from error


def private_folder() -> Path:
    """The folder of kept answers, made if need be, open to its owner alone. Raises OSError."""
    folder = Path(get_cache_folder_path())
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o777 != FOLDER_MODE:
        folder.chmod(FOLDER_MODE)
    return folder


class _TextOnly(pickle.Unpickler):
    @override
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == (CachedResult.__module__, CachedResult.__qualname__):
            return CachedResult
        raise pickle.UnpicklingError("not a kept text")


def holds_text(value: bytes) -> bool:
    """The bytes are a text as Streamlit pickles what a cached function returned."""
    if len(value) > LARGEST_BYTES:
        return False
    try:
        entry = _TextOnly(io.BytesIO(value)).load()
        texts = (entry.value, entry.main_id, entry.sidebar_id)
        return type(entry) is CachedResult and all(type(text) is str for text in texts) and not entry.messages
    except _UNREADABLE:
        return False


def persist_without_server() -> None:
    """Keep answers on disk outside a Streamlit server too, as the terminal face wants, and for their owner alone.

    Streamlit falls back to memory where no server runs in the process; this names a disk storage instead.
    """
    cache_data_api._data_caches.get_storage_manager = PrivateStorageManager  # type: ignore[method-assign]


persist_without_server()


@st.cache_resource(show_spinner=False)
def engine() -> Engine:
    """The process's one engine, with its log going to stderr."""
    gc.freeze()  # what is imported by now stays; looking through it again and again was a fifth of a call's CPU
    package = logging.getLogger("soniclayer")
    if not package.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
        package.addHandler(handler)
        package.setLevel(logging.INFO)
    return Engine()
