"""Two cuts of one show, laid side by side by their words: what was left out, and what is new."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from statistics import fmean
from typing import TYPE_CHECKING

from soniclayer.insights.moment import HIGH, LOW
from soniclayer.phrasing import clock, excerpt, listed, span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from soniclayer.insights.selection import Scope
    from soniclayer.personas import Persona
    from soniclayer.segments import Segment

ALIKE = 0.5
"""Share of the shorter one's words that the other has, from which two shows are cuts of one."""
FEWEST_IN_A_ROW = 3  # words; that fewer come in the same order in two shows that share nothing is chance
FEWEST_WORDS = 8  # a segment of fewer is filled by chance


@dataclass(frozen=True, slots=True)
class Stretch:
    """Segments in a row that one cut has and the other has not.

    Attributes:
        index: the first of them.
        start_ms, end_ms: integer milliseconds from the start of its own cut.
        words: its beginning.
        means: by persona id, the mean value there.
    """

    index: int
    start_ms: int
    end_ms: int
    words: str
    means: dict[str, float]


@dataclass(frozen=True, slots=True)
class Versions:
    """Two cuts.

    Attributes:
        shared: share of the shorter one's words that both have, in the same order, 0.0 to 1.0.
        left_out: what only the earlier has; new: what only the later has. In order of time.
    """

    shared: float
    left_out: tuple[Stretch, ...]
    new: tuple[Stretch, ...]

    @property
    def are_cuts(self) -> bool:
        """Both are cuts of one show."""
        return self.shared >= ALIKE


def align(before: Scope, after: Scope) -> Versions:
    """What two scopes share and do not share.

    Rule: the words of both are aligned with as few insertions and deletions as possible (rapidfuzz, Indel); three or
    more in a row are shared. A segment is only in one of them if fewer than half its words are shared.
    """
    from rapidfuzz.distance import Indel

    words = [_words(scope.segments) for scope in (before, after)]
    kept = [[0] * len(scope.segments) for scope in (before, after)]
    for block in Indel.opcodes(*([word for word, _ in side] for side in words)):
        if block.tag == "equal" and block.src_end - block.src_start >= FEWEST_IN_A_ROW:
            for _, position in words[0][block.src_start : block.src_end]:
                kept[0][position] += 1
            for _, position in words[1][block.dest_start : block.dest_end]:
                kept[1][position] += 1
    shorter = min(map(len, words))
    return Versions(
        sum(kept[0]) / shorter if shorter else 0.0,
        _stretches(before, kept[0]),
        _stretches(after, kept[1]),
    )


def _words(segments: Sequence[Segment]) -> list[tuple[str, int]]:
    """Every word, as it sounds, with the position of its segment."""
    found = ((word, position) for position, segment in enumerate(segments) for word in segment.text.split())
    return [(bare, position) for word, position in found if (bare := "".join(filter(str.isalnum, word)).casefold())]


def _stretches(scope: Scope, kept: Sequence[int]) -> tuple[Stretch, ...]:
    def alone(position: int) -> bool:
        size = len(scope.segments[position].text.split())
        return size >= FEWEST_WORDS and kept[position] * 2 < size

    runs = (list(places) for is_alone, places in groupby(range(len(kept)), alone) if is_alone)
    return tuple(_stretch(scope, [scope.segments[place] for place in places]) for places in runs)


def _stretch(scope: Scope, segments: Sequence[Segment]) -> Stretch:
    values: dict[str, list[float]] = {}
    for segment in segments:
        for persona, feedback in scope.reactions(segment):
            values.setdefault(persona.id, []).append(feedback.value)
    return Stretch(
        segments[0].index,
        segments[0].start_ms,
        segments[-1].end_ms,
        excerpt(segments[0].text),
        {who: fmean(each) for who, each in values.items()},
    )


def stretch_said(stretch: Stretch, personas: Sequence[Persona], name: Callable[[Persona], str]) -> str:
    """A stretch in words: when, how long, whom it pleases and whom it tires."""
    parts = [f"{clock(stretch.start_ms / 1000)}, {span((stretch.end_ms - stretch.start_ms) / 1000)}"]
    for verb, found in (
        ("pleases", [p for p in personas if stretch.means.get(p.id, 3.0) > HIGH]),
        ("tires", [p for p in personas if stretch.means.get(p.id, 3.0) < LOW]),
    ):
        if found:
            parts.append(f"{verb} {listed([name(persona) for persona in found])}")
    return "; ".join(parts)
