"""What a key of JSON or the heading of a table means, and what an object or a row says: one vocabulary for both."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from soniclayer.transcript.formats.json_files import Object, speaker_name
from soniclayer.transcript.formats.stamps import SPEAKER_TURN, span, turn_marks
from soniclayer.transcript.model import Cue
from soniclayer.transcript.times import FRAME_MS, MAX_MS, frame_length, guess_unit, milliseconds, plain_number, scaled
from soniclayer.transcript.words import are_words, is_punctuation, joined_words

# In each role the first names say most: a table with `transcript` and `comment` has its words in `transcript`.
_NAMES = {
    "text": """
        punctuatedword punct text body content contents transcript transcription transcripttext caption captions
        subtitle subtitles utterance sentence sentences dialogue dialog speech spokentext displaytext segment
        segmenttext line lines word words value display lyric message predtext texte texto untertitel transkript tekst
        replik beitrag 文本 文字 内容 テキスト 発言 発言内容 description comment comments notes markername srt vtt
    """,
    "start": """
        start begin from in timein tin inpoint tcin timecodein incue cuestart onset starttc bg time ts timestamp
        timestamps timecode tc offset t sec secs seconds anfang beginn debut début inicio startzeit zeit zeitstempel
        horodatage temps hora tiempo heure tid starttid från von desde inizio tempo 时间 開始 开始时间 開始時間 時間
    """,
    "end": """
        end stop to out endts timeout tout outpoint tcout timecodeout outcue cueend finish until endtc ed ende fin
        fine endzeit sluttid till bis hasta 结束时间 終了 終了時間
    """,
    "length": "duration dur d length len dauer durée duree duración duracion längd",
    "speaker": """
        speakername speakerdisplayname displayname participantname username users personname sendername attendeename
        talker voice speaker speakers speakerlabel speakerid speakertag speakernumber spk spkid participant
        participantid participantrole person actor character who name role author sprecher sprecherin locuteur
        hablante orador interlocuteur intervenant orateur talare spreker 说话人 发言人 話者 発言者
    """,
    "other": "n no nr id index number num row confidence score language file filename segmentid channel cue",
}
_RANK = {name: (role, rank) for role, names in _NAMES.items() for rank, name in enumerate(names.split())}
_UNIT = re.compile(r"(?<=.)(?:in)?(?:(milliseconds?|millis?|msecs?|ms)|(seconds?|secs?)|ticks)$")
_SAID_UNIT = re.compile(r"(?<![a-z])(?:(ms|millisec\w{0,6})|s|sec|secs|seconds?)\b")  # `Start (ms)`, `start_s`
# What stands around the names above without changing what they mean; the more of it, the less likely is the field.
_BEFORE = re.compile(
    r"(corrected|edited|final|clean|punctuated)|data|audio|video|media|relative|adjusted|segment|cue|utterance|word"
    r"|speech|spoken|caption|subtitle|clip|record|source|raw|original|full|marker|absolute"
    r"|t(?=start|end|offset|dur)|d(?=duration)"
)
_AFTER = re.compile(r"(?<=.)(?:time(?:stamp|code)?s?|offset|stamp|tc|point|position|date)$")
_EPOCH = 1e9
_NUMBERS = frozenset([int, float])


@dataclass(frozen=True, slots=True)
class Field:
    """The meaning of one name."""

    role: str = ""  # "text", "start", "end", "length", "speaker", "other", or "" where the name says nothing
    unit: float = 0.0  # milliseconds per unit of a plain number, or 0 where the name does not say
    rank: int = 0  # of two names with the same role the one with the lower rank is meant


def core_of(name: str) -> str:
    """The small letters of a name, without what is added in brackets."""
    return re.sub(r"[\W\d_]", "", re.sub(r"(?<=.)[(\[].*", "", name[:120])).lower()


@cache
def field_of(name: str) -> Field:
    """What a key or heading means, whatever its case, its separators and what is added in brackets."""
    core = core_of(name)
    role, rank = _RANK.get(core, ("", 0))
    if role in ("text", "speaker", "other"):
        return Field(role, 0.0, rank)
    said, ending, unit = _SAID_UNIT.search(name[:120].lower()), _UNIT.search(core), 0.0
    if said is not None:
        unit = 1.0 if said[1] else 1000.0
    if ending is not None:
        unit, core = 1.0 if ending[1] else 1000.0 if ending[2] else 1e-4, core[: ending.start()]
    for _ in range(3):
        if core in _RANK:
            role, known = _RANK[core]
            # A number whose unit is said is worth more than the same time as a clock.
            better = 0 if not unit else 12 if unit == 1 else 10
            return Field(role, unit if role in ("start", "end", "length") else 0.0, known + rank - better)
        before, after = _BEFORE.match(core), _AFTER.search(core)
        if before is not None and before.end() < len(core):
            core, rank = core[before.end() :], rank + (-1 if before[1] else 20)
        elif after is not None:
            core, rank = core[: after.start()], rank + 5
    return Field()


_Known = tuple[str, Field]  # a key, and what it means
_Pair = tuple[str, float, str, float, bool]  # the keys of start and end with their units; whether the end is a length


@dataclass(slots=True)
class Row:
    """What an object of JSON or a row of a table says."""

    text: str = ""
    speaker: str = ""
    rank: int = 0  # of the key that names the speaker
    # By role, the value as it is and the milliseconds that a plain number counts, 0 where no key says so.
    times: dict[str, tuple[Any, float]] = field(default_factory=dict)

    def cue(self, unit: float, frame_ms: float = FRAME_MS) -> Cue:
        """The row as a cue; unit: milliseconds that a number counts whose key does not say so."""
        start = end = length = None
        for role, (value, said) in self.times.items():
            time, inner = span(value, said or unit, frame_ms)
            if role == "start":
                start = time
                end = end if inner is None else inner
            elif role == "end":
                end = time
            else:
                length = time
        if end is None and start is not None and length:
            end = start + length
        return Cue(start, end, self.text, self.speaker)


@lru_cache(1024)
def _meanings(keys: tuple[str, ...]) -> tuple[list[_Known], list[_Known], list[_Known], _Pair | None]:
    """The keys of texts, of speakers and of times, the best of each first, and the best start and end (or length)."""
    found = sorted(((key, field_of(key)) for key in keys), key=lambda item: item[1].rank)
    texts, speakers, starts, ends, lengths = (
        [item for item in found if item[1].role == role] for role in ("text", "speaker", "start", "end", "length")
    )
    pair = None
    if starts and (ends or lengths) and "speaker_turn_next" not in keys:
        (first, begin), (last, finish) = starts[0], (ends or lengths)[0]
        pair = first, begin.unit, last, finish.unit, finish.role == "length"
    return texts, speakers, starts + ends + lengths, pair


def row_of(node: Object, number: float = 1000.0) -> Row:
    """What an object says for itself; of several keys for the same, the one that says most counts.

    number: milliseconds that a plain number will be taken for.
    """
    texts, speakers, times, _ = _meanings(tuple(node))
    row = Row(_text(node, texts), *_speaker(node, speakers))
    for key, known in times:
        value, role = node[key], known.role
        if role not in row.times and (type(value) in _NUMBERS or span(value, known.unit or number)[0] is not None):
            row.times[role] = value, known.unit
        elif isinstance(value, dict):  # `from` is a person in messages
            row.speaker = row.speaker or speaker_name(value.get("name"))
    if node.get("speaker_turn_next") is True:
        row.text += SPEAKER_TURN
    if row.text and "start" not in row.times:
        row.times = _nested_times(node)
    return row


def _text(node: Object, keys: list[_Known]) -> str:
    text = ""
    for key, _ in keys:
        value = node[key]
        if not isinstance(value, str):
            continue
        # Words say more than a punctuation mark, and that more than blanks.
        if not text or (is_punctuation(text) and not (text.strip() and is_punctuation(value))):
            text = value
    return text


def _speaker(node: Object, keys: list[_Known]) -> tuple[str, int]:
    for key, known in keys:
        if name := speaker_name(node[key]):
            return name, known.rank
    return "", 0


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
    if cue := plain_cue(node, unit, text, speaker):
        return cue
    row = row_of(node, unit)
    row.text = row.text if text is None else text
    row.speaker = row.speaker if speaker is None else speaker
    return row.cue(unit)


def plain_cue(node: Object, unit: float, text: str | None = None, speaker: str | None = None) -> Cue | None:
    """An object as a cue, if its start and its end are plain numbers, as most are; this takes half the time."""
    texts, speakers, _, pair = _meanings(tuple(node))
    if pair is None:
        return None
    first, begin, last, finish, is_length = pair
    start, end = _plain_ms(node[first], begin or unit), _plain_ms(node[last], finish or unit)
    if start is None or end is None:
        return None
    if text is None:
        text = _text(node, texts)
    if speaker is None:
        speaker = _speaker(node, speakers)[0] if speakers else ""
    return Cue(start, (start + end if end else None) if is_length else end, text, speaker)


def _plain_ms(value: Any, unit: float) -> int | None:
    if type(value) in _NUMBERS:
        return scaled(value, unit)
    return milliseconds(value, unit) if isinstance(value, str) and ":" not in value else None


def cues_of(rows: list[Row], known: float = 0.0) -> list[Cue]:
    """The cues of a list or table; known: milliseconds that a number counts, 0 to decide by the speed of speech."""
    values = [value for row in rows for role, (value, unit) in row.times.items() if role != "length" and not unit]
    if values and (plain_number(values[0]) or 0) > _EPOCH:
        known = _since_1970(rows, [plain_number(value) for value in values]) or known
    said = next((unit for row in rows[:1] for role, (_, unit) in row.times.items() if unit and role != "length"), 0.0)
    unit = known or said or guess_unit(values, sum(len(row.text.split()) for row in rows))
    frame_ms = frame_length("\n".join(value for value in values if isinstance(value, str) and value.count(":") > 1))
    return finished([row.cue(unit, frame_ms) for row in rows])


def finished(cues: list[Cue]) -> list[Cue]:
    """The cues with `>>` where it is marked that the speaker changes, and words joined."""
    if any(SPEAKER_TURN in cue.text for cue in cues):
        cues = list(turn_marks(cues))
    return joined_words(cues) if are_words(cues) else cues


def _since_1970(rows: list[Row], numbers: list[float | None]) -> float:
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
