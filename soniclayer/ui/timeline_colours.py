"""The colours of the timeline: from orange over grey to blue, in either theme."""

from __future__ import annotations

from soniclayer.ui import timeline_data as data
from soniclayer.ui.text import SCORES

# Of a cell without a call, in either theme.
PALE = {
    data.AGAINST: ("#fff1df", "#453521"),
    data.NO_SIGNAL: ("#f1eff6", "#2a2638"),
    data.FOR: ("#e4effb", "#22334f"),
    data.FAILED: ("#5f5a70", "#8d87a3"),
    data.FOREIGN: ("#eeeae0", "#33302a"),
    data.SILENCE: ("#ffffff", "#14121c"),
    data.OPEN: ("#f9f8fc", "#1b1826"),
}
INK = {False: ("#1f1b2e", "#ffffff"), True: ("#ffffff", "#14121c")}
"""Of the numbers in either theme: on most colours, and on those of `STRONG_ON`."""
STRONG_ON = {False: ("5", "×"), True: ("1", "5", "×")}


def hues(dark: bool) -> dict[str, str]:
    """The colours of `timeline_data.LOOKS`."""
    calls = {data.CALLS[score]: look.dark if dark else look.light for score, look in SCORES.items()}
    return calls | {look: pair[dark] for look, pair in PALE.items()}
