"""One card: how one persona takes one segment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import streamlit as st

from soniclayer.phrasing import sureness
from soniclayer.ui import explanation
from soniclayer.ui.evaluation import ACTIVE, retry
from soniclayer.ui.text import SCORES, escape

if TYPE_CHECKING:
    from soniclayer.feedback import Failure, Feedback
    from soniclayer.personas import Persona
    from soniclayer.run import Cell, Run
    from soniclayer.segments import Segment

WAITING_PX, CARD_PX = 120, 250  # of what waits for its answer, and of every card while a run goes on


def render(run: Run, segment: Segment, persona: Persona) -> None:
    """Score, opinion, reasons, quotes; or why there are none."""
    cell = (segment.index, persona.id)
    # While a run goes on all cards are as high, so that one that comes moves no other.
    height: int | Literal["stretch"] = CARD_PX if run.state in ACTIVE else "stretch"
    with st.container(border=True, key=f"card-{segment.index}-{persona.id}", height=height, gap="xsmall"):
        feedback, failure = run.results.get(cell), run.failures.get(cell)
        _headline(persona, feedback)
        if feedback is not None:
            _feedback(feedback, run.evaluator.confidence_basis)
            explanation.render(run, segment, persona)
        elif failure is not None:
            _failure(run, failure, cell)
        elif run.state in ACTIVE:
            st.skeleton(WAITING_PX)
        else:
            st.badge("Not evaluated", icon=":material/pending:", color="gray")


def _headline(persona: Persona, feedback: Feedback | None) -> None:
    name = f"{escape(persona.emoji)} **{escape(persona.display_name)}**"
    if feedback is not None:
        look = SCORES[feedback.score]
        called = f":{look.color}-badge[{look.icon} {feedback.score} · {look.word}]"
        name += f" &nbsp; {called if feedback.called else ':gray-badge[:material/remove: No signal]'}"
    st.markdown(name)


def _feedback(feedback: Feedback, basis: str) -> None:
    st.text(feedback.opinion)
    # What the opinion says word for word, or the reasons, is not said again.
    quotes = [quote for quote in feedback.quotes if quote.rstrip(".") not in feedback.opinion]
    lines = [f":material/format_quote: {escape(quote)}" for quote in quotes]
    if feedback.called and (sure := sureness(feedback.confidence, basis)) not in feedback.rationale:
        lines.append(escape(sure))
    if feedback.together > 1:
        lines.append(f"Judged in one question with {feedback.together - 1} segments around it")
    if feedback.rationale:
        lines.append(escape(feedback.rationale))
    if feedback.note:
        lines.append(f":material/sticky_note_2: {escape(feedback.note)}")
    if lines:
        st.caption("  \n".join(lines))


def _failure(run: Run, failure: Failure, cell: Cell) -> None:
    st.badge("No reaction", icon=":material/error:", color="gray")
    st.text(failure.reason)
    who = next((persona.display_name for persona in run.personas if persona.id == cell[1]), cell[1])
    retry(f"Retry {escape(who)}", f"retry-{cell[0]}-{cell[1]}", run, frozenset({cell}))
