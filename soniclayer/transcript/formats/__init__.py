"""Text -> Reading: the table of formats, in the order in which they are tried.

To add a format:
1. Write a module here with `read_x(text) -> Reading` and `is_x(text) -> bool`. `read_x` raises TranscriptError,
   naming line and remedy, where the text is not what it was taken for. `is_x` looks at the beginning, and is strict:
   what it takes, no later row gets.
2. Say in `Reading` what the format knows: whether its speakers are found (`labelled`), whether it has times
   (`timed`). Times are integer milliseconds; decoding, speakers in `Name:` form, overlaps and the import report come
   afterwards, in `assemble`.
3. Put a row into FORMATS, before every row that would take its files too.
4. Put a small file into tests/data/transcripts and what is expected of it into its test.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from soniclayer.transcript.formats.captions import is_srt, read_srt, read_vtt
from soniclayer.transcript.formats.json_reader import read_json
from soniclayer.transcript.formats.markup import is_html, read_html
from soniclayer.transcript.formats.prose import is_markdown, read_markdown, read_plain, read_text, read_timed
from soniclayer.transcript.formats.subtitles import is_ass, is_lrc, is_sbv, read_ass, read_lrc, read_sbv
from soniclayer.transcript.formats.tables import is_table, read_table
from soniclayer.transcript.formats.xml_files import is_xml, read_xml

if TYPE_CHECKING:
    from collections.abc import Callable

    from soniclayer.transcript.reading import Reading


@dataclass(frozen=True, slots=True)
class Format:
    """One format of text files.

    Attributes:
        name: as the import report and the choice of formats show it.
        detect: whether a text, which is not blank, looks like it.
        read: the cues. Raises TranscriptError.
    """

    name: str
    detect: Callable[[str], bool]
    read: Callable[[str], Reading]


# An array or object; `[00:12]` and `[Music]` are text.
_JSON_START = re.compile(r'\s*(?:\{\s*(?:"|\}|$)|\[\s*(?:[\[{"\]]|$))')


def _is_vtt(text: str) -> bool:
    return text.lstrip()[:6] == "WEBVTT"


def _is_json(text: str) -> bool:
    return _JSON_START.match(text) is not None


def _begins_with_tag(found: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda text: text.lstrip()[:1] == "<" and found(text)


def _never(text: str) -> bool:
    return False


FORMATS: tuple[Format, ...] = (
    Format("WebVTT", _is_vtt, read_vtt),
    Format("JSON", _is_json, read_json),
    Format("HTML", _begins_with_tag(is_html), read_html),
    Format("XML", _begins_with_tag(is_xml), read_xml),
    Format("ASS/SSA", is_ass, read_ass),
    Format("SubRip (SRT)", is_srt, read_srt),
    Format("SBV", is_sbv, read_sbv),
    Format("Table (CSV, TSV)", is_table, read_table),
    Format("LRC", is_lrc, read_lrc),
    Format("Markdown", is_markdown, read_markdown),
    Format("Timed text", _never, read_timed),  # only by choice: `TEXT` takes stamped text as well as any other
    Format("Plain text", _never, read_plain),
)
"""The first whose `detect` says yes reads the text."""

TEXT = Format("Text", lambda text: True, read_text)
"""What reads a text that is none of FORMATS."""


def detect(text: str) -> Format:
    """The format that a text, which is not blank, looks like."""
    return next((format for format in FORMATS if format.detect(text)), TEXT)
