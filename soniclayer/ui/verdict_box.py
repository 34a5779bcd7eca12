"""The verdict on the page: each sentence a button that leads to its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from soniclayer.ui.evaluation import ACTIVE, unread
from soniclayer.ui.state import go
from soniclayer.ui.text import escape

if TYPE_CHECKING:
    from soniclayer.insights.verdict import Insight, Sentence
    from soniclayer.run import Run

ICONS = {
    "losses": ":material/trending_down:",
    "cuts": ":material/content_cut:",
    "clips": ":material/movie:",
    "disagreements": ":material/call_split:",
    "liked": ":material/favorite:",
}
ROW_PX, LINK_PX = 50, 80  # of a sentence of one line or two, and of the way to its place, whether there is one or not
WHILE_RUNNING_PX = 138  # two rows
SENTENCE_PX = 430  # at least; two stand side by side where there is room


def render(insight: Insight) -> None:
    """A place per sentence. While a run goes on it tells what is known so far, on as much room whatever that is."""
    run = insight.scope.whole
    active = run.state in ACTIVE
    with st.container(border=True, key="verdict", height=WHILE_RUNNING_PX if active else "content"):
        if not run.results and not active and run.total + len(run.not_judged):
            _nobody(run)
            return
        with st.grid(2, min_column_width=SENTENCE_PX, gap=("xxsmall", "medium")):
            if not run.results and active:
                st.text("The verdict comes with the first reactions.")
            else:
                for sentence in insight.verdict:
                    _sentence(sentence)
            _left_out(insight)


def _nobody(run: Run) -> None:
    if run.nothing_judged:
        unread(run)
    elif run.failures or run.fatal:
        st.markdown(":material/error: **Nobody has reacted**: no answer came. What went wrong stands above.")
    else:
        st.markdown(":material/hearing: **Nobody has reacted yet.**")


def _sentence(sentence: Sentence) -> None:
    text = f"{ICONS[sentence.kind]} **{escape(sentence.lead)}**{_goes_on(sentence.rest)}"
    with st.container(horizontal=True, wrap=False, gap="xsmall", vertical_alignment="top"):
        st.markdown(text, width="stretch")
        with st.container(width=LINK_PX, height=ROW_PX, border=False, horizontal_alignment="right"):
            if sentence.index is None:
                st.space("medium")
            else:
                _open(sentence)


def _open(sentence: Sentence) -> None:
    st.button(
        f":primary[Open {sentence.at}]",
        key=f"verdict-{sentence.kind}",
        type="tertiary",
        on_click=go,
        kwargs={"segment": sentence.index, "view": "read"},
    )


def _goes_on(rest: str) -> str:
    blank = " " if rest[:1].isspace() else ""  # `escape` takes it away
    return blank + escape(rest)


def _left_out(insight: Insight) -> None:
    if insight.scope.left_out:
        st.caption(f":material/filter_alt: Told of {insight.scope.left_out}.")
