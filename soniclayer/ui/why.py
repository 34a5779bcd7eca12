"""Why this score: the words that moved the built-in evaluator, or the prompt and the answer of a chat model."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import streamlit as st

from soniclayer import cache
from soniclayer.errors import AnswerError
from soniclayer.feedback import Classification
from soniclayer.personas import Persona
from soniclayer.run import Run
from soniclayer.segments import Segment
from soniclayer.ui.words import escape

if TYPE_CHECKING:
    from soniclayer.evaluators.chain import ChatEvaluator

LOOK_UP_S = 5.0
BOX_PX = 260


def render(run: Run, segment: Segment, persona: Persona) -> None:
    """A button that opens the explanation of one card; nothing is worked out before it is opened."""
    panel = st.popover(
        "Why this score",
        key=f"why-{segment.index}-{persona.id}",
        type="tertiary",
        icon=":material/help:",
        on_change="rerun",
    )
    if panel.open:
        with panel:
            if run.evaluator.model:
                _exchange(run, segment, persona)
            else:
                _words(segment, persona)


def _words(segment: Segment, persona: Persona) -> None:
    from soniclayer.evaluators.builtin import explain

    moved = explain(persona, segment)
    if not moved:
        st.text("No single word moved this score: it comes from the segment as a whole.")
        return
    st.text("Words that moved it, the strongest first. About 1 is one score.")
    with st.container(horizontal=True, gap="xsmall"):
        for each in moved:
            up = each.weight > 0
            st.badge(
                f"{escape(each.word)} {each.weight:+.1f}",
                icon=":material/trending_up:" if up else ":material/trending_down:",
                color="green" if up else "red",
            )


def _exchange(run: Run, segment: Segment, persona: Persona) -> None:
    evaluator = cast("ChatEvaluator", run.evaluator)
    known = run.classifications.get(segment.index, Classification())
    try:
        told = cache.engine().call(evaluator.explain(persona, segment, known), timeout_s=LOOK_UP_S)
    except AnswerError as error:
        st.text(str(error))
        return
    except TimeoutError:
        st.text("The store of answers did not reply in time. Open this again.")
        return
    st.caption("Prompt")
    st.code(told.prompt, language=None, wrap_lines=True, height=BOX_PX)
    st.caption("Answer")
    st.code(told.answer, language=None, wrap_lines=True)
