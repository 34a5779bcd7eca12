"""The reviews of a show as a table: who gave which score in place of the evaluator, when and why."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from soniclayer.exports.plain import harmless
from soniclayer.phrasing import clock, timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from soniclayer.insights.reviews import Entry

COLUMNS = (
    *("start", "start_s", "persona", "display_name", "score", "evaluator_score", "evaluator"),
    *("reason", "who", "at", "status", "undone_by", "undone_at", "words"),
)


def to_csv(entries: Sequence[Entry], names: Mapping[str, str]) -> bytes:
    """One line per review, those taken back or replaced among them; times of day in UTC, UTF-8 with BOM.

    names: of the personas, by id.
    """
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for _, review, status in entries:
        times = (clock(review.start_ms / 1000), review.start_ms / 1000)
        who = (harmless(review.persona), harmless(names.get(review.persona, review.persona)))
        undone = "" if review.undone is None else timestamp(review.undone)
        told = (harmless(review.reason), harmless(review.who), timestamp(review.made), status)
        rest = (harmless(review.undone_by), undone, harmless(review.text))
        writer.writerow([*times, *who, review.score, review.said, harmless(review.evaluator), *told, *rest])
    return target.getvalue().encode("utf-8-sig")
