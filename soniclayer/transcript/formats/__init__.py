"""Text -> Reading: the table of formats, in the order in which they are tried.

To add a format:
1. Write a module here with `read_x(text) -> Reading` and `is_x(text) -> bool`, or a pattern in its place. The errors
   of `read_x` name line and remedy. `is_x` looks at the beginning, and is strict: what it takes, no later row gets.
2. Say in `Reading` what the format knows: whether its speakers are found (`labelled`), whether it has times
   (`timed`). Times are integer milliseconds; decoding, speakers in `Name:` form, overlaps and the import report come
   afterwards, in `assemble`.
3. Put a row into FORMATS, before every row that would take its files too.
4. Put a small file into tests/data/kinds, and a row with what is right into KINDS.tsv beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from soniclayer.transcript.formats import captions, corpora, json_reader, markup, prose, subtitles, tables
from soniclayer.transcript.formats import xml_files as xml

if TYPE_CHECKING:
    from collections.abc import Callable

    from soniclayer.transcript.reading import Reading


@dataclass(frozen=True, slots=True)
class Format:
    """One format of text files.

    Attributes:
        name: as the import report and the choice of formats show it.
        detect: whether a text, which is not blank, looks like it: true or false in any form.
        read: the cues. Raises TranscriptError where there are none, or the text is not what it was taken for.
    """

    name: str
    detect: Callable[[str], object]
    read: Callable[[str], Reading]


# An array or object; `[00:12]` and `[Music]` are text.
_JSON_START = re.compile(r'\s*(?:\{\s*(?:"|\}|$)|\[\s*(?:[\[{"\]]|$))')


FORMATS: tuple[Format, ...] = (
    Format("WebVTT", lambda text: text.lstrip()[:6] == "WEBVTT", captions.read_vtt),
    Format("JSON", _JSON_START.match, json_reader.read_json),
    Format("SAMI", subtitles.is_sami, subtitles.read_sami),
    Format("HTML", markup.PAGE.match, markup.read_html),
    Format("XML", xml.is_xml, xml.read_xml),
    Format("ASS/SSA", subtitles.ASS_START.match, subtitles.read_ass),
    Format("SubRip (SRT)", captions.is_srt, captions.read_srt),
    Format("SBV", subtitles.is_sbv, subtitles.read_sbv),
    Format("MicroDVD, MPL2", lambda text: corpora.regular(subtitles.FRAMES, text), subtitles.read_microdvd),
    Format("STM, CTM, TextGrid, CHAT", corpora.kind_of, corpora.read_corpus),
    Format("Table (CSV, TSV)", tables.is_table, tables.read_table),
    Format("LRC", subtitles.is_lrc, subtitles.read_lrc),
    Format("Markdown", prose.is_markdown, prose.read_markdown),
    # Only by choice: `TEXT` takes stamped text as well as any other.
    Format("Timed text", lambda text: False, prose.read_timed),
    Format("Plain text", lambda text: False, prose.read_plain),
)
"""The first whose `detect` says yes reads the text."""

TEXT = Format("Text", lambda text: True, prose.read_text)
"""What reads a text that is none of FORMATS."""


def detect(text: str) -> Format:
    """The format that a text, which is not blank, looks like."""
    return next((format for format in FORMATS if format.detect(text)), TEXT)
