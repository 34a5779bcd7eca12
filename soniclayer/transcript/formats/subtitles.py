"""Small formats of captions: ASS/SSA, LRC, SBV, MicroDVD, MPL2 and SAMI."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from soniclayer.errors import TranscriptError
from soniclayer.transcript.formats.captions import read_srt
from soniclayer.transcript.formats.stamped import labels_beside_times
from soniclayer.transcript.model import Cue
from soniclayer.transcript.reading import Reading
from soniclayer.transcript.rolling import join_frames
from soniclayer.transcript.text import count, line_numbers, one_line, plain
from soniclayer.transcript.times import clock_to_ms

ASS_START = re.compile(r"\s*(?:\[Script Info\]|\[V4\+? Styles\]|\[Events\])", re.I)
_ASS_FIELDS = ["layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text"]
_BRACES = re.compile(r"\{[^{}]*+\}")
_DRAWING = re.compile(r"\{[^{}]*\\p[1-9]")
_LRC_STAMP = re.compile(r"\s{0,3}\[(\d{1,3}:\d{2}(?:[.:]\d{1,3})?)\]")
_LRC_TAG = re.compile(r"\[([a-zA-Z#]{1,12}):([^\[\]]{0,300})\]\s*")
_LRC_WORD = re.compile(r"<\d{1,3}:\d{2}(?:[.:]\d{1,3})?>")
_SBV = re.compile(r"^(\d{1,3}:\d{2}:\d{2}[.,]\d{1,3}),(\d{1,3}:\d{2}:\d{2}[.,]\d{1,3})[ \t]*$", re.M)
_SBV_MIDDLE = re.compile(r":\d\d[.,]\d{1,3},\d")  # quicker to look for
FRAMES = re.compile(r"^[ \t]{0,4}(?:\{(\d{1,7})\}\{(\d{0,7})\}|\[(\d{1,7})\]\[(\d{0,7})\])(.*)$", re.M)
_RATE = re.compile(r"\s{0,4}(\d\d\d?(?:\.\d{1,5})?)\s{0,4}")
_CODES = re.compile(r"\{[A-Za-z]:[^{}]{0,80}\}|(?:^|(?<=\|))/")
_SYNC = re.compile(r"<sync\b[^<>]{0,200}?start\s{0,4}=\s{0,4}[\"']?(-?\d{1,9})[^<>]{0,200}>", re.I)
_CLASS = re.compile(r"<p\b[^<>]{0,200}?class\s{0,4}=\s{0,4}[\"']?(\w{1,40})[^<>]{0,200}>", re.I)
_BREAK = re.compile(r"<(?:br|/?p)\b[^<>]{0,200}>", re.I)
_ANY_TAG = re.compile(r"<[/!]?[a-zA-Z-][^<>]{0,400}>")


def read_ass(text: str) -> Reading:
    """ASS and SSA. The speaker is the Name, or the Style where only styles differ."""
    fields, comments, broken = _ASS_FIELDS, 0, []
    found: list[tuple[Cue, str]] = []
    for number, line in enumerate(text.split("\n"), 1):
        kind, _, rest = line.partition(":")
        kind = kind.strip().lower()
        if kind == "format" and "text" in rest.lower():
            fields = [field.strip().lower() for field in rest.split(",")]
        elif kind == "comment":
            comments += 1
        elif kind == "dialogue":
            parts = rest.split(",", len(fields) - 1)
            if len(parts) < len(fields):
                broken.append(number)
                continue
            said = dict.fromkeys(_ASS_FIELDS, "") | dict(zip(fields, map(str.strip, parts), strict=True))
            start, end, speaker = clock_to_ms(said["start"]), clock_to_ms(said["end"]), said["name"]
            if not _DRAWING.search(said["text"]):
                words = _BRACES.sub("", said["text"]).replace("\\N", "\n").replace("\\n", "\n").replace("\\h", " ")
                found.append((Cue(start, end, words, speaker or said.get("actor", "")), said["style"]))
    if not found:
        raise TranscriptError("This ASS or SSA file has no Dialogue line. Export the subtitles again.")
    notes = [f"{count(comments, 'comment line')} left out."] if comments else []
    if broken:
        notes.append(f"Dialogue without all its fields in {line_numbers(broken)} left out.")
    cues = join_frames(_styled(found, notes))
    return Reading("ASS/SSA", cues, notes, labelled=any(cue.speaker for cue in cues))


def _styled(found: list[tuple[Cue, str]], notes: list[str]) -> list[Cue]:
    """Styles name the speakers where no line has a Name and several styles are used often."""
    cues = [cue for cue, _ in found]
    styles = Counter(style.lstrip("*") for _, style in found)
    often = [style for style, times in styles.items() if times * 20 >= len(found)]
    if any(cue.speaker for cue in cues) or len(often) < 2:
        return cues
    notes.append("No line names its speaker; the styles are taken for speakers.")
    names = {style: "" if style.lower() in ("", "default") else style.lstrip("*") for _, style in found}
    return [replace(cue, speaker=names[style]) for cue, style in found]


def is_lrc(text: str) -> bool:
    """Half the lines or more begin with `[mm:ss.xx]`, one of them with a fraction."""
    lines = [line for line in text[:65_536].split("\n") if line.strip() and not _LRC_TAG.fullmatch(line.strip())]
    stamped = [match for line in lines if (match := _LRC_STAMP.match(line))]
    fractions = sum("." in match[1] and len(match[1].partition(".")[2]) == 2 for match in stamped)
    return len(stamped) * 2 >= len(lines) > 0 and fractions * 2 > len(stamped)


def read_lrc(text: str) -> Reading:
    """LRC: `[mm:ss.xx]` lines, several stamps for a repeated line; `[offset:+ms]` shows them earlier."""
    offset, tags, untimed = 0, 0, []
    cues: list[Cue] = []
    for number, line in enumerate(text.split("\n"), 1):
        if tag := _LRC_TAG.fullmatch(line.strip()):
            tags += 1
            if tag[1].lower() == "offset" and re.fullmatch(r"\s*[+-]?\d{1,7}\s*", tag[2]):
                offset = int(tag[2])
            continue
        starts, position = [], 0
        while match := _LRC_STAMP.match(line, position):
            starts.append(clock_to_ms(match[1].replace(":", ".") if match[1].count(":") > 1 else match[1]) or 0)
            position = match.end()
        words = one_line(plain(_LRC_WORD.sub(" ", line[position:])))
        if not starts and words:
            untimed.append(number)
            starts = [-1]
        cues.extend(Cue(None if start < 0 else max(0, start - offset), None, words) for start in starts)
    if not any(cue.start_ms is not None for cue in cues):
        raise TranscriptError("No line begins with a time such as [00:12.00], so this is not LRC.")
    notes = [f"{count(tags, 'tag')} about the song left out."] if tags else []
    if untimed:
        notes.append(f"No time in {line_numbers(untimed)}.")
    cues.sort(key=lambda cue: -1 if cue.start_ms is None else cue.start_ms)
    names = labels_beside_times(cues)  # "F:" before a few lines says who sings them, not whose turn begins
    return Reading("LRC", cues, notes, names=names, labelled=names is None)


def is_sbv(text: str) -> bool:
    """Whether a text is SBV captions."""
    head = text[:65_536]
    return _SBV_MIDDLE.search(head) is not None and _SBV.search(head) is not None


def read_sbv(text: str) -> Reading:
    """SBV: `0:00:00.387,0:00:03.920` above each caption; `[br]` is a line break."""
    if not is_sbv(text):
        raise TranscriptError("No line such as 0:00:00.387,0:00:03.920 was found, so this is not SBV.")
    reading = read_srt(_SBV.sub(r"\1 --> \2", text).replace("[br]", "\n"))
    reading.format = "SBV"
    return reading


def read_microdvd(text: str) -> Reading:
    """MicroDVD (frames; the first line may give their rate, else 25) or MPL2 (tenths); `|` is a line break."""
    tick_ms = 0.0
    cues: list[Cue] = []
    rows = FRAMES.findall(text)
    for begin, end, tenths, end_tenths, said in rows:
        rate = None if cues or tick_ms or tenths else _RATE.fullmatch(said)
        if rate and float(rate[1]) > 5:
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
    begin = text.lstrip()[:5].lower()
    return begin == "<sami" or (begin[:1] == "<" and _SYNC.search(text, 0, 4_096) is not None)


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
