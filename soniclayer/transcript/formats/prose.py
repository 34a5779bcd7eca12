"""Text without a time on every turn: `Name:` paragraphs, plain prose, Markdown."""

from __future__ import annotations

import re
from collections import Counter

from soniclayer.errors import TranscriptError
from soniclayer.transcript.formats.stamped import forward, inline_times, is_chat, read_stamped, split_inline
from soniclayer.transcript.front_matter import split_front_matter, spoken_lines
from soniclayer.transcript.model import Cue
from soniclayer.transcript.reading import Reading
from soniclayer.transcript.speakers import is_name, plausible, proper
from soniclayer.transcript.text import count, one_line, unescape

_BOLD = re.compile(r"(\*\*|__)(?=\S)([^*\n]{1,200}?)(?<=\S)\1")
_BOLD_START = re.compile(r"^[ \t>]{0,8}(?:\*\*|__)([^*\n:]{1,60}?)(?:\*\*|__)(?!\s{0,3}[:\[(\d])[ \t]{0,8}", re.M)
_BOLD_LABEL = re.compile(
    r"(?:^|[\])\s])[ \t>]{0,8}(?:\*\*|__)(?:([^*\n:]{1,60}?)[ ]?:(?:\*\*|__)|([^*\n:]{1,60}?)(?:\*\*|__)[ ]?:)",
    re.M,
)
_HEADING = re.compile(r"^[ ]{0,3}#{1,6}[ \t]{1,9}(.*)$", re.M)
_LINK = re.compile(r"!?\[([^\[\]\n]{1,300})\]\([^()\n]{1,600}\)")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!<>~-])")
_QUOTE = re.compile(r"^[ ]{0,3}>[ \t]?(?=\S)", re.M)


def read_text(text: str) -> Reading:
    """Stamped text where it is stamped, else every line as a cue without times."""
    text = unescape(text)
    return read_stamped(text) or read_plain(text)


def read_timed(text: str) -> Reading:
    """Stamped text.

    Raises:
        TranscriptError: the lines do not begin with times.
    """
    reading = read_stamped(text)
    if reading is None:
        raise TranscriptError("The lines of this text do not begin with times such as [00:12] or Name 0:12.")
    return reading


def read_plain(text: str) -> Reading:
    """Every line a cue; times in square brackets inside the text place what follows them."""
    cues = [Cue(None, None, line) for line in text.split("\n") if line.strip()]
    times = inline_times(text)
    if len(times) >= 2 and forward(times):
        cues = [part for cue in cues for part in split_inline(cue)]
    return Reading("Plain text", cues, timed=False)


def is_markdown(text: str) -> bool:
    """Front matter, or bold names, or several headings; a chat has all of that too."""
    if any(map(is_chat, text[:4096].split("\n")[:20])):
        return False
    return text.startswith("---\n") or len(_BOLD.findall(text, 0, 65_536)) >= 3 or len(_HEADING.findall(text)) >= 2


def read_markdown(text: str) -> Reading:
    """Markdown with its marks taken off, read as text; front matter and headings are not speech."""
    front, body = split_front_matter(text)
    notes = []
    if front:
        notes.append(f"The page's settings at the top ({count(front.count(chr(10)), 'line')} of YAML) left out.")
    spoken = spoken_lines(front)
    if spoken:
        if body.strip():
            notes.append(
                f"The transcript is in the page's settings; {count(len(body.split()), 'word')} below left out."
            )
        return Reading("Markdown", spoken, notes, labelled=any(cue.speaker for cue in spoken))
    headings = [heading for heading in _HEADING.findall(body) if not inline_times(heading)]
    if headings:
        notes.append(f"{count(len(headings), 'heading')} left out, the first is “{headings[0].strip()[:60]}”.")
    reading = read_text(_without_marks(body))
    reading.names = _bold_names(body)
    reading.notes[:0] = notes
    if reading.format != "Chat log":
        reading.format = "Markdown"
    return reading


def _bold_names(text: str) -> frozenset[str] | None:
    """The names in bold labels, if there are at least three labels."""
    labels = [one_line(match[1] or match[2]) for match in _BOLD_LABEL.finditer(text)]
    names = frozenset(name for name in labels if plausible(name) and (proper(name) or labels.count(name) > 1))
    return names if len(labels) >= 3 else None


def _without_marks(text: str) -> str:
    text = _HEADING.sub(lambda match: match[1] if inline_times(match[1]) else "", text)
    names = Counter(match[1].strip() for match in _BOLD_START.finditer(text))
    regular = {name for name, times in names.items() if times >= 3 and is_name(name)}
    text = _BOLD_START.sub(lambda match: f"{match[1]}: " if match[1].strip() in regular else match[0], text)
    text = _LINK.sub(r"\1", _BOLD.sub(r"\2", text))
    return _ESCAPE.sub(r"\1", _QUOTE.sub("", text))
