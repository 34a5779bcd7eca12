"""XML without DOCTYPE: TTML, YouTube's srv1 and srv3, Podlove, and elements with times in general."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from soniclayer.errors import TranscriptError
from soniclayer.transcript.formats.fields import cue_of
from soniclayer.transcript.model import Cue
from soniclayer.transcript.reading import Reading
from soniclayer.transcript.text import one_line, plain
from soniclayer.transcript.times import clamp, clock_to_ms, milliseconds
from soniclayer.transcript.words import turns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Element = ElementTree.Element
_FORBIDDEN = re.compile(r"<!\s{0,9}(?:DOCTYPE|ENTITY)", re.I)
_EXTERNAL = re.compile(
    r"<!DOCTYPE\s{1,9}[\w:.-]{1,60}"
    r"(?:\s{1,9}(?:SYSTEM|PUBLIC)(?:\s{1,9}(?:\"[^\"<>]{0,200}\"|'[^'<>]{0,200}')){1,2})?\s{0,9}>"
)
_ROOT = re.compile(r"<(?:\w{1,20}:)?[a-zA-Z]\w{1,40}(?:\s[^<>]{0,2000}|)>\s{0,99}<")
_OFFSET = re.compile(r"\s*(\d{1,12}(?:\.\d{1,9})?)\s*(h|m|s|ms|f|t)?\s*")


def is_xml(text: str) -> bool:
    """Whether the text is declared as XML, or begins and ends with a tag as only XML does."""
    whole = text.strip()
    return whole.startswith(("<?xml", "<!--", "<tt")) or (whole[-1:] == ">" and _ROOT.match(whole) is not None)


def parse_xml(text: str) -> Element:
    """The root element; an error where a document type is declared, which is where entity bombs live."""
    text = _EXTERNAL.sub("", text, count=1)  # names a file that is never fetched
    if _FORBIDDEN.search(text):
        raise TranscriptError(
            "This XML declares a document type or entities, which are not read for safety. "
            "Export the transcript as SRT or VTT instead."
        )
    try:
        return ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        line, _ = error.position
        raise TranscriptError(f"The XML is damaged in line {line}. Export the transcript again.") from error
    except (RecursionError, ValueError) as error:
        raise TranscriptError("The XML cannot be read. Export the transcript again.") from error


def read_xml(text: str) -> Reading:
    """A transcript in XML."""
    root = parse_xml(text)
    name = _name(root)
    if name == "tt":
        return _ttml(root)
    if not (cues := list(_READERS.get(name, _timed)(root))):
        raise TranscriptError("No element of this XML has a time and a text. Export the transcript as SRT or VTT.")
    name = "YouTube XML" if name == "timedtext" else "Podlove XML" if "podlove" in root.tag else "XML"
    return Reading(name, cues, labelled=any(cue.speaker for cue in cues))


def _name(element: Element) -> str:
    """The element's name without its namespace."""
    return element.tag.rpartition("}")[2].lower()


def _named(root: Element, name: str) -> Iterator[Element]:
    return (element for element in root.iter() if _name(element) == name)


def _attribute(element: Element, *names: str) -> str:
    """The first of the attributes that is there, in whatever namespace."""
    for name in names:
        for key, value in element.items():
            if key.rpartition("}")[2] == name:
                return value
    return ""


def _youtube(root: Element) -> Iterator[Cue]:
    """srv3: `<p t d>` in milliseconds, parts of a line in `<s>`; entities are escaped twice."""
    for line in outermost(root, "p", "text"):
        if (text := plain("".join(line.itertext()))).strip():
            yield cue_of(line.attrib, 1.0, text.replace("\n", " "), "")


def _transcriber(root: Element) -> Iterator[Cue]:
    """Transcriber (TRS): `<Turn speaker>` divided by `<Sync time>`; `<Who nb>` says which speaker."""
    names = {item.get("id", ""): one_line(item.get("name", "")) for item in root.iter("Speaker")}
    for turn in root.iter("Turn"):
        speakers = [names.get(label) or label for label in turn.get("speaker", "").split()]
        speaker, start, text = " and ".join(speakers), milliseconds(turn.get("startTime")), turn.text or ""
        for element in turn:
            time, number = milliseconds(element.get("time")), element.get("nb", "")
            if (time is not None or number) and text.strip():
                yield Cue(start, time, text, speaker)
                text = ""
            start = start if time is None else time
            if number.isdecimal() and 0 < int(number[:3]) <= len(speakers):
                speaker = speakers[int(number[:3]) - 1]
            text += element.tail or ""
        if text.strip():
            yield Cue(start, milliseconds(turn.get("endTime")), text, speaker)


