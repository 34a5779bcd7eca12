"""What a browser session remembers beside the choices of its widgets, as one typed object."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import streamlit as st

from soniclayer.approval import Approvals, StartedRuns

if TYPE_CHECKING:
    from soniclayer.run import Run


@dataclass(frozen=True, slots=True)
class Options:
    """What the user decided about one source; None leaves it to the guess.

    Attributes:
        format, encoding: in place of what was recognised.
        target_s: length of a segment to aim at, in seconds.
        names: (speaker in the file, name to show) for those renamed.
    """

    format: str | None = None
    encoding: str | None = None
    target_s: int = 30
    names: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class State:
    """One browser session.

    Attributes:
        approvals: what Evaluate was pressed for: shows, evaluators, and personas as they were then.
        started: the runs that this page has started.
        question: what the page asks before it spends more, or "".
        evaluate_pressed: Evaluate was pressed and not acted upon yet.
        judged: runs of the show of `judged_key`, by name of the evaluator.
        judged_key: identity of the show, and fingerprint of the personas.
        personas_version: version of the personas file that the page shows.
        options: by id of a source, what was decided about it.
        models: by identity of a server, when it was asked for its models, what it offers, and why it cannot tell.
        sample_opened: the sample show is among the shows.
        pasted: the text that was pasted, or "".
    """

    approvals: Approvals = field(default_factory=Approvals)
    started: StartedRuns = field(default_factory=StartedRuns)
    question: str = ""
    evaluate_pressed: bool = False
    judged: dict[str, Run] = field(default_factory=dict)
    judged_key: tuple[str, str] = ("", "")
    personas_version: int = 0
    options: dict[str, Options] = field(default_factory=dict)
    models: dict[str, tuple[float, list[str], str]] = field(default_factory=dict)
    sample_opened: bool = False
    pasted: str = ""

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


def state() -> State:
    """The session's own."""
    if "soniclayer" not in st.session_state:
        st.session_state["soniclayer"] = State()
    found: State = st.session_state["soniclayer"]
    return found


def digest(*parts: str) -> str:
    """A short name for parts taken together."""
    return hashlib.blake2b("\n".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
