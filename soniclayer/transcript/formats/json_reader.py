"""JSON: the dialects that are known, and in any other shape the largest list of texts with times."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from soniclayer.errors import TranscriptError
from soniclayer.transcript.formats import json_clouds, json_speech
from soniclayer.transcript.formats.json_files import Object, load, speaker_name
from soniclayer.transcript.model import Cue
from soniclayer.transcript.reading import Reading
from soniclayer.transcript.times import guess_unit, milliseconds
from soniclayer.transcript.words import joined_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_DIALECTS = (
    json_speech.youtube,
    json_speech.podcasting,
    json_speech.whisper_cpp,
    json_clouds.rev,
    json_clouds.aws,
    json_clouds.deepgram,
    json_clouds.assemblyai,
    json_clouds.google,
    json_clouds.azure,
    json_clouds.speechmatics,
    json_clouds.ibm,
    json_clouds.bbc,
    json_speech.whisper,
    json_speech.openai_words,
    json_speech.huggingface,
    json_speech.text_only,
)


def read_json(text: str) -> Reading:
    """A transcript in JSON.

    Raises:
        TranscriptError: it is not JSON, or holds no text.
    """
    data = load(text)
    for dialect in _DIALECTS:
        reading = dialect(data)
        if reading is not None:
            return reading
    return read_any(data)


# What a key means: (role, milliseconds per unit or 0 where the unit is not said).
_ROLES = {
    "text": "punctuatedword punct text body content transcript caption utterance sentence line word value display "
    "spokentext subtitle lyric dialogue speech",
    "start": "start starttime begin begintime from time ts timestamp offset startoffset in intime tstart t startts "
    "timecode starttimecode startsecs startseconds startsec seconds startms starttimems startmillis "
    "startmilliseconds tstartms beginoffsetmillis offsetmilliseconds offsetms starttimeinmilliseconds startmilli "
    "beginms offsetinticks sec timestampms",
    "end": "end endtime stop to out outtime finish endoffset endts tend endtimecode endsecs endseconds endsec endms "
    "endtimems endmillis endmilliseconds tendms endoffsetmillis endtimeinmilliseconds endmilli stopms",
    "length": "duration dur length durationms ddurationms durationmilliseconds durationseconds durationinticks",
    "speaker": "speaker speakername speakerlabel speakerid speakertag voice participant participantrole "
    "participantname role who author name person actor",
}
_ROLE_OF = {name: role for role, names in _ROLES.items() for name in names.split()}
_SECONDS = ("sec", "secs", "seconds")
_TEXT_ORDER = {name: i for i, name in enumerate(_ROLES["text"].split())}


@cache
def _meaning(key: str) -> tuple[str, float, int]:
    """(role, milliseconds per unit or 0, rank among the keys of the same role)."""
    name = re.sub(r"[^a-z]", "", key.lower())
    role = _ROLE_OF.get(name, "")
    if role == "text":
        return role, 0.0, _TEXT_ORDER[name]
    if role == "speaker":
        return role, 0.0, 0 if name in ("voice", "speakername", "participantname") else 1
    if name.endswith(("ms", "millis", "milliseconds", "milli")) and role in ("start", "end", "length"):
        return role, 1.0, 0
    if name.endswith("ticks"):
        return role, 1e-4, 0
    return role, 1000.0 if name.endswith(_SECONDS) else 0.0, 1


_Path = tuple[str, ...]
_MAX_DEPTH = 40


@dataclass(slots=True)
class _Row:
    """One object with a text: raw time values, each with its unit in milliseconds or 0 where that is not known."""

    text: str = ""
    speaker: str = ""
    start: Any = None
    end: Any = None
    length: Any = None
    units: dict[str, float] = field(default_factory=dict)


def read_any(data: Any) -> Reading:
    """The largest list of timed texts anywhere in the value, or else of texts.

    Raises:
        TranscriptError: there is no text in it.
    """
    groups: dict[_Path, list[_Row]] = {}
    for path, row in _rows(data):
        groups.setdefault(path, []).append(row)
    timed = {
        path: rows for path, rows in groups.items() if sum(row.start is not None for row in rows) * 2 > len(rows)
    }
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
    cues = _cues(candidates[best])
    return Reading("JSON", cues, timed=bool(timed), labelled=any(cue.speaker for cue in cues))


def _is_text(rows: Sequence[_Row]) -> bool:
    """Untimed texts count where they are sentences, not the values of settings."""
    return any(" " in row.text.strip() for row in rows)


def _rows(data: Any) -> Iterator[tuple[_Path, _Row]]:
    """Every object with a text, in document order, with the keys that lead to it."""
    stack: list[tuple[Any, _Path, str]] = [(data, (), "")]
    while stack:
        node, path, speaker = stack.pop()
        if isinstance(node, list):
            stack.extend((item, path, speaker) for item in reversed(node) if isinstance(item, list | dict))
        elif isinstance(node, dict) and len(path) < _MAX_DEPTH:
            row = _row(node)
            speaker = _own_speaker(node) or speaker
            if row.text.strip():
                row.speaker = row.speaker or speaker
                yield path, row
            children = [
                (value, (*path, key), speaker) for key, value in node.items() if isinstance(value, list | dict)
            ]
            stack.extend(reversed(children))


def _row(node: Object) -> _Row:
    row, best_text = _Row(), 99
    for key, value in node.items():
        role, unit, rank = _meaning(key)
        if role == "text":
            if isinstance(value, str) and rank < best_text:
                row.text, best_text = value, rank
        elif role == "speaker":
            # A name says more than the number beside it.
            row.speaker = (row.speaker if rank and row.speaker else "") or speaker_name(value) or row.speaker
        elif role and milliseconds(value) is not None and (getattr(row, role) is None or unit > row.units[role] > 0):
            setattr(row, role, value)
            row.units[role] = unit
    return row


def _own_speaker(node: Object) -> str:
    for key in node:
        if key.lower().startswith(("speaker", "voice", "participant")) and _meaning(key)[0] == "speaker":
            return speaker_name(node[key])
    return ""


def _cues(rows: Sequence[_Row]) -> list[Cue]:
    values = [value for row in rows for value in (row.start, row.end) if value is not None]
    words = sum(row.text.count(" ") + 1 for row in rows)
    unit = guess_unit(values, words)
    cues = []
    for row in rows:
        start = milliseconds(row.start, row.units.get("start") or unit)
        end = milliseconds(row.end, row.units.get("end") or unit)
        length = milliseconds(row.length, row.units.get("length") or unit)
        if end is None and start is not None and length is not None:
            end = start + length
        cues.append(Cue(start, end, row.text, row.speaker))
    return joined_words(cues) if words < 1.5 * len(rows) else cues
