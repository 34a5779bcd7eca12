"""One OpenAI-compatible server: its connections, its limit on calls in flight, and what it understands.

Everything here is shared by all runs that use the server and belongs to one event loop. It speaks HTTP through
aiohttp itself, because the openai client and its models cost three times the CPU of the rest of a call.
"""

from __future__ import annotations

import asyncio
import logging
import urllib.request
from collections.abc import Mapping
from typing import Any, Protocol

import aiohttp
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from yarl import URL

from soniclayer.dialect import Dialect
from soniclayer.errors import FatalError, SettingsError
from soniclayer.limiter import Lane, Limiter
from soniclayer.wire import Retry, UnreachableError, WireError, explanation, quotas, refusal

log = logging.getLogger(__name__)

OPENAI_URL = "https://api.openai.com/v1"
MAX_REPLY_BYTES = 1 << 20
CONNECT_TIMEOUT_S = 10.0
LONGEST_WAIT_S = 120.0
HEAD_START_S = 0.25
"""How long other calls wait for the first one to show which output format is understood. A refusal comes before
any token is generated, so it comes fast; an endpoint that takes longer than this is at work on the answer."""


class Key(Protocol):
    """A secret, such as pydantic's SecretStr."""

    def get_secret_value(self) -> str: ...


class _Received(BaseModel):
    # Errors end up in logs, what was received must not.
    model_config = ConfigDict(hide_input_in_errors=True)


