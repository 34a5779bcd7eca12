"""Where a transcript comes from: uploaded files, pasted text, the sample."""

from __future__ import annotations

import streamlit as st

from soniclayer.shelf import Shelf, Source
from soniclayer.shipped import shipped
from soniclayer.ui.state import state

SAMPLE = shipped("breakfast_show.vtt")
SAMPLE_NAME = "Sample breakfast show.vtt"
PASTED_NAME = "Pasted text"
MENU = "add-show"


@st.cache_resource(show_spinner=False)
def shelf(keep_mb: int) -> Shelf:
    """The process's one shelf."""
    return Shelf(keep_mb * 1024 * 1024)


def ways_in(max_mb: int, keep_mb: int) -> None:
    """Upload, sample, paste: each opens a show."""
    st.file_uploader(
        "Upload a transcript",
        accept_multiple_files=True,
        key="upload",
        max_upload_size=max_mb,
        help="Captions, speech-to-text JSON, Word, CSV, Markdown or plain text. The content decides. "
        "Several files become several shows.",
        on_change=_take_uploads,
        args=(keep_mb,),
    )
    st.button("Try the sample show", key="sample", icon=":material/radio:", on_click=_open_sample, args=(keep_mb,))
    with st.expander("Paste a transcript", icon=":material/content_paste:", key="paste-box", on_change="rerun"):
        st.text_area(
            "Transcript to paste",
            key="paste",
            height=180,
            label_visibility="collapsed",
            placeholder="Kim: Good morning!\nLee: Morning, Kim. What a weekend…",
        )
        st.button("Read this text", key="use-paste", type="primary", on_click=_use_paste, args=(keep_mb,))


def open_source(source: Source, keep_mb: int) -> None:
    """Callback: put a source on the shelf and look at it."""
    state().open(shelf(keep_mb).put(source), source.name)
    for box in (MENU, "paste-box"):
        if st.session_state.get(box):
            st.session_state[box] = False


def _take_uploads(keep_mb: int) -> None:
    here = state()
    here.acted = True
    for file in st.session_state["upload"]:  # all that are listed in the box; those of before are open already
        if file.file_id not in here.uploaded:
            here.uploaded.add(file.file_id)
            open_source(Source(file.name, file.getvalue()), keep_mb)


def _open_sample(keep_mb: int) -> None:
    open_source(Source(SAMPLE_NAME, SAMPLE.read_bytes()), keep_mb)


def _use_paste(keep_mb: int) -> None:
    text = st.session_state["paste"]
    if text.strip():
        open_source(Source(PASTED_NAME, text.encode("utf-8", "replace")), keep_mb)
