"""JSON of cloud speech services; each function returns None for what is not its own."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from itertools import accumulate, islice
from operator import itemgetter
from typing import Any

from soniclayer.transcript.formats.fields import cue_of
from soniclayer.transcript.formats.json_files import Object, objects, speaker_name, string
from soniclayer.transcript.model import Cue
from soniclayer.transcript.reading import Reading
from soniclayer.transcript.times import milliseconds
from soniclayer.transcript.words import glued_words, joined_words, turns


def _reading(name: str, cues: list[Cue], language: Any = "", notes: list[str] | None = None) -> Reading | None:
    return Reading(name, cues, notes or [], string(language), labelled=True) if cues else None


def _at(value: Any, *keys: str) -> Any:
    """The value below nested keys, the first item of any list on the way; None where there is none."""
    for key in keys:
        if isinstance(value, list):
            value = value[0] if value else None
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _by_time(cues: list[Cue]) -> list[Cue]:
    """Channels woven into one conversation; words without a time stay behind the one before."""
    begun = accumulate(cues, lambda last, cue: last if cue.start_ms is None else cue.start_ms, initial=0)
    return [cue for _, cue in sorted(zip(islice(begun, 1, None), cues, strict=True), key=itemgetter(0))]


def _named(cues: list[Cue], channel: str) -> list[Cue]:
    """The cues with the name of their channel where they have no speaker."""
    return [cue if cue.speaker else replace(cue, speaker=channel) for cue in cues] if channel else cues


def assemblyai(data: Any) -> Reading | None:
    """`utterances` (null without diarization) and `words`, whole milliseconds."""
    if not isinstance(data, dict) or not data.keys() & {"audio_url", "audio_duration", "language_model"}:
        return None
    cues: list[Cue] = []
    for item in objects(data, "utterances") or objects(data, "words"):
        cues += turns(cue_of(item, 1.0), [cue_of(word, 1.0) for word in objects(item, "words")])
    return _reading("AssemblyAI JSON", cues, data.get("language_code"))


def deepgram(data: Any) -> Reading | None:
    """`results.utterances`, else `results.channels[].alternatives[0].words`; seconds; speakers are numbers."""
    if not (channels := objects(data, "results", "channels")):
        return None
    cues = [cue_of(item) for item in objects(data, "results", "utterances")]
    for number, channel in enumerate([] if cues else channels):
        name = f"Channel {number}" if len(channels) > 1 else ""
        cues += _named([cue_of(word) for word in _first(channel)], name)
    cues = _by_time(cues) or [Cue(None, None, string(_at(channels, "alternatives", "transcript")))]
    return _reading("Deepgram JSON", cues, _at(channels, "detected_language"))


def _first(result: Object) -> list[Object]:
    """The words of the best alternative."""
    return objects(next(iter(objects(result, "alternatives")), None), "words")


def rev(data: Any) -> Reading | None:
    """Rev.ai `monologues[].elements[]`, Rev's editor `spans[]`, Gecko's `terms[]`; punctuation has no times."""
    monologues = objects(data, "monologues")
    cues = []
    for monologue in monologues:
        speaker = speaker_name(monologue.get("speaker_name") or monologue.get("speaker"))
        items = [item for key in ("elements", "spans", "terms") for item in objects(monologue, key)]
        words = [cue_of(item, speaker=speaker) for item in items]
        blanks = any(char.isspace() for word in words for char in word.text)
        cues.extend(glued_words(words) if blanks else joined_words(words))
    gecko = any("terms" in monologue for monologue in monologues)
    return _reading("Gecko JSON" if gecko else "Rev JSON", cues)


def aws(data: Any) -> Reading | None:
    """`results.items[]`: times are strings, punctuation has none; speakers are keyed by their words' start."""
    items = objects(data, "results", "items") or objects(data)
    if not any(item.get("type") == "pronunciation" and "alternatives" in item for item in items):
        return None
    results: Object = data["results"] if isinstance(data, dict) else {}
    speakers = {
        string(word.get("start_time")): label
        for segment in objects(results, "speaker_labels", "segments")
        for word in objects(segment, "items")
        if (label := string(word.get("speaker_label")) or string(segment.get("speaker_label")))
    }
    cues: list[Cue] = []
    for channel in objects(results, "channel_labels", "channels") or [{"items": items}]:
        name = string(channel.get("channel_label"))
        cues += joined_words([_item(item, speakers, name) for item in objects(channel, "items")])
    cues = _by_time(cues) if "channel_labels" in results else cues
    return _reading("Amazon Transcribe JSON", cues, _at(results, "language_code"))


def _item(item: Object, speakers: dict[str, str], channel: str) -> Cue:
    speaker = string(item.get("speaker_label")) or speakers.get(string(item.get("start_time")), "") or channel
    return _word(item, "" if item.get("type") == "punctuation" else speaker)


def _word(item: Object, speaker: str) -> Cue:
    """A word of Amazon and Speechmatics, with the content of its best alternative."""
    text = string(_at(item, "alternatives", "content"))
    return Cue(milliseconds(item.get("start_time")), milliseconds(item.get("end_time")), text, speaker)


