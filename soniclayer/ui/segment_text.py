"""A segment as text: its headline, and its turns with the speakers' names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from soniclayer.evaluators.chat.injection import addressed_to_model
from soniclayer.feedback import review_of
from soniclayer.phrasing import clock
from soniclayer.results import NO_SPEECH, NOT_JUDGED, repeats_theme
from soniclayer.turns import Turn
from soniclayer.ui.evaluation import ACTIVE
from soniclayer.ui.state import go, state
from soniclayer.ui.text import SCORES, THEIRS, escape, highlight

if TYPE_CHECKING:
    from collections.abc import Iterable

    from soniclayer.insights.selection import Scope
    from soniclayer.run import Run
    from soniclayer.segments import Segment


def heading(time: str, start_ms: int) -> None:
    """The heading of a segment: when it is, a link that plays from there where there is audio."""
    st.markdown(f"##### {_playing(time, start_ms)}", width="content", anchors=False)


def _playing(label: str, start_ms: int) -> str:
    """Markdown that plays from there when it is pressed, where there is a player; see `ui.player`."""
    return f'[{label}](#play-{start_ms} "Play from {clock(start_ms / 1000)}")' if state().player else label


def play(start_ms: int, place: str, **changes: Any) -> None:
    """A button that plays from there, where there is a player.

    place: a name for it, unlike that of any other on the page. changes: what to look at then, see `Place`.
    """
    if state().player:
        st.button(
            f"Play {clock(start_ms / 1000)}",
            key=f"play-{place}-{start_ms}",
            icon=":material/play_arrow:",
            type="tertiary",
            on_click=go if changes else None,
            kwargs=changes,
        )


def about(run: Run, segment: Segment) -> None:
    """Topic and tone, such as "Sports · Excited"; takes what room is left, so that it moves nothing when it comes."""
    known = run.classifications.get(segment.index)
    st.caption(escape(" · ".join(each.value for each in (known.topic, known.tone) if each)) if known else "")


def scores(scope: Scope, segment: Segment) -> str:
    """The calls of the chosen personas as badges in Markdown: their emoji and number.

    While a run goes on, an answer that is not here yet has its place already.
    """
    answers = {persona.id: feedback for persona, feedback in scope.reactions(segment)}
    waiting = scope.whole.state in ACTIVE and segment.speech and segment.index not in scope.whole.not_judged
    parts = []
    for persona in scope.personas:
        feedback = answers.get(persona.id)
        if feedback is None and waiting:
            parts.append(f":gray-badge[{escape(persona.emoji)} –]")
        elif feedback is not None and feedback.called:
            theirs = f" {THEIRS}" if review_of(feedback) is not None else ""
            parts.append(f":{SCORES[feedback.score].color}-badge[{escape(persona.emoji)} {feedback.score}{theirs}]")
    return " ".join(parts)


def consensus(scope: Scope, segment: Segment) -> None:
    """The mean of the chosen personas, if there is one; its place, while a run goes on."""
    mean = scope.value(segment)
    if mean is not None:
        look = SCORES[round(mean)]
        st.badge(f"Consensus {mean:.1f}", icon=look.icon, color=look.color)
    elif scope.whole.state in ACTIVE:
        st.badge("Consensus – . –", icon=SCORES[3].icon, color="gray")


def marks(run: Run, segment: Segment) -> None:
    """What is odd about a segment."""
    if repeats_theme(run, segment.index):
        st.badge("Repeated theme", icon=":material/repeat:", color="gray")
    if addressed_to_model(segment.text):
        st.badge(
            "Talks to an AI",
            icon=":material/smart_toy:",
            color="orange",
            help="Somebody here gives orders to a language model. Every persona is told to judge it as speech.",
        )
    if (failure := run.unclassified.get(segment.index)) is not None:
        st.caption(f":material/info: Topic and tone are unknown. {escape(failure.reason)}", width="content")


def quotes(scope: Scope, segment: Segment, who: str) -> tuple[str, ...]:
    """What the one persona that is looked at quotes; nothing where several are."""
    key = who if who in {persona.id for persona in scope.personas} else ""
    if not key and len(scope.personas) == 1:
        key = scope.personas[0].id
    feedback = scope.run.results.get((segment.index, key))
    return feedback.quotes if feedback is not None else ()


def words(segment: Segment, marked: Iterable[str] = ()) -> None:
    """The turns, each on a line of its own with its speaker; what is quoted on a tinted ground."""
    wanted = tuple(marked)
    lines = []
    for turn in segment.turns or (Turn(", ".join(segment.speakers), segment.text, segment.start_ms),):
        text = highlight(turn.text, wanted) if wanted else escape(turn.text)
        name = _playing(f"**{escape(turn.speaker)}**", turn.start_ms)
        lines.append(f"{name} {text}" if turn.speaker else text)
    st.markdown("  \n".join(lines))
    if not segment.speech:
        st.caption(f":material/music_note: {NO_SPEECH}")


def not_judged(run: Run, segment: Segment) -> bool:
    """Says so where the evaluator passes the segment over; whether it does."""
    reason = run.not_judged.get(segment.index)
    if reason is not None:
        st.caption(f":material/translate: {NOT_JUDGED} {escape(reason)}")
    return reason is not None
