"""What a browser session remembers beside the choices of its widgets, as one typed object."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NoReturn

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from soniclayer.approval import Approvals, StartedRuns
from soniclayer.insights.reviews import NO_REVIEWS, Reviews
from soniclayer.insights.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Callable

    from soniclayer.insights.verdict import Insight
    from soniclayer.run import Run

DRAWN_S = 2.0  # within which the browser has drawn what the page has changed
BROWSER_LAG_S = 0.6  # within which the browser may not have drawn yet what the page has changed


@dataclass(frozen=True, slots=True)
class Place:
    """What is looked at. All of it stands in the address of the page, see `ui.address`.

    Attributes:
        show: id of the show, or "" for the landing page.
        evaluator: id of who judges, or "" for the default.
        view: id of the view.
        segment: index of the chosen segment.
        who: id of the persona whose quotes are marked, or "".
        moments: id of the one list of moments to look at, or "" for all.
        against: what to compare with, as `Other.key` has it, or "" for the first there is.
        selection: whom and what to look at.
    """

    show: str = ""
    evaluator: str = ""
    view: str = "read"
    segment: int = 0
    who: str = ""
    moments: str = ""
    against: str = ""
    selection: Selection = field(default_factory=Selection)


@dataclass(slots=True)
class State:
    """One browser session.

    Attributes:
        place: what is looked at.
        address: query parameters as they were last written or read.
        acted: something was pressed since the address was last compared: the browser may still tell the old one.
        shows: ids of the shows that were open, by name, in the order in which they were opened.
        removed: by id, the name of a show that was deleted in this session, and when.
        pages_of_shows: how much of the list of shows is shown.
        tokens: ids of shows, by the digest of their source, where an id is a secret.
        uploaded: ids of uploaded files that have been opened.
        approvals: what Evaluate was pressed for: shows, evaluators, and personas as they were then.
        started: the runs that this page has started.
        question: what the page asks before it spends more, or "".
        evaluate_pressed: Evaluate was pressed and not acted upon yet.
        pace_s: how often the page is drawn by itself, in seconds; None while nothing goes on.
        set_at: by key of a widget, when the page changed what it shows (`time.monotonic`), and what it showed before.
        generations: by name of a widget in a menu, how often it was made anew, see `keyed`.
        insight: what can be told of what is looked at.
        insights: the last of them, by what they were worked out from.
        judged: runs of the show of `judged_key`, by name of the evaluator.
        judged_key: identity of the show, and fingerprint of the personas.
        reviewer: name under which this session's user reviews, or "".
        review_problem: why the last review was not kept, or "".
        placed: reviews at their cells, by the show and the reviews they were worked out from.
        personas_version: version of the personas file that the page shows.
        audio_problem: why the audio file that was named last cannot be used, or "".
        struck: by segment that is edited, the sentences that are struck out; they stay so when others are rewritten.
        player: the audio player was drawn when the page was last drawn from the top.
        played: index of the segment that the player, not a press, chose last; None where a press did.
        models: by identity of a server, when it was asked for its models, what it offers, and why it cannot tell.
    """

    place: Place = Place()
    address: dict[str, str] = field(default_factory=dict)
    acted: bool = False
    shows: dict[str, str] = field(default_factory=dict)
    removed: dict[str, tuple[str, float]] = field(default_factory=dict)
    pages_of_shows: int = 1
    tokens: dict[str, str] = field(default_factory=dict)
    uploaded: set[str] = field(default_factory=set)
    approvals: Approvals = field(default_factory=Approvals)
    started: StartedRuns = field(default_factory=StartedRuns)
    question: str = ""
    evaluate_pressed: bool = False
    pace_s: float | None = None
    set_at: dict[str, tuple[float, object]] = field(default_factory=dict)
    generations: dict[str, int] = field(default_factory=dict)
    insight: Insight | None = None
    insights: dict[tuple[object, ...], Insight] = field(default_factory=dict)
    judged: dict[str, Run] = field(default_factory=dict)
    judged_key: tuple[str, str] = ("", "")
    reviewer: str = ""
    review_problem: str = ""
    placed: tuple[tuple[object, ...], Reviews] = ((), NO_REVIEWS)
    personas_version: int = 0
    audio_problem: str = ""
    struck: dict[str, frozenset[str]] = field(default_factory=dict)
    player: bool = False
    played: int | None = None
    models: dict[str, tuple[float, list[str], str]] = field(default_factory=dict)

    def take_press(self) -> bool:
        """Whether Evaluate was pressed; true once per press."""
        pressed, self.evaluate_pressed = self.evaluate_pressed, False
        return pressed

    def runs_of(self, show: str, personas: str) -> dict[str, Run]:
        """The runs of this show by these personas, by name of the evaluator.

        Those of another show, or of the personas before an edit, are forgotten: engine and cache still know them.
        """
        if self.judged_key != (show, personas):
            self.judged_key, self.judged = (show, personas), {}
        return self.judged

    def open(self, show: str, name: str) -> None:
        """Look at another show, from its beginning; the personas chosen stay."""
        self.shows.setdefault(show, name)
        personas = self.place.selection.personas
        go(show=show, segment=0, who="", selection=Selection(personas=personas))


def state() -> State:
    """The session's own."""
    if "soniclayer" not in st.session_state:
        st.session_state["soniclayer"] = State()
    found: State = st.session_state["soniclayer"]
    return found


