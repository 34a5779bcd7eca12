"""Plain files of people who study speech: NIST's STM and CTM, TextGrid of Praat, CHAT of TalkBank."""

from __future__ import annotations

import re

from soniclayer.errors import TranscriptError
from soniclayer.transcript.model import Cue
from soniclayer.transcript.reading import Reading
from soniclayer.transcript.times import milliseconds
from soniclayer.transcript.words import joined_words

_SPAN = r"[ \t]+(\d{1,6}(?:\.\d{1,6})?)[ \t]+(\d{1,6}(?:\.\d{1,6})?)"
_FILE = r"^\S{1,200}[ \t]+"
_STM = re.compile(rf"{_FILE}\S{{1,9}}[ \t]+(\S{{1,80}}){_SPAN}(?:[ \t]+<[^<>\n]{{0,80}}>)?[ \t](.*)$", re.M)
_CTM = re.compile(rf"{_FILE}(\w{{1,3}}){_SPAN}[ \t]+(\S{{1,80}})(?:[ \t]+[\w.-]{{1,20}}){{0,3}}[ \t]*$", re.M)
_SILENT = frozenset(["inter_segment_gap", "excluded_region", "<sil>", "[noise]", "ignore_time_segment_in_scoring"])
_TIER = re.compile(
    r'name = "([^"\n]{0,200})"|xmin = ([\d.]{1,20})\s{1,99}xmax = ([\d.]{1,20})\s{1,99}text = "((?:[^"]|"")*+)"'
)
_SAID = re.compile(r"^\*(\w{1,20}):[ \t](.*(?:\n[ \t].*){0,99})", re.M)
_NAMED = re.compile(r"(\w{1,20}) ([A-Z][\w-]{0,40}) [A-Z]\w{0,40}(?=,|\s*$)", re.M)
_BULLET = re.compile(r"(\d{1,9})_(\d{1,9})\s*$")
_CODES = re.compile(r"\[[^\[\]\n]{0,80}\]|&[-+~=]?\S{1,40}|[<>‡„]|\(\.{1,3}\)|\+(?=[.,/\"<])\S{0,4}|\s+(?=[.?!,])")


def regular(pattern: re.Pattern[str], text: str) -> bool:
    """Whether nine lines in ten of the beginning, and the first, have this shape."""
    lines = [line for line in text[:16_384].split("\n") if line.strip() and not line.startswith(";;")]
    found = list(map(pattern.match, lines))
    return bool(found and found[0]) and sum(map(bool, found)) * 10 >= len(found) * 9


def kind_of(text: str) -> str:
    """Which of these a text is, or ""."""
    if "ooTextFile" in text[:200]:
        return "TextGrid"
    if re.match(r"\s*(?:@UTF8\s|@Begin\b)", text):
        return "CHAT"
    return "CTM" if regular(_CTM, text) else "STM" if regular(_STM, text) and "\n" in text else ""


def read_corpus(text: str) -> Reading:
    """STM (`file channel speaker start end words`), CTM (`file channel start duration word`), TextGrid or CHAT."""
    kind = kind_of(text)
    cues = _READERS[kind](text) if kind else []
    if not cues:
        raise TranscriptError(
            "No line of this file has the speech of STM, CTM, TextGrid or CHAT. Choose another format."
        )
    return Reading(kind, cues, labelled=True)


def _stm(text: str) -> list[Cue]:
    return [
        Cue(milliseconds(start), milliseconds(end), said, speaker)
        for speaker, start, end, said in _STM.findall(text)
        if not {speaker.lower(), said.strip().lower()} & _SILENT
    ]


def _ctm(text: str) -> list[Cue]:
    spoken = [row for row in _CTM.findall(text) if row[3].lower() not in _SILENT]
    times = [(float(start), float(start) + float(length), said) for _, start, length, said in spoken]
    return joined_words([Cue(round(1000 * start), round(1000 * end), said) for start, end, said in times])


def _textgrid(text: str) -> list[Cue]:
    """The intervals of the tiers with phrases, else of the first; a tier is a speaker where several are read."""
    tiers: dict[str, list[Cue]] = {}
    tier = ""
    for name, start, end, said in _TIER.findall(text):
        tier = name or tier
        if said.strip():
            cue = Cue(milliseconds(start), milliseconds(end), said.replace('""', '"'), tier)
            tiers.setdefault(tier, []).append(cue)
    phrases = [cues for cues in tiers.values() if any(" " in cue.text.strip() for cue in cues)]
    read = phrases or list(tiers.values())[:1]
    cues = [cue if len(read) > 1 else Cue(cue.start_ms, cue.end_ms, cue.text) for cues in read for cue in cues]
    return sorted(cues, key=lambda cue: cue.start_ms or 0)


def _chat(text: str) -> list[Cue]:
    """`*ADA: words . 500_3200` in milliseconds; the header says who ADA is."""
    header = re.search(r"^@Participants:[ \t](.*(?:\n[ \t].*){0,20})", text, re.M)
    names = dict(_NAMED.findall(header[1])) if header else {}
    cues = []
    for code, said in _SAID.findall(text):
        time = _BULLET.search(said)
        words = _CODES.sub("", said[: time.start()] if time else said)
        start, end = (int(time[1]), int(time[2])) if time else (None, None)
        cues.append(Cue(start, end, words, names.get(code, code)))
    return cues


_READERS = {"STM": _stm, "CTM": _ctm, "TextGrid": _textgrid, "CHAT": _chat}
