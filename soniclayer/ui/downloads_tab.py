"""The results as files."""

from __future__ import annotations

from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING

import streamlit as st

from soniclayer.exports import EXPORTS

if TYPE_CHECKING:
    from soniclayer.run import Run
    from soniclayer.transcript import Transcript


def render(run: Run, transcript: Transcript) -> None:
    """One button per kind; a file is written when its button is pressed."""
    stem = PurePath(transcript.name).stem or "transcript"
    with st.container(horizontal=True):
        for ending, kind in EXPORTS.items():
            st.download_button(
                f"Download {kind.label}",
                partial(kind.write, run, transcript),
                file_name=f"{stem}.soniclayer{ending}",
                mime=kind.mime,
                key=f"download-{ending.removeprefix('.')}",
                icon=":material/download:",
                on_click="ignore",
                disabled=not run.results,
            )
