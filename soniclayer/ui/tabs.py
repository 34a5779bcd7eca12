"""The tabs of an open show, as a table.

To add one: a module with a function that draws it, and one row here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from soniclayer.ui import agreement_tab, downloads_tab, personas_tab, segments_tab
from soniclayer.ui.state import state

if TYPE_CHECKING:
    from collections.abc import Callable

    from soniclayer.personas import Registry
    from soniclayer.run import Run
    from soniclayer.settings import Settings
    from soniclayer.ui.show import Show


@dataclass(frozen=True, slots=True)
class View:
    """What is looked at: a run of a show by these personas."""

    run: Run
    show: Show
    personas: Registry
    settings: Settings


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab.

    Attributes:
        label, icon: as shown.
        render: draws it; is told whether somebody looks.
        always_drawn: its widgets are drawn even while another tab is open. While a run is being watched, the browser
            may forget a widget that went away before it has drawn it again, and its choice with it.
    """

    label: str
    icon: str
    render: Callable[[View, bool], None]
    always_drawn: bool = False


def _segments(view: View, visible: bool) -> None:
    segments_tab.render(view.run, view.show.identity, visible=visible)


def _overview(view: View, visible: bool) -> None:
    from soniclayer.ui import overview_tab  # brings Altair, which a first look at the page need not wait for

    overview_tab.render(view.run)


def _agreement(view: View, visible: bool) -> None:
    agreement_tab.render(state().runs_of(view.show.identity, view.personas.fingerprint))


def _personas(view: View, visible: bool) -> None:
    personas_tab.render(view.personas, view.settings.personas)


def _downloads(view: View, visible: bool) -> None:
    downloads_tab.render(view.run, view.show.transcript)


TABS = (
    Tab("Segments", ":material/view_agenda:", _segments, always_drawn=True),
    Tab("Overview", ":material/grid_on:", _overview),
    Tab("Agreement", ":material/compare_arrows:", _agreement),
    Tab("Personas", ":material/group:", _personas),
    Tab("Downloads", ":material/download:", _downloads),
)
"""In the order of the page."""
