"""A run as a table, for spreadsheets."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from soniclayer.exports.plain import harmless
from soniclayer.results import COLUMNS, rows

if TYPE_CHECKING:
    from soniclayer.insights.verdict import Insight
    from soniclayer.transcript import Transcript


def to_csv(insight: Insight, transcript: Transcript) -> bytes:
    """One line per cell, columns as `results.COLUMNS`, UTF-8 with BOM so that Excel reads it as such.

    Text stands on one line, and where a spreadsheet would run it as a formula it is prefixed with an apostrophe.
    Where personas or segments are left out, a last column `left_out` says so.
    """
    left_out = (f"only {insight.scope.left_out}",) if insight.scope.left_out else ()
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow((*COLUMNS, *(("left_out",) if left_out else ())))
    for row in rows(insight.scope.narrowed):
        writer.writerow((*(harmless(value) if isinstance(value, str) else value for value in row), *left_out))
    return target.getvalue().encode("utf-8-sig")
