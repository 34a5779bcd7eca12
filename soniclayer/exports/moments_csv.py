"""A list of moments as a table, for spreadsheets."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from soniclayer.exports.csv_file import harmless
from soniclayer.phrasing import clock

if TYPE_CHECKING:
    from soniclayer.insights.moment import Moment

COLUMNS = ("start", "end", "start_s", "end_s", "words", "note", "for", "against", "sure")


def to_csv(moments: list[Moment], names: dict[str, str]) -> bytes:
    """One line per moment, for spreadsheets. names: of the personas, by id."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for moment in moments:
        row = [
            clock(moment.start_ms / 1000),
            clock(moment.end_ms / 1000),
            moment.start_ms / 1000,
            moment.end_ms / 1000,
        ]
        texts = [moment.words, moment.note, *(_named(ids, names) for ids in (moment.who, moment.against))]
        writer.writerow([*row, *map(harmless, texts), "" if moment.sure is None else f"{moment.sure:.2f}"])
    return target.getvalue().encode("utf-8-sig")


def _named(ids: tuple[str, ...], names: dict[str, str]) -> str:
    return ", ".join(names.get(key, key) for key in ids)
