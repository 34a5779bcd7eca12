"""Read: the transcript with the scores beside it, and at its side what everybody says of the chosen segment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from soniclayer.phrasing import clock, listed, plural, short_name
from soniclayer.ui import address, card, overrule, segment_text
from soniclayer.ui.choices import steps, where
from soniclayer.ui.state import go, state

if TYPE_CHECKING:
    from soniclayer.insights.selection import Scope
    from soniclayer.insights.verdict import Insight
    from soniclayer.personas import Persona
    from soniclayer.segments import Segment

BEFORE, AFTER = 1, 6  # segments drawn around the chosen one
MOST_CARDS = 12


def render(insight: Insight, chosen: Segment | None) -> None:
    """The text on the left, the cards of the chosen segment on the right; on a telephone one after the other."""
    if chosen is None:
        nothing()
        return
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _pane(insight, chosen)
    with right:
        _cards(insight.scope, chosen)


def text_only(insight: Insight, chosen: Segment | None) -> None:
    """The transcript before anybody has judged it."""
    if chosen is None:
        nothing()
        return
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _pane(insight, chosen)
    with right, st.container(border=True):
        st.markdown(":material/hearing: Nobody has listened yet. The reactions to a segment will stand here.")


def nothing() -> None:
    """No segment fits."""
    with st.container(border=True, key="nothing", horizontal=True, vertical_alignment="center"):
        st.markdown(":material/filter_alt_off: No segment fits this choice. Clear a filter to see more.")


def _pane(insight: Insight, chosen: Segment) -> None:
    scope = insight.scope
    steps(insight, chosen)
    at = scope.segments.index(chosen)
    first, last = max(0, at - BEFORE), min(len(scope.segments), at + AFTER + 1)
    _more("Earlier", scope.segments[max(0, first - AFTER) : first][:1], ":material/keyboard_arrow_up:")
    for segment in scope.segments[first:last]:
        _segment(scope, segment, segment is chosen)
    _more("Later", scope.segments[last : last + 1], ":material/keyboard_arrow_down:")


def _more(label: str, target: tuple[Segment, ...], icon: str) -> None:
    for segment in target:
        st.button(
            f"{label}: {clock(segment.start_s)}",
            key=label.lower(),
            icon=icon,
            type="tertiary",
            on_click=go,
            kwargs={"segment": segment.index},
        )


def _segment(scope: Scope, segment: Segment, is_chosen: bool) -> None:
    with st.container(border=is_chosen, key=f"segment-{segment.index}", gap="xxsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            segment_text.heading(clock(segment.start_s), segment.start_ms)
            segment_text.about(scope.run, segment)
            if badges := segment_text.scores(scope, segment):
                st.markdown(badges, width="content")
            if not is_chosen:
                st.button(
                    f"Open {clock(segment.start_s)}",
                    key=f"open-{segment.index}",
                    type="tertiary",
                    icon=":material/chevron_right:",
                    icon_position="right",
                    on_click=go,
                    kwargs={"segment": segment.index},
                )
        segment_text.words(segment, segment_text.quotes(scope, segment, state().place.who))


def _cards(scope: Scope, chosen: Segment) -> None:
    with st.container(gap="xsmall", key="side"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(f"##### {where(chosen)}", width="stretch", anchors=False)
            segment_text.consensus(scope, chosen)
            segment_text.play(chosen.start_ms, "side")
            _share(chosen)
        segment_text.marks(scope.whole, chosen)
        if not chosen.speech or segment_text.not_judged(scope.whole, chosen):
            return
        others, silent = _sorted(scope, chosen)
        for persona in others[:MOST_CARDS]:
            card.render(scope, chosen, persona)
        if len(others) > MOST_CARDS:
            st.caption(f"{plural(len(others) - MOST_CARDS, 'more persona')}: see Cards.")
        if silent:
            names = listed([short_name(persona.display_name) for persona in silent], 6)
            names = "everybody" if len(silent) == len(scope.personas) > 1 else names
            with st.container(border=True, key="side-no-signal"):
                st.text(f"No signal: {names}")
                overrule.render(scope, chosen, silent)
        if not others:
            _next_reactions(scope, chosen)


def _next_reactions(scope: Scope, chosen: Segment) -> None:
    """Where somebody reacts next."""
    for segment in scope.segments:
        if segment.index > chosen.index and any(feedback.called for _, feedback in scope.reactions(segment)):
            st.button(
                f"Next reactions: {clock(segment.start_s)}",
                key="next-reactions",
                icon=":material/arrow_downward:",
                on_click=go,
                kwargs={"segment": segment.index},
            )
            return


def _sorted(scope: Scope, chosen: Segment) -> tuple[list[Persona], list[Persona]]:
    """Who has a card here, and who has no signal."""
    cards: list[Persona] = []
    silent: list[Persona] = []
    for persona in scope.personas:
        feedback = scope.run.results.get((chosen.index, persona.id))
        (cards if feedback is None or feedback.called else silent).append(persona)
    return cards, silent


def _share(chosen: Segment) -> None:
    with st.popover(f"Share {clock(chosen.start_s)}", icon=":material/link:", type="tertiary", key="share"):
        st.caption("Opens this view, with this choice, at this segment.")
        st.code(address.link(state().place), language=None, wrap_lines=True)
