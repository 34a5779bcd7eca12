"""A transcript against what is right, written as `0.5s Name: words / 2s Name: words`."""

from __future__ import annotations

import re

from soniclayer.transcript import Transcript

_TURN = re.compile(r"(?:(\d+(?:\.\d+)?)s(?: |$))?(.*)", re.S)
_TOLERANCE_MS = 100  # CASES.tsv rounds


def differences(transcript: Transcript, right: str) -> list[str]:
    """How the transcript differs from `right`: its words, and at the start of each turn its time and its speaker.

    A turn's time is only looked at where `right` has one; a speaker that `right` does not give must not be there.
    """
    names = "|".join(map(re.escape, sorted(transcript.speakers, key=len, reverse=True)))
    found = [(word, cue.start_ms, cue.speaker) for cue in transcript.cues for word in cue.text.split()]
    expected: list[tuple[str, float | None, str, bool]] = []
    for turn in right.split(" / "):
        seconds, rest = _TURN.fullmatch(turn).groups()  # type: ignore[union-attr]
        label = re.match(rf"({names}|[^:]{{1,60}}): ", rest) if names else re.match(r"([^:]{1,60}): ", rest)
        name, text = (label[1], rest[label.end() :]) if label else ("", rest)
        for i, word in enumerate(text.split()):
            expected.append((word, float(seconds) * 1000 if seconds else None, name, i == 0))
    if [word for word, *_ in found] != [word for word, *_ in expected]:
        return [f"words: {' '.join(word for word, *_ in found)[:300]}"]
    wrong = []
    for (word, start, speaker), (_, time, name, first) in zip(found, expected, strict=True):
        if speaker != name:
            wrong.append(f"speaker of “{word}”: {speaker!r}, not {name!r}")
        if first and time is not None and (start is None or abs(start - time) > _TOLERANCE_MS):
            wrong.append(f"time of “{word}”: {start}, not {time:g}")
    return wrong
