"""Text without a time on every turn: `Name:` paragraphs, plain prose, Markdown."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from soniclayer.errors import TranscriptError
from soniclayer.transcript import speakers
from soniclayer.transcript.formats import stamped
from soniclayer.transcript.formats.fields import cue_of
from soniclayer.transcript.formats.stamps import find_stamps, inline_stamps
from soniclayer.transcript.model import Cue
from soniclayer.transcript.reading import Reading
from soniclayer.transcript.speakers import is_generic, is_name, plausible, proper
from soniclayer.transcript.text import count, line_numbers, one_line, plain, unescape

_BOLD = re.compile(r"(\*\*|__|`)(?=\S)([^*`\n]{1,200}?)(?<=\S)\1")
_BOLD_START = re.compile(r"^[ \t>]{0,8}(?:\*\*|__)([^*\n:]{1,60}?)(?:\*\*|__)(?!\s{0,3}[:\[(\d])[ \t]{0,8}", re.M)
_BOLD_LABEL = re.compile(r"(?<![^\])\s>])(?:\*\*|__)([^*\n:]{1,60}?)(?:[ ]?:(?:\*\*|__)|(?:\*\*|__)[ ]?:)")
_FRONT_MATTER = re.compile(r"---\n(|.*?\n)---[^\n]*\n?", re.S)
_HEADING = re.compile(r"^[ ]{0,3}#{1,6}[ \t]{1,9}(.*)$", re.M)
_YAML = re.compile(r"\s*(?:transcript:\s*\n\s*)?- ['\"]?(?:speaker|start|time|text|who|line)['\"]?: ", re.I)
_EMPHASIS = re.compile(
    r"(?:\*\*|__)(?=\S)[^*\n]{1,200}?(?<=\S)(?:\*\*|__)|^[ \t>]{0,8}([*_])[^*_\n:]{1,60}:\1(?=\s)", re.M
)
_NAME_HEADING = re.compile(r"^[ ]{0,3}#{1,6}[ \t]{1,9}([^\n:]{1,60}?):?[ \t]{0,9}$", re.M)
_LINK = re.compile(r"!?\[([^\[\]\n]{1,300})\]\([^()\n]{1,600}\)")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!<>~-])")
_BULLET = re.compile(r"^[ \t]{0,8}(?:[-*+•–]|\d{1,4}[.)])[ \t]{1,4}(?=\S)", re.M)
_ITALIC = re.compile(r"([*_])(?<![\w*_].)(?=[^\s*_])([^*_\n]{1,300}?)(?<=\S)\1(?![\w*_])")
_LAYOUT = re.compile(r"^[ ]{0,3}>(?:[ \t]?(?=\S)|[ \t]{0,9}$)|</?(?:small|su[bp]|mark)>", re.M)  # quoted, or small
_KEY = re.compile(r"([ ]*)(- )?([A-Za-z_][\w-]{0,30}):(?:[ ]+(.*))?$")  # of YAML


def read_text(text: str) -> Reading:
    """Stamped text where it is stamped, else every line as a cue without times."""
    if _YAML.match(text) and (spoken := _spoken_lines(f"transcript:\n{text}")):
        return Reading("YAML", spoken, labelled=any(cue.speaker for cue in spoken))
    text = _without_bullets(unescape(text))
    if reading := stamped.read_stamped(text):
        return reading
    notes: list[str] = []
    lines = _spoken(plain(text).split("\n"), notes)
    if cues := speakers.names_on_lines(lines):
        return Reading("Plain text", cues, notes, timed=False, labelled=True)
    reading = read_plain("\n".join(lines))
    reading.notes[:0] = notes
    reading.names = speakers.find_names([cue.text for cue in reading.cues], timed=False)
    if not reading.names:
        reading.cues, reading.names = speakers.with_colons(reading.cues)
    return reading


def _without_bullets(text: str) -> str:
    """The text without the marks of a list, if most lines are items and most items begin with a name or time."""
    lines = [line for line in text.split("\n") if line.strip()]
    items = [line[match.end() :] for line in lines if (match := _BULLET.match(line))]
    spoken = sum(1 for item in items if any(inline_stamps(item[:40])) or speakers.label(item) or item[:1] in "([")
    return _BULLET.sub("", text) if len(items) * 5 >= len(lines) * 3 and spoken * 5 >= len(items) * 3 > 3 else text


def _spoken(lines: list[str], notes: list[str]) -> list[str]:
    """The lines without what a tool says about its own work, and without the heading of a meeting."""
    begin = next((number for number, line in enumerate(lines[:50], 1) if stamped.is_document_heading(line)), 0)
    if begin and set(map(speakers.labelled, lines[:begin])) & set(map(speakers.labelled, lines[begin:])) - {""}:
        begin = 0  # somebody speaks above and below: "Transcript" was said
    gone = {*range(begin), *stamped.service_lines(lines)}
    if left_out := [number + 1 for number in sorted(gone) if lines[number].strip()]:
        notes.append(f"Heading and messages of the transcription tool left out: {line_numbers(left_out)}.")
    return [line for number, line in enumerate(lines) if number not in gone] if gone else lines


def read_timed(text: str) -> Reading:
    """Stamped text."""
    if reading := stamped.read_stamped(text):
        return reading
    raise TranscriptError("The lines of this text do not begin with times such as [00:12] or Name 0:12.")


def read_plain(text: str) -> Reading:
    """Every line a cue; times in square brackets inside the text place what follows them."""
    cues = [Cue(None, None, line) for line in text.split("\n") if line.strip()]
    times = [time for _, _, time in inline_stamps(text)]
    if len(times) >= 2 and stamped.forward(times):
        cues = [part for cue in cues for part in stamped.split_inline(cue)]
    return Reading("Plain text", cues, timed=False)


def is_markdown(text: str) -> bool:
    """Front matter, or bold names, or several headings; a chat has all of that too."""
    if any(map(stamped.is_chat, text[:4096].split("\n")[:20])):
        return False
    emphasis = len(_EMPHASIS.findall(text, 0, 65_536)) if "*" in text or "_" in text else 0
    return text.startswith("---\n") or emphasis >= 2 or ("#" in text and len(_HEADING.findall(text)) >= 2)


def read_markdown(text: str) -> Reading:
    """Markdown with its marks taken off, read as text; front matter and headings are not speech."""
    match = _FRONT_MATTER.match(text)
    front, body = (match[1], text[match.end() :]) if match else ("", text)
    notes = []
    if front:
        notes.append(f"The page's settings at the top ({count(front.count(chr(10)), 'line')} of YAML) left out.")
    if spoken := _spoken_lines(front):
        if body.strip():
            below = count(len(body.split()), "word")
            notes.append(f"The transcript is in the page's settings; {below} below left out.")
        return Reading("Markdown", spoken, notes, labelled=any(cue.speaker for cue in spoken))
    body = _names_in_headings(body)
    if headings := [heading for heading in _HEADING.findall(body) if not _has_time(heading)]:
        notes.append(f"{count(len(headings), 'heading')} left out, the first is “{headings[0].strip()[:60]}”.")
    reading = read_text(_without_marks(body))
    reading.names = _bold_names(body) or reading.names
    reading.notes[:0] = notes
    if reading.format != "Chat log":
        reading.format = "Markdown"
    return reading


@lru_cache(1024)
def _has_time(heading: str) -> bool:
    return any(find_stamps([heading]))


def _names_in_headings(text: str) -> str:
    """The text with headings that are somebody's name, and come again, as the names of who speaks below them."""
    headings = Counter(match[1].strip("* ") for match in _NAME_HEADING.finditer(text))
    names = {name for name, times in headings.items() if is_name(name) and (times > 1 or is_generic(name))}
    return _NAME_HEADING.sub(
        lambda match: f"**{name}:**" if (name := match[1].strip("* ")) in names else match[0], text
    )


