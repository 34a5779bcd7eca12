"""JSON: the dialects that are known, and in any other shape the largest list of texts with times."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from soniclayer.errors import TranscriptError
from soniclayer.transcript.formats import captions, json_clouds, json_speech
from soniclayer.transcript.formats.fields import Row, cues_of, field_of, finished, plain_cue, row_of
from soniclayer.transcript.formats.json_files import Object, language_of, load, names_by_id, objects
from soniclayer.transcript.formats.prose import read_text
from soniclayer.transcript.formats.stamps import carried
from soniclayer.transcript.reading import Reading
from soniclayer.transcript.text import plain
from soniclayer.transcript.times import MAX_MS

# Shapes that need no reader of their own: what they are called, a list and what one of its items has, what in an item
# holds the times, and the unit of numbers in milliseconds.
_KNOWN = (
    ("Podcasting 2.0 JSON", "segments", ("body", "startTime"), "", 1000.0),
    ("whisper.cpp JSON", "transcription", ("timestamps", "offsets"), "offsets", 1.0),
    ("Hugging Face Whisper JSON", "chunks", ("timestamp",), "timestamp", 1000.0),
)


def read_json(text: str) -> Reading:
    """A transcript in JSON."""
    data = load(text)
    if (reading := next(filter(None, (dialect(data) for dialect in _DIALECTS)), None)) is None:
        reading = replace(read_any(data), language=language_of(data))
    if names := names_by_id(data):
        reading.cues = [replace(cue, speaker=names.get(cue.speaker, cue.speaker)) for cue in reading.cues]
    if "<" in text or "&" in text or "\\u00" in text:
        reading.cues = [
            cue if (words := plain(cue.text)) is cue.text else replace(cue, text=words) for cue in reading.cues
        ]
    return reading


def _known(data: Any) -> Reading | None:
    for name, key, keys, inner, unit in _KNOWN:
        items = objects(data, key) or (objects(data) if key == "chunks" else [])
        found = ((key, item[key]) for item in items[:20] for key in keys if key in item)
        if any(key != "timestamp" or not isinstance(value, dict) for key, value in found):
            reading = _plain(data, items, inner, unit) or read_any(data, unit)
            if name.startswith("Podcasting"):
                reading.cues = carried(reading.cues)
            return replace(reading, format=name, language=language_of(data))
    return None


def _plain(data: Any, items: list[Object], inner: str, unit: float) -> Reading | None:
    """What the items say, if all have plain times, and nothing else in the file could say more about them."""
    if isinstance(data, dict) and (row_of(data).speaker or len(list(filter(objects, data.values()))) > 1):
        return None
    if inner:
        items = [item | _times(item.get(inner)) for item in items]
    cues = [cue for item in items if (cue := plain_cue(item, unit))]
    if len(cues) < len(items) or cues[0].start_ms == MAX_MS:  # dates count from 1970
        return None
    cues = finished([cue for cue in cues if cue.text.strip()])
    return Reading("JSON", cues, labelled=any(cue.speaker for cue in cues)) if cues else None


def _times(value: Any) -> Object:
    if isinstance(value, list):
        return dict(zip(("start", "end"), value, strict=False))
    return value if isinstance(value, dict) else {}


def _read_lines(data: Any) -> Reading | None:
    """A list of lines, `["Ada: Hello", …]` or `[{"Ada": "Hello"}, …]`, alone or as the only list of an object."""
    if isinstance(data, dict):
        lists = [value for value in data.values() if isinstance(value, list)]
        data = lists[0] if len(lists) == 1 and len(data) <= 3 else data
    if isinstance(data, list) and data and all(isinstance(item, dict) and len(item) == 1 for item in data):
        pairs = [(name, said) for item in data for name, said in item.items() if isinstance(said, str)]
        data = [said if field_of(name).role == "text" else f"{name}: {said}" for name, said in pairs]
    if not isinstance(data, list) or not all(isinstance(item, str) for item in data) or " " not in "".join(data):
        return None
    return replace(read_text("\n".join(data)), format="JSON")


_DIALECTS = (
    _read_lines,
    json_speech.youtube,
    json_speech.spotify,
    json_clouds.rev,
    json_clouds.aws,
    json_clouds.deepgram,
    json_clouds.assemblyai,
    json_clouds.google,
    json_clouds.azure,
    json_clouds.speechmatics,
    json_clouds.ibm,
    json_clouds.bbc,
    _known,
    json_speech.whisper,
    json_speech.openai_words,
)

_Path = tuple[str, ...]
_MAX_DEPTH = 40
_OTHERS = field_of("actor").rank  # from there on it may be the name of a file or a role in it


def read_any(data: Any, unit: float = 0.0) -> Reading:
    """The largest list of timed texts anywhere in the value, or else of texts; one text alone is read as text.

    unit: milliseconds that a number counts whose key does not say so; 0 to decide by the speed of speech.
    """
    groups = _groups(data)
    timed = {path: rows for path, rows in groups.items() if sum("start" in row.times for row in rows) * 2 > len(rows)}
    candidates = timed or {path: rows for path, rows in groups.items() if _is_text(rows)}
    if not candidates:
        raise TranscriptError(
            "This JSON holds no spoken text in a place where transcripts have it. "
            "Export the transcript as SRT, VTT or TXT instead."
        )
    sizes = {path: sum(len(row.text) for row in rows) for path, rows in candidates.items()}
    enough = max(sizes.values()) * 0.9
    full = [path for path in candidates if sizes[path] >= enough]
    best = min(full, key=lambda path: (len(candidates[path]) == 1, len(path)))
    if not timed and len(candidates[best]) == 1:
        said = candidates[best][0].text
        vtt = said.lstrip().startswith("WEBVTT")
        read = captions.read_vtt if vtt else captions.read_srt if captions.is_srt(said) else read_text
        return replace(read(said), format="JSON")
    cues = cues_of(candidates[best], unit)
    return Reading("JSON", cues, timed=bool(timed), labelled=any(cue.speaker for cue in cues))


def _is_text(rows: list[Row]) -> bool:
    """Untimed texts count where they are sentences, not the values of settings."""
    return any(" " in row.text.strip() for row in rows)


def _groups(data: Any) -> dict[_Path, list[Row]]:
    """Every object with a text, in document order, by the keys that lead to it.

    A speaker holds for everything inside its object; a time for the object that holds the text inside it.
    """
    groups: dict[_Path, list[Row]] = {}
    stack: list[tuple[Any, _Path, str, Row | None]] = [(data, (), "", None)]
    while stack:
        node, path, speaker, above = stack.pop()
        if isinstance(node, list):
            stack.extend((item, path, speaker, None) for item in reversed(node) if isinstance(item, (list, dict)))
        elif isinstance(node, dict) and len(path) < _MAX_DEPTH:
            row = row_of(node)
            if row.speaker and row.rank < _OTHERS:
                speaker = row.speaker
            if row.text.strip():
                row.speaker = row.speaker or speaker
                if "start" not in row.times and above is not None:
                    row.times = above.times
                groups.setdefault(path, []).append(row)
            # Beside a text with a time an object says more of the same, such as the time in another form.
            inside = list if row.text and "start" in row.times else (list, dict)
            timed = None if row.text else row if "start" in row.times else above
            children = [(key, value) for key, value in node.items() if isinstance(value, inside)]
            stack.extend((value, (*path, key), speaker, timed) for key, value in reversed(children))
    return groups
