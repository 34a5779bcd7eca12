"""The show: a transcript read, put right where the guess was wrong, and cut into segments."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import streamlit as st

from soniclayer.errors import TranscriptError
from soniclayer.segments import Segment, split
from soniclayer.transcript import ENCODINGS, Transcript, format_names, parse, rename_speakers
from soniclayer.ui.state import Options, state
from soniclayer.ui.text import clock, escape

if TYPE_CHECKING:
    from soniclayer.ui.sources import Source

TARGETS_S = (15, 30, 60)
GUESS = "Recognise it"
IN_FILE, SHOWN_AS = "In the file", "Shown as"


@dataclass(frozen=True, slots=True)
class Show:
    """A transcript ready to be judged.

    Attributes:
        transcript: as it was read, with the names to show.
        segments: what a listener judges, in order.
        identity: a digest of the content and of what was decided about it, equal for equal shows.
    """

    transcript: Transcript
    segments: tuple[Segment, ...]
    identity: str


@st.cache_resource(max_entries=16, show_spinner=False)
def _parsed(name: str, data: bytes, format: str | None, encoding: str | None, max_bytes: int) -> Transcript:
    # A resource, not data: frozen all through, so sessions may share it and no rerun copies it.
    return parse(name, data, format=format, encoding=encoding, max_bytes=max_bytes)


@st.cache_resource(max_entries=16, show_spinner=False)
def _cut(source: str, options: Options, _transcript: Transcript) -> Show:
    transcript = rename_speakers(_transcript, dict(options.names))
    identity = hashlib.blake2b(f"{source}\n{options}".encode(), digest_size=16).hexdigest()
    return Show(transcript, split(transcript, target_s=options.target_s), identity)


def read(source: Source, max_bytes: int) -> Show | None:
    """Read the source and describe it; None where it cannot be read, which is said on the page."""
    options = _options(source)
    try:
        transcript = _parsed(source.name, source.data, options.format, options.encoding, max_bytes)
    except TranscriptError as error:
        st.error(escape(str(error)), title=f"{escape(source.name)} was not read", icon=":material/error:")
        with st.expander("Read it another way", icon=":material/tune:"):
            _reading(source, options, max_bytes)
        return None
    digest = hashlib.blake2b(source.data, digest_size=16).hexdigest()
    show = _cut(f"{digest} {source.name}", options, transcript)
    _describe(show)
    with st.expander("Import report and options", icon=":material/fact_check:", key="import"):
        report, reading, people = st.columns([2, 1, 2], gap="medium")
        with report:
            for note in transcript.notes:
                st.text(note)
        with reading:
            _reading(source, options, max_bytes)
        with people:
            _speakers(source, options, transcript)
    return show


def _describe(show: Show) -> None:
    transcript, segments = show.transcript, show.segments
    length = clock(segments[-1].end_s) if segments else "0:00"
    speakers = len(transcript.speakers)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/description: **{escape(transcript.name)}**", width="content")
        st.caption(
            f"{escape(transcript.format)} · {length} · {len(segments)} segments"
            + (f" · {speakers} speaker{'s' * (speakers > 1)}" if speakers else "")
        )
        if any(segment.estimated for segment in segments):
            st.badge("Times estimated", icon=":material/timer_off:", color="orange")


def _options(source: Source) -> Options:
    return state().options.setdefault(source.id, Options())


def _decide(source: Source, options: Options) -> None:
    if options != _options(source):
        state().options[source.id] = options
        st.rerun()


def _reading(source: Source, options: Options, max_bytes: int) -> None:
    form = st.selectbox("Format", [GUESS, *format_names()], key=f"format {source.id}")
    encoding = st.selectbox("Encoding", [GUESS, *ENCODINGS], key=f"encoding {source.id}")
    target = st.select_slider(
        "Segment length", TARGETS_S, value=30, format_func=lambda s: f"{s} s", key=f"target {source.id}"
    )
    chosen = replace(
        options,
        format=None if form == GUESS else form,
        encoding=None if encoding == GUESS else encoding,
        target_s=target,
    )
    _decide(source, chosen)


def _speakers(source: Source, options: Options, transcript: Transcript) -> None:
    if not transcript.speakers:
        st.caption("The file names no speakers.")
        return
    edited = st.data_editor(
        {IN_FILE: list(transcript.speakers), SHOWN_AS: list(transcript.speakers)},
        key=f"speakers {source.id} {options.format} {options.encoding}",
        disabled=[IN_FILE],
        hide_index=True,
        width="stretch",
        alt="Speakers as the file names them, and the names to show instead.",
    )
    pairs = zip(edited[IN_FILE], edited[SHOWN_AS], strict=True)
    names = tuple((str(old), str(new).strip()) for old, new in pairs if new and str(new).strip() not in ("", old))
    _decide(source, replace(_options(source), names=names))
