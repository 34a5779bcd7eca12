"""The results as files; a menu of the header."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from soniclayer.exports import EXPORTS
from soniclayer.insights.verdict import Insight

if TYPE_CHECKING:
    from soniclayer.exports import Export, Role
    from soniclayer.insights.selection import Scope
    from soniclayer.transcript import Transcript

ROLES: dict[Role, str] = {
    "report": "To read and to send",
    "results": "To compute with",
    "markers": "For the editor",
}
"""The parts of the menu."""

_ENDING = re.compile(r"(?:\.[A-Za-z][A-Za-z0-9]{0,7})+$")
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')  # on Windows; elsewhere fewer


def render(scope: Scope, transcript: Transcript) -> None:
    """One button per kind; a file is written when its button is pressed."""
    with st.popover("Export", icon=":material/download:", type="tertiary", key="export"):
        if scope.left_out:
            st.caption(f":material/filter_alt: Only what is chosen goes out: {scope.left_out}.")
        for role, title in ROLES.items():
            st.caption(title)
            with st.container(horizontal=True, gap="xsmall"):
                for ending, kind in EXPORTS.items():
                    if kind.role == role:
                        _button(ending, kind, scope, transcript)


def _button(ending: str, kind: Export, scope: Scope, transcript: Transcript) -> None:
    st.download_button(
        kind.label,
        partial(_written, kind, scope, transcript),
        file_name=f"{stem(transcript)}.soniclayer{ending}",
        mime=kind.mime,
        key=f"download-{ending.removeprefix('.').replace('.', '-')}",
        icon=":material/download:",
        on_click="ignore",
        disabled=not scope.whole.results,
    )


def stem(transcript: Transcript) -> str:
    """The show's name as that of a file, without the ending of the transcript; "The drive, 6.30" has none."""
    name = _ENDING.sub("", _NOT_IN_NAMES.sub("-", transcript.name)).strip(" .")
    return name or "transcript"


def _written(kind: Export, scope: Scope, transcript: Transcript) -> bytes:
    return kind.write(Insight(scope), transcript)  # afresh: a run may have gone on since the page was drawn
