"""personas.toml as the page sees it: followed while it is edited; a broken file keeps the last good personas."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import streamlit as st

from soniclayer import personas
from soniclayer.errors import RegistryError
from soniclayer.ui.state import again, in_part, state
from soniclayer.ui.text import escape

if TYPE_CHECKING:
    from pathlib import Path

    from soniclayer.personas import Registry

CHECK_EVERY_S = 1.8
SENT_S = 0.3  # within which the server has told the browser that a part of the page is drawn


class Followed:
    """One personas file, read again whenever it changed.

    Attributes:
        registry: the last good personas, or None if there were none yet.
        error: what is wrong with the file now, or "".
        version: grows with every change of either.
    """

    def __init__(self, path: Path) -> None:
        self.registry: Registry | None = None
        self.error = ""
        self.version = 0
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
    return Followed(path)


def current(path: Path) -> Registry:
    """The personas to use now; says on the page what is wrong with the file, and ends it where there are none."""
    file = followed(path)
    state().personas_version = file.refresh()
    # Where server and network are slow, Streamlit drops what a fragment drew once that fragment is due again. Without
    # a place of its own, everything below would move up, and the browser would end on a blank page.
    with st.container():
        _follow(path)
    registry = file.registry
    if registry is None:
        st.error(escape(file.error), title="There are no personas yet", icon=":material/edit_off:")
        st.stop()
    if file.error:
        st.warning(
            f"{escape(file.error)} The last personas that could be read stay until the file is corrected.",
            title="The personas file has a mistake",
            icon=":material/edit_off:",
        )
    return registry


@st.fragment(run_every=CHECK_EVERY_S)
def _follow(path: Path) -> None:
    # Of a fragment that ended just before this one began Streamlit tells the browser that it was broken off. What it
    # did not draw again would stay on the page until it is drawn next: soon while a run is watched, else at a click.
    here = state()
    cut_off = here.pace_s is None and in_part() and time.monotonic() - here.part_drawn_at < SENT_S
    if cut_off or followed(path).refresh() != here.personas_version:
        again()
