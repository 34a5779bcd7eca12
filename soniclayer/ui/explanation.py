"""Why this score: what the card's own evaluator says about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from soniclayer import cache
from soniclayer.errors import AnswerError
from soniclayer.feedback import Classification
from soniclayer.phrasing import clock
from soniclayer.ui.text import escape

if TYPE_CHECKING:
    from soniclayer.evaluators.base import Contribution, Explanation
    from soniclayer.personas import Persona
    from soniclayer.run import Run
    from soniclayer.segments import Segment

LOOK_UP_S = 5.0
BOX_PX = 260


def render(run: Run, segment: Segment, persona: Persona) -> None:
    """A button that opens the explanation of one card; nothing is worked out before it is opened."""
    panel = st.popover(
        f"Why {escape(persona.display_name)} at {clock(segment.start_s)}",
        key=f"why-{segment.index}-{persona.id}",
        type="tertiary",
        icon=":material/help:",
        on_change="rerun",
    )
    if panel.open:
        with panel:
            _explain(run, segment, persona)


def _explain(run: Run, segment: Segment, persona: Persona) -> None:
    known = run.classifications.get(segment.index, Classification())
    try:
        why = cache.engine().call(run.evaluator.explain(persona, segment, known), timeout_s=LOOK_UP_S)
    except AnswerError as error:
        st.text(str(error))
    except TimeoutError:
        st.text("The explanation did not come in time. Open this again.")
    else:
        _show(why)


def _show(why: Explanation) -> None:
    if why.summary:
        st.text(why.summary)
    if why.contributions:
        with st.container(horizontal=True, gap="xsmall"):
            for each in why.contributions:
                _contribution(each)
    for title, text in why.excerpts:
        st.caption(escape(title))
        st.code(text, language=None, wrap_lines=True, height=BOX_PX if len(text) > BOX_PX * 4 else "content")


def _contribution(each: Contribution) -> None:
    up = each.value > 0
    st.badge(
        f"{escape(each.label)} {each.value:+.1f}",
        icon=":material/trending_up:" if up else ":material/trending_down:",
        color="blue" if up else "orange",
    )
