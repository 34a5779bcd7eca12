"""Pages of segments, and under each segment one card per persona."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

import streamlit as st

from soniclayer.evaluators.chat.injection import addressed_to_model
from soniclayer.results import NO_SPEECH, consensus, repeats_theme
from soniclayer.ui import explanation
from soniclayer.ui.evaluation import ACTIVE, retry
from soniclayer.ui.text import SCORES, clock, escape, highlight

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from soniclayer.feedback import Failure, Feedback
    from soniclayer.personas import Persona
    from soniclayer.run import Cell, Run
    from soniclayer.segments import Segment

CARDS_PER_PAGE = 24  # what a page can hold and still be drawn in a twentieth of a second
CARD_WIDTH_PX = 280


def _lowest(run: Run, segment: Segment) -> int:
    return min((f.score for p in run.personas if (f := run.results.get((segment.index, p.id)))), default=3)


def _highest(run: Run, segment: Segment) -> int:
    return max((f.score for p in run.personas if (f := run.results.get((segment.index, p.id)))), default=3)


def _has_failed(run: Run, segment: Segment) -> bool:
    return any((segment.index, persona.id) in run.failures for persona in run.personas)


FILTERS: dict[str, Callable[[Run, Segment], bool]] = {
    "All segments": lambda run, segment: True,
    "Loses someone": lambda run, segment: _lowest(run, segment) <= 2,
    "Delights someone": lambda run, segment: _highest(run, segment) == 5,
    "Failed": _has_failed,
}


def render(run: Run, show: str, *, visible: bool) -> None:
    """Filters and pages; and, where they are looked at, the segments of the page that is open.

    show: the identity of the show; each has its own open pages.
    visible: whether somebody looks. Filters and pages are drawn even where nobody does: while a run is being
        watched, the browser may forget a widget that went away before it has drawn it again, and its choice with it.
    """
    personas, which = _filters(run)
    positions = [position for position, segment in enumerate(run.segments) if FILTERS[which](run, segment)]
    per_page = max(1, CARDS_PER_PAGE // max(1, len(personas)))
    page = _pages(f"page {which} {show}", max(1, ceil(len(positions) / per_page)))
    if not visible:
        return
    if not positions:
        st.text("No segment fits this filter.")
    for position in positions[(page - 1) * per_page : page * per_page]:
        _segment(run, position, personas)


def _filters(run: Run) -> tuple[Sequence[Persona], str]:
    by_id = {persona.id: persona for persona in run.personas}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        which = st.segmented_control(
            "Segments",
            list(FILTERS),
            default="All segments",
            required=True,
            key="which",
            label_visibility="collapsed",
        )
        with st.popover("Personas", icon=":material/group:"):
            hidden = st.pills(
                "Hide",
                list(by_id),
                selection_mode="multi",
                format_func=lambda key: f"{escape(by_id[key].emoji)} {escape(by_id[key].display_name)}",
                key="hidden",
            )
    return [persona for persona in run.personas if persona.id not in hidden], which


def _pages(key: str, count: int) -> int:
    if st.session_state.get(key, 1) > count:
        st.session_state[key] = count
    with st.container(key="pages"):
        # Kept for when its filter is chosen again.
        return st.pagination(count, key=key, width="stretch", persist_state="page")


def _segment(run: Run, position: int, personas: Sequence[Persona]) -> None:
    segment = run.segments[position]
    with st.container(border=True, key=f"segment-{segment.index}"):
        _headline(run, position)
        _words(run, segment)
        if not segment.speech:
            st.caption(f":material/music_note: {NO_SPEECH}")
            return
        with st.grid(min_column_width=CARD_WIDTH_PX, gap="small"):
            for persona in personas:
                _card(run, segment, persona)


def _words(run: Run, segment: Segment) -> None:
    quotes = {
        quote
        for persona in run.personas
        if (feedback := run.results.get((segment.index, persona.id))) is not None
        for quote in feedback.quotes
    }
    if quotes:
        st.markdown(highlight(segment.text, quotes))
    else:
        st.text(segment.text)


def _headline(run: Run, position: int) -> None:
    segment = run.segments[position]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{clock(segment.start_s)} – {clock(segment.end_s)}**", width="content")
        st.text(", ".join(segment.speakers) or "Unknown speaker")
        known = run.classifications.get(segment.index)
        if known is not None:
            st.badge(known.topic or "Topic unknown", icon=":material/topic:", color="violet")
            st.badge(known.tone or "Tone unknown", icon=":material/graphic_eq:", color="gray")
        if repeats_theme(run, position):
            st.badge("Repeated theme", icon=":material/repeat:", color="orange")
        if addressed_to_model(segment.text):
            st.badge(
                "Talks to an AI",
                icon=":material/smart_toy:",
                color="red",
                help="Somebody here gives orders to a language model. Every persona is told to judge it as speech.",
            )
        mean = consensus(run, segment.index)
        if mean is not None:
            look = SCORES[round(mean)]
            st.badge(f"Consensus {mean:.1f}", icon=look.icon, color=look.color)
    if (failure := run.unclassified.get(segment.index)) is not None:
        st.caption(f":material/info: Topic and tone are unknown. {escape(failure.reason)}")


def _card(run: Run, segment: Segment, persona: Persona) -> None:
    cell = (segment.index, persona.id)
    with st.container(border=True, key=f"card-{segment.index}-{persona.id}", height="stretch", gap="xsmall"):
        st.markdown(f"{escape(persona.emoji)} **{escape(persona.display_name)}**")
        feedback, failure = run.results.get(cell), run.failures.get(cell)
        if feedback is not None:
            _feedback(feedback, run.evaluator.confidence_basis)
            explanation.render(run, segment, persona)
        elif failure is not None:
            _failure(run, failure, cell)
        elif run.state in ACTIVE:
            st.skeleton(80)
        else:
            st.badge("Not evaluated", icon=":material/pending:", color="gray")


def _feedback(feedback: Feedback, basis: str) -> None:
    look = SCORES[feedback.score]
    st.badge(f"{feedback.score} · {look.word}", icon=look.icon, color=look.color)
    st.text(feedback.opinion)
    sure = "Confidence unknown" if feedback.confidence is None else f"Confidence {feedback.confidence:.0%}, {basis}"
    lines = [sure, escape(feedback.rationale)]
    if feedback.together > 1:
        lines.insert(1, f"Judged in one question with {feedback.together - 1} segments around it")
    lines += [f":material/format_quote: {escape(quote)}" for quote in feedback.quotes]
    if feedback.note:
        lines.append(f":material/sticky_note_2: {escape(feedback.note)}")
    st.caption("  \n".join(lines))


def _failure(run: Run, failure: Failure, cell: Cell) -> None:
    st.badge("No reaction", icon=":material/error:", color="red")
    st.text(failure.reason)
    retry("Retry", f"retry-{cell[0]}-{cell[1]}", run, frozenset({cell}))
