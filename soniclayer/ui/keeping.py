"""Whether and how the open show is kept: its name, its programme, not at all, deleted; a part of the menu File."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import streamlit as st

from soniclayer.phrasing import plural
from soniclayer.ui.library import library
from soniclayer.ui.state import go, keyed, state, told

if TYPE_CHECKING:
    from soniclayer.ui.show import Show


def render(show: Show) -> None:
    """Name and programme, and the ways out of the library."""
    if library().is_archived(show.id):
        st.caption("One of the archive, which is kept as it is. Reviews and edits are kept beside it.")
        return
    row = library().ask(show.id, lambda kept: kept.shows.get(show.id))
    if row is None:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name, tag = keyed(f"name {show.id}", row.name), keyed(f"tag {show.id}", row.tag)
        st.text_input(
            "Name",
            row.name,
            key=name,
            max_chars=200,
            on_change=told,
            args=(f"name {show.id}", name, lambda given: _rename(show, given)),
        )
        st.text_input(
            "Programme",
            row.tag,
            key=tag,
            max_chars=100,
            placeholder="None",
            help="Shows of one programme can be looked at together.",
            on_change=told,
            args=(f"tag {show.id}", tag, lambda given: _tag(show, given)),
        )
    unkept = library().is_unkept(show.id)
    toggle = keyed(f"unkept {show.id}", unkept)
    st.toggle(
        "Do not keep this show",
        unkept,
        key=toggle,
        help="It stays in memory until the server ends, and goes from disk with everything about it.",
        on_change=told,
        args=(f"unkept {show.id}", toggle, lambda on: library().keep(show.id, show.source.content, kept=not on)),
    )
    if unkept:
        st.caption("In memory only: it is gone when the server ends.")
    _deletion(show)


def _rename(show: Show, given: str) -> None:
    if name := given.strip():
        library().ask(show.id, lambda kept: kept.shows.rename(show.id, name))


def _tag(show: Show, tag: str) -> None:
    library().ask(show.id, lambda kept: kept.shows.tag(show.id, tag))


def _deletion(show: Show) -> None:
    if not st.toggle("Delete this show", key=f"delete {show.id}"):
        return
    runs = library().ask(show.id, lambda kept: len(kept.runs.of([show.id]))) or 0
    reviews = library().ask(show.id, lambda kept: len(kept.reviews.list(show.id))) or 0
    parts = [plural(runs, "run")] + ([plural(reviews, "review")] if reviews else [])
    st.text(f"Its text goes, {' and '.join(parts)}, and the chat answers that no other show uses.")
    st.button("Delete it", key="delete-show", icon=":material/delete:", on_click=remove, args=(show,))


def remove(show: Show) -> None:
    """Callback: delete a show; for a minute the landing page offers it back."""
    library().remove(show.id)
    here = state()
    here.removed[show.id] = (show.source.name, time.time())
    here.shows.pop(show.id, None)
    go(show="", segment=0)
