"""A chat evaluator for tests: over an endpoint of its own, with answers kept in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from pydantic import SecretStr

from soniclayer.evaluators.chat.evaluator import ChatEvaluator
from soniclayer.llm_client.client import Endpoint
from tests.stub_server import MODELS


class MemoryStore:
    """Answers by question; equal questions asked at the same time are one."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def __call__(self, question: str, ask: Callable[[], Awaitable[str]]) -> str:
        async with self._locks.setdefault(question, asyncio.Lock()):
            if question not in self.kept:
                self.kept[question] = await ask()
            return self.kept[question]


@asynccontextmanager
async def open_endpoint(url: str | None, *, key: str = "sk-test", **settings: Any) -> AsyncIterator[Endpoint]:
    """An endpoint of the test's own, for 30 s at most; `key` "" is none."""
    endpoint = Endpoint(url, SecretStr(key) if key else None, **settings)
    try:
        async with asyncio.timeout(30):
            yield endpoint
    finally:
        await endpoint.close()


def evaluator(endpoint: Endpoint, **settings: Any) -> ChatEvaluator:
    return ChatEvaluator(endpoint, MODELS[0], **{"store": MemoryStore(), **settings})
