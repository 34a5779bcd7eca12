"""Reviews: every score that a person gave, what became of it, and how far the evaluator agrees."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from soniclayer.feedback import Reviewed, call_of
from soniclayer.insights.reviews import CHANGED, COUNTS, ENOUGH, agreement
from soniclayer.phrasing import clock, excerpt, plural, short_name
from soniclayer.ui import overrule
from soniclayer.ui.exports_menu import stem
from soniclayer.ui.state import go
from soniclayer.ui.text import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soniclayer.insights.reviews import Agreement, Entry
    from soniclayer.insights.selection import Scope
    from soniclayer.personas import Persona
    from soniclayer.transcript import Transcript

NONE = "No reviews yet. **Overrule** on a card takes your score and your reason."
NONE_CHOSEN = "No review of this choice of personas and segments."
MOST = 60  # of a list; all of them are in the CSV file


def render(scope: Scope, transcript: Transcript) -> None:
    """Of the chosen personas and segments, the newest first."""
    personas = {persona.id: persona for persona in scope.personas}
    every = scope.reviews.entries
    entries = [entry for entry in every if entry.cell[1] in personas and entry.cell[0] in scope.chosen]
    if not entries:
        with st.container(border=True, key="no-reviews"):
            st.markdown(f":material/rate_review: {NONE_CHOSEN if every else NONE}")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"##### {plural(len(entries), 'review')}", width="stretch")
        st.download_button(
            "Reviews as CSV",
            partial(_written, entries, {key: persona.display_name for key, persona in personas.items()}),
            file_name=f"{stem(transcript)}.reviews.csv",
            mime="text/csv",
            key="csv-reviews",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
        )
    _agreement(scope)
    for entry in entries[:MOST]:
        _entry(scope, entry, personas[entry.cell[1]])
    if len(entries) > MOST:
        st.caption(f"The first {MOST} of {len(entries)}; all of them are in the CSV file.")


def _written(entries: Sequence[Entry], names: dict[str, str]) -> bytes:
    from soniclayer.exports.reviews_file import to_csv

    return to_csv(entries, names)


def _agreement(scope: Scope) -> None:
    """How far the evaluator agrees, once there is enough to tell."""
    whole = agreement(scope.run, scope.reviews)
    count = whole.cells if whole is not None else 0
    if whole is None or count < ENOUGH:
        st.caption(f"From {ENOUGH} reviews on this tells how far the evaluator agrees with them. So far {count}.")
        return
    rows = [_row("Everybody", whole)]
    for persona in scope.personas:
        found = agreement(scope.run, scope.reviews, persona.id)
        if found is not None:
            rows.append(_row(f"{persona.emoji} {short_name(persona.display_name)}", found))
    share = st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1)
    st.dataframe(
        rows,
        key="agreement",
        hide_index=True,
        width="stretch",
        column_config={
            "Same score": share,
            "Same side": share,
            "Mean difference": st.column_config.NumberColumn(format="%.2f"),
        },
        alt="One line per persona: how far the evaluator agrees with the reviews.",
    )
    st.caption("People review what strikes them as wrong: on the rest of a show the evaluator does better than this.")


def _row(name: str, found: Agreement) -> dict[str, object]:
    return {
        "Persona": name,
        "Reviews": found.cells,
        "Same score": found.same,
        "Same side": found.side,
        "Mean difference": found.mean_difference,
    }


def _entry(scope: Scope, entry: Entry, persona: Persona) -> None:
    review, (index, _) = entry.review, entry.cell
    at = clock(review.start_ms / 1000)
    with st.container(border=True, key=f"review-entry-{review.id}", gap="xxsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            who = f"**{at}** {escape(persona.emoji)} {escape(short_name(persona.display_name))}"
            st.markdown(f"{who} {overrule.look(review.score)}", width="stretch")
            if entry.status == COUNTS:
                st.button(
                    f"Undo {at}",
                    key=f"undo-{review.id}",
                    type="tertiary",
                    icon=":material/undo:",
                    on_click=overrule.undo,
                    args=(review,),
                )
            st.button(
                f"Open {at}",
                key=f"go-review-{review.id}",
                type="tertiary",
                icon=":material/chevron_right:",
                icon_position="right",
                on_click=go,
                kwargs={"segment": index, "view": "read", "who": persona.id},
            )
        st.text(overrule.told(review))
        st.caption(" · ".join(filter(None, (_said(scope, entry), overrule.status(entry.status, review)))))
        words = excerpt(review.text or scope.run.segments[index].text)
        st.caption(f"{'Was: ' if entry.status == CHANGED else ''}{escape(words)}")


def _said(scope: Scope, entry: Entry) -> str:
    """What the evaluator said."""
    feedback = scope.run.results.get(entry.cell)
    if entry.status == COUNTS and isinstance(feedback, Reviewed):
        return f"The evaluator {call_of(feedback.own)}"
    if entry.review.said is None:
        return ""
    return f"{escape(entry.review.evaluator) or 'The evaluator'} said {entry.review.said}"
