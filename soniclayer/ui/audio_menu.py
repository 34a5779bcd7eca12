"""The menu that puts an audio file beside the transcript."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from soniclayer.audio import KINDS_IN_WORDS, MOST_UPLOAD_MB, named, playable
from soniclayer.errors import AudioError
from soniclayer.phrasing import clock
from soniclayer.ui.addresses import new_token
from soniclayer.ui.audio_store import audio_of, drop, put
from soniclayer.ui.state import again, in_part, keyed, state, told
from soniclayer.ui.text import escape

if TYPE_CHECKING:
    from soniclayer.audio import Audio
    from soniclayer.settings import Settings
    from soniclayer.ui.show import Show

MOST_OFFSET_S = 24 * 3600.0


def render(opened: Show, settings: Settings) -> None:
    """One menu of the header; drawn when it is opened."""
    menu = st.popover("Audio", icon=":material/headphones:", type="tertiary", key="audio", on_change="rerun")
    if not menu.open:
        return
    with menu, st.container(width=460):
        audio = audio_of(opened.id)
        if audio is None:
            _ways_in(opened, settings)
        else:
            _what_is_there(opened, audio)


def player(opened: Show) -> None:
    """The player, where the show has audio; where its file cannot be played, why and what to do."""
    audio = audio_of(opened.id)
    if audio is None:
        no_player()
        return
    try:
        playable(audio)
    except AudioError as error:
        no_player()
        st.warning(escape(str(error)), title="The audio cannot be played", icon=":material/music_off:")
        return
    _drawn(True)
    from soniclayer.ui import player  # a component, which a page without audio does not load

    player.render(opened, audio)


def no_player() -> None:
    """Nothing to listen to."""
    _drawn(False)


def _drawn(player: bool) -> None:
    here = state()
    if here.player != player:
        here.player = player
        if in_part():
            again()  # the bottom of the page is laid out only when the whole of it is drawn


def from_here() -> bool:
    """Whether the browser runs on the server's own computer."""
    return st.context.ip_address is None


def _ways_in(opened: Show, settings: Settings) -> None:
    st.markdown("**Hear the show while you read it**")
    if not settings.locked and from_here():  # others must not find out what files there are
        st.text_input(
            "Path of the audio file on this computer",
            key="audio-path",
            placeholder="/shows/friday.mp3",
            help=f"{KINDS_IN_WORDS}, of any length. It stays where it is.",
            on_change=_use_path,
            args=(opened,),
        )
        if problem := state().audio_problem:
            st.error(escape(problem), icon=":material/music_off:")
    from soniclayer.ui import audio_upload  # a component, which is not loaded before

    audio_upload.render(opened)
    st.caption(f"{KINDS_IN_WORDS}. An upload of up to {MOST_UPLOAD_MB} MB is kept until the show is deleted.")


def _use_path(opened: Show) -> None:
    here, present = state(), audio_of(opened.id)
    try:
        found = named(st.session_state["audio-path"], new_token())
        if present is None or present.path != found.path:  # the browser may tell of the box again when it is gone
            put(opened.id, found)
    except AudioError as error:
        here.audio_problem = str(error)
    else:
        here.audio_problem = ""
    here.acted = True


def _what_is_there(opened: Show, audio: Audio) -> None:
    st.markdown(f"**{escape(audio.name)}**")
    st.text("A copy, kept with the show" if audio.copied else str(audio.path.parent))
    key = keyed("offset", audio.offset_s)
    st.number_input(
        "Audio before 0:00 of the transcript, in seconds",
        min_value=-MOST_OFFSET_S,
        max_value=MOST_OFFSET_S,
        value=audio.offset_s,
        step=0.1,
        format="%.2f",
        key=key,
        help="12.5 where the audio has a jingle of 12.5 s that the transcript leaves out; "
        "negative where the transcript has something that the audio leaves out.",
        on_change=told,
        args=("offset", key, lambda seconds: put(opened.id, replace(audio, offset_s=seconds))),
    )
    index = min(state().place.segment, len(opened.segments) - 1)
    if index >= 0:
        begins = clock(opened.segments[index].start_s)
        st.button(
            f"The player is where {begins} begins",
            key="in-step",
            icon=":material/sync:",
            help=f"Play to where the segment at {begins} begins, pause, and press this: the offset follows.",
        )
    st.button(
        f"Take {escape(audio.name)} away",
        key="drop-audio",
        icon=":material/music_off:",
        type="tertiary",
        on_click=drop,
        args=(opened.id,),
    )
