"""Reading -> Transcript: speakers, repairs, and the import report."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from soniclayer.errors import TranscriptError
from soniclayer.transcript.model import Cue, Transcript
from soniclayer.transcript.speakers import assign, find_names, with_colons
from soniclayer.transcript.text import count, sounds_only, visible
from soniclayer.transcript.timeline import speech_ms

if TYPE_CHECKING:
    from soniclayer.transcript.decode import Decoded
    from soniclayer.transcript.reading import Reading

_DIALOGUE = re.compile(r"\n(?=\s{0,3}[-–—]\s?\S)")  # one caption for two people
_REBASE_MS = 3_600_000
_DAY_MS = 24 * 3_600_000
_SHORT = 10  # letters of an answer that two people give in the same second
_STUCK = 6
_MAX_NAME = 100
_ENDLESS_MS = 60_000
_ENDLESS = 8  # times longer than it takes to say the words

# What a line looks like, how it is called, and the formats in which that is no text.
_MARKUP = (
    (
        "times",
        r"\d{1,3}:\d\d(?::\d\d|[.,]\d{1,3})|^\W{0,3}\d{1,3}:\d\d\b|\d\s?s?\s?--?>\s?\d",
        "Timed text, Table (CSV, TSV), SRT",
    ),
    ("braces and keys", r"[{}]|^\s{0,9}\"\w{1,40}\"\s?:|\[\d{1,9}\]\[", "JSON, MicroDVD, ASS/SSA"),
    (
        "tags",
        r"</?[a-zA-Z][\w.:-]{0,20}(?:\s[^<>]{0,200})?/?>|&(?:amp|lt|gt|nbsp|quot|#\d{1,5});",
        "WebVTT, HTML, XML",
    ),
    ("columns", r"[^|]\|[^|]+\||\t[^\t]+\t|(?:;[^;]{0,80}){3}", "Table (CSV, TSV)"),
    ("identifiers", r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}|\b[0-9a-f]{16,64}\b|\b\d{12,20}\b", "JSON, WebVTT"),
    ("marks of Markdown", r"^\s{0,3}(?:```|#{1,6} |\*\*)|\*\*[^*]{1,60}\*\*", "Markdown"),
)
_PATTERNS = tuple((what, re.compile(pattern), formats) for what, pattern, formats in _MARKUP)
_NOTHING = re.compile(r"[^:;<>{}\[|\t&#*`0-9]*+")
_SAMPLE = 200
_SHARE = 0.25


def assemble(name: str, reading: Reading, decoded: Decoded) -> Transcript:
    """The transcript of a reading.

    Raises:
        TranscriptError: no cue holds a word.
    """
    notes, cues = list(reading.notes), reading.cues
    if not reading.labelled:
        names = find_names(_labelled_texts(reading), timed=reading.timed) if reading.names is None else reading.names
        styled = not names and reading.timed
        if styled:
            cues, names = with_colons(cues)
        if names:
            told = assign(cues, names)
            idle = names - {cue.speaker for cue in told}  # `Name:` with no words before the next is text
            cues = assign(cues, names - idle) if idle else told
        if styled and names:  # [MUSIC] between [ADA] and [BEN] is nobody's
            cues = [replace(cue, speaker="") if sounds_only(cue.text) else cue for cue in cues]
    if not (filled := _filled(cues)):
        raise TranscriptError("The file holds no words of speech. Export the transcript again, with its text.")
    if len(filled) < len(cues):
        notes.append(f"{count(len(cues) - len(filled), 'empty caption')} left out.")
    spelled = filled if reading.format == "Chat log" else _one_spelling(filled, notes)
    cues = _without_doubles(_repair(spelled, notes), notes)
    cues = _rebase(_over_midnight(cues, wall=reading.wall), notes, wall=reading.wall)
    transcript = Transcript(name, reading.format, tuple(cues), (), decoded.encoding, reading.language)
    notes = [_summary(transcript), *decoded.notes, *notes, *_time_notes(cues)]
    if reading.format != "Chat log":
        notes.extend([*_stuck(cues), *_suspicions(cues)])
    return Transcript(name, reading.format, tuple(cues), tuple(notes), decoded.encoding, reading.language)


def _filled(cues: list[Cue]) -> list[Cue]:
    """The cues that hold a word, their texts and speakers as one line each."""
    names = {name: visible(name)[:_MAX_NAME] for name in {cue.speaker for cue in cues}}
    told = ((cue, text, names[cue.speaker]) for cue in cues if (text := visible(cue.text)))
    return [
        cue if text is cue.text and name == cue.speaker else Cue(cue.start_ms, cue.end_ms, text, name)
        for cue, text, name in told
    ]


def _labelled_texts(reading: Reading) -> list[str]:
    """The texts that a label may stand at the start of."""
    if reading.wrapped:
        return [part for cue in reading.cues for part in _DIALOGUE.split(cue.text)]
    return [line for cue in reading.cues for line in cue.text.split("\n") if line.strip()]


def _repair(cues: list[Cue], notes: list[str]) -> list[Cue]:
    """Ends that cannot be become unknown: before the start, or far beyond the words."""
    backward = endless = 0
    for i, cue in enumerate(cues):
        if cue.end_ms is None:
            continue
        length = -1 if cue.start_ms is None else cue.end_ms - cue.start_ms
        late = length > _ENDLESS_MS and length > _ENDLESS * speech_ms(cue.text) and not sounds_only(cue.text)
        if length < 0 or late:
            endless += late
            backward += length < 0 and cue.start_ms is not None
            cues[i] = Cue(cue.start_ms, None, cue.text, cue.speaker)
    if endless:
        notes.append(f"{count(endless, 'caption')} lasted far longer than the words take; the length is estimated.")
    if backward:
        notes.append(f"{count(backward, 'caption')} ended before the start; the length is estimated from the words.")
    return cues


def _one_spelling(cues: list[Cue], notes: list[str]) -> list[Cue]:
    """One speaker for the forms of a name that differ in capitals: the mixed form, or the one met more often."""
    if len(names := {cue.speaker for cue in cues}) == len({name.casefold() for name in names}):
        return cues
    counts = Counter(cue.speaker for cue in cues if cue.speaker)
    best: dict[str, str] = {}
    for name in sorted(counts, key=lambda name: (not name.isupper() and not name.islower(), counts[name])):
        best[name.casefold()] = name
    merged = ", ".join(sorted({best[name.casefold()] for name in counts if best[name.casefold()] != name})[:5])
    notes.append(f"Names that differ only in their capitals taken for one: {merged}.")
    return [replace(cue, speaker=best[cue.speaker.casefold()]) if cue.speaker else cue for cue in cues]


def _without_doubles(cues: list[Cue], notes: list[str]) -> list[Cue]:
    """A cue that repeats one just before, times and all, is a fault of the export.

    But in the same whole second two people say "Yeah.": if only such short answers are repeated, they stay.
    """
    begin, at, doubles = 0, None, []
    for i, cue in enumerate(cues):
        if cue.start_ms != at or at is None:
            begin, at = i, cue.start_ms
        elif cue in cues[max(begin, i - 9) : i]:
            doubles.append(i)
    if all(len(cues[i].text) <= _SHORT and (cues[i].start_ms or 0) % 1000 == 0 for i in doubles):
        return cues
    notes.append(f"{count(len(doubles), 'caption')} that stood in the file twice removed.")
    gone = frozenset(doubles)
    return [cue for i, cue in enumerate(cues) if i not in gone]


def _over_midnight(cues: list[Cue], *, wall: bool) -> list[Cue]:
    """Times of day that begin again at 0 go on counting."""
    first = next((cue.start_ms for cue in cues if cue.start_ms is not None), 0)
    days, last, result = 0, first, []
    if not wall and first < _DAY_MS // 2:
        return cues
    for cue in cues:
        if cue.start_ms is not None:
            days += cue.start_ms + days < last - _DAY_MS // 2 and _DAY_MS
            last = cue.start_ms + days
        result.append(_shifted(cue, days) if days else cue)
    return result


def _rebase(cues: list[Cue], notes: list[str], *, wall: bool) -> list[Cue]:
    """Broadcast timecode and times of day: a show that starts after an hour starts at 0 instead."""
    first = min((cue.start_ms for cue in cues if cue.start_ms is not None), default=0)
    if not first or (first <= _REBASE_MS and not wall):
        return cues
    what = "as times of day do" if wall else "as broadcast timecode does"
    notes.append(f"The times begin at {clock(first)}, {what}; they now count from the first caption.")
    return [_shifted(cue, -first) for cue in cues]


def _shifted(cue: Cue, ms: int) -> Cue:
    start, end = (None if time is None else time + ms for time in (cue.start_ms, cue.end_ms))
    return Cue(start, end, cue.text, cue.speaker)


def clock(ms: int) -> str:
    """Milliseconds as h:mm:ss."""
    seconds = ms // 1000
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _summary(transcript: Transcript) -> str:
    parts = [f"Read as {transcript.format} in {transcript.encoding}: {count(len(transcript.cues), 'cue')}"]
    if seconds := transcript.duration_s:
        parts.append(f"{clock(round(seconds * 1000))} long")
    speakers = len(transcript.speakers)
    parts.append(count(speakers, "speaker") if speakers else "no speakers named")
    return ", ".join(parts) + "."


def _stuck(cues: list[Cue]) -> list[str]:
    """Speech recognisers that lose the thread say the same words again and again."""
    longest = begin = first = 0
    for i, (before, cue) in enumerate(pairwise(cues), 1):
        if cue.text != before.text:
            first = i
        elif i - first >= longest:
            longest, begin = i - first + 1, first
    if longest < _STUCK:
        return []
    start = cues[begin].start_ms
    at = "" if start is None else f" from {clock(start)}"
    return [f"“{cues[begin].text[:60]}” stands {longest:,} times in a row{at}: was the speech recogniser stuck?"]


def _time_notes(cues: list[Cue]) -> list[str]:
    starts = [cue.start_ms for cue in cues if cue.start_ms is not None]
    if not starts:
        return ["The file gives no times; they are estimated from the number of words."]
    notes = []
    if all(cue.end_ms is None for cue in cues):
        notes.append("The file says when each cue starts, not when it ends: it lasts until the next.")
    if len(starts) < len(cues):
        notes.append(f"{count(len(cues) - len(starts), 'cue')} without a time; it is estimated from the neighbours.")
    if late := sum(1 for a, b in pairwise(starts) if b < a):
        notes.append(f"{count(late, 'caption')} out of order; segments follow the times.")
    return notes


def _suspicions(cues: list[Cue]) -> list[str]:
    """One sentence for the import report if a quarter of the cues hold the same kind of markup; else nothing."""
    texts = [cue.text[:400] for cue in cues[:: max(1, len(cues) // _SAMPLE)]]
    odd = [text for text in texts if _NOTHING.fullmatch(text) is None]
    kinds = [(what, [text for text in odd if pattern.search(text)], formats) for what, pattern, formats in _PATTERNS]
    best, found, likely = max(kinds, key=lambda kind: len(kind[1]))
    if len(found) < max(2, _SHARE * len(texts)):
        return []
    share = f"{len(found)} of {len(texts)} lines"
    return [f"{share} hold what looks like {best}, such as “{found[0][:60]}”: read as one of {likely} instead?"]
