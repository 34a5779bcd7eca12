"""The one key that no button can have: `s` puts the cursor into the search box.

Streamlit's `shortcut=` presses buttons only. Nothing of a transcript enters this component.
"""

from __future__ import annotations

import streamlit as st

_JS = """
let stop = () => {};

export default function () {
  stop(); // called again at every drawing
  const press = (event) => {
    const from = event.composedPath()[0];
    const typing = from.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(from.tagName);
    if (typing || event.key !== "s" || event.ctrlKey || event.metaKey || event.altKey) return;
    const box = document.querySelector(".st-key-search input");
    if (box) { event.preventDefault(); box.focus(); box.select(); }
  };
  document.addEventListener("keydown", press);
  stop = () => document.removeEventListener("keydown", press);
  return stop;
}
"""

_listener = st.components.v2.component("soniclayer_keys", js=_JS)


def listen() -> None:
    """Have the keys work; shows nothing."""
    _listener(key="keys", height=1)
