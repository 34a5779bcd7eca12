"""One card: how one persona takes one segment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import streamlit as st

from soniclayer.feedback import call_of, own_of, review_of
from soniclayer.phrasing import sureness
from soniclayer.ui import explanation, overrule
from soniclayer.ui.evaluation import ACTIVE, retry
from soniclayer.ui.text import SCORES, THEIRS, escape

if TYPE_CHECKING:
    from soniclayer.feedback import Failure, Feedback
    from soniclayer.insights.selection import Scope
    from soniclayer.personas import Persona
    from soniclayer.run import Cell, Run
    from soniclayer.segments import Segment

WAITING_PX, CARD_PX = 120, 290  # of what waits for its answer, and of every card while a run goes on


def render(scope: Scope, segment: Segment, persona: Persona) -> None:
    """Score, opinion, reasons, quotes; or why there are none."""
    run, cell = scope.whole, (segment.index, persona.id)
    # While a run goes on all cards are as high, so that one that comes moves no other.
    height: int | Literal["stretch"] = CARD_PX if run.state in ACTIVE else "stretch"
    with st.container(border=True, key=f"card-{segment.index}-{persona.id}", height=height, gap="xsmall"):
        feedback, failure = run.results.get(cell), run.failures.get(cell)
        _headline(persona, feedback)
        if feedback is not None:
            _feedback(feedback, run.evaluator.confidence_basis)
            _changed(scope, cell)
            with st.container(horizontal=True, gap="xxsmall"):
                explanation.render(run, segment, persona)
                overrule.render(scope, segment, [persona])
        elif failure is not None:
            _failure(scope.live, failure, cell)
        elif run.state in ACTIVE:
            st.skeleton(WAITING_PX)
        else:
            st.badge("Not evaluated", icon=":material/pending:", color="gray")


def _headline(persona: Persona, feedback: Feedback | None) -> None:
    name = f"{escape(persona.emoji)} **{escape(persona.display_name)}**"
    if feedback is not None:
        look = SCORES[feedback.score]
        icon = look.icon if review_of(feedback) is None else THEIRS
        called = f":{look.color}-badge[{icon} {feedback.score} · {look.word}]"
        name += f" &nbsp; {called if feedback.called else ':gray-badge[:material/remove: No signal]'}"
    st.markdown(name)


def _feedback(feedback: Feedback, basis: str) -> None:
    own, review = own_of(feedback), review_of(feedback)
    # What the opinion says word for word, or the reasons, is not said again.
    quotes = [quote for quote in own.quotes if quote.rstrip(".") not in own.opinion]
    lines = [f":material/format_quote: {escape(quote)}" for quote in quotes]
    if review is None:
        st.text(own.opinion)
    else:
        st.text(overrule.told(review))
        lines.insert(0, f"The evaluator {call_of(own)}: {escape(own.opinion)}")
    if own.called and (sure := sureness(own.confidence, basis)) not in own.rationale:
        lines.append(escape(sure))
    if own.together > 1:
        lines.append(f"Judged in one question with {own.together - 1} segments around it")
    if own.rationale:
        lines.append(escape(own.rationale))
    if own.note:
        lines.append(f":material/sticky_note_2: {escape(own.note)}")
    if lines:
        st.caption("  \n".join(lines))


def _changed(scope: Scope, cell: Cell) -> None:
    """Reviews of other words that stood here."""
    for review in scope.reviews.changed.get(cell, ()):
        if review.stands:
            st.caption(f":material/history: {escape(overrule.told(review))} The words have changed since.")


def _failure(run: Run, failure: Failure, cell: Cell) -> None:
    st.badge("No reaction", icon=":material/error:", color="gray")
    st.text(failure.reason)
    who = next((persona.display_name for persona in run.personas if persona.id == cell[1]), cell[1])
    retry(f"Retry {escape(who)}", f"retry-{cell[0]}-{cell[1]}", run, frozenset({cell}))
