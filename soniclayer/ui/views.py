"""The views of an open show, as a table.

To add one: a module with a function that draws it, and one row here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from soniclayer.ui import cards_view, compare_view, moments_view, personas_view, read_view, reviews_view, rewrite_view
from soniclayer.ui.state import state

if TYPE_CHECKING:
    from collections.abc import Callable

    from soniclayer.insights.verdict import Insight
    from soniclayer.personas import Registry
    from soniclayer.run import Run
    from soniclayer.segments import Segment
    from soniclayer.settings import Settings
    from soniclayer.ui.show import Show


@dataclass(frozen=True, slots=True)
class Look:
    """What is looked at.

    Attributes:
        run: the whole run.
        insight: what can be told of the part that is chosen.
        chosen: the segment that is chosen, or None where no segment fits the filters.
    """

    run: Run
    insight: Insight
    chosen: Segment | None
    show: Show
    personas: Registry
    settings: Settings


@dataclass(frozen=True, slots=True)
class View:
    """One view."""

    label: str
    render: Callable[[Look], None]


def _read(look: Look) -> None:
    read_view.render(look.insight, look.chosen)


def _cards(look: Look) -> None:
    cards_view.render(look.insight, look.chosen)


def _table(look: Look) -> None:
    from soniclayer.ui import table_view  # brings pandas, which the first view need not wait for

    table_view.render(look.insight)


def _moments(look: Look) -> None:
    moments_view.render(look.insight, look.show.transcript)


def _reviews(look: Look) -> None:
    reviews_view.render(look.insight.scope, look.show.transcript)


def _rewrite(look: Look) -> None:
    rewrite_view.render(look)


def _compare(look: Look) -> None:
    judged = state().runs_of(look.show.identity, look.personas.fingerprint)
    compare_view.render(look.show, look.insight.scope, judged, look.personas.fingerprint, look.settings)


def _personas(look: Look) -> None:
    personas_view.render(look.insight.scope, look.personas, look.settings.personas)


VIEWS = {
    "read": View("Read", _read),
    "cards": View("Cards", _cards),
    "table": View("Table", _table),
    "moments": View("Moments", _moments),
    "reviews": View("Reviews", _reviews),
    "rewrite": View("Rewrite", _rewrite),
    "compare": View("Compare", _compare),
    "personas": View("Personas", _personas),
}
"""By id, in the order of the page."""
