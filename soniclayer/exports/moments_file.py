"""Moments of one kind as a table, for spreadsheets."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from soniclayer.exports.plain import harmless
from soniclayer.phrasing import clock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from soniclayer.insights.moment import Moment

COLUMNS = ("start", "end", "start_s", "end_s", "words", "note", "for", "against", "sure")


def to_csv(moments: Sequence[Moment], names: Mapping[str, str]) -> bytes:
    """One line per moment; `start` and `end` as on the page, `start_s` and `end_s` in seconds, `sure` 0.0 to 1.0.

    names: of the personas, by id.
    """
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for moment in moments:
        times = (moment.start_ms / 1000, moment.end_ms / 1000)
        texts = [moment.words, moment.note, *(_named(ids, names) for ids in (moment.who, moment.against))]
        sure = "" if moment.sure is None else f"{moment.sure:.2f}"
        writer.writerow([*map(clock, times), *times, *map(harmless, texts), sure])
    return target.getvalue().encode("utf-8-sig")


def _named(ids: Sequence[str], names: Mapping[str, str]) -> str:
    return ", ".join(names.get(key, key) for key in ids)
