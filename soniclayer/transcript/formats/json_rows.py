"""One object of JSON, or row of a table -> what it says: a text, a speaker, times, whatever its keys are called."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from soniclayer.transcript.formats.fields import Field, field_of
from soniclayer.transcript.formats.json_files import Object, speaker_name
from soniclayer.transcript.formats.stamps import SPEAKER_TURN, span, turn_marks
from soniclayer.transcript.model import Cue
from soniclayer.transcript.times import FRAME_MS, MAX_MS, frame_length, guess_unit, plain_number
from soniclayer.transcript.words import are_words, is_punctuation, joined_words

if TYPE_CHECKING:
    from collections.abc import Sequence

_TIMES = ("start", "end", "length")
_ROLES = ("text", "speaker", *_TIMES)
_EPOCH = 1e9


@dataclass(slots=True)
class Row:
    """A text with its raw times by role, and what the key or heading of each value says of it."""

    text: str = ""
    speaker: str = ""
    times: dict[str, Any] = field(default_factory=dict)
    fields: dict[str, Field] = field(default_factory=dict)

    def cue(self, unit: float, frame_ms: float = FRAME_MS) -> Cue:
        """The row as a cue; unit: milliseconds that a number counts whose key does not say so."""
        times, fields = self.times, self.fields
        start = end = None
        if "start" in times:
            start, end = span(times["start"], fields["start"].unit or unit, frame_ms)
        if "end" in times:
            end = span(times["end"], fields["end"].unit or unit, frame_ms)[0]
        if "length" in times and end is None and start is not None:
            length = span(times["length"], fields["length"].unit or unit, frame_ms)[0]
            end = start + length if length else None
        return Cue(start, end, self.text, self.speaker)


@lru_cache(1024)
def _meanings(keys: tuple[str, ...]) -> list[tuple[str, Field]]:
    """The keys that say something, with what; of those for the same the one that says most comes first."""
    found = [(key, field_of(key)) for key in keys]
    return sorted(((key, known) for key, known in found if known.role in _ROLES), key=lambda item: item[1].rank)


def row_of(node: Object) -> Row:
    """What an object says for itself; of several keys for the same, the one that says most counts."""
    row = Row()
    for key, meaning in _meanings(tuple(node)):
        role, value = meaning.role, node[key]
        if role == "text":
            if isinstance(value, str) and (
                not row.text or (is_punctuation(row.text) and not (row.text.strip() and is_punctuation(value)))
            ):
                row.text, row.fields[role] = value, meaning
        elif role == "speaker":
            if not row.speaker and (name := speaker_name(value)):
                row.speaker, row.fields[role] = name, meaning
        elif role not in row.times and (type(value) in (int, float) or span(value)[0] is not None):
            row.times[role], row.fields[role] = value, meaning
        elif isinstance(value, dict):  # `from` is a person in messages
            row.speaker = row.speaker or speaker_name(value.get("name"))
    if node.get("speaker_turn_next") is True:
        row.text += SPEAKER_TURN
    if row.text and "start" not in row.times:  # in an object of their own: `"time": {"from": 1, "to": 2}`
        nested = (
            value[0] if key.lower() == "instances" and isinstance(value, list) and value else value
            for key, value in node.items()
            if field_of(key).role not in ("text", "speaker")
        )
        rows = (row_of(value) for value in nested if isinstance(value, dict))
        inner = next((inner for inner in rows if "start" in inner.times and not inner.text), Row())
        row.times, row.fields = inner.times, inner.fields | row.fields
    return row


def cue_of(node: Object, unit: float = 1000.0, text: str | None = None, speaker: str | None = None) -> Cue:
    """An object as a cue, with a text or a speaker that is known better than from its keys; unit: see `Row.cue`."""
    row = row_of(node)
    row.text, row.speaker = row.text if text is None else text, row.speaker if speaker is None else speaker
    return row.cue(unit)


def cues_of(rows: Sequence[Row], known: float = 0.0) -> list[Cue]:
    """The cues of a list or table; known: milliseconds that a number counts, 0 to decide by the speed of speech."""
    values = [
        value for row in rows for role, value in row.times.items() if role != "length" and not row.fields[role].unit
    ]
    if values and (plain_number(values[0]) or 0) > _EPOCH:
        known = _since_1970(rows, [plain_number(value) for value in values]) or known
    said = next(
        (found.unit for row in rows[:1] for role, found in row.fields.items() if found.unit and role != "length"), 0.0
    )
    unit = known or said or guess_unit(values, sum(len(row.text.split()) for row in rows))
    frame_ms = frame_length("\n".join(value for value in values if isinstance(value, str) and value.count(":") > 1))
    cues = list(turn_marks(row.cue(unit, frame_ms) for row in rows))
    return joined_words(cues) if are_words(cues) else cues


def _since_1970(rows: Sequence[Row], numbers: list[float | None]) -> float:
    """Makes dates in seconds or milliseconds times of the show, and returns their unit; 0 if they are no dates."""
    known = [number for number in numbers if number is not None]
    first, unit = min(known), 1000.0 if min(known) < _EPOCH * 1000 else 1.0
    if len(known) < len(numbers) or first < _EPOCH or (max(known) - first) * unit > MAX_MS:
        return 0.0
    for row in rows:
        row.times |= {
            role: (plain_number(row.times[role]) or 0) - first for role in {"start", "end"} & row.times.keys()
        }
    return unit
