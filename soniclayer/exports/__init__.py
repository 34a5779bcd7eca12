"""Results -> files, as bytes: one module per kind, and the table of them.

To add one: a module with a function (insight, transcript) -> bytes, and one row here. The page's buttons and the
command line's --output, --report and --markers go by the row. Whatever is left out by the choice of personas and
filters is left out of the file, and the file says so: `scope.left_out` of the insight has the words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from soniclayer.insights.verdict import Insight
    from soniclayer.transcript import Transcript

Role = Literal["report", "results", "markers"]


@dataclass(frozen=True, slots=True)
class Export:
    """One kind of file the results go out as.

    Attributes:
        label: its name on the page.
        mime: its media type.
        write: the file's bytes.
        role: what it is for: a report to read, results to compute with, or markers for an editor.
    """

    label: str
    mime: str
    write: Callable[[Insight, Transcript], bytes]
    role: Role = "results"


# Each row imports its module when it is used: the command line need not wait for Jinja2 to write JSON.


def _html(insight: Insight, transcript: Transcript) -> bytes:
    from soniclayer.exports.html_file import to_html

    return to_html(insight, transcript)


def _markdown(insight: Insight, transcript: Transcript) -> bytes:
    from soniclayer.exports.markdown_file import to_markdown

    return to_markdown(insight, transcript)


def _json(insight: Insight, transcript: Transcript) -> bytes:
    from soniclayer.exports.json_file import to_json

    return to_json(insight, transcript)


def _csv(insight: Insight, transcript: Transcript) -> bytes:
    from soniclayer.exports.csv_file import to_csv

    return to_csv(insight, transcript)


def _xlsx(insight: Insight, transcript: Transcript) -> bytes:
    from soniclayer.exports.xlsx_file import to_xlsx

    return to_xlsx(insight, transcript)


def _vtt(insight: Insight, transcript: Transcript) -> bytes:
    from soniclayer.exports.vtt_file import to_vtt

    return to_vtt(insight, transcript)


def _audacity(insight: Insight, transcript: Transcript) -> bytes:
    from soniclayer.exports.audacity_file import to_labels

    return to_labels(insight, transcript)


def _reaper(insight: Insight, transcript: Transcript) -> bytes:
    from soniclayer.exports.reaper_file import to_regions

    return to_regions(insight, transcript)


def _premiere(insight: Insight, transcript: Transcript) -> bytes:
    from soniclayer.exports.premiere_file import to_markers

    return to_markers(insight, transcript)


def _chapters(insight: Insight, transcript: Transcript) -> bytes:
    from soniclayer.exports.chapters_file import to_chapters

    return to_chapters(insight, transcript)


def _edl(insight: Insight, transcript: Transcript) -> bytes:
    from soniclayer.exports.edl_file import to_edl

    return to_edl(insight, transcript)


_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

EXPORTS = {
    ".html": Export("Report (HTML)", "text/html", _html, "report"),
    ".md": Export("Report (Markdown)", "text/markdown", _markdown, "report"),
    ".xlsx": Export("Excel", _XLSX, _xlsx),
    ".csv": Export("CSV", "text/csv", _csv),
    ".json": Export("JSON", "application/json", _json),
    ".vtt": Export("WebVTT with scores", "text/vtt", _vtt),
    ".txt": Export("Audacity labels", "text/plain", _audacity, "markers"),
    ".reaper.csv": Export("Reaper regions", "text/csv", _reaper, "markers"),
    ".premiere.csv": Export("Premiere markers", "text/csv", _premiere, "markers"),
    ".edl": Export("Clips as EDL", "text/plain", _edl, "markers"),
    ".chapters.json": Export("Podcast chapters", "application/json+chapters", _chapters, "markers"),
}
"""By the ending of the file's name; of two that fit the longer one counts."""


def ending_of(name: str, role: Role | None = None) -> str:
    """The key of `EXPORTS` that a file name ends with, in upper or lower case, or "" where there is none.

    role: only rows of this role.
    """
    low = name.lower()
    endings = [ending for ending, row in EXPORTS.items() if low.endswith(ending)]
    longest = max(endings, key=len, default="")
    return longest if longest and role in (None, EXPORTS[longest].role) else ""


def endings(role: Role | None = None) -> str:
    """Those of a role, for messages: ".html or .md"."""
    names = [ending for ending, row in EXPORTS.items() if role in (None, row.role)]
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))
