"""Losses, cuts, clips and ad breaks for REAPER: Region/Marker Manager > Options > Import."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from soniclayer.exports.markers import markers
from soniclayer.exports.plain import harmless

if TYPE_CHECKING:
    from soniclayer.insights.verdict import Insight
    from soniclayer.transcript import Transcript

HEADER = ("#", "Name", "Start", "End", "Length", "Color")
COLORS = {"losses": "E8871E", "cuts": "C0392B", "clips": "2E86DE", "breaks": "27AE60", "note": "8E8AA0"}
"""By kind of marker, as RRGGBB."""


def to_regions(insight: Insight, transcript: Transcript) -> bytes:
    """A row per marker in the columns of the Region/Marker Manager, times as h:mm:ss.ttt.

    What lasts is a region (R1, R2…) with End and Length, a point is a marker (M1, M2…) without.
    """
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(HEADER)
    counts = {"R": 0, "M": 0}
    for mark in markers(insight):
        letter = "R" if mark.end_ms > mark.start_ms else "M"
        counts[letter] += 1
        end = (_time(mark.end_ms), _time(mark.end_ms - mark.start_ms)) if letter == "R" else ("", "")
        row = (f"{letter}{counts[letter]}", harmless(mark.text), _time(mark.start_ms), *end, COLORS[mark.kind])
        writer.writerow(row)
    return target.getvalue().encode()


def _time(ms: int) -> str:
    seconds, milli = divmod(ms, 1000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}.{milli:03}"
