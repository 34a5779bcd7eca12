"""What looks like markup among the words: the sign that a file was read as something that it is not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soniclayer.transcript.model import Cue

# What a line looks like, how it is called, and the formats in which that is no text.
_SIGNS = (
    (
        "times",
        r"\d{1,3}:\d\d(?::\d\d|[.,]\d{1,3})|^\W{0,3}\d{1,3}:\d\d\b|\d\s?s?\s?--?>\s?\d",
        "Timed text, Table (CSV, TSV), SRT",
    ),
    ("braces and keys", r"[{}]|^\s{0,9}\"\w{1,40}\"\s?:|\[\d{1,9}\]\[", "JSON, MicroDVD, ASS/SSA"),
    (
        "tags",
        r"</?[a-zA-Z][\w.:-]{0,20}(?:\s[^<>]{0,200})?/?>|&(?:amp|lt|gt|nbsp|quot|#\d{1,5});",
        "WebVTT, HTML, XML",
    ),
    ("columns", r"[^|]\|[^|]+\||\t[^\t]+\t|(?:;[^;]{0,80}){3}", "Table (CSV, TSV)"),
    ("identifiers", r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}|\b[0-9a-f]{16,64}\b|\b\d{12,20}\b", "JSON, WebVTT"),
    ("marks of Markdown", r"^\s{0,3}(?:```|#{1,6} |\*\*)|\*\*[^*]{1,60}\*\*", "Markdown"),
)
_PATTERNS = tuple((what, re.compile(pattern), formats) for what, pattern, formats in _SIGNS)
_NOTHING = re.compile(r"[^:;<>{}\[|\t&#*`0-9]*+")
_SAMPLE = 200
_SHARE = 0.25


def suspicions(cues: Sequence[Cue]) -> list[str]:
    """One sentence for the import report if a quarter of the cues hold the same kind of markup; else nothing."""
    texts = [cue.text[:400] for cue in cues[:: max(1, len(cues) // _SAMPLE)]]
    odd = [text for text in texts if _NOTHING.fullmatch(text) is None]
    best, likely, found = "", "", [""]
    for what, pattern, formats in _PATTERNS:
        matching = [text for text in odd if pattern.search(text)]
        if len(matching) > len(found):
            best, likely, found = what, formats, matching
    if len(found) < max(2, _SHARE * len(texts)):
        return []
    share = f"{len(found)} of {len(texts)} lines"
    return [f"{share} hold what looks like {best}, such as “{found[0][:60]}”: read as one of {likely} instead?"]
