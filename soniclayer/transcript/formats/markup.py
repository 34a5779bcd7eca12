"""HTML: Podcasting 2.0 transcripts (`<cite>`, `<time>`, `<p>`), and pages whose lines are a transcript."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from soniclayer.errors import TranscriptError
from soniclayer.transcript.formats.prose import read_text
from soniclayer.transcript.formats.stamped import split_inline
from soniclayer.transcript.model import Cue
from soniclayer.transcript.reading import Reading
from soniclayer.transcript.speakers import find_names
from soniclayer.transcript.text import count, one_line, unescape
from soniclayer.transcript.times import clock_to_ms

if TYPE_CHECKING:
    from collections.abc import Iterator

_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]*+)(?:(?:[^<>\"']++|\"[^\"<>]*+\"|'[^'<>]*+')*+|[^<>]*+)>")
PAGE = re.compile(  # how a page begins, or the elements of a Podcasting 2.0 transcript
    r"\s{0,4000}<(?:!doctype html|html|head|body|!-- saved from"
    r"|(?:cite|p|div|time|section|article|main|h[1-6]|ul|ol|table)[\s>])",
    re.I,
)
_ESCAPED = re.compile(r"\\([\[\]()*_])")  # a page that was Markdown once
_HIDDEN = frozenset(["script", "style", "head", "template", "noscript", "svg", "title"])
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_BLOCK_NAMES = """
p div li tr td th br section article blockquote ul ol table body html header footer nav aside main dt dd dl pre hr
"""
_MEANT = _HEADINGS | {"cite", "time"}  # what they hold is no speech
_BLOCKS = _HEADINGS | frozenset(_BLOCK_NAMES.split())


def tokens(text: str) -> Iterator[tuple[str, str]]:
    """("<p", "") and (">p", "") for tags, without attributes; ("", text) between them; no comments, no scripts.

    Walks once over the text: nothing is looked at twice, however broken the markup is.
    """
    position, size = 0, len(text)
    unclosed: set[str] = set()  # ends that do not occur any more, so as not to look for them again
    while position < size:
        begin = text.find("<", position)
        if begin < 0:
            yield "", text[position:]
            return
        if begin > position:
            yield "", text[position:begin]
        if text.startswith("<!", begin) or text.startswith("<?", begin):
            opening, closing = ("<!--", "-->") if text.startswith("<!--", begin) else ("<!", ">")
            position = _after(text, closing, begin + len(opening), unclosed)
            continue
        if not (tag := _TAG.match(text, begin)):
            yield "", "<"
            position = begin + 1
            continue
        name, position = tag[2].lower(), tag.end()
        yield (">" if tag[1] else "<") + name, ""
        if name in ("script", "style") and not tag[1]:
            position = _after(text, f"</{name}", position, unclosed, keep=True)


def _after(text: str, closing: str, position: int, unclosed: set[str], *, keep: bool = False) -> int:
    end = -1 if closing in unclosed else text.find(closing, position)
    if end < 0:
        unclosed.add(closing)
        return position
    return end if keep else end + len(closing)


def read_html(text: str) -> Reading:
    """A transcript in HTML."""
    marks = list(tokens(text))
    names = {mark for mark, _ in marks}
    if "<cite" in names or "<time" in names:
        return _podcasting(marks)
    reading = read_text(_lines(marks))
    spoken = reading.timed or find_names([cue.text for cue in reading.cues], timed=False)
    if not spoken and names & {"<nav", "<script", "<form", "<iframe", "<button"}:
        raise TranscriptError(
            "This is a web page in which no transcript can be told from the rest. "
            "Copy the text of the transcript and paste it, or upload it as TXT, SRT or VTT."
        )
    reading.format = "HTML"
    return reading


def _lines(marks: list[tuple[str, str]]) -> str:
    """The text of a page, one line per block element."""
    pieces, hidden = [], ""
    for mark, text in marks:
        if hidden:
            hidden = "" if mark == ">" + hidden else hidden
        elif mark[1:] in _HIDDEN and mark[:1] == "<":
            hidden = mark[1:]
        elif mark[1:] in _BLOCKS:
            pieces.append("\n")
        else:
            pieces.append(text.replace("\n", " "))
    return unescape("".join(pieces))


def _podcasting(marks: list[tuple[str, str]]) -> Reading:
    cues: list[Cue] = []
    headings: list[str] = []
    speaker, start = "", None
    for kind, text in _paragraphs(marks):
        if kind == "cite":
            speaker = text.rstrip(":： ")
        elif kind == "time":
            start = _time(text)
        elif kind and text:
            headings.append(text)
        elif text:
            cues.append(Cue(start, None, text, speaker))
            start = None
    notes = [f"{count(len(headings), 'heading')} left out, the first is “{headings[0][:60]}”."] if headings else []
    cues = [part for cue in cues for part in split_inline(cue)]
    cues = [replace(cue, text=_ESCAPED.sub(r"\1", cue.text)) if "\\" in cue.text else cue for cue in cues]
    return Reading("Podcasting 2.0 HTML", cues, notes, labelled=any(cue.speaker for cue in cues))


def _paragraphs(marks: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """("cite", …), ("time", …) and ("h1", …) for what those elements hold, ("", …) for every paragraph between."""
    hidden, kind = "", ""
    pieces: list[str] = []
    for mark, text in marks:
        name, opens = mark[1:], mark[:1] == "<"
        if hidden:
            hidden = "" if mark == ">" + hidden else hidden
        elif opens and name in _HIDDEN:
            hidden = name
        elif (opens and name in _MEANT) or (mark == ">" + kind if kind else name in _BLOCKS):
            content = one_line(unescape("".join(pieces)))
            pieces.clear()
            words = kind == "time" and _time(content) is None
            if words and mark == ">time":
                pieces.append(content)  # it stands in the middle of a paragraph
            elif kind or content:
                yield "" if words else kind, content
            kind = name if opens and name in _MEANT else ""
        elif pieces or text.strip():
            pieces.append(text)
    yield "", one_line(unescape("".join(pieces)))


def _time(content: str) -> int | None:
    return clock_to_ms(content.strip("[]() ")) if ":" in content else None
