"""The way to a server: proxies as curl takes them from the environment, trusted certificates, TLS or not."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from yarl import URL

from soniclayer.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

CERTIFICATE_SETTINGS = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
PROBE_S = 3.0


def proxy_for(url: URL, environment: Mapping[str, str] = os.environ) -> URL | None:
    """The proxy that the environment names for an address: `https_proxy`, `http_proxy`, else `all_proxy`.

    Raises:
        SettingsError: it cannot be used; names the variable.
    """
    if _exempt(url, environment.get("no_proxy") or environment.get("NO_PROXY") or ""):
        return None
    for name in (f"{url.scheme}_proxy", "all_proxy"):
        # As curl does, the upper-case name of http_proxy counts too, but not where a web server may have set it.
        for spelled in (name, name.upper()):
            if spelled == "HTTP_PROXY" and "REQUEST_METHOD" in environment:
                continue
            if value := environment.get(spelled, "").strip():
                return _proxy(spelled, value)
    return None


def _proxy(name: str, value: str) -> URL:
    try:
        url = URL(value if "://" in value else f"http://{value}")
    except ValueError as error:
        raise SettingsError(
            f"{name} is not the address of a proxy. Set it to one such as http://host:3128."
        ) from error
    if url.scheme not in ("http", "https") or not url.host:
        raise SettingsError(
            f"{name} names a {url.scheme} proxy, which SonicLayer cannot use. "
            "Set it to an HTTP proxy, or put the model server's host into NO_PROXY."
        )
    return url


def _exempt(url: URL, no_proxy: str) -> bool:
    """NO_PROXY names the host: as itself, as a domain, with a port, as a network, or as *."""
    host = (url.host or "").lower()
    for entry in no_proxy.lower().replace(",", " ").split():
        if entry == "*" or _in_network(host, entry):
            return True
        name, port = entry, ""
        if entry.count(":") == 1 or "]:" in entry:
            name, _, port = entry.rpartition(":")
        name = name.strip("[]").removeprefix("*").lstrip(".")
        if port.isdigit() and int(port) != url.port:
            continue
        if name and (host == name or host.endswith(f".{name}")):
            return True
    return False


def _in_network(host: str, entry: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return False


def tls_context(environment: Mapping[str, str] = os.environ) -> ssl.SSLContext:
    """The certificates to trust: the system's, and those that SSL_CERT_FILE or REQUESTS_CA_BUNDLE names.

    Raises:
        SettingsError: such a file cannot be read; names the variable.
    """
    context = ssl.create_default_context()
    for name in CERTIFICATE_SETTINGS:
        path = environment.get(name, "").strip()
        if not path:
            continue
        try:
            context.load_verify_locations(**({"capath": path} if Path(path).is_dir() else {"cafile": path}))
        except (OSError, ssl.SSLError) as error:
            raise SettingsError(f"{name} does not name a file of certificates. Correct it, or unset it.") from error
    return context


def is_local(url: URL) -> bool:
    """The server runs on this machine or in this network: likely one that loads a model at the first request."""
    host = (url.host or "").lower()
    if host in ("localhost", "host.docker.internal") or host.endswith((".local", ".localhost", ".lan")):
        return True
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False


async def speaks_tls(url: URL) -> bool:
    """Whether the port of a plain address answers a TLS handshake."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        async with asyncio.timeout(PROBE_S):
            _, writer = await asyncio.open_connection(url.host, url.port, ssl=context)
    except (OSError, TimeoutError):
        return False
    writer.transport.abort()
    return True
