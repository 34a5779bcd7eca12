"""The show: a transcript read, put right where the guess was wrong, and cut into segments."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from soniclayer.errors import TranscriptError
from soniclayer.phrasing import clock, plural
from soniclayer.segments import Segment, split
from soniclayer.shelf import Options, Source
from soniclayer.transcript import ENCODINGS, Transcript, format_names, parse, rename_speakers
from soniclayer.ui.sources import shelf
from soniclayer.ui.state import again, keyed, state
from soniclayer.ui.text import escape

TARGETS_S = (15, 30, 60)
GUESS = "Recognise it"
IN_FILE, SHOWN_AS = "In the file", "Shown as"


@dataclass(frozen=True, slots=True)
class Show:
    """A transcript ready to be judged.

    Attributes:
        source: where it comes from.
        transcript: as it was read, with the names to show.
        segments: what a listener judges, in order.
        identity: a digest of the content and of what was decided about it, equal for equal shows.
    """

    source: Source
    transcript: Transcript
    segments: tuple[Segment, ...]
    identity: str

    @property
    def facts(self) -> str:
        """Format, length, segments and speakers, in one line."""
        length = clock(self.segments[-1].end_s) if self.segments else "0:00"
        parts = [self.transcript.format, length, plural(len(self.segments), "segment")]
        if self.transcript.speakers:
            parts.append(plural(len(self.transcript.speakers), "speaker"))
        return " · ".join(parts)


@st.cache_resource(max_entries=16, show_spinner=False)
def _parsed(content: str, max_bytes: int, _source: Source) -> Transcript:
    # A resource, not data: frozen all through, so sessions may share it and no rerun copies it.
    options = _source.options
    return parse(_source.name, _source.data, format=options.format, encoding=options.encoding, max_bytes=max_bytes)


def _as_in_the_file(source: Source, max_bytes: int) -> Transcript:
    """The transcript with the names that stand in the file."""
    plain = replace(source, options=replace(source.options, names=(), target_s=30))
    return _parsed(plain.id, max_bytes, plain)


@st.cache_resource(max_entries=16, show_spinner=False)
def _cut(identity: str, _source: Source, _transcript: Transcript) -> Show:
    transcript = rename_speakers(_transcript, dict(_source.options.names))
    return Show(_source, transcript, split(transcript, target_s=_source.options.target_s), identity)


def read(identity: str, source: Source, max_bytes: int, keep_mb: int) -> Show | None:
    """Read the source of this id; None where it cannot be read, which is said on the page."""
    try:
        transcript = _as_in_the_file(source, max_bytes)
    except TranscriptError as error:
        st.error(escape(str(error)), title=f"{escape(source.name)} was not read", icon=":material/error:")
        with st.container(border=True, width=520):
            st.markdown("##### Read it another way")
            _reading(source, keep_mb)
        return None
    return _cut(identity, source, transcript)


def report(show: Show, max_bytes: int, keep_mb: int) -> None:
    """What was understood of the file, and how to put it right; one menu of the header."""
    menu = st.popover("File", icon=":material/fact_check:", type="tertiary", key="import", on_change="rerun")
    if not menu.open:
        return
    with menu, st.container(width=620):
        st.markdown(f"**{escape(show.transcript.name)}**")
        for note in show.transcript.notes:
            st.text(note)
        with st.container(horizontal=True):
            _reading(show.source, keep_mb)
        _speakers(show, max_bytes, keep_mb)


def _decide(source: Source, options: Options, keep_mb: int) -> None:
    if options != source.options:
        here = state()
        old, new = source.id, replace(source, options=options)
        here.shows.pop(old, None)
        here.open(shelf(keep_mb).put(new), new.name)


def _reading(source: Source, keep_mb: int) -> None:
    name, options = replace(source, options=Options()).id, source.options
    forms, encodings = [GUESS, *format_names()], [GUESS, *ENCODINGS]
    form, encoding = options.format or GUESS, options.encoding or GUESS
    shown = {"format": form, "encoding": encoding, "target": options.target_s}
    keys = {part: keyed(f"{part} {name}", value) for part, value in shown.items()}

    def decide() -> None:
        # The browser may tell of one widget when the menu has been closed, and the others are gone.
        told = {part: st.session_state.get(key, shown[part]) for part, key in keys.items()}
        chosen = replace(
            options,
            format=None if told["format"] == GUESS else told["format"],
            encoding=None if told["encoding"] == GUESS else told["encoding"],
            target_s=told["target"],
        )
        _decide(source, chosen, keep_mb)

    st.selectbox("Format", forms, index=forms.index(form), key=keys["format"], on_change=decide)
    st.selectbox("Encoding", encodings, index=encodings.index(encoding), key=keys["encoding"], on_change=decide)
    st.select_slider(
        "Segment length",
        TARGETS_S,
        value=options.target_s,
        format_func=lambda s: f"{s} s",
        key=keys["target"],
        on_change=decide,
    )


def _speakers(show: Show, max_bytes: int, keep_mb: int) -> None:
    source, options = show.source, show.source.options
    names = [cue.speaker for cue in _as_in_the_file(source, max_bytes).cues if cue.speaker]
    if not names:
        st.caption("The file names no speakers.")
        return
    known = dict(options.names)
    originals = list(dict.fromkeys(names))
    key = f"speakers {replace(source, options=replace(options, names=(), target_s=30)).id}"
    edited = st.data_editor(
        {IN_FILE: originals, SHOWN_AS: [known.get(name, name) for name in originals]},
        key=key,
        disabled=[IN_FILE],
        hide_index=True,
        width="stretch",
        alt="Speakers as the file names them, and the names to show instead.",
    )
    pairs = zip(edited[IN_FILE], edited[SHOWN_AS], strict=True)
    renamed = tuple((str(old), str(new).strip()) for old, new in pairs if new and str(new).strip() not in ("", old))
    if renamed != options.names:
        _decide(source, replace(options, names=renamed), keep_mb)
        again()
