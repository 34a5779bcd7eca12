"""Where the browser asks whether the personas file has changed, and what knows of it; see `app.py`."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import streamlit as st
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from soniclayer import personas
from soniclayer.errors import RegistryError
from soniclayer.ui.addresses import new_token, served_at

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

    from soniclayer.personas import Registry

FOLDER = "personas"


class Followed:
    """One personas file, read again whenever it changed.

    Attributes:
        registry: the last good personas, or None if there were none yet.
        error: what is wrong with the file now, or "".
        version: grows with every change of either.
        token: 128 random bits that a browser asks by.
    """

    def __init__(self, path: Path) -> None:
        self.registry: Registry | None = None
        self.error = ""
        self.version = 0
        self.token = new_token()
        self._path = path
        self._stamp: tuple[int, int] | None = (-1, -1)
        self._lock = threading.Lock()

    def refresh(self) -> int:
        """Read the file if it changed; returns the version."""
        with self._lock:
            stamp = self._now()
            if stamp != self._stamp:
                self._stamp = stamp
                self._load()
                self.version += 1
            return self.version

    def _now(self) -> tuple[int, int] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size

    def _load(self) -> None:
        try:
            self.registry, self.error = personas.load(self._path), ""
        except RegistryError as error:
            self.error = str(error)


@st.cache_resource(show_spinner=False)
def followed(path: Path) -> Followed:
    """The one follower of this file in the process."""
    file = Followed(path)
    _by_token()[file.token] = file
    return file


@st.cache_resource(show_spinner=False)
def _by_token() -> dict[str, Followed]:
    return {}


def route() -> Route:
    """Where a browser asks for the version of a personas file."""
    return Route(served_at(FOLDER, "{token}"), _version, methods=["GET"])


def _version(request: Request) -> Response:  # not async: Starlette calls it in a thread, and disks may be slow
    file = _by_token().get(request.path_params["token"])
    version = str(file.refresh()) if file is not None else "of a server that has ended"
    return PlainTextResponse(version, headers={"cache-control": "no-store"})
