"""Cues -> lines with a start and an end each, in order of time and without overlap."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate, pairwise
from operator import itemgetter
from typing import TYPE_CHECKING

from soniclayer.transcript.text import visible
from soniclayer.transcript.times import clamp, shared

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soniclayer.transcript.model import Cue

# Scripts without blanks between words: Han, kana, full-width forms; Thai, Lao, Khmer, Burmese.
CJK = (
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003134f"
)
THAI = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_CJK = re.compile(f"[{CJK}]")
_THAI = re.compile(f"[{THAI}]")


@dataclass(slots=True)
class Timeline:
    """Parallel lists, one entry per line of speech: `starts[i] <= ends[i] <= starts[i + 1]`, in milliseconds.

    estimated: the times come from the number of words, because the cues have none that can be used.
    """

    starts: list[int]
    ends: list[int]
    texts: list[str]
    speakers: list[str]
    estimated: bool


def joined(texts: Sequence[str]) -> tuple[str, list[int]]:
    """All texts with a blank between them, none between Han or kana; and where each begins."""
    parts: list[str] = []
    begins: list[int] = []
    position, glued = 0, False
    for text in texts:
        if parts and not (glued and _CJK.match(text)):
            parts.append(" ")
            position += 1
        begins.append(position)
        parts.append(text)
        position += len(text)
        glued = not text.isascii() and _CJK.match(text[-1]) is not None
    return "".join(parts), begins


def speech_ms(text: str) -> int:
    """How long it takes to say this: 2.6 words, 5 Han or kana or 12 Thai characters a second."""
    words = text.count(" ") + 1
    if text.isascii():
        return words * 10_000 // 26
    cjk, thai = len(_CJK.findall(text)), len(_THAI.findall(text))
    return words * 10_000 // 26 + cjk * 200 + thai * 80


def timeline(cues: Sequence[Cue]) -> Timeline:
    """Clean texts, times complete; empty cues dropped, order by start, an overlapped end yields to the next start."""
    rows = [(cue.start_ms, cue.end_ms, text, cue.speaker) for cue in cues if (text := visible(cue.text))]
    known = [start for start, *_ in rows if start is not None]
    estimated = len(known) * 2 < len(rows) or (len(rows) > 1 and len(set(known)) == 1)
    if not known or (len(set(known)) < 2 and estimated):
        return _estimate(rows)
    placed = _placed(rows)
    placed.sort(key=itemgetter(0))
    starts = [row[0] for row in placed]
    ends = _ends(placed, starts)
    return Timeline(starts, ends, [row[2] for row in placed], [row[3] for row in placed], estimated)


_Row = tuple[int | None, int | None, str, str]
_Placed = tuple[int, int | None, str, str]


def _estimate(rows: list[_Row]) -> Timeline:
    times = [clamp(ms) for ms in accumulate((speech_ms(row[2]) for row in rows), initial=0)]
    return Timeline(times[:-1], times[1:], [row[2] for row in rows], [row[3] for row in rows], True)


def _placed(rows: list[_Row]) -> list[_Placed]:
    """Rows with a start each: one without follows the one before it."""
    first = next(i for i, row in enumerate(rows) if row[0] is not None)
    lead = sum(speech_ms(row[2]) for row in rows[:first])
    begin = clamp(rows[first][0] or 0)
    last = 0 if begin <= 2 * lead else begin - lead
    result: list[_Placed] = []
    for start, end, text, speaker in rows:
        if start is None:
            result.append((last, None, text, speaker))
            continue
        start, stop = clamp(start), clamp(end or 0)
        last = max(start, stop)
        result.append((start, stop if stop > start else None, text, speaker))
    return result


def _ends(rows: list[_Placed], starts: list[int]) -> list[int]:
    """The end of every row; `starts` is changed where rows begin together: they share the time by length."""
    ends: list[int] = []
    begins = [0, *(i for i, (before, start) in enumerate(pairwise(starts), 1) if start != before), len(rows)]
    for i, following in pairwise(begins):
        limit = starts[following] if following < len(rows) else None
        if following == i + 1:
            start, end, text, _ = rows[i]
            ends.append(_end(start, end, text, limit))
        else:
            _share(rows[i:following], starts, ends, limit)
    return ends


def _end(start: int, end: int | None, text: str, limit: int | None) -> int:
    if end is None:
        needed = speech_ms(text)
        # Slow speech fills the time up to the next line; a longer rest is silence.
        end = limit if limit is not None and limit - start <= 2 * needed + 1_000 else clamp(start + needed)
    return end if limit is None or end <= limit else limit


def _share(rows: list[_Placed], starts: list[int], ends: list[int], limit: int | None) -> None:
    start = rows[0][0]
    known = [end for _, end, _, _ in rows if end is not None]
    end = _end(start, max(known, default=None), " ".join(row[2] for row in rows), limit)
    times = shared(start, end, [row[2] for row in rows])
    starts[len(ends) : len(ends) + len(rows)] = times[:-1]
    ends += times[1:]
