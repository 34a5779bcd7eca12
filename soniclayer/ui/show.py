"""The show: a transcript read, put right where the guess was wrong, and cut into segments."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from soniclayer.errors import RecordError, TranscriptError
from soniclayer.exports.json_results import is_results, read_results
from soniclayer.phrasing import clock, plural
from soniclayer.segments import Segment, split
from soniclayer.source import Options, Source
from soniclayer.transcript import ENCODINGS, Transcript, format_names, parse, rename_speakers
from soniclayer.ui import keeping
from soniclayer.ui.library import library
from soniclayer.ui.state import again, digest, keyed, state, told
from soniclayer.ui.text import escape

TARGETS_S = (15, 30, 60)
GUESS = "Recognise it"
IN_FILE, SHOWN_AS = "In the file", "Shown as"


@dataclass(frozen=True, slots=True)
class Show:
    """A transcript ready to be judged.

    Attributes:
        id: what the address carries, and the library knows it by.
        source: where it comes from.
        transcript: as it was read, with the names to show.
        segments: what a listener judges, in order.
        identity: a digest of the id and of how the file is read.
    """

    id: str
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
def _cut(show: str, identity: str, name: str, _source: Source, _transcript: Transcript) -> Show:
    transcript = rename_speakers(_transcript, dict(_source.options.names))
    made = Show(show, _source, transcript, split(transcript, target_s=_source.options.target_s), identity)
    _note(made)
    return made


@st.cache_resource(max_entries=16, show_spinner=False)
def _of_results(show: str, identity: str, name: str, _source: Source) -> Show:
    """A show out of a JSON export; its segments are those that were judged."""
    results = read_results(_source.data, when=0)
    made = Show(show, _source, results.transcript, results.record.segments, identity)
    _note(made)
    return made


def _note(made: Show) -> None:
    """Have the library list and find the show by what was understood of it, without waiting for the disk."""
    words = "\n".join(segment.text for segment in made.segments)
    length = made.segments[-1].end_s if made.segments else 0.0
    shows = library().of(made.id).shows
    library().later(lambda: shows.describe(made.id, facts=made.facts, duration_s=length, words=words))


def read(show: str, source: Source, max_bytes: int) -> Show | None:
    """Read the source of this id; None where it cannot be read, which is said on the page."""
    identity = digest(show, source.reading)
    try:
        if is_results(source.data):
            return _of_results(show, identity, source.name, source)
        transcript = _as_in_the_file(source, max_bytes)
    except RecordError as error:
        st.error(escape(str(error)), title=f"{escape(source.name)} was not read", icon=":material/error:")
        return None
    except TranscriptError as error:
        st.error(escape(str(error)), title=f"{escape(source.name)} was not read", icon=":material/error:")
        with st.container(border=True, width=520):
            st.markdown("##### Read it another way")
            _reading(show, source)
        return None
    return _cut(show, identity, source.name, source, transcript)


def report(show: Show, max_bytes: int) -> None:
    """What was understood of the file, and how to put it right; one menu of the header."""
    menu = st.popover("File", icon=":material/fact_check:", type="tertiary", key="import", on_change="rerun")
    if not menu.open:
        return
    with menu, st.container(width=620):
        st.markdown(f"**{escape(show.transcript.name)}**")
        for note in show.transcript.notes:
            st.text(note)
        if is_results(show.source.data):
            st.caption("Results that were exported: read as they are.")
        else:
            with st.container(horizontal=True):
                _reading(show.id, show.source)
            _speakers(show, max_bytes)
        keeping.render(show)


def _decide(show: str, source: Source, options: Options) -> None:
    if options != source.options:
        library().ask(show, lambda kept: kept.shows.read_as(show, options))
        state().open(show, source.name)


def _reading(show: str, source: Source) -> None:
    name, options = replace(source, options=Options()).id, source.options
    forms, encodings = [GUESS, *format_names()], [GUESS, *ENCODINGS]
    form, encoding = options.format or GUESS, options.encoding or GUESS
    shown = {"format": form, "encoding": encoding, "target": options.target_s}
    keys = {part: keyed(f"{part} {name}", value) for part, value in shown.items()}

    def decide(_: object) -> None:
        # The browser may tell of one widget when the menu has been closed, and the others are gone.
        told = {part: st.session_state.get(key, shown[part]) for part, key in keys.items()}
        chosen = replace(
            options,
            format=None if told["format"] == GUESS else told["format"],
            encoding=None if told["encoding"] == GUESS else told["encoding"],
            target_s=told["target"],
        )
        _decide(show, source, chosen)

    args = {part: (f"{part} {name}", key, decide) for part, key in keys.items()}
    st.selectbox("Format", forms, index=forms.index(form), key=keys["format"], on_change=told, args=args["format"])
    st.selectbox(
        "Encoding",
        encodings,
        index=encodings.index(encoding),
        key=keys["encoding"],
        on_change=told,
        args=args["encoding"],
    )
    st.select_slider(
        "Segment length",
        TARGETS_S,
        value=options.target_s,
        format_func=lambda s: f"{s} s",
        key=keys["target"],
        on_change=told,
        args=args["target"],
    )


def _speakers(show: Show, max_bytes: int) -> None:
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
        _decide(show.id, source, replace(options, names=renamed))
        again()
