"""Cards: every segment with one card per persona, a page at a time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from soniclayer.phrasing import clock
from soniclayer.segments import Segment
from soniclayer.ui import card, segment_text
from soniclayer.ui.choices import where
from soniclayer.ui.read_view import nothing
from soniclayer.ui.state import go, keyed, state, told
from soniclayer.ui.text import escape

if TYPE_CHECKING:
    from soniclayer.insights.selection import Scope
    from soniclayer.insights.verdict import Insight

CARDS_PER_PAGE = 24  # what a page can hold and still be drawn in a twentieth of a second
CARD_PX = 240
MOST_STARTS = 100  # pages to choose from; of a longer show every second, third…
Page = Sequence[Segment]


def render(insight: Insight, chosen: Segment | None) -> None:
    """The page that holds the chosen segment, with its pager above and below."""
    if chosen is None:
        nothing()
        return
    scope = insight.scope
    pages = pages_of(scope)
    at = next(number for number, page in enumerate(pages) if chosen in page)
    _pager(pages, at, "top")
    for segment in pages[at]:
        _segment(scope, segment)
    _pager(pages, at, "bottom")


def pages_of(scope: Scope) -> list[Page]:
    """The chosen segments, so many to a page that there are at most CARDS_PER_PAGE cards."""
    size = max(1, CARDS_PER_PAGE // max(1, len(scope.personas)))
    return [scope.segments[start : start + size] for start in range(0, len(scope.segments), size)]


def _pager(pages: list[Page], at: int, place: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"pager-{place}", gap="small"):
        _turn("Earlier", pages[at - 1] if at else (), f"earlier-{place}", ":material/chevron_left:")
        if place == "top":
            _all(pages, at)
        else:
            st.text(_times(pages[at]), width="content")
        _turn("Later", pages[at + 1] if at + 1 < len(pages) else (), f"later-{place}", ":material/chevron_right:")


def _turn(label: str, page: Page, key: str, icon: str) -> None:
    st.button(
        f"{label}: {_times(page)}" if page else label,
        key=key,
        icon=icon,
        disabled=not page,
        on_click=go,
        kwargs={"segment": page[0].index} if page else {},
    )


def _all(pages: list[Page], at: int) -> None:
    step = -(-len(pages) // MOST_STARTS)
    offered = sorted({*range(0, len(pages), step), at})
    starts = {pages[number][0].index: _times(pages[number]) for number in offered}
    name = f"pages-of-{len(pages)}"
    key = keyed(name, pages[at][0].index)
    st.selectbox(
        "Part of the show",
        list(starts),
        index=offered.index(at),
        format_func=lambda index: starts.get(index, ""),
        key=key,
        label_visibility="collapsed",
        width=200,
        on_change=told,
        args=(name, key, lambda chosen: _turn_to(chosen, starts)),
    )


def _turn_to(chosen: object, starts: Collection[int]) -> None:
    """Another page; of a page that is not offered any more the browser tells no start, but what it called it."""
    if chosen in starts:
        go(segment=chosen)


def _times(page: Page) -> str:
    return f"{clock(page[0].start_s)} – {clock(page[-1].end_s)}"


def _segment(scope: Scope, segment: Segment) -> None:
    run = scope.whole
    with st.container(border=True, key=f"segment-{segment.index}", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            segment_text.heading(where(segment), segment.start_ms)
            st.markdown(escape(", ".join(segment.speakers)) or "Unknown speaker", width="content")
            segment_text.consensus(scope, segment)
            segment_text.play(segment.start_ms, "card", segment=segment.index)
            segment_text.about(run, segment)
            segment_text.marks(run, segment)
        segment_text.words(segment, segment_text.quotes(scope, segment, state().place.who))
        if segment.speech and not segment_text.not_judged(run, segment):
            with st.grid(_columns(len(scope.personas)), min_column_width=CARD_PX, gap="small"):
                for persona in scope.personas:
                    card.render(scope, segment, persona)


def _columns(count: int) -> int:
    """How many cards beside each other, so that the last row has as few holes as can be."""
    if count <= 4:
        return count
    return min((4, 3), key=lambda columns: -count % columns)
