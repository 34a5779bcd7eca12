"""Uploads audio straight to disk: Streamlit's own uploader would hold all of it in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from soniclayer.audio import MOST_UPLOAD_MB, TOO_LARGE
from soniclayer.ui.audio_store import address, ticket
from soniclayer.ui.state import state

if TYPE_CHECKING:
    from soniclayer.ui.show import Show

_HTML = """
<label class="upload">
  <input type="file" accept="audio/*,.mp3,.m4a,.mp4,.wav,.ogg,.oga,.opus"> Upload an audio file
</label>
<progress max="1" hidden></progress>
<p role="status" hidden></p>
"""
_CSS = """
.upload {
  display: inline-block; padding: 0.4rem 0.75rem; cursor: pointer; color: var(--st-text-color);
  border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius);
}
.upload:hover, .upload:focus-within { border-color: var(--st-primary-color); color: var(--st-primary-color); }
input { position: absolute; opacity: 0; width: 0; }
progress { display: block; width: 100%; margin-top: 0.5rem; accent-color: var(--st-primary-color); }
[hidden] { display: none; }
p { margin: 0.5rem 0 0; font-size: 0.875rem; color: var(--st-orange-text-color); overflow-wrap: anywhere; }
"""
_JS = """
export default function ({ data, parentElement, setTriggerValue }) {
  const input = parentElement.querySelector("input");
  const bar = parentElement.querySelector("progress");
  const status = parentElement.querySelector("[role=status]");
  const say = (words) => {
    bar.hidden = true;
    status.textContent = words;
    status.hidden = !words;
  };
  input.onchange = () => {
    const file = input.files[0];
    input.value = "";  // so that the same file can be chosen again
    if (!file) return;
    say("");
    if (file.size > data.most) return say(`${file.name} ${data.tooLarge}`);
    const request = new XMLHttpRequest();
    request.upload.onprogress = (event) => { bar.value = event.loaded / event.total; };
    request.onload = () => (request.status < 300 ? setTriggerValue("done", true) : say(request.responseText));
    request.onerror = () => say("The upload broke off. Is SonicLayer still running? Choose the file again.");
    bar.value = 0;
    bar.hidden = false;
    request.open("PUT", data.url);
    request.setRequestHeader("X-File-Name", encodeURIComponent(file.name));
    request.send(file);
  };
}
"""
_uploader = st.components.v2.component("soniclayer_audio_upload", html=_HTML, css=_CSS, js=_JS)


def render(opened: Show) -> None:
    """A button to choose a file with; the page is drawn again when it is here."""
    _uploader(
        key="audio-upload",
        data={
            "url": address(ticket(opened.id)),
            "most": MOST_UPLOAD_MB * 1_000_000,
            "tooLarge": TOO_LARGE,
        },
        on_done_change=_arrived,
    )


def _arrived() -> None:
    state().acted = True
