"""The seam to Streamlit's cache: answers on disk, and the process's one engine.

Streamlit's cache takes the place of a store of our own: one computation for equal questions asked at the same time,
answers that survive a restart, no exception ever kept. What its files are like is in `kept_files`; clearing them is
in `clearing`.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.runtime.caching.cache_errors import CacheError
from streamlit.runtime.caching.storage import CacheStorageError

from soniclayer.claims import Claims
from soniclayer.engine import Engine
from soniclayer.evaluators.base import absent
from soniclayer.kept_files import LOOKED_UP, USED_BY, UseList, kept_text, persist_without_server

if TYPE_CHECKING:
    from soniclayer.evaluators.base import Store

logger = logging.getLogger(__name__)

Ask = Callable[[], Awaitable[str]]

CLAIM_LOOK_S = 0.25
"""How often a question that another process is asking is looked after."""
_CLAIMS: dict[str, Claims] = {}


@st.cache_data(persist="disk", show_spinner=False)
async def _answer(question: str, _ask: Ask) -> str:
    # Streamlit keys the store by this function's source too: an edit here forgets every answer kept so far.
    return await _ask()


@st.cache_data(persist="disk", show_spinner=False)
async def _computed(question: str, _ask: Ask) -> str:
    return await _ask()


ANSWERS: str = _answer._function_key
"""What the names of the files of answers begin with."""


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


def stores_of(show: str) -> tuple[Store, Store]:
    """`store` and `computed`, and what goes through them is noted as used by a show, to be cleared with it.

    show: `source.content_id` of its bytes, however they are read and cut.
    """
    used_by = UseList(show)

    def noting(keep: Store) -> Store:
        async def noted(question: str, ask: Ask) -> str:
            before = USED_BY.set(used_by)
            try:
                return await keep(question, ask)
            finally:
                USED_BY.reset(before)

        return noted

    return noting(store), noting(computed)


async def _keep(cached: Callable[..., Awaitable[str]], question: str, ask: Ask, level: int) -> str:
    """What `cached` has or gets from `ask`, kept or not; `level`: of the log line where the disk is in the way."""
    given: list[str] = []
    claimed = ""

    async def asking() -> str:
        nonlocal claimed
        if cached is _answer and ask is not absent:
            path = LOOKED_UP.get()
            while not _claims(path).take(path):  # another process is asking
                await asyncio.sleep(CLAIM_LOOK_S)
            claimed = path
            if (text := kept_text(path)) is not None:  # it was answered between the look-up and now
                return text
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
    finally:
        if claimed:
            _claims(claimed).release(claimed)
    logger.log(level, "The folder of kept answers cannot be read; this answer is not kept.")
    return await ask()


def _claims(path: str) -> Claims:
    """The claims on files of the folder that this one is in."""
    where = os.path.dirname(path)
    if where not in _CLAIMS:
        _CLAIMS[where] = Claims(Path(where).with_name("cache-asking"))
    return _CLAIMS[where]


def forget_all() -> None:
    """Forget everything, in memory and on disk."""
    _answer.clear()
    _computed.clear()


persist_without_server()


@st.cache_resource(show_spinner=False)
def engine() -> Engine:
    """The process's one engine, with its log going to stderr."""
    package = logging.getLogger("soniclayer")
    if not package.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
        package.addHandler(handler)
        package.setLevel(logging.INFO)
    return Engine()
