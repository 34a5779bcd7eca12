"""How scores, sizes and foreign text look on the page."""

from __future__ import annotations

import re
from datetime import timedelta, timezone
from itertools import groupby
from typing import TYPE_CHECKING, Literal, NamedTuple

import streamlit as st

from soniclayer.insights.looks import CALLS, HUES, WORDS
from soniclayer.phrasing import day

if TYPE_CHECKING:
    from collections.abc import Iterable

Color = Literal["orange", "gray", "blue"]


class ScoreLook(NamedTuple):
    """How one score is shown: by its number, a word, an icon and a colour from orange to blue.

    light, dark: its hue on a chart in either theme.
    """

    word: str
    color: Color
    icon: str
    light: str
    dark: str


_FACES: dict[int, tuple[Color, str]] = {
    1: ("orange", ":material/sentiment_extremely_dissatisfied:"),
    2: ("orange", ":material/sentiment_dissatisfied:"),
    3: ("gray", ":material/sentiment_neutral:"),
    4: ("blue", ":material/sentiment_satisfied:"),
    5: ("blue", ":material/sentiment_very_satisfied:"),
}
SCORES = {score: ScoreLook(WORDS[score], *face, *HUES[CALLS[score]]) for score, face in _FACES.items()}

THEIRS = ":material/person:"
"""Stands in place of a face where a person gives the score."""

_ACTIVE = re.compile(
    r"""[\\`*\[\]<>$~|&{]            # always means something to Markdown
    | (?<![^\W_])_ | _(?![^\W_])      # underscores do, but not inside a_word
    | :(?=\S|$)                       # :red[...], ::leaf, and before a directive of our own
    | ^[-+=#>]                        # headings, lists and quotes at the start of a line
    """,
    re.VERBOSE,
)
_NUMBER = re.compile(r"^(\d{1,9})([.)])(?!\S)")  # a numbered list at the start of a line

# The page turns these into links, pictures and arrows after Markdown has taken the backslashes away.
_MAGIC = re.compile(
    r"""(?<=:)(?=//)                            # http://…
    | (?<=www)(?=\.)                            # www.…
    | (?<=[\w.+-]@)(?=[\w-])                    # somebody@…
    | (?<=:)(?=[\w+-]+: | material[/_])         # :smile:, :material/home:
    | (?<=(?<!\S)[<>~-])(?=(?:-?>|-|=)(?!\S))   # an arrow, a dash or a comparison between blanks
    """,
    re.VERBOSE | re.IGNORECASE,
)
_JOINER = "\N{WORD JOINER}"  # has no width and allows no line break


def escape(text: str) -> str:
    """Foreign text as Markdown that shows it as it is, on one line; plain sentences stay as they are.

    Web and mail addresses, :names: and arrows are shown with an invisible character inside, so that the page
    makes no link, picture or sign of them.
    """
    line = " ".join(text.replace("\N{ZERO WIDTH NO-BREAK SPACE}", "").split())  # a blank to Markdown, but not to see
    inert = _MAGIC.sub(_JOINER, line)
    return _NUMBER.sub(r"\1\\\2", _ACTIVE.sub(r"\\\g<0>", inert))


def highlight(text: str, quotes: Iterable[str]) -> str:
    """Foreign text as Markdown, escaped, with every one of its parts that is quoted on a tinted ground."""
    line = " ".join(text.split())
    marked = [False] * len(line)
    for quote in quotes:
        wanted = " ".join(quote.split())
        start = line.find(wanted) if wanted else -1
        if start >= 0:
            marked[start : start + len(wanted)] = [True] * len(wanted)
    parts = []
    for is_marked, positions in groupby(range(len(line)), key=marked.__getitem__):
        places = list(positions)
        part = line[places[0] : places[-1] + 1]
        words = escape(part)
        before, after = part[: len(part) - len(part.lstrip())], part[len(part.rstrip()) :] if words else ""
        parts.append(f"{before}:violet-background[{words}]{after}" if is_marked else f"{before}{words}{after}")
    return "".join(parts)


def date(at: float) -> str:
    """A time in seconds since 1970 as a day where the browser is: "28 Nov 2026"."""
    offset = st.context.timezone_offset  # minutes to add for UTC; None outside a browser
    return day(at, timezone(timedelta(minutes=-(offset or 0))))


def size(count: int) -> str:
    """Bytes as kB or MB."""
    return f"{count / 1e3:,.0f} kB" if count < 1e6 else f"{count / 1e6:,.1f} MB"
