"""The open show beside another: another evaluator, earlier personas, another cut, another show, or its programme."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from soniclayer.insights.comparison import compare, said
from soniclayer.insights.selection import Scope, narrow, select
from soniclayer.insights.versions import Stretch, align, stretch_said
from soniclayer.phrasing import clock
from soniclayer.ui import agreement_view, trends_view
from soniclayer.ui.others import Other, judge_of, kept_shows, others, programme, reviews_of
from soniclayer.ui.state import go, state
from soniclayer.ui.text import escape

if TYPE_CHECKING:
    from soniclayer.insights.comparison import Comparison
    from soniclayer.personas import Persona
    from soniclayer.run import Run
    from soniclayer.settings import Settings
    from soniclayer.ui.show import Show

PROGRAMME = "programme"
THIS = "this show"


def render(show: Show, scope: Scope, judged: dict[str, Run], personas: str, settings: Settings) -> None:
    """What to compare with, and what comes of it; of the chosen personas and segments.

    judged: runs of this show in this session, by name of the evaluator. personas: fingerprint of those of today.
    """
    run = scope.live
    shows = kept_shows(show.id, locked=settings.locked)
    found = {other.key: other for other in others(show, run, judged, shows, personas)}
    tag, same = programme(show, run, shows)
    labels = {key: other.label for key, other in found.items()}
    if len(same) > 1:
        labels[PROGRAMME] = f"{tag} over time · {len(same)} shows"
    if not labels:
        st.text(
            "There is nothing to compare with yet. Open another show, or have this one judged by another evaluator."
        )
        return
    keys = list(labels)
    wanted = state().place.against
    picked = st.selectbox(
        "Compare with",
        keys,
        index=keys.index(wanted) if wanted in keys else 0,
        format_func=labels.__getitem__,
        key=f"against-{show.id}-{wanted}",
        on_change=_against,
        args=(f"against-{show.id}-{wanted}",),
    )
    if picked == PROGRAMME:
        trends_view.render(scope, run, same)
    elif picked is not None:
        _compare(scope, found[picked])


def _against(key: str) -> None:
    go(against=st.session_state[key])


def _compare(scope: Scope, other: Other) -> None:
    read, judge = other.read(), judge_of(scope.whole.evaluator.name, scope.whole.evaluator.model)
    if read is None:
        st.text("What is kept of this run cannot be read. Evaluate that show again.")
        return
    before = select(read, state().place.selection, reviews_of(other.show, read))
    comparison = compare(before, scope)
    for sentence in said(comparison, other.name, THIS, _name):
        st.markdown(escape(sentence))
    both = [change.persona for change in comparison.changes]
    if not both:
        return
    if not comparison.paired and other.evaluator != judge:
        st.caption(escape(f"Judged by {other.evaluator} and {judge}: part may be due to that."))
    _table(comparison, other.name)
    if comparison.paired:
        # What the evaluators gave, whoever overruled them: a person's score in both would be no agreement of theirs.
        one, two = (narrow(each.live, scope.segments, both) for each in (scope, before))
        agreement_view.render(one, two, _sides(judge, other), scope.reviews)
    else:
        _cuts(before, scope, other.name)


def _sides(evaluator: str, other: Other) -> tuple[str, str]:
    """What the two sides are called: by who judged, or where that is the same by what they are."""
    return (
        (evaluator, other.evaluator) if evaluator != other.evaluator else (THIS.capitalize(), other.name.capitalize())
    )


def _name(persona: Persona) -> str:
    return persona.display_name


def _table(comparison: Comparison, other: str) -> None:
    rows = [
        {
            "Persona": f"{change.persona.emoji} {change.persona.display_name}",
            "There": change.before.mean,
            "Here": change.after.mean,
            "Difference": change.difference,
            "Chance": change.noise,
            "Losses/h there": change.before.losses_an_hour,
            "Losses/h here": change.after.losses_an_hour,
            "Calls there": list(change.before.calls),
            "Calls here": list(change.after.calls),
        }
        for change in comparison.changes
    ]
    number = st.column_config.NumberColumn
    most = max(
        (count for change in comparison.changes for count in change.before.calls + change.after.calls), default=0
    )
    calls = {
        place: st.column_config.BarChartColumn(
            place, help="How many segments are called 1, 2, 3, 4 and 5.", y_min=0, y_max=max(1, most)
        )
        for place in ("Calls there", "Calls here")
    }
    st.dataframe(
        rows,
        hide_index=True,
        placeholder="–",
        width="stretch",
        column_config={
            "There": number(format="%.2f", help=f"Mean in {escape(other)}."),
            "Here": number(format="%.2f", help="Mean in this show."),
            "Difference": number(format="%+.2f"),
            "Chance": number(format="± %.2f", help="How large a difference chance alone explains."),
            "Losses/h there": number(format="%.1f", help="Losses an hour."),
            "Losses/h here": number(format="%.1f", help="Losses an hour."),
            **calls,
        },
        alt="One line per persona: means, difference, what chance explains, losses an hour, calls.",
    )


def _cuts(before: Scope, after: Scope, other: str) -> None:
    """Two cuts of one show: what only one of them has."""
    versions = align(before, after)
    if not versions.are_cuts:
        return
    st.markdown("##### Two cuts of one show")
    st.text(f"{versions.shared:.0%} of the shorter one's words are in both.")
    for heading, scope, stretches in (
        (f"Only in {other}", before, versions.left_out),
        (f"Only in {THIS}", after, versions.new),
    ):
        if stretches:
            st.markdown(f"**{escape(heading)}**")
        for stretch in stretches:
            _stretch(stretch, scope, here=scope is after)


def _stretch(stretch: Stretch, scope: Scope, *, here: bool) -> None:
    with st.container(border=True, gap=None):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(escape(stretch_said(stretch, scope.personas, _name)), width="stretch")
            if here:
                st.button(
                    f"Open {clock(stretch.start_ms / 1000)}",
                    key=f"stretch-{stretch.index}",
                    type="tertiary",
                    icon=":material/chevron_right:",
                    on_click=go,
                    kwargs={"segment": stretch.index, "view": "read"},
                )
        st.text(stretch.words)
