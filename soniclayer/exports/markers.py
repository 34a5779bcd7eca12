"""What an editor works through, as marks on a timeline: losses, cuts, clips, ad breaks in order of time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from soniclayer.exports.plain import plain, said
from soniclayer.phrasing import listed, sureness

if TYPE_CHECKING:
    from soniclayer.insights.moment import Moment
    from soniclayer.insights.verdict import Insight

WORDS = {"losses": "Loses", "cuts": "Cut", "clips": "Clip", "breaks": "Ad break"}
"""The moments that become marks, and what a mark of the kind begins with."""

MOST_WHO = 8  # personas named in a mark
MOST_NAME, MOST_WORDS = 40, 160  # letters
FPS = 25
"""Frames per second of every timecode that is written, non-drop."""


@dataclass(frozen=True, slots=True)
class Marker:
    """A mark on an editor's timeline; its texts stand on one line.

    Attributes:
        kind: a key of `WORDS`, or "note" for what is said about the file.
        start_ms, end_ms: integer milliseconds from the start of the show; equal for a point.
        name: what it is, and for whom: "Loses Gen Z", "Cut for Advertiser".
        words: literal words of the transcript.
        note: what is known about it: "swearing · 80% sure, stated by the model".
    """

    kind: str
    start_ms: int
    end_ms: int
    name: str
    words: str = ""
    note: str = ""

    @property
    def text(self) -> str:
        """All of it in one line."""
        more = " ".join(filter(None, (self.words, f"({self.note})" if self.note else "")))
        return f"{self.name}: {more}" if more else self.name


def markers(insight: Insight) -> list[Marker]:
    """Every loss, cut, clip and ad break, by time; the first says what was left out, where something was."""
    found = [_marker(insight, kind, moment) for kind in WORDS for moment in insight.moments(kind)]
    found.sort(key=lambda mark: (mark.start_ms, mark.end_ms))
    left_out = said(insight.scope.left_out)
    return [Marker("note", 0, 0, left_out), *found] if left_out else found


def _marker(insight: Insight, kind: str, moment: Moment) -> Marker:
    # A break has a start only: what follows the gap is not part of it.
    end_ms = moment.start_ms if kind == "breaks" else max(moment.start_ms, moment.end_ms)
    sure = "" if moment.sure is None else sureness(moment.sure, insight.scope.run.evaluator.confidence_basis)
    return Marker(
        kind,
        moment.start_ms,
        end_ms,
        _name(insight, kind, moment),
        plain(moment.words, MOST_WORDS),
        plain(" · ".join(filter(None, (moment.note, sure)))),
    )


def _name(insight: Insight, kind: str, moment: Moment) -> str:
    who, against = (_all(insight, ids) for ids in (moment.who, moment.against))
    joined = {"losses": " ", "cuts": " for ", "clips": " for ", "breaks": ", liked by "}[kind]
    name = f"{WORDS[kind]}{joined}{who}" if who else WORDS[kind]
    return f"{name}, loses {against}" if against else name


def _all(insight: Insight, ids: tuple[str, ...]) -> str:
    if len(ids) > 1 and len(ids) == len(insight.scope.personas):
        return "everybody"
    return listed([plain(insight.names[key], MOST_NAME) for key in ids if key in insight.names], MOST_WHO)


def frames(ms: int) -> int:
    """Milliseconds as frames at `FPS`, to the nearest."""
    return (ms * FPS + 500) // 1000


def timecode(count: int) -> str:
    """A number of frames as HH:MM:SS:FF; hours have two digits or more."""
    seconds, frame = divmod(count, FPS)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours:02}:{minute:02}:{second:02}:{frame:02}"
