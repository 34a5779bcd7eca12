"""One object of JSON, or row of a table -> what it says: a text, a speaker, times, whatever its keys are called."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from soniclayer.transcript.formats.fields import field_of
from soniclayer.transcript.formats.json_files import Object, speaker_name
from soniclayer.transcript.formats.stamps import SPEAKER_TURN, span, turn_marks
from soniclayer.transcript.model import Cue
from soniclayer.transcript.times import FRAME_MS, MAX_MS, frame_length, guess_unit, plain_number
from soniclayer.transcript.words import are_words, is_punctuation, joined_words

if TYPE_CHECKING:
    from collections.abc import Sequence

TIMES = frozenset(["start", "end", "length"])
_EPOCH = 1e9
_NUMBERS = frozenset([int, float])


@dataclass(slots=True)
class Row:
    """What an object of JSON or a row of a table says.

    Attributes:
        text: what is said.
        speaker: who says it.
        rank: of the key that names the speaker; see `Field`.
        times: by role, the value as it is and the milliseconds that a plain number counts, 0 where no key says so.
    """

    text: str = ""
    speaker: str = ""
    rank: int = 0
    times: dict[str, tuple[Any, float]] = field(default_factory=dict)

    def cue(self, unit: float, frame_ms: float = FRAME_MS) -> Cue:
        """The row as a cue; unit: milliseconds that a number counts whose key does not say so."""
        start = end = None
        for role, (value, said) in self.times.items():
            if role == "start":
                start, inner = span(value, said or unit, frame_ms)
                end = inner if end is None else end
            elif role == "end":
                end = span(value, said or unit, frame_ms)[0]
        if end is None and start is not None and "length" in self.times:
            value, said = self.times["length"]
            length = span(value, said or unit, frame_ms)[0]
            end = start + length if length else None
        return Cue(start, end, self.text, self.speaker)


@lru_cache(1024)
def _meanings(keys: tuple[str, ...]) -> list[tuple[str, str, float, int]]:
    """(key, role, unit, rank) of the keys that say something; of those for the same the best comes first."""
    found = [(key, known.role, known.unit, known.rank) for key in keys if (known := field_of(key)).role]
    return sorted((item for item in found if item[1] != "other"), key=lambda item: item[3])


def row_of(node: Object, number: float = 1000.0) -> Row:
    """What an object says for itself; of several keys for the same, the one that says most counts.

    number: milliseconds that a plain number will be taken for.
    """
    row = Row()
    times = row.times
    for key, role, unit, rank in _meanings(tuple(node)):
        value = node[key]
        if role == "text":
            if isinstance(value, str) and (not row.text or _says_more(value, row.text)):
                row.text = value
        elif role == "speaker":
            if not row.speaker and (name := speaker_name(value)):
                row.speaker, row.rank = name, rank
        elif role not in times and (type(value) in _NUMBERS or span(value, unit or number)[0] is not None):
            times[role] = value, unit
        elif isinstance(value, dict):  # `from` is a person in messages
            row.speaker = row.speaker or speaker_name(value.get("name"))
    if node.get("speaker_turn_next") is True:
        row.text += SPEAKER_TURN
    if row.text and "start" not in times:
        row.times = _nested_times(node)
    return row


def _says_more(text: str, taken: str) -> bool:
    """Whether words are found where only a punctuation mark was, or a mark where only blanks were."""
    return is_punctuation(taken) and not (taken.strip() and is_punctuation(text))


def _nested_times(node: Object) -> dict[str, tuple[Any, float]]:
    """The times in an object of their own: `"time": {"from": 1, "to": 2}`, or the first of `instances`."""
    for key, value in node.items():
        if key.lower() == "instances" and isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, dict) and field_of(key).role not in ("text", "speaker"):
            inner = row_of(value)
            if {"start", "end"} <= inner.times.keys() and not inner.text:  # no `"usage": {"seconds": 90}`
                return inner.times
    return {}


def cue_of(node: Object, unit: float = 1000.0, text: str | None = None, speaker: str | None = None) -> Cue:
    """An object as a cue, with a text or a speaker that is known better than from its keys; unit: see `Row.cue`."""
    row = row_of(node, unit)
    if text is not None:
        row.text = text
    if speaker is not None:
        row.speaker = speaker
    return row.cue(unit)


def cues_of(rows: Sequence[Row], known: float = 0.0) -> list[Cue]:
    """The cues of a list or table; known: milliseconds that a number counts, 0 to decide by the speed of speech."""
    values = [value for row in rows for role, (value, unit) in row.times.items() if role != "length" and not unit]
    if values and (plain_number(values[0]) or 0) > _EPOCH:
        known = _since_1970(rows, [plain_number(value) for value in values]) or known
    said = next((unit for row in rows[:1] for role, (_, unit) in row.times.items() if unit and role != "length"), 0.0)
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
        for role, (value, said) in row.times.items():
            if role != "length":
                row.times[role] = (plain_number(value) or 0) - first, said
    return unit
