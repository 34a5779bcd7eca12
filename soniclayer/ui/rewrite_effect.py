"""What all edits do to the show: length, means, moments; the edited show as files; and the list of edits."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import streamlit as st

from soniclayer.edits import find
from soniclayer.insights.moments import MOMENTS
from soniclayer.insights.rewriting import effect, rewritten_run
from soniclayer.insights.selection import Selection, select
from soniclayer.insights.verdict import Insight
from soniclayer.phrasing import clock, excerpt, plural, short_name
from soniclayer.ui.exports_menu import stem
from soniclayer.ui.state import go, state
from soniclayer.ui.text import escape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from soniclayer.edits import Edit, Edited
    from soniclayer.insights.rewriting import Effect
    from soniclayer.run import Run
    from soniclayer.ui.views import Look


def render(look: Look, edited: Edited, judged: Mapping[int, Run], kept: Sequence[Edit]) -> None:
    """Of the chosen personas, over the whole show."""
    with st.container(border=True, key="rewrite-effect", gap="small"):
        _effect(_found(look.insight, edited, judged), edited)
        _files(look, edited)
    if kept:
        st.markdown(f"##### {plural(len(kept), 'kept edit')}")
        for edit in kept:
            _edit(look, edit)


def _found(insight: Insight, edited: Edited, judged: Mapping[int, Run]) -> Effect:
    """The effect, worked out again only where edits or results have changed: it looks for all moments of a show."""
    key = (edited, {at: len(run.results) for at, run in judged.items()})
    last_key, last = cast("tuple[object, Effect]", insight.drawn.get("rewrite", (None, None)))
    if last_key == key:
        return last
    chosen = Selection(personas=state().place.selection.personas)
    scope = insight.scope
    before = insight if not scope.left_out else Insight(select(scope.live, chosen, scope.reviews))
    after = Insight(select(rewritten_run(scope.whole, edited, judged), chosen))
    found = effect(before, after, edited)
    insight.drawn["rewrite"] = (key, found)
    return found


def _effect(found: Effect, edited: Edited) -> None:
    was, now = (clock(ms / 1000) for ms in found.length_ms)
    cut = f", {plural(len(edited.cuts), 'cut')} of {edited.removed_ms / 1000:.0f} s" if edited.cuts else ""
    st.markdown(f"##### The show with these edits: {now} in place of {was}{cut}")
    means = [
        (persona, before, after)
        for persona, before, after in found.means
        if before is not None and after is not None and round(before, 2) != round(after, 2)
    ]
    with st.container(horizontal=True, gap="xsmall"):
        for persona, before, after in means:
            name = f"{escape(persona.emoji)} {escape(short_name(persona.display_name))}"
            st.badge(f"{name} {before:.2f} → {after:.2f}", color="blue" if after > before else "orange")
        for key, (before, after) in found.moments.items():
            if before != after:
                st.badge(f"{MOMENTS[key].label} {before} → {after}", color="gray")
    if not means:
        st.caption("No mean moves by a hundredth.")


def _files(look: Look, edited: Edited) -> None:
    from soniclayer.exports import edited_files as files

    name = look.show.transcript.name
    length_ms = look.show.segments[-1].end_ms
    offered = [
        ("Edited transcript (WebVTT)", "edited.vtt", "text/vtt", lambda: files.to_vtt(edited)),
        ("SubRip", "edited.srt", "application/x-subrip", lambda: files.to_srt(edited)),
        ("Text", "edited.txt", "text/plain", lambda: files.to_text(edited)),
    ]
    if edited.cuts:
        offered += [
            ("Cuts (CSV)", "cuts.csv", "text/csv", lambda: files.cuts_to_csv(edited)),
            ("Cuts (EDL)", "cuts.edl", "text/plain", lambda: files.cuts_to_edl(edited, name, length_ms)),
        ]
    with st.container(horizontal=True, gap="xsmall"):
        for label, ending, mime, write in offered:
            st.download_button(
                label,
                write,
                file_name=f"{stem(look.show.transcript)}.{ending}",
                mime=mime,
                key=f"download-{ending.replace('.', '-')}",
                icon=":material/download:",
                on_click="ignore",
            )


def _edit(look: Look, edit: Edit) -> None:
    segment = next((each for each in look.show.segments if find([edit], each)), None)
    at = clock(edit.start_ms / 1000)
    with st.container(border=True, key=f"edit-{edit.start_ms}-{edit.words[:8]}", gap="xxsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{at}** {'struck out' if edit.text is None else 'rewritten'}", width="stretch")
            if segment is not None:
                st.button(
                    f"Open {at}",
                    key=f"open-edit-{edit.start_ms}-{edit.words[:8]}",
                    type="tertiary",
                    icon=":material/chevron_right:",
                    icon_position="right",
                    on_click=go,
                    kwargs={"segment": segment.index},
                )
        st.text(excerpt(edit.text or (segment.text if segment is not None else "")))
        if segment is None:
            st.caption("The words of this segment have changed since; the edit does nothing now.")
