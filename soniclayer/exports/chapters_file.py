"""Chapters for listeners, as Podcasting 2.0 has them (JSON, version 1.2.0): what the show is about, when.

They go out to the audience, so they hold no reactions: those are in the markers.
"""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import TYPE_CHECKING

from soniclayer.exports.plain import plain, said
from soniclayer.insights.unsafe import unsafe_words

if TYPE_CHECKING:
    from soniclayer.insights.selection import Scope
    from soniclayer.insights.verdict import Insight
    from soniclayer.segments import Segment
    from soniclayer.transcript import Transcript

VERSION = "1.2.0"
SHORTEST_MS = 120_000
MOST_CHAPTERS = 20
MOST_LETTERS = 60
SEVERE = 2  # unsafe words from this severity on stand in no title


def to_chapters(insight: Insight, transcript: Transcript) -> bytes:
    """A chapter begins where the topic changes, two minutes or more after the last; about twenty at most; in seconds.

    A title is the topic that most of the chapter is about and its first words, without them where they are not fit
    for a family.
    """
    scope = insight.scope
    document: dict[str, object] = {"version": VERSION, "title": plain(PurePath(transcript.name).stem)}
    if note := said(scope.left_out):
        document["description"] = note
    document["chapters"] = [_chapter(scope, part) for part in _stretches(scope)]
    return f"{json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)}\n".encode()


def _stretches(scope: Scope) -> list[list[Segment]]:
    parts: list[list[Segment]] = []
    for segment in scope.segments:
        if parts and _follow(parts[-1], [segment]) and _topic(scope, segment) in ("", _topic(scope, parts[-1][0])):
            parts[-1].append(segment)
        else:
            parts.append([segment])
    return _joined(parts, max(SHORTEST_MS, sum(map(_length_ms, parts)) // MOST_CHAPTERS))


def _joined(parts: list[list[Segment]], shortest_ms: int) -> list[list[Segment]]:
    """The parts, one taken into the chapter before it where that is still too short, the last one where it is."""
    joined: list[list[Segment]] = []
    for part in parts:
        if joined and _follow(joined[-1], part) and _length_ms(joined[-1]) < shortest_ms:
            joined[-1] += part
        else:
            joined.append(part)
    if len(joined) > 1 and _follow(joined[-2], joined[-1]) and _length_ms(joined[-1]) < shortest_ms:
        last = joined.pop()
        joined[-1] += last
    return joined


def _follow(before: list[Segment], after: list[Segment]) -> bool:
    """Nothing was left out between them."""
    return before[-1].index == after[0].index - 1


def _length_ms(part: list[Segment]) -> int:
    return part[-1].end_ms - part[0].start_ms


def _topic(scope: Scope, segment: Segment) -> str:
    known = scope.run.classifications.get(segment.index)
    return known.topic.value if known is not None and known.topic is not None else ""


def _chapter(scope: Scope, part: list[Segment]) -> dict[str, object]:
    said_first = next((segment.text for segment in part if segment.speech), "")
    fit = all(word.severity < SEVERE for word in unsafe_words(said_first))
    words = plain(said_first, MOST_LETTERS) if fit else ""
    title = ": ".join(filter(None, (_longest(scope, part), words))) or "Part of the show"
    return {"startTime": part[0].start_s, "endTime": part[-1].end_s, "title": title}


def _longest(scope: Scope, part: list[Segment]) -> str:
    """The topic that most of the time goes to."""
    times: dict[str, int] = {}
    for segment in part:
        topic = _topic(scope, segment)
        times[topic] = times.get(topic, 0) + (segment.end_ms - segment.start_ms if topic else 0)
    return max(times, key=lambda topic: times[topic])
