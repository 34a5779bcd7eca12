"""One server as HTTP sees it: addresses, headers, proxy, certificates; one exchange at a time, no retries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp
from yarl import URL

from soniclayer.errors import FatalError
from soniclayer.llm_client.auth import Secret, authorization, key_text, other_header, server_url
from soniclayer.llm_client.deadline import Deadlines
from soniclayer.llm_client.errors import (
    ConnectionLostError,
    MovedError,
    RequestTimeoutError,
    ResponseTooLargeError,
    Retry,
    UnreachableError,
)
from soniclayer.llm_client.explanations import Said, read_error
from soniclayer.llm_client.network import proxy_for, speaks_tls, tls_context
from soniclayer.llm_client.refusals import refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_REPLY_BYTES = 1_000_000
MAX_MOVES = 4
"""How often a server may send on, or ask for the key in another header."""
REDIRECTS = (301, 302, 307, 308)
TRUST = (
    "Its certificate is not trusted. Set SSL_CERT_FILE or REQUESTS_CA_BUNDLE to the file with the certificate "
    "of your organisation or server."
)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back.

    Attributes:
        status: HTTP status.
        headers: HTTP headers.
        body: whole.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


class Connection:
    """The way to one server. Make it anywhere; use it in one event loop.

    Attributes:
        url: the address up to and including /v1, with its query, without user name and password.
        key: the key itself, to be masked wherever a server's words are shown.
        reached: the server has answered something.
    """

    def __init__(
        self,
        base_url: str | None,
        api_key: Secret | None,
        *,
        headers: Mapping[str, str],
        connect_s: float,
        direct: bool = False,
    ) -> None:
        """headers: sent with every request, in place of our own of the same name.

        direct: whether proxies of the environment are passed over.

        Raises:
            SettingsError: the address or the key cannot be one.
        """
        url = server_url(base_url)
        self.key = key_text(api_key)
        self.url = url.with_user(None)
        self.reached = False
        self._credentials = authorization(self.key, url)
        self._headers = dict(headers)
        self._moved: dict[URL, URL] = {}
        self._moves = 0
        self._connect_s = connect_s
        self._direct = direct
        self._lost = 0
        self._deadlines = Deadlines()
        self._sent = 0
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    async def exchange(self, method: str, path: str, payload: bytes | None, timeout_s: float) -> Reply:
        """Send one request and read the whole reply, whatever its status.

        Raises:
            RequestError: no reply came; MovedError where the same request has to be sent once more.
            FatalError: none will ever come: proxy, certificate or address are wrong.
        """
        asked = self.url.with_path(f"{self.url.path}/{path}", keep_query=True)
        self._sent += 1
        number = self._sent
        session = self._connected()
        try:
            async with (
                self._deadlines.limit(number, timeout_s),
                session.request(
                    method,
                    self._moved.get(asked, asked),
                    data=payload,
                    headers={"Content-Type": "application/json", **self._credentials, **self._headers},
                    allow_redirects=False,
                ) as response,
            ):
                body = await _read(response)
        except aiohttp.ConnectionTimeoutError as error:
            raise self._unreachable(f"no connection within {self._connect_s:g} seconds") from error
        except aiohttp.ClientHttpProxyError as error:
            raise _proxy_refuses(error) from error
        except aiohttp.ClientProxyConnectionError as error:
            reason = f"its proxy does not: {_reason(error)}; see HTTPS_PROXY, HTTP_PROXY and ALL_PROXY"
            raise self._unreachable(reason) from error
        except aiohttp.ClientConnectorCertificateError as error:
            raise FatalError(f"The model server at {self.url.with_query(None)} cannot be asked. {TRUST}") from error
        except aiohttp.ClientConnectorError as error:
            raise self._unreachable(_reason(error)) from error
        except TimeoutError as error:
            raise RequestTimeoutError(timeout_s) from error
        except (aiohttp.ClientError, OSError) as error:
            raise await self._broken_off() from error
        except RuntimeError as error:
            # asyncio's, where a connection got the number of one that was just given up (aiohttp's issue 10617)
            if "is used by transport" not in str(error):
                raise
            raise await self._broken_off() from error
        self.reached = True
        self._deadlines.answered(number)
        reply = Reply(response.status, response.headers, body)
        self._put_right(asked, response.url, reply)
        return reply

    async def next_answer(self, timeout_s: float) -> None:
        """Returns once the server has answered anything, or `timeout_s` have passed."""
        await self._deadlines.next_answer(timeout_s)

    def _put_right(self, asked: URL, at: URL, reply: Reply) -> None:
        """Raises MovedError where the server told how it wants to be asked instead."""
        if self._moves >= MAX_MOVES:
            return
        if reply.status in REDIRECTS:
            target = _target(at, reply.headers.get("Location", ""))
            if target is not None:
                self._moves += 1
                self._moved[asked] = target
                raise MovedError
        elif reply.status == 401 and self.key:
            header = other_header(read_error(reply.body, self.key).text, self._credentials)
            if header:
                self._moves += 1
                self._credentials = {header: self.key}
                raise MovedError

    async def _broken_off(self) -> ConnectionLostError | FatalError:
        self._lost += 1
        if self.url.scheme == "http" and not self.reached and self._lost >= 2 and await speaks_tls(self.url):
            return FatalError(
                f"The model server at {self.url.with_query(None)} expects HTTPS. "
                "Let its address (under Settings, or OPENAI_BASE_URL) begin with https://."
            )
        return ConnectionLostError()

    def _unreachable(self, reason: str) -> UnreachableError:
        # A server that was there may be restarting; one that never was is more likely a wrong address.
        retry = Retry.TRANSIENT if self.reached else Retry.ONCE
        return UnreachableError(str(self.url.with_query(None)), reason, retry=retry)

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is None:
            # The limiter bounds calls in flight, so the pool need not. Leaving proxies to aiohttp would make it
            # read ~/.netrc, in a thread, for every call.
            trusted = tls_context() if self.url.scheme == "https" else True
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=300, ssl=trusted),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._connect_s),
                proxy=None if self._direct else proxy_for(self.url),
            )
        return self._session


def _target(at: URL, location: str) -> URL | None:
    """Where a redirect leads, if it may be followed: the key goes to no other host or port."""
    try:
        target = at.join(URL(location))
    except ValueError:
        return None
    same = target.origin() == at.origin() if target.is_absolute() else False
    upgraded = target.host == at.host and (at.scheme, target.scheme) == ("http", "https")
    return target if location and target != at and (same or upgraded) else None


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


def _proxy_refuses(error: aiohttp.ClientHttpProxyError) -> Exception:
    if error.status == 407:
        return refusal(407, {}, Said())
    return FatalError(
        f"The proxy refuses the way to the model server (HTTP {error.status}). "
        "Ask whoever runs the proxy, or put the model server's host into NO_PROXY."
    )


def _reason(error: aiohttp.ClientConnectorError) -> str:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "no server has this name"
    if isinstance(error, aiohttp.ClientConnectorSSLError):
        return "it does not speak TLS there; an address that begins with http:// may be right"
    return (error.os_error.strerror or "no connection").lower()
