"""SRT and WebVTT as files really are: one reader, because many a file is a mixture of both.

The text between two lines with `-->` belongs to the first of them, whatever blank lines it holds. That loses nothing
where stricter readers do (two caption libraries lose 10 % and 76 % of a published feed with bare seconds).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from soniclayer.errors import TranscriptError
from soniclayer.transcript.formats.json_files import objects, several, speaker_name
from soniclayer.transcript.model import Cue
from soniclayer.transcript.reading import Reading
from soniclayer.transcript.rolling import join_frames, unroll
from soniclayer.transcript.speakers import by_colour, is_generic, is_name, share_time
from soniclayer.transcript.text import count, line_numbers, one_line, strip_tags, unescape
from soniclayer.transcript.times import CLOCK, clock_to_ms
from soniclayer.transcript.words import are_words, joined_words

if TYPE_CHECKING:
    from collections.abc import Iterator

_ARROW = r"[ \t]{0,20}(?:-{1,3}>|[–—→]>?)[ \t]{0,20}"
# Bare seconds count as times only before a full arrow: "3.5 -> 4" is prose.
_IS_TIME = r"(?=-?\d{1,6}[ ]?[:：]|-?\d{1,6}(?:[.,]\d{1,9})?[ \t]{0,20}-->)"
TIMING = re.compile(rf"^[ \t]{{0,20}}{_IS_TIME}(-?{CLOCK}){_ARROW}(-?{CLOCK})(?![\d:])[ \t]*(.*)$", re.M)
_STANDARD = re.compile(  # as most are: found and read in less time
    r"^(\d\d:\d\d:)(\d\d)[.,](\d{3}) --> (\d\d:\d\d:)(\d\d)[.,](\d{3})$", re.M
)
_BROKEN_TIMING = re.compile(r"[ \t]{0,20}([-\d:.,; ]{0,30}?)[ \t]{0,9}-->([-\d:.,; ]{0,30})")
_SETTINGS = re.compile(
    r"(?:[A-Za-z]\w{0,15}:[^\s:]{1,60}+\s{0,9}){1,9}|(?:align|line|position|region|size|vertical)\b.*"
)
_VOICE = re.compile(r"<v(?:\.[^\s<>]{1,60})?[ \t]{1,9}([^<>\n]{1,200})>", re.I)
_BLOCK = re.compile(r"(?:NOTE|STYLE|REGION|WEBVTT)(?:[ \t\n]|$)|Region:|X-TIMESTAMP-MAP")
_ANY_BLOCK = re.compile(r"^(?:NOTE|STYLE|REGION|Region:|X-TIMESTAMP-MAP|\nWEBVTT)", re.M)
_OTHER_ARROWS = ("→", "–>", "—>")
_TITLE = re.compile(r'(?:\d{1,7}\s{0,3}[-–:.]?\s{1,3})?"?([^"]{1,80}?)"?(?:\s{1,3}\(\d{1,20}\))?')
_CHANGE = re.compile(r"(?<=\S)\s{1,9}>>+\s{0,9}(?=\S)")
_BLANK_LINES = re.compile(r"\n[ \t]{0,99}\n\s*")


@dataclass(slots=True)
class _Tally:
    """What was met besides captions."""

    comments: int = 0  # NOTE, STYLE and REGION blocks
    voices: int = 0  # `<v Name>` tags, and other captions that name their speaker
    broken: list[int] = field(default_factory=list)  # the lines of times that could not be read
    titles: dict[int, str] = field(default_factory=dict)  # what stands right above a time, by where that begins


def is_srt(text: str) -> bool:
    """Whether a timing line comes soon, or many of them later."""
    first = TIMING.search(text) if any(mark in text for mark in ("->", "–", "—", "→")) else None
    return first is not None and (first.start() < 500 or len(TIMING.findall(text)) * 20 >= text.count("\n"))


def read_vtt(text: str) -> Reading:
    """WebVTT; a header alone is an error."""
    if not text.lstrip().startswith("WEBVTT"):
        raise TranscriptError("This is not WebVTT: its first word would be WEBVTT. Choose another format.")
    if TIMING.search(text) is None:
        raise TranscriptError("The file has a WebVTT header but no captions. Export it again, with its text.")
    return _read(text, vtt=True)


def read_srt(text: str) -> Reading:
    """SubRip, and whatever else has lines with `-->`."""
    if TIMING.search(text) is None:
        raise TranscriptError("No line such as 00:00:01,000 --> 00:00:04,000 was found, so this is not SRT.")
    return _read(text, vtt=False)


def _read(text: str, *, vtt: bool) -> Reading:
    tally = _Tally()
    reading = Reading("WebVTT" if vtt else "SubRip (SRT)", [])
    cues = [cue for block in _blocks(text, tally, reading, vtt=vtt) for cue in _cues(*block, text, tally)]
    if tally.titles:
        cues = _titled(cues, tally)
    if '{"' in text:
        cues = [_from_json(cue, tally) for cue in cues]
    if "{\\" in text or "<font" in text:
        cues = by_colour(cues, reading.notes)
    if "<" in text or "&" in text or "{\\" in text:
        cues = [cue for marked in cues for cue in _plain(marked, tally)]
    frames = len(cues) - len(cues := join_frames(cues))
    cues, repeats = unroll(cues)
    if ">>" in text or "&gt;&gt;" in text:
        cues = [part for cue in cues for part in _changes(cue)]
    if frames:
        reading.notes.append(f"{count(frames, 'frame')} of animated captions joined.")
    if repeats:
        reading.notes.append(f"Rolling captions: {count(repeats, 'repeated line')} removed, each line is kept once.")
    reading.cues = joined_words(cues) if are_words(cues) else cues
    reading.labelled = tally.voices > 0
    reading.wrapped = True
    _report(tally, reading.notes)
    return reading


def _timings(text: str) -> Iterator[re.Match[str]]:
    """Every timing line; where all have the usual arrow, that is looked for first, which is faster."""
    arrows = text.count("-->")
    if not arrows or arrows != text.count("->") or any(arrow in text for arrow in _OTHER_ARROWS):
        yield from TIMING.finditer(text)
        return
    arrow = text.find("-->")
    while arrow >= 0:
        match = _STANDARD.match(text, arrow - 13)
        if match is None:
            begin = text.rfind("\n", max(0, arrow - 60), arrow) + 1
            near = begin > 0 or arrow < 60  # else the line began too far back for a time
            match = TIMING.match(text, begin) if near else None
        if match:
            yield match
        arrow = text.find("-->", match.end() if match else arrow + 3)


def _blocks(text: str, tally: _Tally, reading: Reading, *, vtt: bool) -> Iterator[tuple[re.Match[str], str]]:
    """Every timing line with the text below it, up to the number or name of the next caption."""
    timings = _timings(text)
    current = next(timings)
    counter = _header(text[: current.start()], tally, reading, vtt=vtt)
    commented = vtt and _ANY_BLOCK.search(text) is not None
    for following in timings:
        body = text[current.end() + 1 : following.start()]
        head, _, last = body[:-1].rpartition("\n")
        last = last.strip()
        if last.isdecimal():
            if not head or head[-1] == "\n" or int(last[:9]) == counter + 1:
                counter, body = int(last[:9]), head
        elif vtt and last and head.strip() and head[-1] == "\n":
            body = head
            tally.titles[following.start()] = last
        yield current, _without_comments(body, tally) if commented else body
        current = following
    body = text[current.end() + 1 :]
    yield current, _without_comments(body, tally) if commented else body


def _header(head: str, tally: _Tally, reading: Reading, *, vtt: bool) -> int:
    """Looks at what precedes the first timing line; the number of the first caption, or 0."""
    first = head.rstrip("\n").rpartition("\n")[2].strip()
    counter = int(first[:9]) if first.isdecimal() else 0
    if vtt:
        language = re.search(r"^Language:[ \t]{0,9}([\w-]{2,20})", head, re.M)
        reading.language = language[1] if language else ""
        paragraphs = _BLANK_LINES.split(head.strip())[1:]
        tally.comments += sum(1 for paragraph in paragraphs if _BLOCK.match(paragraph))
        unknown = [part for part in paragraphs if not _BLOCK.match(part) and not head.endswith(f"\n{part}\n")]
        if first and not counter and head.endswith(f"\n\n{first}\n"):
            tally.titles[len(head)] = first
    else:
        unknown = [line for line in head.split("\n") if line.strip() and not line.strip().isdecimal()]
    if unknown:
        numbers = [head.count("\n", 0, head.index(part)) + 1 for part in unknown[:20]]
        reading.notes.append(f"Text before the first caption left out: {line_numbers(numbers)}.")
    return counter


def _without_comments(body: str, tally: _Tally) -> str:
    """The body without NOTE, STYLE and REGION blocks, which follow a blank line."""
    paragraphs = _BLANK_LINES.split(("\n" + body if body[:1] == "\n" else body).rstrip())
    kept = paragraphs[:1] + [part for part in paragraphs[1:] if not _BLOCK.match(part)]
    tally.comments += len(paragraphs) - len(kept)
    return "\n".join(kept)


@lru_cache(1024)
def _minute(stamp: str) -> int:
    """`HH:MM:` in milliseconds: a file has the same ones again and again."""
    return clock_to_ms(f"{stamp}00") or 0


def _cues(timing: re.Match[str], body: str, text: str, tally: _Tally) -> list[Cue]:
    """The cue of one timing line; more than one where its text holds a timing line that cannot be read."""
    if timing.re is TIMING:
        start, end, rest = clock_to_ms(timing[1]), clock_to_ms(timing[2]), timing[3]
    else:
        first, second, part, last, last_second, last_part = timing.groups()
        start, end, rest = _minute(first) + int(second + part), _minute(last) + int(last_second + last_part), ""
    title = tally.titles.get(timing.start(), "") if tally.titles else ""
    body = body.strip("\n").rstrip()
    if rest and not _SETTINGS.fullmatch(rest):
        body = f"{rest}\n{body}"
    if "-->" not in body:
        return [Cue(start, end, body, title)]
    cues: list[Cue] = []
    lines: list[str] = []
    for number, line in enumerate(body.split("\n"), text.count("\n", 0, timing.end()) + 2):
        if not (broken := _BROKEN_TIMING.fullmatch(line)):
            lines.append(line)
            continue
        tally.broken.append(number)
        if lines and lines[-1].strip().isdecimal():
            lines.pop()
        cues.append(Cue(start, end, "\n".join(lines)))
        start, end, lines = clock_to_ms(broken[1]), clock_to_ms(broken[2]), []
    return [*cues, Cue(start, end, "\n".join(lines))]


def _plain(cue: Cue, tally: _Tally) -> list[Cue]:
    """The cue without markup: one per voice tag, or one."""
    text = cue.text
    if "<v" not in text and "<V" not in text:
        return [Cue(cue.start_ms, cue.end_ms, unescape(strip_tags(text)), cue.speaker)]
    before, *pairs = _VOICE.split(text)
    turns = [("", before)] if before.strip() else []
    for name, words in zip(pairs[::2], pairs[1::2], strict=True):
        speaker = one_line(unescape(name)).rstrip(":： ")
        if any(map(str.isalnum, speaker)):
            tally.voices += 1
            turns.append((speaker, _without_label(words, speaker)))
        else:  # `<v ->` names nobody, but somebody else
            turns.append(("", f">> {words.lstrip()}"))
    return share_time(cue, [(speaker, unescape(strip_tags(words))) for speaker, words in turns] or [("", "")])


def _without_label(words: str, speaker: str) -> str:
    """The words without the name of their speaker, where that stands in front of them once more."""
    head, colon, rest = words.lstrip().partition(":")
    return rest.lstrip() if colon and one_line(head).casefold() == speaker.casefold() else words


def _titled(cues: list[Cue], tally: _Tally) -> list[Cue]:
    """The cues with the speakers of their titles, `Ada`, `3 - Ada` or `3 "Ada" (12345)`; else without titles."""
    found = [match for match in map(_TITLE.fullmatch, tally.titles.values()) if match and is_name(match[1])]
    names = {match[0]: match[1] for match in found}
    distinct = len(set(names.values()))
    if len(found) * 5 < len(cues) * 3 or not (distinct * 3 <= len(found) * 2 or all(map(is_generic, names.values()))):
        return [replace(cue, speaker="") for cue in cues]
    tally.titles.clear()
    tally.voices += len(found)
    named = [(cue, names.get(cue.speaker, "")) for cue in cues]
    return [replace(cue, text=_without_label(cue.text, name), speaker=name) for cue, name in named]


def _from_json(cue: Cue, tally: _Tally) -> Cue:
    """The cue with the speaker and the words of Microsoft Graph's `{"speakerName": …, "spokenText": …}`."""
    for data in objects(several(cue.text)) if cue.text.startswith("{") else ():
        if isinstance(data.get("spokenText"), str):
            tally.voices += 1
            return replace(cue, text=data["spokenText"], speaker=speaker_name(data.get("speakerName")))
    return cue


def _changes(cue: Cue) -> list[Cue]:
    """One cue for every `>>` in the middle of the text, each of which gives the word to somebody else."""
    first, *others = _CHANGE.split(cue.text)
    return share_time(cue, [(cue.speaker, first), *(("", f">> {other}") for other in others)])


def _report(tally: _Tally, notes: list[str]) -> None:
    if tally.comments:
        notes.append(f"{count(tally.comments, 'comment or style block')} left out.")
    if titles := [title for title in tally.titles.values() if " " in title]:
        notes.append(f"{count(len(titles), 'caption title')} left out, the first is “{titles[0][:60]}”.")
    if tally.broken:
        notes.append(f"Times that cannot be read in {line_numbers(tally.broken)}; the text below them is kept.")
