"""The one choice of personas and filters, the views to choose from, and the ways through a show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from soniclayer.insights.selection import ALL_SCORES, Selection, choices
from soniclayer.personas import groups
from soniclayer.phrasing import clock, plural, seconds_of, short_name
from soniclayer.results import SCORES
from soniclayer.ui import keys
from soniclayer.ui.state import changed, choose, go, keyed, set_widget, state, told
from soniclayer.ui.text import escape

if TYPE_CHECKING:
    from soniclayer.insights.verdict import Insight
    from soniclayer.personas import Persona
    from soniclayer.segments import Segment

MOST_PILLS = 12  # personas to choose from in a row; beyond that they stand in a menu


def render(insight: Insight) -> None:
    """Two rows: what to look at, and whom to listen to."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="choices"):
        _views()
        _search()
        _filters(insight)
        _jump_box(insight)
        keys.listen()
    _personas(insight)


def _views() -> None:
    from soniclayer.ui.views import VIEWS

    view = state().place.view
    set_widget("view", view if view in VIEWS else "read")
    st.segmented_control(
        "View",
        list(VIEWS),
        format_func=lambda key: VIEWS[key].label,
        required=True,
        key="view",
        label_visibility="collapsed",
        wrap=True,
        on_change=changed,
        args=("view", lambda view: go(view=view)),
    )


def _search() -> None:
    set_widget("search", state().place.selection.words)
    st.text_input(
        "Search words",
        key="search",
        placeholder="Search words",
        icon=":material/search:",
        label_visibility="collapsed",
        width=190,
        on_change=changed,
        args=("search", lambda words: choose(words=words.strip())),
    )


def _filters(insight: Insight) -> None:
    chosen = state().place.selection
    count = sum((bool(chosen.topics), bool(chosen.tones), bool(chosen.speakers), chosen.failed))
    count += chosen.scores != ALL_SCORES
    label = f"Filter ({count})" if count else "Filter"
    menu = st.popover(label, icon=":material/filter_list:", key="filter", on_change="rerun")
    if not menu.open:
        return
    with menu, st.container(width=360):
        _several(insight, "Topic", "topics", chosen.topics)
        _several(insight, "Tone", "tones", chosen.tones)
        _several(insight, "Speaker", "speakers", chosen.speakers)
        scores, failed = keyed("scores", chosen.scores), keyed("failed", chosen.failed)
        st.select_slider(
            "Somebody gives a score from … to …",
            SCORES,
            value=chosen.scores,
            key=scores,
            on_change=told,
            args=("scores", scores, lambda between: choose(scores=between)),
        )
        st.toggle(
            "Only what failed",
            value=chosen.failed,
            key=failed,
            on_change=told,
            args=("failed", failed, lambda only: choose(failed=only)),
        )
        st.button(
            "Clear all filters",
            key="clear-filters",
            icon=":material/filter_alt_off:",
            disabled=not chosen.filters,
            on_click=lambda: go(selection=Selection(personas=state().place.selection.personas)),
        )


def _several(insight: Insight, label: str, name: str, chosen: tuple[str, ...]) -> None:
    offered = list(dict.fromkeys([*choices(insight.scope.whole)[name], *chosen]))
    key = keyed(name, list(chosen))
    st.multiselect(
        label,
        offered,
        default=list(chosen),
        key=key,
        placeholder="All",
        on_change=told,
        args=(name, key, lambda values: choose(**{name: tuple(values)})),
    )


def _jump_box(insight: Insight) -> None:
    st.text_input(
        "Go to a time, such as 1:03:20",
        key="jump",
        placeholder="Go to 1:03:20",
        icon=":material/schedule:",
        label_visibility="collapsed",
        width=150,
        on_change=_jump,
        args=(insight,),
    )


