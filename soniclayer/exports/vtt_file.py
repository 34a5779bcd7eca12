"""The words with the scores above them, as WebVTT: for a player beside the audio or the video."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from soniclayer.exports.plain import plain, said
from soniclayer.feedback import review_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soniclayer.feedback import Feedback
    from soniclayer.insights.selection import Scope
    from soniclayer.insights.verdict import Insight
    from soniclayer.personas import Persona
    from soniclayer.segments import Segment
    from soniclayer.transcript import Transcript

MOST_NAMED = 8  # personas in one line
MOST_NAME = 24  # letters

_Spoken = tuple[int, int, str, str]  # start and end in ms, speaker, words


def to_vtt(insight: Insight, transcript: Transcript) -> bytes:
    """Cues with the words below, and one per segment with the consensus and the called scores on the first line.

    The words have the times of the transcript's own cues; where those have none, of the segments.
    """
    scope = insight.scope
    blocks = ["WEBVTT", "NOTE Consensus and scores of simulated listeners, by SonicLayer."]
    if note := said(scope.left_out):
        blocks.append(f"NOTE {note}")
    cues = [(spoken[0], 1, words_of(*spoken)) for spoken in _spoken(scope, transcript)]
    cues += [(each.start_ms, 0, _scores(scope, each)) for each in scope.segments if scope.reactions(each)]
    cues.sort(key=lambda cue: cue[:2])
    return "".join(f"{block}\n\n" for block in [*blocks, *(block for _, _, block in cues)]).encode()


def _spoken(scope: Scope, transcript: Transcript) -> Iterator[_Spoken]:
    timed = [(cue.start_ms, cue.end_ms, cue) for cue in transcript.cues]
    if any(start is None or end is None or end <= start for start, end, _ in timed):
        for segment in scope.segments:
            yield segment.start_ms, segment.end_ms, "", segment.text
        return
    chosen = [(segment.start_ms, segment.end_ms) for segment in scope.segments]
    at = 0
    for start, end, cue in sorted(timed, key=lambda item: item[0] or 0):
        while at < len(chosen) and chosen[at][1] <= (start or 0):
            at += 1
        if at < len(chosen) and chosen[at][0] <= (start or 0):
            yield start or 0, end or 0, cue.speaker, cue.text


def words_of(start_ms: int, end_ms: int, speaker: str, text: str) -> str:
    """A cue with what somebody says."""
    voice = f"<v {_inert(speaker)}>" if plain(speaker) else ""
    return f"{time_of(start_ms)} --> {time_of(end_ms)}\n{voice}{_inert(text)}"


def _scores(scope: Scope, segment: Segment) -> str:
    calls = [(who, call) for who, call in scope.reactions(segment) if call.score != 3 or review_of(call)]
    calls.sort(key=lambda item: -abs(item[1].score - 3))
    names = [_score(persona, call) for persona, call in calls[:MOST_NAMED]]
    if len(calls) > MOST_NAMED:
        names.append(f"{len(calls) - MOST_NAMED} more")
    mean = scope.value(segment)
    line = " · ".join([*([] if mean is None else [f"{mean:.1f} of 5"]), *names])
    times = f"{time_of(segment.start_ms)} --> {time_of(segment.end_ms)} line:0"
    return f"scores-{segment.index}\n{times}\n<c.scores>{line}</c>"


def _score(persona: Persona, call: Feedback) -> str:
    review = review_of(call)
    by = f" ({_inert(review.who, MOST_NAME)})" if review is not None else ""
    return f"{_inert(persona.display_name, MOST_NAME)} {call.score}{by}"


def _inert(text: str, most: int = 0) -> str:
    return escape(plain(text, most), quote=False)


def time_of(ms: int) -> str:
    """Milliseconds as HH:MM:SS.mmm."""
    seconds, milli = divmod(ms, 1000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours:02}:{minute:02}:{second:02}.{milli:03}"
