"""The kinds of moments, as a table.

To add one: a pure function of a scope with its rule in its docstring, and one row here. Page and exports go by it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass

from soniclayer.insights.clips import clips
from soniclayer.insights.cuts import cuts
from soniclayer.insights.losses import losses
from soniclayer.insights.moment import Moment
from soniclayer.insights.selection import Scope
from soniclayer.insights.stretches import ad_breaks, disagreements, themes
from soniclayer.phrasing import clock

COLUMNS = ("start", "end", "start_s", "end_s", "words", "note", "for", "against", "sure")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of moments.

    Attributes:
        label: its name on the page.
        find: every moment of the kind, in the order to work through.
        none: what to say where there is none.
        who, against: what `Moment.who` and `Moment.against` mean here; "" where the kind has none.
    """

    label: str
    find: Callable[[Scope], list[Moment]]
    none: str
    who: str
    against: str = ""


MOMENTS = {
    "losses": Kind("Losses", losses, "Nothing here loses anybody.", "loses"),
    "cuts": Kind("Cuts", cuts, "Nothing unsafe was found, and nothing bores for long.", "for"),
    "clips": Kind("Clips", clips, "No stretch of whole sentences is loved for sure.", "for", "loses"),
    "breaks": Kind("Ad breaks", ad_breaks, "No clean place that everybody chosen likes.", "liked by"),
    "disagreements": Kind("Disagreements", disagreements, "Nobody disagrees for sure.", "pleases", "displeases"),
    "themes": Kind("Repeated themes", themes, "No topic comes back three times.", "pleases", "tires"),
}
"""By id, in the order of the page."""


def to_csv(moments: list[Moment], names: dict[str, str]) -> bytes:
    """One line per moment, for spreadsheets. names: of the personas, by id."""
    from soniclayer.exports.csv_file import harmless  # brings pandas

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
