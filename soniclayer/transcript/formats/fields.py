"""What a key of JSON or the heading of a table means: one vocabulary for both."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

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
    r"|speech|spoken|caption|subtitle|clip|record|source|raw|original|full|marker|absolute|t(?=start|end|offset|dur)|d(?=duration)"
)
_AFTER = re.compile(r"(?<=.)(?:time(?:stamp|code)?s?|offset|stamp|tc|point|position|date)$")


@dataclass(frozen=True, slots=True)
class Field:
    """The meaning of one name.

    Attributes:
        role: "text", "start", "end", "length", "speaker", "other", or "" where the name says nothing.
        unit: milliseconds per unit of a plain number, or 0 where the name does not say.
        rank: of two fields with the same role the one with the lower rank is meant.
    """

    role: str = ""
    unit: float = 0.0
    rank: int = 0


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
