"""Results -> files, as bytes: one module per kind, and the table of them.

To add one: a module with a function (run, transcript) -> bytes, and one row here. The page's buttons and the command
line's --output go by the row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from soniclayer.run import Run
    from soniclayer.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Export:
    """One kind of file the results go out as.

    Attributes:
        label: its name on the page.
        mime: its media type.
        write: the file's bytes.
    """

    label: str
    mime: str
    write: Callable[[Run, Transcript], bytes]


def _json(run: Run, transcript: Transcript) -> bytes:
    from soniclayer.exports.json_file import to_json

    return to_json(run, transcript)


def _csv(run: Run, transcript: Transcript) -> bytes:
    from soniclayer.exports.csv_file import to_csv  # brings pandas

    return to_csv(run, transcript)


EXPORTS = {
    ".json": Export("JSON", "application/json", _json),
    ".csv": Export("CSV", "text/csv", _csv),
}
"""By the ending of the file's name."""
