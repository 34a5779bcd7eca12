"""Reading -> Transcript: speakers, repairs, and the import report."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from soniclayer.errors import TranscriptError
from soniclayer.transcript.model import Cue, Transcript
from soniclayer.transcript.speakers import assign, find_names
from soniclayer.transcript.text import count, sounds_only, visible
from soniclayer.transcript.timeline import speech_ms

if TYPE_CHECKING:
    from soniclayer.transcript.decode import Decoded
    from soniclayer.transcript.reading import Reading

_REBASE_MS = 3_600_000
_STUCK = 6
_MAX_NAME = 100
_ENDLESS_MS = 60_000
_ENDLESS = 8  # times longer than it takes to say the words


def assemble(name: str, reading: Reading, decoded: Decoded) -> Transcript:
    """The transcript of a reading.

    Raises:
        TranscriptError: no cue holds a word.
    """
    notes = list(reading.notes)
    cues = list(reading.cues)
    if not reading.labelled:
        names = reading.names or find_names(_labelled_texts(reading), timed=reading.timed)
        cues = assign(cues, names) if names else cues
    filled = _filled(cues)
    if not filled:
        raise TranscriptError("The file holds no words of speech. Export the transcript again, with its text.")
    if len(filled) < len(cues):
        notes.append(f"{count(len(cues) - len(filled), 'empty caption')} left out.")
    cues = _rebase(_without_doubles(_repair(filled, notes), notes), notes)
    transcript = Transcript(name, reading.format, tuple(cues), (), decoded.encoding, reading.language)
    notes = [_summary(transcript), *decoded.notes, *notes, *_time_notes(cues)]
    if reading.format != "Chat log":
        notes.extend(_stuck(cues))
    return Transcript(name, reading.format, tuple(cues), tuple(notes), decoded.encoding, reading.language)


def _filled(cues: list[Cue]) -> list[Cue]:
    """The cues that hold a word, their texts and speakers as one line each."""
    names: dict[str, str] = {}
    result = []
    for cue in cues:
        text = visible(cue.text)
        if not text:
            continue
        speaker = names.get(cue.speaker)
        if speaker is None:
            speaker = names[cue.speaker] = visible(cue.speaker)[:_MAX_NAME]
        same = text is cue.text and speaker == cue.speaker
        result.append(cue if same else Cue(cue.start_ms, cue.end_ms, text, speaker))
    return result


def _labelled_texts(reading: Reading) -> list[str]:
    """The texts that a label may stand at the start of."""
    if reading.wrapped:
        return [cue.text for cue in reading.cues]
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


def _without_doubles(cues: list[Cue], notes: list[str]) -> list[Cue]:
    """A cue that repeats the one before, times and all, is a fault of the export."""
    kept = [cue for i, cue in enumerate(cues) if i == 0 or cue.start_ms is None or cue != cues[i - 1]]
    if len(kept) < len(cues):
        notes.append(f"{count(len(cues) - len(kept), 'caption')} that stood in the file twice removed.")
    return kept


def _rebase(cues: list[Cue], notes: list[str]) -> list[Cue]:
    """Broadcast timecode and wall clocks: a show that starts after an hour starts at 0 instead."""
    first = min((cue.start_ms for cue in cues if cue.start_ms is not None), default=0)
    if first <= _REBASE_MS:
        return cues
    notes.append(
        f"The times begin at {clock(first)}, as broadcast timecode does; they now count from the first caption."
    )
    return [
        Cue(
            None if cue.start_ms is None else cue.start_ms - first,
            None if cue.end_ms is None else cue.end_ms - first,
            cue.text,
            cue.speaker,
        )
        for cue in cues
    ]


def clock(ms: int) -> str:
    """Milliseconds as h:mm:ss."""
    seconds = ms // 1000
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _summary(transcript: Transcript) -> str:
    parts = [f"Read as {transcript.format} in {transcript.encoding}: {count(len(transcript.cues), 'cue')}"]
    if transcript.duration_s:
        parts.append(f"{clock(round(transcript.duration_s * 1000))} long")
    speakers = len(transcript.speakers)
    parts.append(count(speakers, "speaker") if speakers else "no speakers named")
    return ", ".join(parts) + "."


def _stuck(cues: list[Cue]) -> list[str]:
    """Speech recognisers that lose the thread say the same words again and again."""
    longest, begin, run = 0, 0, 1
    for i in range(1, len(cues) + 1):
        if i < len(cues) and cues[i].text == cues[i - 1].text:
            run += 1
            continue
        if run > longest:
            longest, begin = run, i - run
        run = 1
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
    late = sum(1 for a, b in pairwise(starts) if b < a)
    if late:
        notes.append(f"{count(late, 'caption')} out of order; segments follow the times.")
    return notes
