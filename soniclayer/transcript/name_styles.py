"""Names that stand before the words without a colon: `[ADA] text`, `Ada – text`, or alone on the line above.

Each becomes `Name: text`, in files where that is how most lines begin; elsewhere brackets and dashes are text.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from soniclayer.transcript.model import Cue
from soniclayer.transcript.speakers import is_generic, is_name, plausible, proper
from soniclayer.transcript.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

# With each: whether every line of a cue can begin so, or only the cue.
_STYLES = (
    (re.compile(r"^\s{0,8}[\[(<](?:>>\s?)?([^\[\]()<>\n:]{1,60})[\])>]\s{0,3}[:–—-]?[^\S\n]{0,8}(?=\S)", re.M), True),
    (re.compile(r"^\s{0,8}([^\W\d_][^\n:–—|>]{0,58}?)(?:[ ]{1,3}(?:[–—|>]|--?)|—|–)[ ]{1,8}(?=\S)", re.M), True),
    (re.compile(r"^\s{0,8}([QA])\.[ ]{1,8}(?=\S)", re.M), True),
    (re.compile(r"^\s{0,8}([^\W\d_][^\n:]{0,58})\n(?=\S)"), False),
)
_SAMPLE = 200  # how a text is written shows in its first lines
_SOUNDS = re.compile(
    r".{0,20}(?:music|applau|laugh|cheer|sigh|gasp|cough|noise|silence|audible|crosstalk|clap|song|sing|bell|phone|door"
    r"|beep|bleep|foreign|musik|musique|rires|gelächter|chuckl|cries|crying|scream|whisper|shout|groan|sound|speaking)",
    re.I,
)
_CONTINUED = re.compile(r"\s?\((?:cont'?d|continued|v\.?o\.?|o\.?s\.?|on phone)\.?\)", re.I)


def with_colons(cues: Sequence[Cue]) -> tuple[list[Cue], frozenset[str]]:
    """The cues with their names in the form `Name: text`, and the names; unchanged, and none, if that is no style."""
    first = cues[:_SAMPLE]
    for pattern, by_line in _STYLES:
        begun = ((pattern.search if "\n" in cue.text else pattern.match)(cue.text) for cue in first)
        if sum(map(bool, begun)) * 5 < len(first):
            continue
        found = [name for cue in cues for match in pattern.finditer(cue.text) if (name := _name(match))]
        names = frozenset(found)
        size = sum(1 for cue in cues for line in cue.text.split("\n") if line.strip()) if by_line else len(cues)
        if len(found) * 2 >= size and (len(names) * 3 <= len(found) * 2 or all(map(is_generic, names))):
            return [replace(cue, text=pattern.sub(_with_colon, cue.text)) for cue in cues], names
    return list(cues), frozenset()


def _name(match: re.Match[str]) -> str:
    name = one_line(match[1])
    return name if name and plausible(name) and proper(name) and not _SOUNDS.match(name) else ""


def _with_colon(match: re.Match[str]) -> str:
    return f"{name}: " if (name := _name(match)) else match[0]


def names_on_lines(lines: Sequence[str]) -> list[Cue]:
    """The turns of a text in which names stand alone on the line above what they say; empty if it is no such text."""
    said = [line.strip() for line in lines if line.strip()]
    first = said[:_SAMPLE]
    if sum(1 for line in first if _alone(line)) * 8 < len(first):
        return []
    alone = list(map(_alone, said))
    places = {i: name for i, name in enumerate(alone[:-1]) if name and not alone[i + 1]}
    counts = Counter(places.values())
    names = {name for name, times in counts.items() if times >= 2 or is_generic(name)}
    often = sum(counts[name] for name in names)
    if len(names) < 2 or often * 4 < len(said) or often * 2 < len(places):
        return []
    capitals = next(iter(names)).isupper()  # where names are written so, one that speaks only once is too
    cues, speaker = [], ""
    for i, line in enumerate(said):
        if i in places and (places[i] in names or places[i].isupper() == capitals):
            speaker = places[i]
        else:
            cues.append(Cue(None, None, line, speaker))
    return cues


def _alone(line: str) -> str:
    """The name that a line is, or ""."""
    if len(line) >= 99:
        return ""
    name = (_CONTINUED.sub("", one_line(line)) if "(" in line else one_line(line)).strip("[] :")
    return name if is_name(name) and not _SOUNDS.match(name) else ""
