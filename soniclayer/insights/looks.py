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
FAILED, SILENCE, OPEN = "failed", "nobody speaks", "not answered yet"

HUES = {
    CALLS[1]: Hue("#b35806", "#ff8c1a"),
    CALLS[2]: Hue("#f4a94d", "#a85b14"),
    CALLS[3]: Hue("#dcd9e6", "#3d3954"),
    CALLS[4]: Hue("#7fb2e5", "#3f74b8"),
    CALLS[5]: Hue("#1d5fae", "#79c0ff"),
    AGAINST: Hue("#fbe8cf", "#4a3524"),
    NO_SIGNAL: Hue("#efedf4", "#262236"),
    FOR: Hue("#dcebf9", "#22384f"),
    FAILED: Hue("#5f5a70", "#8d87a3"),
    SILENCE: Hue("#ffffff", "#14121c"),
    OPEN: Hue("#f8f7fb", "#1b1826"),
}
"""Every look, in the order of a legend."""

LOOKS = tuple(HUES)


def look_of(feedback: Feedback) -> str:
    """The look of a reaction: a call in its full colour, a leaning pale."""
    if feedback.called:
        return CALLS[feedback.score]
    return AGAINST if feedback.value < LOW else FOR if feedback.value > HIGH else NO_SIGNAL
