"""Where a transcript comes from: uploaded files, pasted text, the sample; and which of them the page shows."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import streamlit as st

from soniclayer.shipped import shipped
from soniclayer.ui.state import state

SAMPLE = shipped("breakfast_show.vtt")
SAMPLE_NAME = "Sample breakfast show.vtt"
PASTED_NAME = "Pasted text"


@dataclass(frozen=True, slots=True)
class Source:
    """A transcript as somebody gave it.

    Attributes:
        id: tells the sources of a session apart.
        name: file name, as data.
        data: the bytes.
    """

    id: str
    name: str
    data: bytes


def pick(max_mb: int) -> Source | None:
    """Ask for transcripts, and for which one to show where there are several; None until there is one."""
    with st.container(horizontal=True, vertical_alignment="center"):
        files = st.file_uploader(
            "Upload a transcript",
            accept_multiple_files=True,
            key="upload",
            max_upload_size=max_mb,
            help="Captions, speech-to-text JSON, Word, CSV, Markdown or plain text. The content decides. "
            "Several files become several shows.",
            on_change=_show_newest_upload,
        )
        with st.container(width="content", gap="xsmall"):
            st.button("Try the sample show", key="sample", icon=":material/radio:", on_click=_show_sample)
            _paste_box()
    sources = {source.id: source for source in _others()}
    sources |= {file.file_id: Source(file.file_id, file.name, file.getvalue()) for file in files}
    return _current(sources)


def _others() -> list[Source]:
    found: list[Source] = []
    if state().sample_opened:
        found.append(Source("sample", SAMPLE_NAME, SAMPLE.read_bytes()))
    text = state().pasted
    if text.strip():
        data = text.encode("utf-8", "replace")
        digest = hashlib.blake2b(data, digest_size=8).hexdigest()
        found.append(Source(f"pasted {digest}", PASTED_NAME, data))
    return found


def _paste_box() -> None:
    with st.popover("Paste text", icon=":material/content_paste:", width="stretch"):
        st.text_area(
            "Paste a transcript",
            key="paste",
            height=240,
            width=480,
            placeholder="Kim: Good morning!\nLee: Morning, Kim. What a weekend…",
        )
        st.button("Read this text", key="use-paste", type="primary", on_click=_use_paste)


def _current(sources: dict[str, Source]) -> Source | None:
    if not sources:
        return None
    if st.session_state.get("current") not in sources:
        st.session_state["current"] = list(sources)[-1]
    if len(sources) > 1:
        st.selectbox(
            "Show",
            list(sources),
            format_func=lambda key: sources[key].name,
            key="current",
            label_visibility="collapsed",
            icon=":material/library_music:",
        )
    return sources[st.session_state["current"]]


def _show_sample() -> None:
    state().sample_opened = True
    st.session_state["current"] = "sample"


def _show_newest_upload() -> None:
    if files := st.session_state["upload"]:
        st.session_state["current"] = files[-1].file_id


def _use_paste() -> None:
    state().pasted = st.session_state["paste"]
    if pasted := [source.id for source in _others() if source.name == PASTED_NAME]:
        st.session_state["current"] = pasted[0]