def _elan(root: Element) -> list[Cue]:
    """ELAN (EAF): tiers of annotations between time slots; tiers that only comment on another have no times."""
    slots = {slot.get("TIME_SLOT_ID"): milliseconds(slot.get("TIME_VALUE"), 1.0) for slot in root.iter("TIME_SLOT")}
    cues = []
    for tier in root.iter("TIER"):
        name = one_line(tier.get("PARTICIPANT") or tier.get("TIER_ID") or "")
        for item in tier.iter("ALIGNABLE_ANNOTATION") if not tier.get("PARENT_REF") else ():
            start, end = (slots.get(item.get(f"TIME_SLOT_REF{number}")) for number in (1, 2))
            cues.append(Cue(start, end, "".join(item.itertext()), name))
    return sorted(cues, key=lambda cue: cue.start_ms or 0)


def _timed(root: Element) -> Iterator[Cue]:
    """Innermost elements with a start and a text, spoken by their own attribute or a `<speaker>` beside them.

    YouTube's srv1 (`<text start dur>`) and Podlove (`<speech>` with a `<speaker>` and many `<item>`) are two of many.
    """
    parents = {child: element for element in root.iter() for child in element}
    labels = (element for element in _named(root, "speaker") if not element.items() and element in parents)
    speakers = {parents[label]: one_line("".join(label.itertext())) for label in labels}
    timed = {
        element: start
        for element in root.iter()
        if (start := milliseconds(_attribute(element, "start", "begin", "startTime", "stime"))) is not None
    }
    outer: set[Element] = set()  # they hold another one: no text is looked at twice
    for element in timed:
        above = parents.get(element)
        while above is not None and above not in outer:
            outer.add(above)
            above = parents.get(above)
    for element, start in timed.items():
        text = "" if element in outer else plain("".join(element.itertext()))
        if text.strip():
            said = {key.rpartition("}")[2]: value for key, value in element.items()}
            cue = cue_of(said, text=text.replace("\n", " "))
            above = parents.get(element, root)
            yield Cue(start, cue.end_ms, cue.text, cue.speaker or speakers.get(above, ""))


def outermost(root: Element, *names: str) -> Iterator[Element]:
    """Elements of these names that are not inside another one, in document order."""
    stack = [root]
    while stack:
        element = stack.pop()
        if _name(element) in names:
            yield element
        else:
            stack.extend(reversed(element))


_READERS = {"timedtext": _youtube, "trans": _transcriber, "annotation_document": _elan}


def _clock_of(root: Element) -> Callable[[str], int | None]:
    """What reads the times of one TTML document: clocks, offsets with units, frames and ticks, and bare seconds."""
    rate, ticks = (milliseconds(_attribute(root, name), 1.0) for name in ("frameRate", "tickRate"))
    frame_ms = 1000 / (rate or 30)
    units = {"h": 3_600_000.0, "m": 60_000.0, "s": 1000.0, "ms": 1.0, "f": frame_ms, "t": 1000 / (ticks or 1)}

    def ms(value: str) -> int | None:
        value = value.strip()
        offset = None if ":" in value else _OFFSET.fullmatch(value)
        if offset:
            return clamp(round(float(offset[1]) * units[offset[2] or "s"]))
        return clock_to_ms(value, frame_ms)

    return ms


def _ttml(root: Element) -> Reading:
    """`<p begin end>`; Apple's has one `<span>` per word with no blank between them."""
    ms = _clock_of(root)
    agents = {_attribute(agent, "id"): one_line(" ".join(agent.itertext())) for agent in _named(root, "agent")}
    cues: list[Cue] = []
    for paragraph in outermost(root, "p"):
        label = _attribute(paragraph, "agent")
        speaker = agents.get(label) or label
        words = [_span(span, ms, speaker) for span in paragraph.iter() if _attribute(span, "unit") == "word"]
        start, end, length = (ms(_attribute(paragraph, name)) for name in ("begin", "end", "dur"))
        if end is None and start is not None and length is not None:
            end = start + length
        text = " ".join(word.text for word in words) or _text(paragraph)
        cues.extend(turns(Cue(start, end, text, speaker), words))
    return Reading("TTML", cues, language=_attribute(root, "lang"), labelled=any(cue.speaker for cue in cues))


def _span(span: Element, ms: Callable[[str], int | None], speaker: str) -> Cue:
    return Cue(ms(_attribute(span, "begin")), ms(_attribute(span, "end")), _text(span).strip(), speaker)


def _text(element: Element) -> str:
    """The text of an element; `<br/>` is a line break."""
    for part in element.iter():
        if _name(part) == "br":
            part.text = "\n"
    return "".join(element.itertext())
