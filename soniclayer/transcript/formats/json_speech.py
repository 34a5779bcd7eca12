"""JSON of speech recognisers, podcast hosts and YouTube: Whisper in its dialects, Podcasting 2.0, json3."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from soniclayer.transcript.formats.fields import cue_of, finished
from soniclayer.transcript.formats.json_files import Object, objects, speaker_name, string
from soniclayer.transcript.model import Cue
from soniclayer.transcript.reading import Reading
from soniclayer.transcript.times import milliseconds
from soniclayer.transcript.words import joined_words, majority, turns


def whisper(data: Any) -> Reading | None:
    """`segments[].start` in seconds with `text`: openai-whisper, faster-whisper, WhisperX, OpenAI; or a list."""
    segments = objects(data, "segments") if isinstance(data, dict) else objects(data)
    if not any(_is_whisper(segment) for segment in segments):
        return None
    words_seen = [word for segment in segments[:50] for word in objects(segment, "words")]
    diarized = any(segment.get("type") == "transcript.text.segment" for segment in segments)
    aligned = any("score" in word or "speaker" in word for word in words_seen)
    name = "OpenAI diarized JSON" if diarized else "WhisperX JSON" if aligned else "Whisper JSON"
    cues = [cue for segment in segments for cue in _segment(segment)]
    language = string(data.get("language")) if isinstance(data, dict) else ""
    return Reading(name, finished(cues), language=language, labelled=any(cue.speaker for cue in cues))


def _is_whisper(segment: Object) -> bool:
    """Whole numbers alone may be milliseconds: `json_reader` decides by the speed of speech."""
    words = segment.get("words")
    if isinstance(words, list) and any(isinstance(word, dict) and "start" in word for word in words):
        return True
    return isinstance(segment.get("start"), float) and isinstance(segment.get("text"), str)


def _segment(segment: Object) -> list[Cue]:
    words = [cue_of(word) for word in objects(segment, "words")]
    cue = cue_of(segment)
    text = cue.text or " ".join(word.text for word in joined_words(words))
    return turns(Cue(cue.start_ms, cue.end_ms, text, cue.speaker or majority(words)), words)


def openai_words(data: Any) -> Reading | None:
    """OpenAI's `verbose_json` with words only: they have no punctuation, the `text` beside them has."""
    words = [cue_of(word) for word in objects(data, "words") if "start" in word]
    text = string(data.get("text")) if isinstance(data, dict) else ""
    written = text.split()
    if not written or list(map(_bare, written)) != [_bare(word.text) for word in words]:
        return None
    cues = [replace(word, text=token) for token, word in zip(written, words, strict=True)]
    return Reading("Whisper JSON", cues, language=string(data.get("language")), labelled=any(c.speaker for c in cues))


def _bare(word: str) -> str:
    return "".join(filter(str.isalnum, word)).casefold()


def youtube(data: Any) -> Reading | None:
    """json3: `events[].tStartMs` in milliseconds; events of a line break only place text on the screen."""
    events = objects(data, "events")
    if not any("tStartMs" in event for event in events):
        return None
    said = [(event, "".join(string(part.get("utf8")) for part in objects(event, "segs"))) for event in events]
    cues = [cue_of(event, 1.0, text.replace("\n", " "), "") for event, text in said if text.strip()]
    return Reading("YouTube json3", cues)


def spotify(data: Any) -> Reading | None:
    """Spotify: `section[]` in milliseconds, a `title` with the speaker of the texts that follow it."""
    sections = objects(data, "section")
    cues, speaker = [], ""
    for section in sections:
        inner: Any = section.get("text")
        while isinstance(inner, dict):
            inner = inner.get("sentence", inner.get("text"))
        if "title" in section:
            speaker = speaker_name(section["title"])
        elif string(inner).strip():
            cues.append(Cue(milliseconds(section.get("startMs"), 1.0), None, inner, speaker))
    return Reading("Spotify JSON", cues, labelled=any(cue.speaker for cue in cues)) if cues else None
