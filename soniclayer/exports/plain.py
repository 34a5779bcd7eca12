"""Foreign text as any file can carry it: nothing in it acts on a terminal, a reader or the text around it."""

from __future__ import annotations

import re

from soniclayer.phrasing import ACTIVE, excerpt

_SURROGATE = re.compile("[\ud800-\udfff]")
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # the last four are their wide forms


def plain(text: str, most: int = 0) -> str:
    """The text on one line without characters that act.

    most: letters to keep, cut between two words; 0 keeps all. A very long word is cut inside.
    """
    line = " ".join(_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", ACTIVE.sub("", text)).split())
    short = excerpt(line, most) if most else line
    return short if short == line or len(short) > most // 2 else f"{line[: most - 1]}…"


def harmless(text: str) -> str:
    """The text as a spreadsheet takes it for text, never for a formula: on one line, with an apostrophe before it."""
    line = plain(text)
    return f"'{line}" if line.startswith(_FORMULA) else line


def said(left_out: str) -> str:
    """What a file says where personas or segments were left out, or ""."""
    return f"Only what was chosen is in this file: {left_out}." if left_out else ""
