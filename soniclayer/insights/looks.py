"""How a reaction is drawn, wherever one is: the name of its look, and its colour in either theme."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from soniclayer.insights.moment import HIGH, LOW

if TYPE_CHECKING:
    from soniclayer.feedback import Feedback


class Hue(NamedTuple):
    """A colour on a light and on a dark ground."""

    light: str
    dark: str


WORDS = {1: "Switches off", 2: "Drifts away", 3: "Stays neutral", 4: "Listens on", 5: "Loves it"}
"""What a score means, in two words."""

CALLS = {score: f"{score} {word.lower()}" for score, word in WORDS.items()}
AGAINST, NO_SIGNAL, FOR = "leans against", "no signal", "leans for"
FAILED, FOREIGN, SILENCE, OPEN = "failed", "another language", "nobody speaks", "not answered yet"

HUES = {
    CALLS[1]: Hue("#ff8c00", "#ffb81f"),
    CALLS[2]: Hue("#ffd494", "#96631a"),
    CALLS[3]: Hue("#e3e0ea", "#3a3650"),
    CALLS[4]: Hue("#86b6ea", "#2b4f8f"),
    CALLS[5]: Hue("#1a4fb0", "#4a8aff"),
    AGAINST: Hue("#fff1df", "#453521"),
    NO_SIGNAL: Hue("#f1eff6", "#2a2638"),
    FOR: Hue("#e4effb", "#22334f"),
    FAILED: Hue("#5f5a70", "#8d87a3"),
    FOREIGN: Hue("#eeeae0", "#33302a"),
    SILENCE: Hue("#ffffff", "#14121c"),
    OPEN: Hue("#f9f8fc", "#1b1826"),
}
"""Every look, in the order of a legend."""

LOOKS = tuple(HUES)


def look_of(feedback: Feedback) -> str:
    """The look of a reaction: a call in its full colour, a leaning pale."""
    if feedback.called:
        return CALLS[feedback.score]
    return AGAINST if feedback.value < LOW else FOR if feedback.value > HIGH else NO_SIGNAL
