"""The audio player at the bottom of the page: it stays while everything else changes.

Loaded only where a show has audio. Buttons with keys such as `play-card-63200` and links to `#play-63200` play from
so many milliseconds of the transcript; the browser does so by itself. The page is told of the segment that is heard,
once for each, and only where it is to follow.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from soniclayer.ui.audio_store import address, put
from soniclayer.ui.state import state

if TYPE_CHECKING:
    from soniclayer.audio import Audio
    from soniclayer.ui.show import Show

_HTML = """
<div class="player">
  <span class="name"></span>
  <audio controls preload="metadata"></audio>
  <label><input type="checkbox" checked> Follow</label>
</div>
<p role="status" hidden></p>
"""
_CSS = """
.player { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 0.75rem; font-size: 0.875rem; }
.name { max-width: 14rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
audio { flex: 1 1 14rem; min-width: 0; height: 2.25rem; }
label { display: flex; align-items: center; gap: 0.35rem; cursor: pointer; }
input { accent-color: var(--st-primary-color); margin: 0; }
p { margin: 0.25rem 0 0; font-size: 0.875rem; color: var(--st-orange-text-color); overflow-wrap: anywhere; }
@media (max-width: 640px) { .name { display: none; } }
"""
_player = st.components.v2.component(
    "soniclayer_player",
    html=_HTML,
    css=_CSS,
    js=Path(__file__).with_name("player.js").read_text(encoding="utf-8"),
)


def render(opened: Show, audio: Audio) -> None:
    """The player of a show's audio."""
    with st.bottom:
        _player(
            key="player",
            data={
                "src": address(audio.token),
                "name": audio.name,
                "offset": audio.offset_s,
                "starts": [segment.start_ms for segment in opened.segments],
            },
            on_at_change=_follow,
            on_step_change=lambda: _put_in_step(opened, audio),
        )


def _follow() -> None:
    """Look at the segment that is heard."""
    here, index = state(), st.session_state["player"].at
    if isinstance(index, int):
        here.place = replace(here.place, segment=max(0, index))
        here.acted, here.played = True, here.place.segment


def _put_in_step(opened: Show, audio: Audio) -> None:
    """What is heard now is where the chosen segment begins."""
    heard_s = st.session_state["player"].step
    index = min(state().place.segment, len(opened.segments) - 1)
    if isinstance(heard_s, int | float) and index >= 0:
        offset_s = round(heard_s - opened.segments[index].start_s, 2)
        put(opened.id, replace(audio, offset_s=offset_s))
