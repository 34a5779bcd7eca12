"""Segments and phrases -> vectors, each encoded once: kept in memory, and through the cache seam on disk.

The model runs in threads of its own, off the event loop, in the order in which it is asked.
"""

from __future__ import annotations

import asyncio
import base64
import json
import multiprocessing
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from soniclayer.evaluators.builtin.encoder import BEFORE_WORDS, LAYERS, WIDTH, Heard, Vectors, encoder, pack
from soniclayer.evaluators.builtin.features import phrases_of, unsafe_words
from soniclayer.evaluators.builtin.parameters import known_phrases

if TYPE_CHECKING:
    from collections.abc import Iterable

    from soniclayer.evaluators.base import Store
    from soniclayer.personas import Persona
    from soniclayer.segments import Segment

ENCODER = "all-MiniLM-L6-v2 int8, layers 4 and 6, 1"
"""Part of what vectors are kept by: a change of model or of cutting into sentences gives a new name."""

THREADS = 2
MOST_SEGMENTS = 1024
"""Kept in memory: some 10 MB, three shows of three hours."""

_heard: OrderedDict[tuple[str, str], Heard] = OrderedDict()
_phrases: dict[str, Vectors] = {}


def in_memory(segment: Segment) -> Heard | None:
    """The segment as vectors, where it was encoded already; costs a look-up."""
    return _heard.get(_key(segment))


def _key(segment: Segment) -> tuple[str, str]:
    return segment.text, " ".join(segment.before.split()[-BEFORE_WORDS:])


async def hear(segment: Segment, store: Store) -> Heard:
    """The segment as vectors; asked again, it costs a look-up."""
    key = _key(segment)
    if (known := _heard.get(key)) is None:
        question = json.dumps({"encoder": ENCODER, "text": key[0], "before": key[1]}, ensure_ascii=False)
        kept = await store(question, lambda: _in_thread_hear(key))
        # Whoever had it encoded finds it in memory by now; else it was on disk.
        known = _heard.get(key) or _unpacked(key, kept)
        _remember(key, known)
    return known


async def know(personas: Iterable[Persona], store: Store) -> dict[str, Vectors]:
    """The vectors of everything that these personas like, dislike and are."""
    found: dict[str, Vectors] = {}
    for persona in personas:
        texts = list(dict.fromkeys(chain.from_iterable(phrases_of(persona))))
        if not all(map(_known, texts)):
            question = json.dumps({"encoder": ENCODER, "phrases": texts}, ensure_ascii=False)
            kept = await store(question, lambda texts=texts: _in_thread_know(texts))  # type: ignore[misc]
            _learn(texts, kept)
        found.update((text, _phrase(text)) for text in texts)
    return found


def warm(personas: Iterable[Persona]) -> None:
    """Load the model, and learn these personas' words, now rather than at the first segment."""
    encoder()
    unsafe_words("")  # compiles its patterns
    for persona in personas:
        for text in chain.from_iterable(phrases_of(persona)):
            _phrase(text)


def forget() -> None:
    """Empty the memory; what is kept on disk stays."""
    _heard.clear()
    _phrases.clear()


async def _in_thread_hear(key: tuple[str, str]) -> str:
    heard = await asyncio.get_running_loop().run_in_executor(_threads(), lambda: encoder().hear(*key))
    _remember(key, heard)
    return pack(heard)


async def _in_thread_know(texts: list[str]) -> str:
    loop = asyncio.get_running_loop()
    vectors = await asyncio.gather(*(loop.run_in_executor(_threads(), _phrase, text) for text in texts))
    return base64.b85encode(np.array(vectors, dtype=np.float16).tobytes()).decode("ascii")


def _unpacked(key: tuple[str, str], kept: str) -> Heard:
    try:
        return encoder().unpack(key[0], kept)
    except ValueError:  # what was kept cannot be read back, so it is as if it were not there
        return encoder().hear(*key)


def _learn(texts: list[str], kept: str) -> None:
    try:
        vectors = np.frombuffer(base64.b85decode(kept), dtype=np.float16).astype(np.float32)
        rows = vectors.reshape(len(texts), len(LAYERS), WIDTH)
    except ValueError:
        return
    for text, row in zip(texts, rows, strict=True):
        _phrases.setdefault(text, row)


def _known(text: str) -> bool:
    return text in _phrases or text in known_phrases()


def _phrase(text: str) -> Vectors:
    if (found := _phrases.get(text)) is None:
        stored = known_phrases().get(text)
        found = _phrases[text] = encoder().phrase(text) if stored is None else stored
    return found


def _remember(key: tuple[str, str], heard: Heard) -> None:
    _heard[key] = heard
    _heard.move_to_end(key)
    while len(_heard) > MOST_SEGMENTS:
        _heard.popitem(last=False)


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    among_others = multiprocessing.parent_process() is not None  # of a pool, which has one process per core
    return ThreadPoolExecutor(1 if among_others else THREADS, thread_name_prefix="encoder")
