"""The seam to Streamlit's cache: answers on disk, and the process's one engine.

Streamlit's cache takes the place of a store of our own: one computation for equal questions asked at the same time,
answers that survive a restart, no exception ever kept.
"""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import streamlit as st
from streamlit.runtime.caching import cache_data_api
from streamlit.runtime.caching.cache_errors import CacheError
from streamlit.runtime.caching.storage import CacheStorageError
from streamlit.runtime.caching.storage.local_disk_cache_storage import (
    LocalDiskCacheStorageManager,
    get_cache_folder_path,
)

from soniclayer.engine import Engine

logger = logging.getLogger(__name__)

Ask = Callable[[], Awaitable[str]]


@st.cache_data(persist="disk", show_spinner=False)
async def _answer(question: str, _ask: Ask) -> str:
    # Streamlit keys the store by this function's source too: an edit here forgets every answer kept so far.
    return await _ask()


async def store(question: str, ask: Ask) -> str:
    """The kept answer to `question`, or what `ask()` returns, which is then kept. See `evaluators.Store`.

    `ask` may raise any SonicLayerError; it goes through as it is.
    """
    try:
        # By name: of an argument given by position Streamlit looks up the name, at every call.
        return await _answer(question=question, _ask=ask)
    except (CacheStorageError, OSError):
        # The disk is full or read-only. The answer itself is in memory, and paid for.
        logger.warning("An answer could not be written to disk; it is kept until the process ends.")
    except (CacheError, EOFError):
        # A process killed while writing leaves half a file behind; such an answer was never given.
        _answer.clear(question, ask)
    try:
        return await _answer(question=question, _ask=ask)
    except (CacheError, EOFError):
        logger.warning("The folder of kept answers cannot be read; this answer is not kept.")
        return await ask()


def stored() -> tuple[int, int]:
    """How many answers lie on disk, and their bytes."""
    prefix = f"{_answer._function_key}-"  # Streamlit names the files so, and offers no other way to tell them apart
    folder = Path(get_cache_folder_path())
    if not folder.is_dir():
        return 0, 0
    with os.scandir(folder) as entries:
        sizes = [entry.stat().st_size for entry in entries if entry.name.startswith(prefix)]
    return len(sizes), sum(sizes)


def clear() -> None:
    """Forget every answer, in memory and on disk."""
    _answer.clear()


def persist_without_server() -> None:
    """Keep answers on disk outside a Streamlit server too, as the terminal face wants.

    Streamlit falls back to memory where no server runs in the process; this names its disk storage instead.
    """
    cache_data_api._data_caches.get_storage_manager = LocalDiskCacheStorageManager  # type: ignore[method-assign]


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
