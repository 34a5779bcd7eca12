"""A run as a table, for spreadsheets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from soniclayer.results import to_frame

if TYPE_CHECKING:
    from soniclayer.run import Run
    from soniclayer.transcript import Transcript


def to_csv(run: Run, transcript: Transcript) -> bytes:
    """One line per cell, columns as `results.COLUMNS`, UTF-8 with BOM so that Excel reads it as such.

    Text that a spreadsheet would run as a formula is prefixed with an apostrophe; control characters are left out.
    """
    frame = to_frame(run)
    for column in frame.columns[frame.dtypes == "str"]:
        frame[column] = frame[column].map(_harmless)
    return frame.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def _harmless(text: str) -> str:
    text = _CONTROL.sub("", text)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