def steps(insight: Insight, chosen: Segment) -> None:
    """One segment or one loss back and on, each with a key of the keyboard."""
    here = chosen.index
    indexes = [segment.index for segment in insight.scope.segments]
    lost = sorted(moment.index for moment in insight.moments("losses"))
    with st.container(horizontal=True, gap="xsmall", key="steps"):
        _step("Previous segment", "previous", "K", ":material/arrow_upward:", [i for i in indexes if i < here][-1:])
        _step("Next segment", "next", "J", ":material/arrow_downward:", [i for i in indexes if i > here][:1])
        _step("Previous loss", "previous-loss", "P", ":material/trending_down:", [i for i in lost if i < here][-1:])
        _step("Next loss", "next-loss", "N", ":material/trending_down:", [i for i in lost if i > here][:1])


def _step(label: str, key: str, letter: str, icon: str, target: list[int]) -> None:
    st.button(
        label,
        key=key,
        icon=icon,
        shortcut=letter,
        type="tertiary",
        disabled=not target,
        on_click=go,
        kwargs={"segment": target[0]} if target else {},
    )


def _jump(insight: Insight) -> None:
    seconds = seconds_of(st.session_state["jump"])
    segments = insight.scope.segments
    if seconds is None and st.session_state["jump"].strip():
        st.toast("That is no time. Type one such as 1:03:20, 63:20, or 63 for minutes.", icon=":material/schedule:")
    elif seconds is not None and segments:
        begun = [segment.index for segment in segments if segment.start_s <= seconds]
        go(segment=begun[-1] if begun else segments[0].index)


def _personas(insight: Insight) -> None:
    """Nothing chosen means everybody."""
    by_id = {persona.id: persona for persona in insight.scope.whole.personas}
    wanted = [key for key in state().place.selection.personas if key in by_id]
    set_widget("personas", wanted)
    grouped = groups(by_id.values())
    if grouped:
        _groups(grouped, wanted)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="choice"):
        if len(by_id) <= MOST_PILLS:
            st.pills(
                "Listen as",
                list(by_id),
                selection_mode="multi",
                format_func=lambda key: _name(by_id[key]),
                key="personas",
                label_visibility="collapsed",
                wrap=True,
                on_change=changed,
                args=("personas", lambda ids: choose(personas=tuple(ids))),
            )
        else:
            st.multiselect(
                "Listen as",
                list(by_id),
                format_func=lambda key: by_id[key].display_name,
                key="personas",
                label_visibility="collapsed",
                placeholder=f"All {plural(len(by_id), 'persona')}: choose some to listen as",
                on_change=changed,
                args=("personas", lambda ids: choose(personas=tuple(ids))),
            )
        if insight.scope.left_out:
            _left_out(insight)


def _groups(grouped: dict[str, tuple[str, ...]], wanted: list[str]) -> None:
    """A group is chosen where all of it is; pressing one adds its personas to the choice, or takes them out."""
    chosen = [name for name, ids in grouped.items() if set(ids) <= set(wanted)]
    set_widget("groups", chosen)

    def press(pressed: list[str]) -> None:
        out = {key for name in chosen if name not in pressed for key in grouped[name]}
        added = [key for name in pressed if name not in chosen for key in grouped[name]]
        choose(personas=tuple(dict.fromkeys([*(key for key in wanted if key not in out), *added])))

    st.pills(
        "Groups to listen as",
        list(grouped),
        selection_mode="multi",
        format_func=lambda name: f":material/groups: {escape(name)} ({len(grouped[name])})",
        key="groups",
        label_visibility="collapsed",
        wrap=True,
        on_change=changed,
        args=("groups", press),
    )


def _left_out(insight: Insight) -> None:
    st.caption(f":material/filter_alt: {insight.scope.left_out} chosen", width="content")
    st.button(
        "Show everything",
        key="show-everything",
        type="tertiary",
        icon=":material/close:",
        on_click=lambda: go(selection=Selection()),
    )


def _name(persona: Persona) -> str:
    return f"{escape(persona.emoji)} {escape(short_name(persona.display_name))}"


def where(segment: Segment) -> str:
    """From when to when: "6:03 – 6:32"."""
    return f"{clock(segment.start_s)} – {clock(segment.end_s)}"
