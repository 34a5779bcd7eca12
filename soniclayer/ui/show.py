"""The show: which transcript the page is about, read and cut into segments."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from soniclayer.errors import TranscriptError
from soniclayer.segments import Segment, split
from soniclayer.settings import ROOT
from soniclayer.transcript import Transcript, parse
from soniclayer.ui.words import clock, escape

SAMPLE = ROOT / "soniclayer" / "samples" / "breakfast_show.vtt"
TARGET_S = 30.0


@dataclass(frozen=True, slots=True)
class Show:
    """A transcript ready to be judged.

    Attributes:
        transcript: as it was read.
        segments: what a listener judges, in order.
        identity: a digest of the content, equal for equal shows.
    """

    transcript: Transcript
    segments: tuple[Segment, ...]
    identity: str


@st.cache_resource(max_entries=16, show_spinner=False)
def _read(name: str, data: bytes, target_s: float) -> Show:
    # A resource, not data: frozen all through, so sessions may share it and no rerun copies it.
    transcript = parse(name, data)
    identity = hashlib.blake2b(data + f"\n{name}\n{target_s}".encode(), digest_size=16).hexdigest()
    return Show(transcript, split(transcript, target_s=target_s), identity)


def pick() -> Show | None:
    """Ask for a transcript; None until there is one. A file that cannot be read is told under the upload box."""
    with st.container(horizontal=True, vertical_alignment="center"):
        file = st.file_uploader(
            "Upload a transcript",
            key="upload",
            help="Captions or plain text: .vtt, .srt, .txt. The content decides, not the file's name.",
            on_change=_forget_sample,
        )
        if st.button("Try the sample show", key="sample", icon=":material/radio:"):
            st.session_state["sample_chosen"] = True
    if st.session_state.get("sample_chosen"):
        return _sample()
    if file is None:
        return None
    try:
        return _read(file.name, file.getvalue(), TARGET_S)
    except TranscriptError as error:
        st.error(escape(str(error)), title=f"{escape(file.name)} was not read", icon=":material/error:")
        return None


def _forget_sample() -> None:
    st.session_state["sample_chosen"] = False


def _sample() -> Show:
    return _read("Sample breakfast show.vtt", Path(SAMPLE).read_bytes(), TARGET_S)


def describe(show: Show) -> None:
    """One line on what was read, and the import report."""
    transcript, segments = show.transcript, show.segments
    length = clock(segments[-1].end_s) if segments else "0:00"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/description: **{escape(transcript.name)}**", width="content")
        st.caption(
            f"{escape(transcript.format)} · {length} · {len(segments)} segments · {len(transcript.speakers)} speakers"
        )
        if transcript.notes:
            with st.popover("Import report", icon=":material/fact_check:", type="tertiary"):
                for note in transcript.notes:
                    st.text(note)
