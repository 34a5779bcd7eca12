"""Rolling captions show every line two or three times as it moves up the screen; animated ones show it in frames."""

from __future__ import annotations

from soniclayer.transcript.model import Cue
from soniclayer.transcript.text import one_line
from soniclayer.transcript.words import are_words

_INSTANT_MS = 50
_SAMPLE = 1_000  # a file that rolls does so from the start
_JOIN_MS = 1_000  # a rolled line follows at once; a line said again later is speech
_FRAME_MS = 125  # nobody reads a caption in less; a long one not even in twice the time


def join_frames(cues: list[Cue]) -> list[Cue]:
    """The cues with the frames of an animation as one: what shows for an instant, then again or with more letters."""
    limit = 2 * _FRAME_MS
    if not any(cue.end_ms - cue.start_ms <= limit for cue in cues if cue.end_ms and cue.start_ms) or are_words(cues):
        return cues
    kept: list[Cue] = []
    for cue in cues:
        last = kept[-1] if kept else cue
        grown = last is not cue and cue.text.startswith(last.text) and last.speaker == cue.speaker
        brief = _instant(cue, _FRAME_MS * (1 + (len(last.text) > 24)))
        if grown and brief and abs((cue.start_ms or 0) - (last.end_ms or 0)) <= _INSTANT_MS:
            kept[-1] = Cue(last.start_ms, cue.end_ms, cue.text, cue.speaker)
        else:
            kept.append(cue)
    return kept


def unroll(cues: list[Cue]) -> tuple[list[Cue], int]:
    """(cues with every line once, how many repeats went), or the cues as they are if the file does not roll."""
    if not _rolls(cues):
        return cues, 0
    result: list[Cue] = []
    shown: list[str] = []
    repeats = 0
    end = None
    for cue in cues:
        lines = [line for part in cue.text.split("\n") if (line := one_line(part))]
        new = _new_lines(shown, lines)
        if not new and not _follows(end, cue.start_ms):
            new = lines  # nothing is added to what was on the screen a while ago: it is said again
        repeats += len(lines) - len(new)
        if lines:
            shown, end = lines, cue.end_ms
        if new:
            result.append(Cue(cue.start_ms, cue.end_ms, "\n".join(new), cue.speaker))
        elif result and cue.end_ms is not None:
            last = result[-1]
            result[-1] = Cue(last.start_ms, cue.end_ms, last.text, last.speaker)
    return result, repeats


def _rolls(cues: list[Cue]) -> bool:
    """Whether at least a quarter of the cues begin with the line that the one before ended with, and add to it.

    The same short line twice is speech, or a recogniser that got stuck; only shown for an instant it is rolling.
    """
    rolled, last, before, end = 0, "", "", None
    for cue in cues[:_SAMPLE]:
        if not (text := cue.text.strip()):
            continue
        first = text.partition("\n")[0].rstrip()
        again = last and (first == last or first.startswith(last + " ")) and _follows(end, cue.start_ms)
        if again and (text != before or _instant(cue)):
            rolled += 1
        last, before, end = text[text.rfind("\n") + 1 :].strip(), text, cue.end_ms
    return rolled >= 2 and rolled * 4 >= min(len(cues), _SAMPLE)


def _instant(cue: Cue, ms: int = _INSTANT_MS) -> bool:
    return cue.start_ms is not None and cue.end_ms is not None and cue.end_ms - cue.start_ms <= ms


def _follows(end: int | None, start: int | None) -> bool:
    return end is None or start is None or abs(start - end) <= _JOIN_MS


def _new_lines(shown: list[str], lines: list[str]) -> list[str]:
    """What `lines` adds to what was on the screen; the last line may have grown."""
    for size in range(min(len(shown), len(lines)), 0, -1):
        if shown[-size:] == lines[:size]:
            return lines[size:]
        if shown[-size:][:-1] == lines[: size - 1] and lines[size - 1].startswith(shown[-1] + " "):
            return [lines[size - 1][len(shown[-1]) + 1 :], *lines[size:]]
    return lines
