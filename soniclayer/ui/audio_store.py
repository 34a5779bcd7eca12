"""Where the page and the routes find the audio of shows, and its addresses."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import streamlit as st

from soniclayer.audio import discard
from soniclayer.errors import LibraryError
from soniclayer.ui.addresses import new_token, served_at
from soniclayer.ui.library import library

if TYPE_CHECKING:
    from soniclayer.audio import Audio

FOLDER = "audio"
MOST_TICKETS = 1000


def address(token: str) -> str:
    """The path of a token's web address."""
    return served_at(FOLDER, token)


def audio_of(show: str) -> Audio | None:
    """The audio of a show."""
    return library().ask(show, lambda kept: kept.audio.get(show))


def audio_with(token: str) -> Audio | None:
    """The audio that is served at this token."""
    for kept in (library().kept, library().unkept):
        try:
            found = kept.audio.with_token(token)
        except LibraryError:
            continue  # the page says what is wrong
        if found is not None:
            return found
    return None


def put(show: str, audio: Audio) -> None:
    """Make it the audio of this show, in place of what was; a copy that no show has then is deleted."""
    old = audio_of(show)
    library().ask(show, lambda kept: kept.audio.put(show, audio))
    present = audio_of(show)
    for each in (old, audio):
        if each is not None and (present is None or present.path != each.path):
            discard(each)


def drop(show: str) -> None:
    """Forget the audio of a show; a copy is deleted, a file of the user's is left alone."""
    old = audio_of(show)
    library().ask(show, lambda kept: kept.audio.drop(show))
    if old is not None:
        discard(old)


@st.cache_resource(show_spinner=False)
def tickets() -> dict[str, str]:
    """By ticket, for which show an upload with it is."""
    return {}


def ticket(show: str) -> str:
    """What an upload of audio for this show is addressed to."""
    known = tickets()
    for old, wanted in list(known.items()):
        if wanted == show:
            return old
    while len(known) >= MOST_TICKETS:
        known.pop(next(iter(known)), None)
    new = new_token()
    known[new] = show
    return new


def folder_of(show: str) -> Path:
    """Where a copy of the audio of a show is to lie: beside the library, or, if that is in memory, until the end."""
    return library().of(show).audio_folder or Path(_passing().name)


@st.cache_resource(show_spinner=False, on_release=TemporaryDirectory.cleanup)
def _passing() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="soniclayer-audio-")