def go(**changes: Any) -> None:
    """Callback: look at something else; see `Place`."""
    here = state()
    here.place = replace(here.place, **changes)
    here.acted, here.played = True, None


def choose(**changes: Any) -> None:
    """Callback: change the selection; see `Selection`."""
    go(selection=replace(state().place.selection, **changes))


def set_widget(key: str, value: object) -> None:
    """Have a widget that is always on the page show this.

    Where it does already it is left alone, so that nothing typed is overwritten; but a choice is told again at every
    drawing for a moment: of two drawings that follow closely the server may send only the second.
    """
    when, _ = state().set_at.get(key, (-DRAWN_S, None))
    if key not in st.session_state or st.session_state[key] != value:
        state().set_at[key] = (time.monotonic(), st.session_state.get(key))
        st.session_state[key] = value
    elif value and time.monotonic() - when < DRAWN_S:
        st.session_state[key] = value


def keyed(name: str, value: object) -> str:
    """A key for a widget that is to show `value` as its default: a new one wherever it would show something else.

    For what stands in a menu. A closed menu's widgets are not there for `set_widget` to change: the browser would
    show, and tell, what they showed before.
    """
    here = state()
    while st.session_state.get(key := _numbered(name, here.generations.get(name, 0)), value) != value:
        here.generations[name] = here.generations.get(name, 0) + 1
    return key


def told(name: str, key: str, use: Callable[[Any], None]) -> None:
    """Callback of a widget with this key from `keyed`: use what was chosen.

    The browser may tell once more what a widget showed that is gone by now; that is nobody's choice.
    """
    if key == _numbered(name, state().generations.get(name, 0)):
        use(st.session_state[key])


def _numbered(name: str, number: int) -> str:
    return f"{name}-{number}" if number else name


def changed(key: str, use: Callable[[Any], None]) -> None:
    """Callback of a widget that the page may have changed as well: use what was chosen.

    While a run is watched the browser tells every second what its widgets show. What it tells just after the page
    has changed one may be what that showed before, and nobody's choice.
    """
    when, before = state().set_at.pop(key, (-BROWSER_LAG_S, None))
    if not in_part() or time.monotonic() - when > BROWSER_LAG_S or st.session_state[key] != before:
        use(st.session_state[key])


def in_part() -> bool:
    """Only a part of the page is drawn, as at every look of the browser by itself."""
    context = get_script_run_ctx()
    return context is not None and bool(context.fragment_ids_this_run)


def again() -> NoReturn:
    """Draw the page again from the top. The browser did not ask for it, and tells what may be an old address."""
    state().acted = True
    st.rerun()


def digest(*parts: str) -> str:
    """A short name for parts taken together."""
    return hashlib.blake2b("\n".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
