"""The results as files; a menu of the header."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING

import streamlit as st

from soniclayer.exports import EXPORTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from soniclayer.insights.selection import Scope
    from soniclayer.run import Run
    from soniclayer.transcript import Transcript


def render(scope: Scope, transcript: Transcript) -> None:
    """One button per kind; a file is written when its button is pressed."""
    with st.popover("Export", icon=":material/download:", type="tertiary", key="export"):
        if scope.left_out:
            st.caption(f":material/filter_alt: Only what is chosen goes out: {scope.left_out}.")
        for ending, kind in EXPORTS.items():
            st.download_button(
                f"Download {kind.label}",
                partial(_written, kind.write, scope, transcript),
                file_name=f"{stem(transcript)}.soniclayer{ending}",
                mime=kind.mime,
                key=f"download-{ending.removeprefix('.')}",
                icon=":material/download:",
                on_click="ignore",
                disabled=not scope.whole.results,
            )


def stem(transcript: Transcript) -> str:
    """The name of the show's file without its ending."""
    return PurePath(transcript.name).stem or "transcript"


def _written(write: Callable[[Run, Transcript], bytes], scope: Scope, transcript: Transcript) -> bytes:
    if scope.left_out:
        note = f"Only what was chosen is in this file: {scope.left_out}."
        transcript = replace(transcript, notes=(*transcript.notes, note))
    return write(scope.narrowed, transcript)
