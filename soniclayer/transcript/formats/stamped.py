"""Text with a time at the start of lines or turns: Otter, `[00:12] Name: text`, meetings, console output, chat logs.

A time only counts where the file as a whole is stamped: times that go forward, on many of the lines.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

from soniclayer.transcript.formats.stamps import Stamp, carried, find_stamps, inline_stamps, turn_marks, usual_clocks
from soniclayer.transcript.model import Cue
from soniclayer.transcript.reading import Reading
from soniclayer.transcript.speakers import is_generic, is_name, label, plausible
from soniclayer.transcript.text import line_numbers, one_line, plain
from soniclayer.transcript.words import are_words, joined_words

_CHAT = re.compile(r"\d{1,2}:\d\d:\d\d(?:\t[^\t\n]{1,80}:\t|\s+From\s.{1,80}\sto\s)|(?:Reacted|Replying) to ")
_SENT = re.compile(r"\s{0,3}From\s{1,3}(\S.{0,60}?)\s{1,3}to\s{1,3}.{1,60}?:\s?", re.I)
_VOICE = re.compile(r"\s{0,8}<v(?:\.\S{1,30})?\s+([^<>]{1,80})>")
# What tools write around the speech: consoles, and the first and last lines of meetings in the languages of Teams.
_RECORDED = r"(?:transcri|transkri|trascri|recording)"
_SERVICE = re.compile(
    r"(?:whisper_|ggml_|main: |system_info|output_\w+: |Detected? language|Detecting language).*|\W{0,8}(?:"
    r"Transcribed by https://otter\.ai|(?:Meeting|Transcription|Recording|Session) ended (?:after|at) .{1,40}"
    r"|This (?:editable )?transcript was \w+[ -]generated.{0,160}|Transcript saved using .{1,160}|VIEW RECORDING.*"
    rf"|<(?:begin|end) subtitles>|-{{5,99}}|(?=.{{0,120}}{_RECORDED})[^:]{{0,80}}\b"
    r"(?:start|stop|end|hat|beend|gest|démarr|arrêt|inici|detuv|interr|avvia|avslut|parou|encerr|heeft)"
    rf"\w{{0,9}} ?(?:\w{{1,4}} )?{_RECORDED}\w{{0,14}}(?: (?:start|stopp|gest|be[eë]nd|beë)\w{{1,6}})?"
    r")[^\w.!?]{0,8}",
    re.I,
)
# Each of these lines holds one of these words, which are found faster.
_SERVICE_WORDS = ("_", "main:", "detect", " ended ", "nscri", "nskri", "trascri", "recording", " subtitles>", "-----")
_DOCUMENT = re.compile(
    r"\W{0,4}(?:(?:full |meeting )?transcript(?:ion)?|transkript|trans?cri[pç]\w{2,5})\W{0,4}", re.I
)
# YouTube and Teams have screen readers say the times: "1 minute, 11 seconds" below "1:11".
_UNIT = r"(?:(?:h|St|timm|uu)[a-z]{0,6}|[mM]in[a-z]{2,5}|[sS]e[gck][a-z]{3,6})"
_SAID_TIME = re.compile(rf"\d\s?{_UNIT}")
_READ_ALOUD = re.compile(rf"\d{{1,3}}\s?{_UNIT}(?:(?:,| [a-z]{{1,4}})?\s?\d{{1,2}}\s?{_UNIT}){{0,2}}$")
_FAST = 4.5  # words a second: nobody speaks as fast over a whole show
_HOUR_MS = 3_600_000


def read_stamped(text: str) -> Reading | None:
    """The turns of a stamped text, or None where the text is not stamped."""
    lines = usual_clocks(text).split("\n")
    found = list(find_stamps(lines))
    stamps = _accepted(found, lines) if found else []
    if not stamps:
        return None
    reading = Reading("Timed text", [])
    reading.wall = any(stamp.wall for stamp in stamps) or _are_hours(stamps, text)
    lines = _without_read_aloud(lines, stamps)
    cues = _turns(lines, stamps, reading.notes)
    names = _names_on_own_lines(cues)
    cues = [part for cue in cues for part in split_inline(_named(cue, names))]
    if any(stamp.end is not None for stamp in stamps) and are_words(cues):
        cues = joined_words(cues)
    reading.labelled = any(cue.speaker for cue in cues)
    reading.cues = carried(cues)
    reading.names = labels_beside_times(cues)
    if sum(1 for stamp in stamps if is_chat(lines[stamp.line])) * 2 > len(stamps):
        reading.format = "Chat log"
        reading.notes.append("This looks like a chat log: what people typed, not what was said on air.")
    return reading


def labels_beside_times(cues: list[Cue]) -> frozenset[str] | None:
    """The names, where nearly every time has one: a colon further down is punctuation then.

    Several labels under most of the times are turns of their own, as Google Meet writes them.
    """
    labels = _labels([cue.text for cue in cues])
    if len(labels) < 3 or len(labels) * 5 < len(cues) * 4:
        return None
    longer = [text for cue in cues if "\n" in (text := cue.text.strip())]
    again = len(_labels([line for text in longer for line in text.split("\n")])) - len(_labels(longer))
    return None if again > len(labels) / 2 else frozenset(labels)


def _labels(texts: list[str]) -> list[str]:
    return [found[0] for text in texts if (found := label(text)) and plausible(found[0])]


def is_chat(line: str) -> bool:
    """Whether the line is a message as Zoom saves its chat."""
    return _CHAT.match(line.strip()) is not None


def service_lines(lines: list[str]) -> set[int]:
    """The places of the lines that a tool has written about its own work."""
    text = "\n".join(lines).lower()
    words = [word for word in _SERVICE_WORDS if word in text]
    likely = (i for i, line in enumerate(text.split("\n") if words else ()) if any(word in line for word in words))
    return {i for i in likely if len(lines[i]) < 300 and _SERVICE.fullmatch(lines[i].strip())}


def is_document_heading(line: str) -> bool:
    """Whether the transcript begins below this line, which only says so."""
    return _DOCUMENT.fullmatch(line.strip()) is not None


def _accepted(stamps: list[Stamp], lines: list[str]) -> list[Stamp]:
    """The stamps of the kinds that this file uses: on a fifth of its lines, at most paragraphs, or alone on lines."""
    accepted: list[Stamp] = []
    filled = sum(1 for line in lines if line.strip())
    begins = {i for i, line in enumerate(lines) if line.strip() and not (i and lines[i - 1].strip())}
    for kind in "[0n":
        found = [stamp for stamp in stamps if stamp.kind == kind]
        if sum(stamp.wall for stamp in found) * 2 <= len(found):
            found = [stamp for stamp in found if not stamp.wall]  # the date above the transcript
        alone = sum(1 for stamp in found if not stamp.rest.strip())
        paragraphs = sum(1 for stamp in found if stamp.line in begins)
        regular = len(found) * 5 >= filled or alone * 2 > len(found) or paragraphs * 2 > len(begins) > 2
        opening = kind != "0" and bool(found) and found[0].line == min(begins) and filled <= 2
        if opening or (len(found) >= 2 and forward([stamp.start for stamp in found]) and regular):
            accepted.extend(found)
    return sorted(accepted, key=lambda stamp: stamp.line)


def forward(times: list[int]) -> bool:
    """Whether at least four in five steps do not go back in time, other than over midnight."""
    steps = sum(b >= a or a - b > 12 * _HOUR_MS for a, b in pairwise(times))
    return steps * 5 >= (len(times) - 1) * 4


def _are_hours(stamps: list[Stamp], text: str) -> bool:
    """Whether `14:02` must be hours and minutes, as nobody says so much in seconds; the stamps become that."""
    span = stamps[-1].start - stamps[0].start
    short = all(stamp.start % 1000 == 0 and stamp.end is None and stamp.start < 24 * 60_000 for stamp in stamps)
    if len(stamps) < 4 or not short or span <= 0 or len(text.split()) - 2 * len(stamps) < _FAST * span / 1000:
        return False
    for stamp in stamps:
        stamp.start *= 60
    return True


def _without_read_aloud(lines: list[str], stamps: list[Stamp]) -> list[str]:
    """The lines near a stamp without times in words, which may end a line with a name, and without initials."""
    result = list(lines)
    said = _SAID_TIME.search("\n".join(lines))
    near = {stamp.line + step for stamp in stamps for step in (-3, -2, -1, 1, 2)}
    for number in sorted(near & set(range(len(lines)))):
        line = result[number][:100].strip()
        match = _READ_ALOUD.search(line) if said else None
        if match is not None and (not match.start() or is_name(line[: match.start()].strip())):
            result[number] = ""
            if not match.start() and number and is_name(above := result[number - 1].strip()):
                result[number - 1 : number + 1] = "", above  # a name stands right above its time
        elif line.isupper() and len(line) < 4 and number + 1 < len(lines):
            words = result[number + 1].split()  # the page shows initials where somebody has no picture
            if is_name(" ".join(words)) and "".join(word[0] for word in words).upper().startswith(line):
                result[number] = ""
    return result


def _turns(lines: list[str], stamps: list[Stamp], notes: list[str]) -> list[Cue]:
    """One cue per stamp with all text up to the next; what stands before the first is a heading."""
    above = _names_above(lines, stamps)
    first = stamps[0].line - (stamps[0].line in above)
    cues = _heading(lines[:first], notes)
    left_out: list[int] = []
    service = service_lines(lines)
    ends = [stamp.line - (stamp.line in above) for stamp in stamps[1:]] + [len(lines)]
    for stamp, end in zip(stamps, ends, strict=True):
        body = [stamp.rest]
        for number in range(stamp.line + 1, end):
            if number in service:
                left_out.append(number + 1)
            else:
                body.append(lines[number])
        text, name = "\n".join(body), stamp.name or above.get(stamp.line, "")
        if voice := _VOICE.match(text) or _SENT.match(text):
            name, text = voice[1].strip(), text[voice.end() :]
        # Two blanks follow a stamp; a third is the recogniser's sign that a word begins.
        cues.append(Cue(stamp.start, stamp.end, plain(text).removeprefix("  ").rstrip(), name))
    cues = list(turn_marks(cues))
    if left_out:
        notes.append(f"Messages of the transcription tool left out: {line_numbers(left_out)}.")
    return cues


def _names_above(lines: list[str], stamps: list[Stamp]) -> dict[int, str]:
    """Names by the line of the time that stands below them, where that is how the file is written."""
    bare = [stamp for stamp in stamps if not stamp.name and not stamp.rest.strip() and stamp.line]
    above = {stamp.line: one_line(lines[stamp.line - 1]) for stamp in bare}
    times = Counter(above.values())  # "Ada Stone from Harbour Radio" is no name, but stands there again and again
    found = {line: name for line, name in above.items() if is_name(name) or (times[name] > 1 and plausible(name))}
    if stamps[0].line not in found or len(found) * 5 < len(stamps) * 3:
        return {}
    # The line above a time says nothing about the time before, if that has a line of its own.
    spoken = sum(1 for line in found if "".join(lines[line + 1 : line + 3]).strip() and line + 2 not in found)
    return found if spoken * 2 > len(found) else {}


def _heading(lines: list[str], notes: list[str]) -> list[Cue]:
    """Title, date and keywords are left out; longer text before the first time is kept as speech."""
    text = "\n".join(lines)
    if not text.strip():
        return []
    if len(text.split()) > 60 and "SUMMARY KEYWORDS" not in text and not any(map(is_document_heading, lines)):
        return [Cue(None, None, text)]
    numbers = [number for number, line in enumerate(lines, 1) if line.strip()]
    notes.append(f"Heading before the first time left out: {line_numbers(numbers)} (“{one_line(text)[:60]}”).")
    return []


def _names_on_own_lines(cues: list[Cue]) -> frozenset[str]:
    """Names that stand alone behind the time or on the line below it."""
    pairs = [cue.text.strip().partition("\n") for cue in cues if not cue.speaker and cue.start_ms is not None]
    firsts = Counter(name for first, _, rest in pairs if rest and is_name(name := one_line(first)))
    often = {name: times for name, times in firsts.items() if times >= 3 or is_generic(name)}
    if sum(often.values()) * 2 > len(cues):
        return frozenset(firsts if firsts.total() * 5 > len(cues) * 4 else often)
    everywhere = firsts.total() == len(cues) and (len(firsts) < len(cues) or all(" " in name for name in firsts))
    return frozenset(firsts) if everywhere else frozenset()


def _named(cue: Cue, names: frozenset[str]) -> Cue:
    first, _, rest = cue.text.strip().partition("\n")
    if one_line(first) not in names:
        return cue
    return Cue(cue.start_ms, cue.end_ms, rest, one_line(first))


def split_inline(cue: Cue) -> list[Cue]:
    """The cue divided where its text holds later times in square brackets."""
    if "[" not in cue.text:
        return [cue]
    cues, begin, start, end = [], 0, cue.start_ms, cue.end_ms
    for opened, closed, time in inline_stamps(cue.text):
        if start is None or (time >= start and (cue.end_ms is None or time <= cue.end_ms)):
            cues.append(Cue(start, None, cue.text[begin:opened], cue.speaker))
            begin, start = closed, time
    cues.append(Cue(start, end, cue.text[begin:], cue.speaker))
    return [part for part in cues if part.text.strip()] or [cue]