class TokenCounts(_Received):
    """Tokens of one call as the server reports them; 0 where it does not."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


class Message(_Received):
    content: str | None = None
    refusal: str | None = None


class Choice(_Received):
    message: Message
    finish_reason: str | None = None


class Reply(_Received):
    """A chat completion, as far as it is used."""

    choices: list[Choice] = Field(min_length=1)
    usage: TokenCounts | None = None


class Endpoint:
    """A model server as all runs share it. Make one per address and key; use it in one event loop.

    Attributes:
        address: the server's address without user name, password and query: fit to be shown, logged and stored.
    """

    def __init__(
        self,
        base_url: str | None,
        api_key: Key | None = None,
        *,
        concurrency: int = 32,
        timeout_s: float = 120.0,
    ) -> None:
        """concurrency: calls in flight at once to begin with, and at most. timeout_s: for one call as a whole.

        Raises:
            SettingsError: the address or the key cannot be one.
        """
        url = _web_address(base_url or OPENAI_URL)
        self.address = str(url.with_user(None).with_query(None)).rstrip("/")
        self._url = url.with_user(None)
        self._key = _checked_key(api_key)
        self._authorization = _authorization(self._key, url)
        self._timeout_s = timeout_s
        self._limiter = Limiter(concurrency)
        self._session: aiohttp.ClientSession | None = None
        self._when_unreachable = Retry.ONCE
        self._dialects: dict[str, Dialect] = {}
        self._scouted: dict[str, asyncio.Event] = {}
        # Everybody but OpenAI knows the older name; several know only that.
        self._first_dialect = Dialect() if url.host == "api.openai.com" else Dialect(limit="max_tokens")

    def __repr__(self) -> str:
        return f"Endpoint({self.address!r})"

    def lane(self) -> Lane:
        """One run's share of the slots."""
        return self._limiter.lane()

    @property
    def limit(self) -> int:
        """Calls that may be in flight now."""
        return self._limiter.limit

    async def models(self) -> list[str]:
        """Names of the models that the server offers, sorted.

        Raises:
            FatalError: the key is wrong, or nothing answers at the address; names the setting.
            AnswerError: the server answered something else than a list of models.
        """
        body = await self._exchange("GET", "models", None, timeout_s=CONNECT_TIMEOUT_S)
        try:
            return sorted({model.id for model in _ModelList.model_validate_json(body).data})
        except ValidationError as error:
            raise _not_an_api(self.address, body) from error

    async def complete(self, payload: Mapping[str, Any], schema: Mapping[str, Any], sent: Sent) -> Reply:
        """One chat completion; the caller holds a slot.

        payload: the request in OpenAI's own terms, without `response_format`.
        schema: the `response_format` that asks for strict JSON.
        sent: called before every HTTP request, so that each is counted; may raise to forbid it.

        Raises:
            FatalError: no question can be answered here.
            WireError: this one was not.
        """
        model = str(payload["model"])
        scouting = await self._scout(model)
        try:
            return await self._complete(model, payload, schema, sent)
        finally:
            if scouting:
                self._scouted[model].set()

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    async def _scout(self, model: str) -> bool:
        """True for the first call to a model; the others wait a moment for what it finds out."""
        found = self._scouted.get(model)
        if found is None:
            self._scouted[model] = asyncio.Event()
            return True
        if not found.is_set():
            try:
                async with asyncio.timeout(HEAD_START_S):
                    await found.wait()
            except TimeoutError:
                found.set()
        return False

    async def _complete(self, model: str, payload: Mapping[str, Any], schema: Mapping[str, Any], sent: Sent) -> Reply:
        known = self._dialects.get(model)
        dialect = known or self._first_dialect
        while True:
            sent()
            try:
                body = await self._exchange("POST", "chat/completions", dialect.body(payload, schema))
                reply = Reply.model_validate_json(body)
            except ValidationError as error:
                raise _not_an_api(self.address, body) from error
            except WireError as error:
                other = self._other_dialect(model, dialect, error, tried_before=dialect == known)
                if other is None:
                    raise
                dialect = other
            else:
                if self._dialects.get(model) == known != dialect:
                    self._dialects[model] = dialect
                    log.info("dialect model=%s output=%s limit=%s", model, dialect.output, dialect.limit)
                return reply

    def _other_dialect(self, model: str, tried: Dialect, error: WireError, *, tried_before: bool) -> Dialect | None:
        if error.status not in (400, 422, 500, 501) or (error.kind == "too long" and not tried.limit):
            return None
        learned = self._dialects.get(model, tried)
        if learned != tried:
            return learned  # another call has found out meanwhile
        return tried.after_refusal(error.words, tried_before=tried_before or error.status >= 500)

    async def _exchange(
        self, method: str, path: str, payload: Mapping[str, Any] | None, *, timeout_s: float | None = None
    ) -> bytes:
        """The body of a reply with status 200."""
        number = self._limiter.started
        session = self._connected()
        timeout = aiohttp.ClientTimeout(total=timeout_s or self._timeout_s, sock_connect=CONNECT_TIMEOUT_S)
        try:
            async with session.request(
                method, self._url_of(path), json=payload, timeout=timeout, allow_redirects=False
            ) as response:
                body = await self._read(response)
        except TimeoutError as error:
            raise self._timed_out(error, timeout.total or 0) from error
        except aiohttp.ClientConnectorError as error:
            raise UnreachableError(
                f"Nothing answers at {self.address} ({_reason(error)}). "
                "Check that the model server runs and that OPENAI_BASE_URL is its address.",
                kind="unreachable",
                retry=self._when_unreachable,
            ) from error
        except (aiohttp.ClientError, OSError) as error:
            raise WireError(
                "The connection to the model server broke off. Retry; if it keeps happening, look at the server.",
                kind="connection lost",
                retry=Retry.OFTEN,
            ) from error
        self._when_unreachable = Retry.OFTEN  # it was there: it may be restarting
        self._learn_quota(number, response.headers)
        if response.status == 200:
            self._limiter.succeeded()
            return body
        raise self._refused(number, response.status, response.headers, body)

    def _url_of(self, path: str) -> URL:
        return self._url.with_path(f"{self._url.path.rstrip('/')}/{path}", keep_query=True)

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        parts: list[bytes] = []
        size = 0
        async for part in response.content.iter_any():
            size += len(part)
            if size > MAX_REPLY_BYTES:
                response.close()
                raise WireError(
                    "The model server's reply is larger than 1 MB and was not read. Choose another model or server.",
                    kind="reply too large",
                    retry=Retry.NEVER,
                )
            parts.append(part)
        return b"".join(parts)

    def _refused(self, number: int, status: int, headers: Mapping[str, str], body: bytes) -> Exception:
        words = explanation(body, self._key)
        if status in (401, 403):
            return FatalError(
                f"The model server at {self.address} refuses the key (HTTP {status}). Check OPENAI_API_KEY."
            )
        if status == 404:
            said = f": “{words}”" if words else ""
            return FatalError(
                f"The model server at {self.address} does not know this model or address (HTTP 404){said}. "
                "Check SONICLAYER_MODEL, and OPENAI_BASE_URL, which usually ends in /v1."
            )
        error = refusal(status, headers, words)
        if error.retry is Retry.PATIENTLY:
            if "quota" in words.lower() and "insufficient" in body.decode("utf-8", "replace").lower():
                return FatalError(
                    f"The account behind OPENAI_API_KEY has no credit left (HTTP {status}): “{words}”. "
                    "Top it up, or set another key."
                )
            if error.wait_s > LONGEST_WAIT_S:
                return FatalError(
                    f"The model server asks to wait {error.wait_s / 60:.0f} minutes (HTTP {status}). "
                    "Press Evaluate again then; everything answered is kept."
                )
            self._limiter.throttled(number, error.wait_s)
        return error

    def _learn_quota(self, number: int, headers: Mapping[str, str]) -> None:
        for remaining, reset_s in quotas(headers):
            self._limiter.quota(number, remaining, min(reset_s, LONGEST_WAIT_S))

    def _timed_out(self, error: TimeoutError, after_s: float) -> WireError:
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            return UnreachableError(
                f"Nothing answers at {self.address} within {CONNECT_TIMEOUT_S:.0f} seconds. "
                "Check that the model server runs and that OPENAI_BASE_URL is its address.",
                kind="unreachable",
                retry=self._when_unreachable,
            )
        return WireError(
            f"The model server did not answer within {after_s:.0f} seconds. Retry, or choose a faster model.",
            kind="time-out",
            retry=Retry.ONCE,
        )

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is None:
            # The limiter bounds calls in flight, so the pool need not. aiohttp's own reading of proxies would
            # also read ~/.netrc, in a thread, for every call.
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=300),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"Authorization": self._authorization} if self._authorization else {},
                proxy=_proxy(self._url),
            )
        return self._session


