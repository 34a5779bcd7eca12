"""personas.toml as the page sees it: followed while it is edited; a broken file keeps the last good personas.

The browser asks a small route whether the file has changed, and has the page drawn again only where it has. A part of
the page that draws itself every two seconds costs an idle page far more, and breaks off what a click has drawn just
then: Streamlit tells the browser of one drawing at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from soniclayer.ui.addresses import served_at
from soniclayer.ui.personas_route import FOLDER, followed
from soniclayer.ui.state import state
from soniclayer.ui.text import escape

if TYPE_CHECKING:
    from pathlib import Path

    from soniclayer.personas import Registry

CHECK_EVERY_S = 1.2
_JS = """
let [page, timer] = [null, 0];

// Told again at every look until the page has been drawn anew: what is told while the server starts gets lost.
const look = async () => {
  if (document.hidden) return;
  try {
    const answer = await fetch(page.data.address, { cache: "no-store" });
    const version = await answer.text();
    if (answer.ok && version !== page.data.version) page.setTriggerValue("version", version);
  } catch {
    // The server cannot be reached, which Streamlit says.
  }
};

const stop = () => {
  document.removeEventListener("visibilitychange", look);
  timer = clearInterval(timer);
};

export default function (component) {
  page = component;
  if (!timer) {
    document.addEventListener("visibilitychange", look);
    timer = setInterval(look, page.data.every_ms);
  }
  return stop;
}
"""
_follower = st.components.v2.component("soniclayer_personas_file", js=_JS)


def current(path: Path) -> Registry:
    """The personas to use now; says on the page what is wrong with the file, and ends it where there are none."""
    file = followed(path)
    state().personas_version = file.refresh()
    registry = file.registry
    if registry is None:
        st.error(escape(file.error), title="There are no personas yet", icon=":material/edit_off:")
        follow(path)
        st.stop()
    with st.container():  # whether there is something in it or not: else all that follows would be drawn anew
        if file.error:
            st.warning(
                f"{escape(file.error)} The last personas that could be read stay until the file is corrected.",
                title="The personas file has a mistake",
                icon=":material/edit_off:",
            )
    return registry


def follow(path: Path) -> None:
    """Have the browser look whether the file has changed; shows nothing."""
    file = followed(path)
    data = {
        "address": served_at(FOLDER, file.token),
        "every_ms": round(CHECK_EVERY_S * 1000),
        "version": str(state().personas_version),
    }
    _follower(key="personas-file", data=data, height=1, on_version_change=_changed)


def _changed() -> None:
    """Callback: the page is drawn again, and nobody asked for it; the browser tells what may be an old address."""
    state().acted = True
