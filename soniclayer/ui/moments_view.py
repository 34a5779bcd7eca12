"""Moments: lists to work through, each with time, words, for whom, how sure, and a way there."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from soniclayer.insights.moment import Moment
from soniclayer.insights.moments import MOMENTS, Kind
from soniclayer.insights.verdict import Insight
from soniclayer.phrasing import clock, plural, span, sureness
from soniclayer.ui import segment_text
from soniclayer.ui.exports_menu import stem
from soniclayer.ui.state import changed, go, set_widget, state
from soniclayer.ui.text import escape

if TYPE_CHECKING:
    from soniclayer.insights.moment import Moment
    from soniclayer.insights.verdict import Insight
    from soniclayer.transcript import Transcript

ALL = "all"
FEW, MANY = 4, 40  # of a list that stands among others; of one that stands alone
LETTERS = 220


def render(insight: Insight, transcript: Transcript) -> None:
    """All lists with their first few moments, or one with all of its moments."""
    found = {key: insight.moments(key) for key in MOMENTS}
    chosen = _kinds(found)
    if chosen != ALL:
        _list(insight, transcript, chosen, MANY)
        return
    with st.grid(2, min_column_width=420, gap="medium"):
        for key in found:
            with st.container():
                _list(insight, transcript, key, FEW)


def _kinds(found: dict[str, list[Moment]]) -> str:
    chosen = state().place.moments
    set_widget("kind", chosen if chosen in found else ALL)
    st.segmented_control(
        "List",
        [ALL, *found],
        format_func=lambda key: "All" if key == ALL else f"{MOMENTS[key].label} {len(found[key])}",
        required=True,
        key="kind",
        label_visibility="collapsed",
        wrap=True,
        on_change=changed,
        args=("kind", lambda kind: go(moments="" if kind == ALL else kind)),
    )
    return chosen if chosen in found else ALL


def _list(insight: Insight, transcript: Transcript, key: str, most: int) -> None:
    kind, moments = MOMENTS[key], insight.moments(key)
    with st.container(key=f"moments-{key}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"##### {kind.label}", width="stretch")
            if moments:
                st.download_button(
                    f"{kind.label} as CSV",
                    partial(_written, moments, insight.names),
                    file_name=f"{stem(transcript)}.{key}.csv",
                    mime="text/csv",
                    key=f"csv-{key}",
                    icon=":material/download:",
                    type="tertiary",
                    on_click="ignore",
                )
        if not moments:
            st.caption(kind.none)
        for number, moment in enumerate(moments[:most]):
            _moment(insight, kind, moment, f"{key}-{number}")
        if len(moments) > most:
            if most == FEW:
                st.button(
                    f"All {plural(len(moments), kind.label.lower().removesuffix('s'))}",
                    key=f"all-{key}",
                    type="tertiary",
                    icon=":material/expand_more:",
                    on_click=go,
                    kwargs={"moments": key},
                )
            else:
                st.caption(f"The first {most} of {len(moments)}; all of them are in the CSV file.")


def _written(moments: list[Moment], names: dict[str, str]) -> bytes:
    from soniclayer.exports.moments_file import to_csv

    return to_csv(moments, names)


def _moment(insight: Insight, kind: Kind, moment: Moment, key: str) -> None:
    time = clock(moment.start_ms / 1000)
    with st.container(border=True, key=f"moment-{key}", gap="xxsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{time}** {escape(_what(moment))}", width="stretch")
            segment_text.play(moment.start_ms, key)
            st.button(
                f"Open {time}",
                key=f"go-{key}",
                type="tertiary",
                icon=":material/chevron_right:",
                icon_position="right",
                on_click=go,
                kwargs={"segment": moment.index, "view": "read"},
            )
        st.text(moment.words if len(moment.words) <= LETTERS else f"{moment.words[:LETTERS].rpartition(' ')[0]}…")
        told = [
            f"{word[0].upper()}{word[1:]} {escape(insight.named(ids))}"
            for word, ids in ((kind.who, moment.who), (kind.against, moment.against))
            if word and ids
        ]
        if moment.sure is not None:
            told.append(escape(sureness(moment.sure, insight.scope.run.evaluator.confidence_basis)))
        if told:
            st.caption(" · ".join(told))


def _what(moment: Moment) -> str:
    length = span(moment.seconds) if moment.seconds >= 1 else ""
    return " · ".join(filter(None, (length, moment.note)))
