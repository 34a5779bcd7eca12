"""One object of JSON, or row of a table -> what it says: a text, a speaker, times, whatever its keys are called."""

from __future__ import annotations

from dataclasses import dataclass, field
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
        times = {role: span(self.times[role], self.fields[role].unit or unit, frame_ms) for role in self.times}
        none = (None, None)
        (start, close), (end, _), (length, _) = (times.get(role, none) for role in _TIMES)
        end = close if end is None else end
        return Cue(
            start, start + length if end is None and start is not None and length else end, self.text, self.speaker
        )


def row_of(node: Object) -> Row:
    """What an object says for itself; of several keys for the same, the one that says most counts."""
    row = Row()
    nested: list[Object] = []
    for key, value in node.items():
        meaning = field_of(key)
        role, best = meaning.role, row.fields.get(meaning.role)
        better = best is None or meaning.rank < best.rank
        if role == "speaker":
            if (name := speaker_name(value)) and (better or not row.speaker):
                row.speaker, row.fields[role] = name, meaning
        elif role == "text" and isinstance(value, str):
            if (better or is_punctuation(row.text)) and not (row.text.strip() and is_punctuation(value)):
                row.text, row.fields[role] = value, meaning
        elif role in _TIMES and better and span(value)[0] is not None:
            row.times[role], row.fields[role] = value, meaning
        elif isinstance(value, dict) and role not in ("text", "speaker"):
            nested.append(value)
            if role:
                row.speaker = row.speaker or speaker_name(value.get("name"))  # `from` is a person in messages
        elif key.lower() == "instances" and isinstance(value, list):
            nested.extend(item for item in value[:1] if isinstance(item, dict))
    if node.get("speaker_turn_next") is True:
        row.text += SPEAKER_TURN
    if row.text and "start" not in row.times:  # in an object of their own: `"time": {"from": 1, "to": 2}`
        inner = next((inner for inner in map(row_of, nested) if "start" in inner.times and not inner.text), Row())
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
    numbers = [number for value in values if (number := plain_number(value)) is not None]
    epoch = min(numbers, default=0.0)
    since_1970 = 1000.0 if epoch < _EPOCH * 1000 else 1.0
    if epoch > _EPOCH and len(numbers) == len(values) and (max(numbers) - epoch) * since_1970 < MAX_MS:
        known = since_1970
        for row in rows:
            row.times |= {
                role: (plain_number(row.times[role]) or 0) - epoch for role in {"start", "end"} & row.times.keys()
            }
    said = next(
        (found.unit for row in rows[:1] for role, found in row.fields.items() if found.unit and role != "length"), 0.0
    )
    unit = known or said or guess_unit(values, sum(len(row.text.split()) for row in rows))
    frame_ms = frame_length("\n".join(value for value in values if isinstance(value, str) and value.count(":") > 1))
    cues = list(turn_marks(row.cue(unit, frame_ms) for row in rows))
    return joined_words(cues) if are_words(cues) else cues
