"""Where a transcript comes from: uploaded files, pasted text, the sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from soniclayer.exports.json_results import is_results
from soniclayer.shipped import shipped
from soniclayer.source import Source
from soniclayer.ui import kept_runs
from soniclayer.ui.addresses import new_token
from soniclayer.ui.library import library
from soniclayer.ui.state import state

if TYPE_CHECKING:
    from soniclayer.settings import Settings

SAMPLE = shipped("breakfast_show.vtt")
SAMPLE_NAME = "Sample breakfast show.vtt"
PASTED_NAME = "Pasted text"
MENU = "add-show"


def ways_in(settings: Settings) -> None:
    """Upload, sample, paste: each opens a show."""
    st.file_uploader(
        "Upload a transcript",
        accept_multiple_files=True,
        key="upload",
        max_upload_size=settings.max_mb,
        help="Captions, speech-to-text JSON, Word, CSV, Markdown or plain text. The content decides. "
        "Several files become several shows.",
        on_change=_take_uploads,
        args=(settings,),
    )
    st.button("Try the sample show", key="sample", icon=":material/radio:", on_click=_open_sample, args=(settings,))
    with st.expander("Paste a transcript", icon=":material/content_paste:", key="paste-box", on_change="rerun"):
        st.text_area(
            "Transcript to paste",
            key="paste",
            height=180,
            label_visibility="collapsed",
            placeholder="Kim: Good morning!\nLee: Morning, Kim. What a weekend…",
        )
        st.button("Read this text", key="use-paste", type="primary", on_click=_use_paste, args=(settings,))


def open_source(source: Source, settings: Settings) -> None:
    """Callback: put a show into the library and look at it."""
    show = id_of(source, settings)
    library().put(show, source)
    state().open(show, source.name)
    if is_results(source.data):
        kept_runs.take_in(show, source, settings)
    for box in (MENU, "paste-box"):
        if st.session_state.get(box):
            st.session_state[box] = False


def id_of(source: Source, settings: Settings) -> str:
    """What the address of a show carries: equal for equal shows, or, where others may open the page, a secret."""
    return state().tokens.setdefault(source.id, new_token()) if settings.locked else source.id


def _take_uploads(settings: Settings) -> None:
    here = state()
    here.acted = True
    for file in st.session_state["upload"]:  # all that are listed in the box; those of before are open already
        if file.file_id not in here.uploaded:
            here.uploaded.add(file.file_id)
            open_source(Source(file.name, file.getvalue()), settings)


def _open_sample(settings: Settings) -> None:
    open_source(Source(SAMPLE_NAME, SAMPLE.read_bytes()), settings)


def _use_paste(settings: Settings) -> None:
    text = st.session_state["paste"]
    if text.strip():
        open_source(Source(PASTED_NAME, text.encode("utf-8", "replace")), settings)
    else:
        st.toast("There is nothing to read yet. Paste a transcript into the box.", icon=":material/content_paste:")
