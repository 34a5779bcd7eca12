"""The files that Streamlit's cache keeps on disk: private, whole or absent, and known by the shows that use them.

The files are for their owner alone. One that cannot be read back (changed bytes, half a file, another version's
class) counts as absent, and nothing but a kept text is ever unpickled, so that a changed file cannot name code to
run. A file is named by a digest of its question, and several shows may use it: beside the files each show has a list
of those it uses, which grows as they are written and read.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import pickle
import re
from contextvars import ContextVar
from dataclasses import replace
from pathlib import Path
from typing import Any

from streamlit.runtime.caching import cache_data_api
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

FOLDER_MODE, FILE_MODE = 0o700, 0o600
LARGEST_BYTES = 4_000_000
MOST_IN_MEMORY = 4096  # per cached function, of 1 to 5 kB; the others are read from disk again
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
_NAME = re.compile(r"[0-9a-f]+-[0-9a-f]+")


def folder() -> Path:
    """Where the files are; it may not exist."""
    return Path(get_cache_folder_path())


def private_folder() -> Path:
    """The folder of the files, made if need be, open to its owner alone. Raises OSError."""
    made = folder()
    made.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    if made.stat().st_mode & 0o777 != FOLDER_MODE:
        made.chmod(FOLDER_MODE)
    return made


class UseList:
    """The names, without their ending, of the files that one show uses; a file of its own, a name a line."""

    def __init__(self, show: str) -> None:
        """`show`: any text that is the show's own."""
        digest = hashlib.blake2b(show.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        self.file = folder() / f"{digest}.uses"
        self._known: set[str] | None = None

    def note(self, name: str, *, written: bool) -> None:
        """The show uses this file, which was written or read just now."""
        if self._known is None:
            self._known = listed(self.file)
        if not written and name in self._known:
            return
        self._known.add(name)
        # Where the list cannot be written, the file will only not be cleared with its show.
        with (
            contextlib.suppress(OSError),
            open(os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, FILE_MODE), "wb") as file,
        ):
            file.write(f"{name}\n".encode("ascii"))


def listed(file: Path) -> set[str]:
    """The names in a list; none where there is no such file."""
    try:
        return set(_NAME.findall(file.read_text("ascii", "replace")))
    except OSError:
        return set()


def use_lists() -> list[Path]:
    """The lists of all shows."""
    return list(folder().glob("*.uses"))


USED_BY: ContextVar[UseList | None] = ContextVar("USED_BY", default=None)
"""The list of the show that something is looked up or kept for."""
LOOKED_UP: ContextVar[str] = ContextVar("LOOKED_UP", default="")
"""Path of the file that was looked up last."""


class Storages(LocalDiskCacheStorageManager):
    """Makes the storage of each cached function, and knows it by the function's key."""

    def __init__(self) -> None:
        self._made: dict[str, CacheStorage] = {}

    @override
    def create(self, context: CacheStorageContext) -> CacheStorage:
        """A storage on disk with a layer in memory above it."""
        self._made[context.function_key] = made = _NotingStorage(_PrivateStorage(context), context)
        return made

    def delete(self, name: str) -> None:
        """Forget a file, by its name without its ending, on disk and in memory."""
        function_key, _, value_key = name.partition("-")
        if (storage := self._made.get(function_key)) is not None:
            storage.delete(value_key)
        else:
            (folder() / f"{name}.memo").unlink(missing_ok=True)


class _NotingStorage(InMemoryCacheStorageWrapper):
    """Notes which files are written and read, also where the layer in memory has them."""

    def __init__(self, on_disk: _PrivateStorage, context: CacheStorageContext) -> None:
        super().__init__(persist_storage=on_disk, context=replace(context, max_entries=MOST_IN_MEMORY))
        self._on_disk = on_disk

    @override
    def get(self, key: str) -> bytes:
        LOOKED_UP.set(self._on_disk.path(key))
        value = super().get(key)
        self._note(key, written=False)
        return value

    @override
    def set(self, key: str, value: bytes) -> None:
        super().set(key, value)
        self._note(key, written=True)

    def _note(self, key: str, *, written: bool) -> None:
        if (used_by := USED_BY.get()) is not None:
            used_by.note(f"{self.function_key}-{key}", written=written)


class _PrivateStorage(LocalDiskCacheStorage):
    def __init__(self, context: CacheStorageContext) -> None:
        super().__init__(context)
        # Asked at every look-up, Streamlit's own way to it is a fifth of a call's CPU.
        self._folder = get_cache_folder_path()
        self._private = False

    def path(self, key: str) -> str:
        """Of the file of a key."""
        return f"{self._folder}/{self.function_key}-{key}.memo"

    @override
    def _get_cache_file_path(self, value_key: str) -> str:
        return self.path(value_key)

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


def kept_text(path: str) -> str | None:
    """The text that a file keeps; None where there is none."""
    try:
        with open(path, "rb") as file:
            value = file.read()
    except OSError:
        return None
    return _TextOnly(io.BytesIO(value)).load().value if holds_text(value) else None


STORAGES = Storages()


def persist_without_server() -> None:
    """Keep files on disk outside a Streamlit server too, as the command line wants, and for their owner alone.

    Streamlit falls back to memory where no server runs in the process; this names a disk storage instead.
    """
    cache_data_api._data_caches.get_storage_manager = lambda: STORAGES  # type: ignore[method-assign]
