"""What is set by hand about a model server: its web address and the key, checked before the first request."""

from __future__ import annotations

import base64
import urllib.request
from typing import Protocol

from yarl import URL

from soniclayer.errors import SettingsError

OPENAI_URL = "https://api.openai.com/v1"


class Secret(Protocol):
    """A key that does not show itself, such as pydantic's SecretStr."""

    def get_secret_value(self) -> str:
        """The key itself."""


def server_url(base_url: str | None) -> URL:
    """The address up to and including /v1, user name and query kept. None means OpenAI's own.

    Raises:
        SettingsError: it is not a web address.
    """
    try:
        url = URL((base_url or OPENAI_URL).strip())
    except ValueError as error:
        raise _not_an_address() from error
    if url.scheme not in ("http", "https") or not url.host:
        raise _not_an_address()
    path = url.path.rstrip("/").removesuffix("/chat/completions").rstrip("/")
    return url.with_path(path or "/v1", keep_query=True).with_fragment(None)


def key_text(key: Secret | None) -> str:
    """The key itself, or "" for none.

    Raises:
        SettingsError: it cannot be a key. The message does not repeat it.
    """
    text = key.get_secret_value().strip() if key is not None else ""
    if not text.isascii() or not text.isprintable():
        raise SettingsError("OPENAI_API_KEY holds characters that no key has. Copy the key again.")
    return text


def authorization(key: str, url: URL) -> dict[str, str]:
    """The header that says who asks: the key, else the user name and password of the address, else nothing."""
    if key:
        return {"Authorization": f"Bearer {key}"}
    if url.user:
        pair = base64.b64encode(f"{url.user}:{url.password or ''}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}
    return {}


def proxy_for(url: URL) -> str | None:
    """The proxy that the environment names for an address."""
    if urllib.request.proxy_bypass(url.host or ""):
        return None
    return urllib.request.getproxies().get(url.scheme)


def _not_an_address() -> SettingsError:
    return SettingsError("OPENAI_BASE_URL is not a web address. Set it to one such as http://localhost:11434/v1.")
