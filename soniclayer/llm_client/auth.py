"""What is set by hand about a model server: its web address and the key, checked before the first request."""

from __future__ import annotations

import base64
from typing import Protocol

from yarl import URL

from soniclayer.errors import SettingsError

OPENAI_URL = "https://api.openai.com/v1"
AZURE_API_VERSION = "2024-10-21"
"""What a classic Azure deployment is asked for where the address names no version."""
_PASTED = ("/chat/completions", "/completions", "/models", "/embeddings")


class Secret(Protocol):
    """A key that does not show itself, such as pydantic's SecretStr."""

    def get_secret_value(self) -> str:
        """The key itself."""


def server_url(base_url: str | None) -> URL:
    """The address up to and including /v1, user name and query kept. None means OpenAI's own.

    An address that was pasted with the path of a request is put right; one of Azure's gets what Azure wants.

    Raises:
        SettingsError: it is not a web address.
    """
    try:
        url = URL((base_url or OPENAI_URL).strip())
    except ValueError as error:
        raise _not_an_address() from error
    if url.scheme not in ("http", "https") or not url.host:
        raise _not_an_address()
    path = url.path.rstrip("/")
    for pasted in _PASTED:
        path = path.removesuffix(pasted).rstrip("/")
    if not path:
        path = "/openai/v1" if is_azure(url) else "/v1"
    url = url.with_path(path, keep_query=True).with_fragment(None)
    if "/openai/deployments/" in path and "api-version" not in url.query:
        url = url.update_query({"api-version": AZURE_API_VERSION})
    return url


def is_azure(url: URL) -> bool:
    """The server takes its key in Azure's own header."""
    host = url.host or ""
    return host.endswith((".azure.com", ".azure-api.net")) or "/openai/deployments/" in url.path


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
        return {"api-key": key} if is_azure(url) else {"Authorization": f"Bearer {key}"}
    if url.user:
        pair = base64.b64encode(f"{url.user}:{url.password or ''}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}
    return {}


def other_header(words: str, headers: dict[str, str]) -> str:
    """The header in which a server that refused the key wants it; "" where its words name none but the one used."""
    lowered = words.lower()
    wanted = ""
    if "x-api-key" in lowered:
        wanted = "x-api-key"
    elif "api-key" in lowered or "subscription key" in lowered:
        wanted = "api-key"
    return "" if wanted in headers else wanted


def _not_an_address() -> SettingsError:
    return SettingsError("OPENAI_BASE_URL is not a web address. Set it to one such as http://localhost:11434/v1.")
