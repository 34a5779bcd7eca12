"""Losses, cuts, clips and ad breaks as a label track: in Audacity File > Import > Labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soniclayer.exports.markers import markers

if TYPE_CHECKING:
    from soniclayer.insights.verdict import Insight
    from soniclayer.transcript import Transcript


def to_labels(insight: Insight, transcript: Transcript) -> bytes:
    """One line per marker: start and end in seconds, and its text, parted by tabs. A point has equal times."""
    lines = (f"{mark.start_ms / 1000:.6f}\t{mark.end_ms / 1000:.6f}\t{mark.text}\n" for mark in markers(insight))
    return "".join(lines).encode()
