"""One OpenAI-compatible server: its connections, its limit on calls in flight, and what it understands.

Everything here is shared by all runs that use the server and belongs to one event loop. It speaks HTTP through
aiohttp itself, because the openai client and its models cost several times the CPU of the rest of a call.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import aiohttp
from typing_extensions import override

from soniclayer.errors import FatalError
from soniclayer.llm_client.auth import Secret, authorization, key_text, proxy_for, server_url
from soniclayer.llm_client.capabilities import Capabilities
from soniclayer.llm_client.errors import (
    LONGEST_WAIT_S,
    ConnectionLostError,
    RequestError,
    RequestTimeoutError,
    ResponseTooLargeError,
    Retry,
    UnreachableError,
    explanation,
    quotas,
    refusal,
)
from soniclayer.llm_client.limiter import Limiter, Queue, Slot
from soniclayer.llm_client.responses import Completion, read_completion, read_models

if TYPE_CHECKING:
    from yarl import URL

log = logging.getLogger(__name__)

Sending = Callable[[], AbstractContextManager[None]]

LAST_WORD_S = 0.05
"""After an error that ends a run no call starts for so long, lest the run's next ones go out before it has ended."""
MAX_REPLY_BYTES = 1_000_000
HEAD_START_S = 0.25
"""How long other calls wait for the first one to show which output format is understood. A refusal comes before
any token is generated, so it comes fast; an endpoint that takes longer than this is at work on the answer."""


