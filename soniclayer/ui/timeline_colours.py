"""The colours of the timeline: from orange over grey to blue, in either theme."""

from __future__ import annotations

from soniclayer.insights.looks import HUES

INK = {False: ("#1f1b2e", "#ffffff"), True: ("#ffffff", "#14121c")}
"""Of the numbers in either theme: on most colours, and on those of `STRONG_ON`."""
TEXT = {False: "#6d6780", True: "#b3adc6"}
"""Of names and times beside the cells, and of the line."""
STRONG_ON = {False: ("5", "×"), True: ("1", "5", "×")}


def hues(dark: bool) -> dict[str, str]:
    """The colours of `looks.LOOKS`."""
    return {look: hue.dark if dark else hue.light for look, hue in HUES.items()}
