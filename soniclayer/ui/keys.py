"""Keys that no button can have: `s` goes to the search box; words of a segment in Rewrite are told once typing stops.

Streamlit's `shortcut=` presses buttons only, and its text areas tell what is in them at Ctrl+Enter, which is pressed.
Nothing of a transcript enters this component.
"""

from __future__ import annotations

import streamlit as st

_JS = """
let stop = () => {};
let timer = 0;

export default function () {
  stop(); // called again at every drawing
  const press = (event) => {
    const from = event.composedPath()[0];
    const typing = from.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(from.tagName);
    if (typing || event.key !== "s" || event.ctrlKey || event.metaKey || event.altKey) return;
    const box = document.querySelector(".st-key-search input");
    if (box) { event.preventDefault(); box.focus(); box.select(); }
  };
  const type = (event) => {
    const box = event.composedPath()[0];
    if (!box.closest?.("[class*=st-key-words-]")) return;
    const enter = new KeyboardEvent("keydown", { key: "Enter", keyCode: 13, ctrlKey: true, bubbles: true });
    clearTimeout(timer);
    timer = setTimeout(() => box.dispatchEvent(enter), 900);
  };
  document.addEventListener("keydown", press);
  document.addEventListener("input", type);
  stop = () => {
    document.removeEventListener("keydown", press);
    document.removeEventListener("input", type);
  };
  return stop;
}
"""

_listener = st.components.v2.component("soniclayer_keys", js=_JS)


def listen() -> None:
    """Have the keys work; shows nothing."""
    _listener(key="keys", height=1)
