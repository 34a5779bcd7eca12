"""YAML front matter of Markdown pages, as far as transcripts need it: where it ends, and the spoken lines in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from soniclayer.transcript.formats.json_rows import cue_of

if TYPE_CHECKING:
    from soniclayer.transcript.model import Cue

_KEY = re.compile(r"([ ]*)(- )?([A-Za-z_][\w-]{0,30}):(?:[ ]+(.*))?$")


def split_front_matter(text: str) -> tuple[str, str]:
    """(front matter, the rest); the front matter is "" where there is none."""
    if not text.startswith("---\n"):
        return "", text
    end = text.find("\n---", 3)
    if end < 0:
        return "", text
    after = text.find("\n", end + 1)
    return text[4 : end + 1], text[after + 1 :] if after >= 0 else ""


def spoken_lines(front: str) -> list[Cue]:
    """The cues of a `transcript:` list, whose items have a text and perhaps a time and a speaker; keys as in JSON."""
    items: list[dict[str, str]] = []
    key, inside = "", False
    for line in front.split("\n"):
        match = _KEY.match(line)
        if match is not None and not match[1] and not match[2]:
            inside = match[3] == "transcript"
            continue
        if not inside:
            continue
        if match is None:
            if items and key and line.strip():
                items[-1][key] += " " + line.strip()
            continue
        if match[2] or not items:
            items.append({})
        key = match[3]
        items[-1][key] = (match[4] or "").strip()
    cues = [cue_of({key: _unquoted(value) for key, value in item.items()}) for item in items]
    return [cue for cue in cues if cue.text]


def _unquoted(value: str) -> str:
    """A YAML scalar; block signs (`>-`, `|`) fall away, quotes are doubled or escaped inside themselves."""
    value = re.sub(r"^[>|][+-]?\s+", "", value)
    if len(value) >= 2 and value[0] == value[-1] == "'":
        return value[1:-1].replace("''", "'")
    if len(value) >= 2 and value[0] == value[-1] == '"':
        return value[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return value