class Endpoint:
    """A model server as all runs share it. Make one per address and key; use it in one event loop.

    Attributes:
        address: the server's address without user name, password and query: fit to be shown, logged and stored.
    """

    def __init__(
        self,
        base_url: str | None,
        api_key: Secret | None = None,
        *,
        concurrency: int = 32,
        timeout_s: float = 120.0,
        connect_s: float = 10.0,
    ) -> None:
        """concurrency: calls in flight at once to begin with, and at most.

        timeout_s, connect_s: for one call as a whole, and for its connection.

        Raises:
            SettingsError: the address or the key cannot be one.
        """
        url = server_url(base_url)
        self._key = key_text(api_key)
        self._headers = authorization(self._key, url)
        self._url = url.with_user(None)
        self.address = str(self._url.with_query(None))
        self._models_url = self._below("models")
        self._chat_url = self._below("chat/completions")
        self._connect_s = connect_s
        self._timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=connect_s)
        self._limiter = Limiter(concurrency)
        self._session: aiohttp.ClientSession | None = None
        self._reached = False
        self._capabilities: dict[str, Capabilities] = {}  # by model, those that have worked
        self._scouted: dict[str, asyncio.Event] = {}
        # Everybody but OpenAI knows the older name; several know only that.
        self._default_capabilities = (
            Capabilities() if url.host == "api.openai.com" else Capabilities(limit="max_tokens")
        )

    @override
    def __repr__(self) -> str:
        return f"Endpoint({self.address!r})"

    @property
    def limit(self) -> int:
        """Calls that may be in flight now."""
        return self._limiter.limit

    @property
    def concurrency(self) -> int:
        """Calls that may be in flight at most."""
        return self._limiter.maximum

    async def resize(self, concurrency: int) -> None:
        """Change how many calls may be in flight at most, for all runs."""
        self._limiter.resize(concurrency)

    def queue(self) -> Queue:
        """One run's queue for slots."""
        return self._limiter.queue()

    async def models(self) -> list[str]:
        """Names of the models that the server offers, sorted.

        Raises:
            FatalError: the key is wrong or the address does not exist; names the setting.
            AnswerError: nothing answers, or it is not a list of models.
        """
        timeout = aiohttp.ClientTimeout(total=2 * self._connect_s, sock_connect=self._connect_s)
        body = await self._exchange("GET", self._models_url, None, timeout)
        return read_models(body, self.address)

    async def complete(
        self, payload: Mapping[str, Any], schema: Mapping[str, Any], slot: Slot, sending: Sending
    ) -> Completion:
        """One chat completion.

        payload: the request in OpenAI's own terms, without `response_format`.
        schema: the `response_format` that asks for strict JSON.
        slot: held for as long as an HTTP request is in flight, and no longer: it is what calls wait for.
        sending: entered around every HTTP request, once there is a slot for it; may raise to forbid it.

        Raises:
            FatalError: no question can be answered here.
            RequestError: this one was not.
        """
        model = str(payload["model"])
        if (found := self._scouted.get(model)) is None:
            found = self._scouted[model] = asyncio.Event()
            try:
                return await self._complete(model, payload, schema, slot, sending)
            finally:
                found.set()
        if not found.is_set():
            await _wait_a_moment(found)
        return await self._complete(model, payload, schema, slot, sending)

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    async def _complete(
        self, model: str, payload: Mapping[str, Any], schema: Mapping[str, Any], slot: Slot, sending: Sending
    ) -> Completion:
        """A reply in the first capabilities that is understood."""
        capabilities = self._capabilities.get(model, self._default_capabilities)
        tried: set[Capabilities] = set()
        while True:
            asked = json.dumps(capabilities.body(payload, schema)).encode()
            try:
                async with slot:
                    with sending():
                        reply = await self._ask(asked)
            except RequestError as error:
                tried.add(capabilities)
                other = self._fallback(model, capabilities, error)
                if other is None or other in tried:
                    raise
                capabilities = other
            else:
                if self._capabilities.setdefault(model, capabilities) is capabilities and tried:
                    log.info("model=%s output=%s limit=%s", model, capabilities.output, capabilities.limit or "none")
                return reply

    async def _ask(self, asked: bytes) -> Completion:
        try:
            body = await self._exchange("POST", self._chat_url, asked, self._timeout)
            return read_completion(body, self.address, self._key)
        except FatalError:
            self._limiter.pause(LAST_WORD_S)
            raise

    def _fallback(self, model: str, tried: Capabilities, error: RequestError) -> Capabilities | None:
        """What to try after a refusal: what another call has found out meanwhile, else the next that may do."""
        if error.status not in (400, 422, 500, 501):
            return None
        return self._capabilities.get(model) or tried.after_refusal(error.status, error.words)

    async def _exchange(self, method: str, url: URL, payload: bytes | None, timeout: aiohttp.ClientTimeout) -> bytes:
        """The body of a reply with status 200."""
        number = self._limiter.started
        try:
            async with self._connected().request(
                method, url, data=payload, timeout=timeout, allow_redirects=False
            ) as response:
                body = await _read(response)
        except aiohttp.ConnectionTimeoutError as error:
            raise self._unreachable(f"no connection within {self._connect_s:g} seconds") from error
        except aiohttp.ClientConnectorError as error:
            raise self._unreachable(_reason(error)) from error
        except TimeoutError as error:
            raise RequestTimeoutError(timeout.total or 0) from error
        except (aiohttp.ClientError, OSError) as error:
            raise ConnectionLostError from error
        self._reached = True
        if found := quotas(response.headers):
            remaining, reset_s = min(found)
            self._limiter.quota(number, remaining, min(reset_s, LONGEST_WAIT_S))
        if response.status == 200:
            self._limiter.succeeded()
            return body
        refused = refusal(response.status, response.headers, explanation(body, self._key))
        if isinstance(refused, RequestError) and refused.retry is Retry.THROTTLED:
            self._limiter.throttled(number, refused.wait_s)
        raise refused

    def _below(self, path: str) -> URL:
        return self._url.with_path(f"{self._url.path}/{path}", keep_query=True)

    def _unreachable(self, reason: str) -> UnreachableError:
        # A server that was there may be restarting; one that never was is more likely a wrong address.
        return UnreachableError(self.address, reason, retry=Retry.TRANSIENT if self._reached else Retry.ONCE)

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is None:
            # The limiter bounds calls in flight, so the pool need not. Leaving proxies to aiohttp would make it
            # read ~/.netrc, in a thread, for every call.
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=300),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"Content-Type": "application/json", **self._headers},
                proxy=proxy_for(self._url),
            )
        return self._session


async def _wait_a_moment(event: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(HEAD_START_S):
            await event.wait()
    except TimeoutError:
        event.set()


async def _read(response: aiohttp.ClientResponse) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in response.content.iter_any():
        size += len(part)
        if size > MAX_REPLY_BYTES:
            response.close()
            raise ResponseTooLargeError
        parts.append(part)
    return b"".join(parts)


def _reason(error: aiohttp.ClientConnectorError) -> str:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "no server has this name"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return "its certificate is not trusted"
    return (error.os_error.strerror or "no connection").lower()