class Sent(Protocol):
    """Told of every HTTP request before it is sent."""

    def __call__(self) -> None: ...


class _Model(_Received):
    id: str


class _ModelList(_Received):
    data: list[_Model]


def _web_address(text: str) -> URL:
    try:
        url = URL(text.strip())
    except ValueError as error:
        raise SettingsError(
            "OPENAI_BASE_URL is not a web address. Set it to one that starts with http://."
        ) from error
    if url.scheme not in ("http", "https") or not url.host:
        raise SettingsError(
            "OPENAI_BASE_URL is not a web address. Set it to one that starts with http:// or https://."
        )
    path = url.path.rstrip("/").removesuffix("/chat/completions")
    return url.with_path(path or "/v1", keep_query=True).with_fragment(None)


def _checked_key(key: Key | None) -> str:
    text = key.get_secret_value().strip() if key is not None else ""
    if not text.isascii() or not text.isprintable():
        raise SettingsError("OPENAI_API_KEY holds characters that no key has. Copy the key again.")
    return text


def _authorization(key: str, url: URL) -> str:
    if key:
        return f"Bearer {key}"
    return aiohttp.BasicAuth(url.user, url.password or "").encode() if url.user else ""


def _proxy(url: URL) -> str | None:
    """The proxy that the environment names for this address."""
    if urllib.request.proxy_bypass(url.host or ""):
        return None
    return urllib.request.getproxies().get(url.scheme)


def _reason(error: aiohttp.ClientConnectorError) -> str:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "the name is not known"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return "its certificate is not trusted"
    return (error.os_error.strerror or "no connection").lower()


def _not_an_api(address: str, body: bytes) -> WireError:
    if body.strip():
        what = "a web page" if body.lstrip().startswith(b"<") else "broken or of an unknown form"
    else:
        what = "empty"
    return WireError(
        f"The reply of {address} is {what}, not that of a chat model. "
        "Retry; if it stays so, check OPENAI_BASE_URL, which usually ends in /v1.",
        kind="not a chat reply",
        retry=Retry.ONCE,
    )
