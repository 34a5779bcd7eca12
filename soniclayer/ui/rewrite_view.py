"""Rewrite: a segment in other words or with sentences struck out, how it is taken before and after, keep or drop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from soniclayer.edits import Edit, apply, find, rewritten, sentences, typed
from soniclayer.feedback import digest_of
from soniclayer.insights.rewriting import changed
from soniclayer.phrasing import clock
from soniclayer.ui import rewrite_effect, rewrite_runs
from soniclayer.ui.choices import steps, where
from soniclayer.ui.library import library
from soniclayer.ui.read_view import nothing
from soniclayer.ui.state import state
from soniclayer.ui.text import SCORES, escape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soniclayer.edits import Edited, Sentence
    from soniclayer.feedback import Feedback
    from soniclayer.run import Run
    from soniclayer.segments import Segment
    from soniclayer.ui.views import Look

LETTERS_PX = 220


def render(look: Look) -> None:
    """The chosen segment to edit, its reactions before and after, and what all edits do to the show."""
    segment = look.chosen
    if segment is None:
        nothing()
        return
    kept = library().ask(look.show.id, lambda each: each.edits.list(look.show.id)) or []
    others = [edit for edit in kept if edit is not find(kept, segment)]
    left, right = st.columns([3, 2], gap="medium")
    with left:
        steps(look.insight, segment)
        draft = _editor(look, segment, find(kept, segment))
    edits = [*others, draft] if draft.text is not None or draft.struck else others
    edited = apply(look.show.segments, edits)
    judged = {at: rewrite_runs.judged(look, edited.segments[at]) for at in changed(look.run, edited)}
    with right:
        _before_and_after(look, segment, edited, judged)
    if edits:
        rewrite_effect.render(look, edited, {at: run for at, run in judged.items() if run is not None}, kept)


def _editor(look: Look, segment: Segment, kept: Edit | None) -> Edit:
    """The segment to type into and strike out of; returns what that makes of it, whether or not it is kept."""
    name = f"{look.show.identity}-{segment.index}-{state().generations.get('rewrite', 0)}"
    before = typed(segment) if kept is None or kept.text is None else kept.text
    st.markdown(f"##### {where(segment)}")
    text = st.text_area(
        "Words",
        before,
        key=f"words-{name}",
        height=LETTERS_PX,
        help="One line per turn. Once you stop typing, the built-in evaluator judges the new words.",
    )
    words = None if not text.strip() or text.strip() == typed(segment) else text.strip()
    whole = segment if words is None else rewritten(segment, words)
    chosen = _strike(whole, _struck(segment, whole, kept, name), f"{name}-{digest_of(whole.text)}")
    state().struck[name] = _sentences_in(whole, chosen)
    draft = Edit(look.show.id, digest_of(segment.text), segment.start_ms, words, chosen)
    _keep_or_drop(segment, draft, kept)
    return draft


def _struck(segment: Segment, whole: Segment, kept: Edit | None, name: str) -> tuple[tuple[int, int], ...]:
    """What is struck out of new words to begin with: of the kept edit's, or what was struck out of those before."""
    before = segment if kept is None or kept.text is None else rewritten(segment, kept.text)
    if kept is not None and before.text == whole.text:
        return kept.struck
    known = state().struck.get(name, _sentences_in(before, () if kept is None else kept.struck))
    return tuple((part.begin, part.end) for part in sentences(whole) if part.text in known)


def _sentences_in(segment: Segment, struck: Sequence[tuple[int, int]]) -> frozenset[str]:
    return frozenset(part.text for part in sentences(segment) if _is_in(part, struck))


def _is_in(part: Sentence, struck: Sequence[tuple[int, int]]) -> bool:
    return any(begin <= part.begin and part.end <= end for begin, end in struck)


def _strike(segment: Segment, struck: Sequence[tuple[int, int]], name: str) -> tuple[tuple[int, int], ...]:
    st.caption("Strike out")
    found: list[tuple[int, int]] = []
    whole = ((0, len(segment.text)),)
    with st.container(gap="xxsmall"):
        if st.checkbox("**The whole segment**", tuple(struck) == whole, key=f"strike-{name}"):
            return whole
        for number, part in enumerate(sentences(segment)):
            if st.checkbox(escape(part.text), _is_in(part, struck), key=f"strike-{name}-{number}"):
                found.append((part.begin, part.end))
    return tuple(found)


def _keep_or_drop(segment: Segment, draft: Edit, kept: Edit | None) -> None:
    at = clock(segment.start_s)
    nothing_done = draft.text is None and not draft.struck
    same = (draft.text, draft.struck) == ((None, ()) if kept is None else (kept.text, kept.struck))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            f"Keep the edit of {at}",
            key="keep-edit",
            type="primary",
            icon=":material/save:",
            disabled=same or nothing_done,
            on_click=_keep,
            args=(draft,),
        )
        st.button(
            f"Drop the edit of {at}",
            key="drop-edit",
            icon=":material/undo:",
            disabled=kept is None and nothing_done,
            on_click=drop,
            args=(draft,),
        )
        if not same:
            st.caption("Not kept yet.", width="content")


def _keep(draft: Edit) -> None:
    """Callback: keep what was typed and struck out."""
    library().ask(
        draft.show,
        lambda kept: kept.edits.put(
            draft.show, words=draft.words, start_ms=draft.start_ms, text=draft.text, struck=draft.struck
        ),
    )


def drop(edit: Edit) -> None:
    """Callback: have the segment as it was."""
    library().ask(edit.show, lambda kept: kept.edits.drop(edit.show, edit.words, edit.start_ms))
    generations = state().generations
    generations["rewrite"] = generations.get("rewrite", 0) + 1  # widgets made anew show the words as they were


def _before_and_after(look: Look, segment: Segment, edited: Edited, judged: dict[int, Run | None]) -> None:
    scope = look.insight.scope
    at = edited.origins.index(segment.index) if segment.index in edited.origins else None
    st.markdown("##### Before and after")
    run = judged.get(at) if at is not None else None
    unchanged = at is not None and at not in judged
    if at is None:
        st.caption("Nothing of this segment is left.")
    elif unchanged:
        st.caption("Type other words, or strike a sentence out, to see who takes it otherwise.")
    elif run is None:
        rewrite_runs.offer(look, edited.segments[at])
    rows = ["| Persona | Before | After |", "| --- | --- | --- |"]
    for persona in scope.personas:
        before = scope.run.results.get((segment.index, persona.id))
        after = before if unchanged else run.results.get((0, persona.id)) if run is not None else None
        name = f"{escape(persona.emoji)} {escape(persona.display_name)}"
        rows.append(f"| {name} | {_badge(before)} | {_badge(after)} |")
    st.markdown("\n".join(rows))
    for failure in () if run is None else dict.fromkeys(each.reason for each in run.failures.values()):
        st.caption(f":material/error: {escape(failure)}")


def _badge(feedback: Feedback | None) -> str:
    if feedback is None:
        return "–"
    if not feedback.called:
        return f":gray-badge[no signal, {feedback.value:.1f}]"
    look = SCORES[feedback.score]
    return f":{look.color}-badge[{feedback.score} · {look.word}]"