def google(data: Any) -> Reading | None:
    """`results[].alternatives[0].words[]`; with diarization the last result repeats every word, with speakers.

    Google writes "1.2s" or seconds and nanos; plain numbers are the milliseconds of Nvidia's Riva.
    """
    results = objects(data, "results") or objects(data, "response", "results")
    lists = [_first(result) for result in results]
    times = {"startTime", "startOffset", "endTime", "endOffset"}
    if not any(times & word.keys() for words in lists for word in words):
        return None
    notes = []
    earlier = sum(map(len, lists[:-1]))
    if len(lists) > 1 and len(lists[-1]) >= earlier > 0 and any("speakerTag" in word for word in lists[-1]):
        notes.append(f"The last result repeats all {earlier:,} words with their speakers; the words are kept once.")
        lists = lists[-1:]
    begun = {"startTime", "startOffset"}  # left out where it is 0
    words = [word if begun & word.keys() else {"startTime": 0} | word for words in lists for word in words]
    cues = joined_words([cue_of(word, 1.0) for word in words])
    return _reading("Google Speech JSON", cues, _at(results, "languageCode"), notes)


def azure(data: Any) -> Reading | None:
    """Batch `recognizedPhrases[]` (100-ns ticks or ISO 8601) and fast `phrases[]` (ms); not always in time order."""
    phrases = objects(data, "recognizedPhrases") or objects(data, "phrases")
    if not any("offsetInTicks" in p or "offset" in p or "offsetMilliseconds" in p for p in phrases):
        return None
    several = len({str(phrase.get("channel")) for phrase in phrases}) > 1
    cues = []
    for phrase in phrases:
        cue = cue_of(phrase, 1.0, string(_at(phrase, "nBest", "display")) or None)
        cues += _named([cue], f"Channel {phrase.get('channel')}" if several else "")
    return _reading("Azure Speech JSON", _by_time(cues), _at(phrases, "locale"))


def speechmatics(data: Any) -> Reading | None:
    """Version 2 `results[].alternatives[0].content`; version 1 `words[].name` with `time` and `duration` strings."""
    results = [item for item in objects(data, "results") if "start_time" in item and item.get("alternatives")]
    if any(item.get("type") == "word" for item in results):
        words = [_word(item, string(_at(item, "alternatives", "speaker"))) for item in results]
        language = _at(data, "metadata", "transcription_config", "language")
        return _reading("Speechmatics JSON", joined_words(words), language)
    old = [word for word in objects(data, "words") if "name" in word and "time" in word]
    begins = _begins(objects(data, "speakers"), "time", "name")
    cues = [cue_of(w, 1000.0, string(w.get("name")), _speaker_at(begins, milliseconds(w.get("time")))) for w in old]
    return _reading("Speechmatics JSON", joined_words(cues), _at(data, "job", "lang"))


def ibm(data: Any) -> Reading | None:
    """`results[].alternatives[0].timestamps` as [word, from, to]; `speaker_labels[]` keyed by the start."""
    outer = objects(data, "results")
    parts = outer if any("results" in item for item in outer) else [data]
    cues = []
    for part in parts:
        spans = objects(part, "speaker_labels")
        labels = {milliseconds(label.get("from")): speaker_name(label.get("speaker")) for label in spans}
        for result in objects(part, "results"):
            stamps = _at(result, "alternatives", "timestamps")
            for stamp in stamps if isinstance(stamps, list) else []:
                if isinstance(stamp, list) and len(stamp) >= 3 and isinstance(stamp[0], str):
                    start = milliseconds(stamp[1])
                    cues.append(Cue(start, milliseconds(stamp[2]), stamp[0], labels.get(start, "")))
    return _reading("IBM Watson JSON", joined_words(cues))


def bbc(data: Any) -> Reading | None:
    """Words, and in another list who speaks when: BBC Kaldi's `segmentation`, digital paper edit's `paragraphs`."""
    inner = data.get("retval") if isinstance(data, dict) and isinstance(data.get("retval"), dict) else data
    words = [word for word in objects(inner, "words") if "start" in word and ("word" in word or "text" in word)]
    segments = objects(inner, "segmentation", "segments") or objects(inner, "paragraphs")
    if not words or not (segments or "punct" in words[0]):
        return None
    begins = _begins(segments, "start", "speaker")
    cues = [cue_of(word, speaker=_speaker_at(begins, milliseconds(word.get("start")))) for word in words]
    return _reading("Word list JSON", joined_words(cues))


def _begins(items: list[Object], time: str, name: str) -> list[tuple[int, str]]:
    """When who begins to speak, in order; before all, nobody."""
    known = ((milliseconds(item.get(time)), speaker_name(item.get(name))) for item in items)
    return [(-1, ""), *sorted((start, speaker) for start, speaker in known if start is not None)]


def _speaker_at(begins: list[tuple[int, str]], time: int | None) -> str:
    """Who speaks at a time: the last one who has begun."""
    return begins[bisect_right(begins, -1 if time is None else time, key=itemgetter(0)) - 1][1]
