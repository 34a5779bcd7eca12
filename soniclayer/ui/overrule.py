"""A person's score in place of an evaluator's: the menu in which it is given, taken back, and its history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from soniclayer.feedback import digest_of, own_of
from soniclayer.insights.reviews import UNDONE
from soniclayer.phrasing import clock, short_name
from soniclayer.results import SCORES as NUMBERS
from soniclayer.ui.library import library
from soniclayer.ui.state import state
from soniclayer.ui.text import SCORES, date, escape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soniclayer.feedback import Review
    from soniclayer.insights.selection import Scope
    from soniclayer.personas import Persona
    from soniclayer.run import Cell
    from soniclayer.segments import Segment

MOST_REASON, MOST_WHO = 600, 60  # letters
MENU_PX = 340


def render(scope: Scope, segment: Segment, personas: Sequence[Persona]) -> None:
    """The menu for these personas, who have all reacted to the segment; its contents are drawn when it is open."""
    at = clock(segment.start_s)
    one = personas[0] if len(personas) == 1 else None
    overruled = one is not None and scope.reviews.standing((segment.index, one.id)) is not None
    who = escape(short_name(one.display_name)) if one is not None else "one of them"
    menu = st.popover(
        f"Review of {who} at {at}" if overruled else f"Overrule {who} at {at}",
        key=f"overrule-{segment.index}-{one.id if one is not None else ''}",
        type="tertiary",
        icon=":material/rate_review:",
        wrap=True,
        on_change="rerun",
    )
    if menu.open:
        with menu, st.container(width=MENU_PX):
            _contents(scope, segment, personas)


def _contents(scope: Scope, segment: Segment, personas: Sequence[Persona]) -> None:
    persona = personas[0]
    name = f"{segment.index}-{persona.id if len(personas) == 1 else ''}"
    if len(personas) > 1:
        persona = st.selectbox(
            "Whose score", personas, format_func=lambda each: short_name(each.display_name), key=f"whose-{name}"
        )
    cell = (segment.index, persona.id)
    feedback = scope.whole.results[cell]
    with st.form(f"review-{name}", border=False):
        st.segmented_control(
            "Your score, from 1 (switches off) to 5 (loves it)",
            NUMBERS,
            default=feedback.score,
            required=True,
            key=f"score-{name}-{persona.id}",
        )
        st.text_area("Why", key=f"reason-{name}", max_chars=MOST_REASON, height=90, required=True)
        st.text_input("Your name", state().reviewer, key=f"who-{name}", max_chars=MOST_WHO, required=True)
        st.form_submit_button(
            f"Save for {escape(short_name(persona.display_name))}",
            key=f"save-{name}",
            type="primary",
            on_click=_save,
            args=(scope, segment, persona, name),
        )
    _problem()
    _history(scope, cell)


def _save(scope: Scope, segment: Segment, persona: Persona, name: str) -> None:
    """Callback: keep the review, and remember who reviews."""
    here = state()
    score = st.session_state[f"score-{name}-{persona.id}"]
    reason, who = (str(st.session_state[f"{part}-{name}"] or "").strip() for part in ("reason", "who"))
    if score is None or not reason or not who:
        here.review_problem = "A score, a reason and a name are needed. Fill in what is missing, and save again."
        return
    own = own_of(scope.whole.results[segment.index, persona.id])
    here.reviewer, evaluator = who, scope.whole.evaluator
    kept = library().ask(
        here.place.show,
        lambda kept: kept.reviews.add(
            here.place.show,
            words=digest_of(segment.text),
            start_ms=segment.start_ms,
            persona=persona.id,
            score=score,
            reason=reason,
            who=who,
            text=segment.text,
            said=own.score,
            evaluator=" ".join(filter(None, (evaluator.name, evaluator.model))),
        ),
    )
    here.review_problem = "" if kept is not None else library().problem
    if kept is not None:
        st.session_state[f"overrule-{name}"] = False


def undo(review: Review) -> None:
    """Callback: take a review back; the one before it counts again, or what the evaluator said."""
    library().ask(review.show, lambda kept: kept.reviews.undo(review.id, who=state().reviewer))


def _problem() -> None:
    if state().review_problem:
        st.error(escape(state().review_problem), icon=":material/error:")


def _history(scope: Scope, cell: Cell) -> None:
    standing = scope.reviews.standing(cell)
    if standing is not None:
        st.button(
            f"Undo the {standing.score} of {escape(standing.who)}",
            key=f"undo-{standing.id}",
            icon=":material/undo:",
            on_click=undo,
            args=(standing,),
        )
    entries = [entry for entry in scope.reviews.entries if entry.cell == cell]
    if entries:
        st.caption("History")
    for entry in entries:
        st.text(told(entry.review))
        st.caption(status(entry.status, entry.review))


def told(review: Review) -> str:
    """Who gave which score when and why, as plain text: "4 · Priya, 28 Nov 2026: “They surf.”"."""
    return f"{review.score} · {review.who}, {date(review.made)}: “{review.reason}”"


def status(word: str, review: Review) -> str:
    """What has become of a review, as Markdown."""
    if word == UNDONE and review.undone is not None:
        by = f" by {escape(review.undone_by)}" if review.undone_by else ""
        return f"{word.capitalize()}{by}, {date(review.undone)}"
    return word.capitalize()


def look(score: int) -> str:
    """A score as a badge in Markdown that says it is a person's."""
    return f":{SCORES[score].color}-badge[:material/person: {score}]"