def _bold_names(text: str) -> frozenset[str] | None:
    """The names in bold labels, if there are at least three labels."""
    labels = list(map(one_line, _BOLD_LABEL.findall(text)))
    names = frozenset(name for name in labels if plausible(name) and (proper(name) or labels.count(name) > 1))
    return names if len(labels) >= 3 else None


def _without_marks(text: str) -> str:
    text = _LAYOUT.sub("", text)
    text = _HEADING.sub(lambda match: match[1] if _has_time(match[1].replace("*", "")) else "", text)
    names = Counter(match[1].strip() for match in _BOLD_START.finditer(text))
    regular = {name for name, times in names.items() if times >= 3 and is_name(name)}
    text = _BOLD_START.sub(lambda match: f"{match[1]}: " if match[1].strip() in regular else match[0], text)
    text = _ITALIC.sub(r"\2", _LINK.sub(r"\1", _BOLD.sub(r"\2", text)))
    return _ESCAPE.sub(r"\1", text)


def _spoken_lines(front: str) -> list[Cue]:
    """The cues of a `transcript:` list, whose items have a text and perhaps a time and a speaker; keys as in JSON."""
    items: list[dict[str, str]] = []
    key, inside = "", False
    for line in front.split("\n"):
        match = _KEY.match(line)
        if match and not match[1] and not match[2]:
            inside = match[3] == "transcript"
        elif match and inside:
            if match[2] or not items:
                items.append({})
            key = match[3]
            items[-1][key] = (match[4] or "").strip()
        elif inside and items and line.strip():
            items[-1][key] += " " + line.strip()
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
