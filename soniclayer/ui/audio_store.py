"""Where the page and the routes find the audio of shows, and its addresses."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import streamlit as st

from soniclayer.audio import AudioShelf

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "audio"
MOST_TICKETS = 1000


def address(token: str) -> str:
    """The path of a token's web address."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"{'/' if base else ''}{base}/{FOLDER}/{token}"


@st.cache_resource(show_spinner=False)
def audios() -> AudioShelf:
    """The process's one shelf."""
    return AudioShelf()


@st.cache_resource(show_spinner=False)
def tickets() -> dict[str, tuple[str, Path]]:
    """By ticket: for which show, and where the copy is to lie."""
    return {}


def ticket(show: str, folder: Path) -> str:
    """What an upload of audio for this show is addressed to.

    folder: where the copy is to lie.
    """
    known = tickets()
    for old, wanted in list(known.items()):
        if wanted == (show, folder):
            return old
    while len(known) >= MOST_TICKETS:
        known.pop(next(iter(known)), None)
    new = new_token()
    known[new] = (show, folder)
    return new


def new_token() -> str:
    """128 random bits."""
    return secrets.token_hex(16)
