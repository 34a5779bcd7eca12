"""Losses, cuts, clips and ad breaks as Premiere Pro lists markers: for panels that import its own marker files."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from soniclayer.exports.markers import frames, markers, timecode
from soniclayer.exports.plain import harmless

if TYPE_CHECKING:
    from soniclayer.insights.verdict import Insight
    from soniclayer.transcript import Transcript

HEADER = ("Marker Name", "Description", "In", "Out", "Duration", "Marker Type")


def to_markers(insight: Insight, transcript: Transcript) -> bytes:
    """A row per marker, as File > Export > Markers writes them: UTF-16, parted by tabs, timecodes at 25 frames."""
    target = io.StringIO()
    writer = csv.writer(target, delimiter="\t", lineterminator="\r\n")
    writer.writerow(HEADER)
    for mark in markers(insight):
        about = " ".join(filter(None, (mark.words, f"({mark.note})" if mark.note else "")))
        begin, end = frames(mark.start_ms), frames(mark.end_ms)
        times = map(timecode, (begin, end, end - begin))
        writer.writerow((harmless(mark.name), harmless(about), *times, "Comment"))
    return b"\xff\xfe" + target.getvalue().encode("utf-16-le")
