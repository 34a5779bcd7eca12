"""The kinds of moments, as a table.

To add one: a pure function of a scope with its rule in its docstring, and one row here. Page and exports go by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from soniclayer.insights.clips import clips
from soniclayer.insights.cuts import cuts
from soniclayer.insights.losses import losses
from soniclayer.insights.stretches import ad_breaks, disagreements, themes

if TYPE_CHECKING:
    from collections.abc import Callable

    from soniclayer.insights.moment import Moment
    from soniclayer.insights.selection import Scope


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
