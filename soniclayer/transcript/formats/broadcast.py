"""MicroDVD, MPL2 and SAMI; and files of editors and broadcasters that are refused by name."""

from __future__ import annotations

import re

from soniclayer.errors import TranscriptError
from soniclayer.transcript.model import Cue
from soniclayer.transcript.reading import Reading
from soniclayer.transcript.text import count, plain

_FRAMES = re.compile(r"^[ \t]{0,4}(?:\{(\d{1,7})\}\{(\d{0,7})\}|\[(\d{1,7})\]\[(\d{0,7})\])(.*)$", re.M)
_RATE = re.compile(r"\s{0,4}(\d\d\d?(?:\.\d{1,5})?)\s{0,4}")
_CODES = re.compile(r"\{[A-Za-z]:[^{}]{0,80}\}|(?:^|(?<=\|))/")
_SYNC = re.compile(r"<sync\b[^<>]{0,200}?start\s{0,4}=\s{0,4}[\"']?(-?\d{1,9})[^<>]{0,200}>", re.I)
_CLASS = re.compile(r"<p\b[^<>]{0,200}?class\s{0,4}=\s{0,4}[\"']?(\w{1,40})[^<>]{0,200}>", re.I)
_BREAK = re.compile(r"<(?:br|/?p)\b[^<>]{0,200}>", re.I)
_ANY_TAG = re.compile(r"<[/!]?[a-zA-Z-][^<>]{0,400}>")
_EXPORT = "Export the transcript or its captions as SRT, VTT or TXT, and upload those."
_REFUSALS = (
    ("an SCC or MCC file: closed captions in codes for broadcast", r"\s*(?:Scenarist_SCC V|File Format=MacCaption)"),
    (
        "an edit decision list (EDL): cuts, without words",
        r"\s*(?:TITLE:[^\n]{0,200}\n\s{0,9})?(?:FCM:[^\n]{0,40}\n\s{0,9})?\d{3,6}[ \t]{1,9}\S{1,40}[ \t]{1,9}"
        r"(?:V\d?|A{1,2}\d?|AA/V|B|NONE)[ \t]{1,9}(?:C|D|W\d{3}|K)\b",
    ),
    (
        "an RTTM file: who speaks when, without words",
        r"\s*(?:;;[^\n]{0,300}\n|SPKR-INFO [^\n]{0,300}\n){0,50}SPEAKER \S{1,200} \d{1,3} [\d.]{1,9} [\d.]{1,9} <NA>",
    ),
    ("an Avid log (ALE): clips, without words", r"\s*Heading\s{0,9}\nFIELD_DELIM\b"),
    ("a project of an editing program", r"\s*(?:<[?!][^<>]{0,200}>\s{0,9}){0,3}<(?:fcpxml|xmeml)\b"),
)


def refuse_by_name(text: str) -> None:
    """Raises TranscriptError for texts of editors, broadcasters and linguists that are no transcripts to read."""
    for what, pattern in _REFUSALS:
        if re.match(pattern, text):
            raise TranscriptError(f"This is {what}. {_EXPORT}")


def regular(pattern: re.Pattern[str], text: str) -> bool:
    """Whether nine lines in ten of the beginning, and the first, have this shape."""
    lines = [line for line in text[:16_384].split("\n") if line.strip() and not line.startswith(";;")]
    return (
        bool(lines and pattern.match(lines[0])) and sum(map(bool, map(pattern.match, lines))) * 10 >= len(lines) * 9
    )


def is_microdvd(text: str) -> bool:
    """Whether the lines begin with two frame numbers: `{25}{75}` or `[10][30]`."""
    return regular(_FRAMES, text)


def read_microdvd(text: str) -> Reading:
    """MicroDVD (frames; the first line may give their rate, else 25) or MPL2 (tenths); `|` is a line break."""
    tick_ms = 0.0
    cues: list[Cue] = []
    rows = _FRAMES.findall(text)
    for begin, end, tenths, end_tenths, said in rows:
        rate = None if cues or tick_ms or tenths else _RATE.fullmatch(said)
        if rate is not None and float(rate[1]) > 5:
            tick_ms = 1000 / float(rate[1])
            continue
        start, stop = (
            round(int(value) * (100 if tenths else tick_ms or 40)) if value else None
            for value in (begin or tenths, end or end_tenths)
        )
        cues.append(Cue(start, stop, plain(_CODES.sub("", said).replace("|", "\n"))))
    if not cues:
        raise TranscriptError("No line begins with frame numbers such as {25}{75}, so this is not MicroDVD.")
    assumed = not tick_ms and not rows[0][2]
    notes = ["The file does not say how many frames a second has; 25 are assumed."] if assumed else []
    return Reading("MPL2" if rows[0][2] else "MicroDVD", cues, notes)


def is_sami(text: str) -> bool:
    """Whether a text is SAMI captions."""
    return text.lstrip()[:5].lower() == "<sami" or _SYNC.search(text, 0, 4_096) is not None


def read_sami(text: str) -> Reading:
    """SAMI: what follows a `<SYNC Start>` shows until the next; of several languages the first is read."""
    cues: list[Cue] = []
    language, others = "", 0
    _, *pairs = _SYNC.split(text)
    for start, body in zip(map(int, pairs[::2]), pairs[1::2], strict=True):
        before, *parts = _CLASS.split(body)
        versions = list(zip(map(str.lower, parts[::2]), parts[1::2], strict=True)) or [("", before)]
        language = language or versions[0][0]
        said = "".join(part for name, part in versions if name == language)
        others += sum(name != language for name, _ in versions)
        if said:
            if cues and cues[-1].end_ms is None:
                cues[-1] = Cue(cues[-1].start_ms, max(0, start), cues[-1].text)
            said = plain(_ANY_TAG.sub("", _BREAK.sub("\n", said)))
            cues += [Cue(max(0, start), None, said)] if said.strip() else []
    if not cues:
        raise TranscriptError("No SYNC of this SAMI file has a text. Export the captions as SRT or VTT.")
    notes = [f"{count(others, 'caption')} in other languages left out."] if others else []
    return Reading("SAMI", cues, notes)
