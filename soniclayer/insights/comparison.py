"""Two runs side by side: what rose, what fell, by more than chance; two shows, two evaluators, two persona files."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from soniclayer.insights.losses import losses_an_hour
from soniclayer.insights.noise import FEWEST, Mean, limit, mean_of
from soniclayer.phrasing import listed, plural
from soniclayer.results import SCORES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from soniclayer.insights.selection import Scope
    from soniclayer.personas import Persona

LEAST = 0.1
"""Differences below it are nobody's concern, however sure they are."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a persona took one show.

    Attributes:
        mean: mean of the values, 1.0 to 5.0, None where nothing was judged.
        segments: how many were judged.
        calls: how many segments were called 1, 2, 3, 4 and 5; leanings without a call count nowhere.
        losses_an_hour: how often it is lost, see `losses_an_hour`.
    """

    mean: float | None
    segments: int
    calls: tuple[int, ...]
    losses_an_hour: float


@dataclass(frozen=True, slots=True)
class Change:
    """One persona in two shows.

    Attributes:
        before, after: how it took each.
        difference: of the means, after less before; None where one of them is missing.
        noise: how large a difference chance alone explains; None where there are too few segments to say.
    """

    persona: Persona
    before: Standing
    after: Standing
    difference: float | None
    noise: float | None

    @property
    def beyond_chance(self) -> bool:
        """The difference is one of the shows, not of which half minutes they happen to have, and worth a word."""
        known = self.difference is not None and self.noise is not None
        return known and abs(self.difference or 0.0) > max(self.noise or 0.0, LEAST)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two scopes side by side.

    Attributes:
        changes: one per persona that both have, in the order of the second.
        only_before, only_after: personas that one of them has.
        paired: both judge the same segments, so that every segment is compared with itself.
    """

    changes: tuple[Change, ...]
    only_before: tuple[Persona, ...]
    only_after: tuple[Persona, ...]
    paired: bool

    @property
    def rose(self) -> list[Change]:
        """Those that rose by more than chance, the most first."""
        return sorted((c for c in self.changes if c.beyond_chance and (c.difference or 0) > 0), key=_size)

    @property
    def fell(self) -> list[Change]:
        """Those that fell by more than chance, the most first."""
        return sorted((c for c in self.changes if c.beyond_chance and (c.difference or 0) < 0), key=_size)


def _size(change: Change) -> float:
    return -abs(change.difference or 0.0)


def compare(before: Scope, after: Scope) -> Comparison:
    """The chosen segments of two runs, persona by persona; personas are the same where their ids are.

    Rule: a mean rises or falls where the difference is above 0.1, and larger than chance explains in 19 of 20 such
    comparisons of all their personas together: `limit` standard errors of the difference (Welch's; see `mean_of` for
    neighbours that are alike). Where both runs judge the same segments, it is the mean of the differences of every
    segment.
    """
    known = {persona.id: persona for persona in before.personas}
    both = [persona for persona in after.personas if persona.id in known]
    paired = [s.text for s in before.segments] == [s.text for s in after.segments]
    values = _values(before), _values(after)
    lost = losses_an_hour(before), losses_an_hour(after)
    changes = []
    for persona in both:
        old, new = ([value for value in side[persona.id] if value is not None] for side in values)
        standing = _standing(before, persona, old, lost[0]), _standing(after, persona, new, lost[1])
        if paired:
            pairs = zip(values[0][persona.id], values[1][persona.id], strict=True)
            gaps = [b - a for a, b in pairs if a is not None and b is not None]
            noise, difference = _noise([mean_of(gaps)], len(both)), fmean(gaps) if gaps else None
        else:
            noise = _noise([mean_of(old), mean_of(new)], len(both))
            difference = fmean(new) - fmean(old) if old and new else None
        changes.append(Change(persona, standing[0], standing[1], difference, noise))
    missing = {persona.id for persona in both}
    return Comparison(
        tuple(changes),
        tuple(persona for persona in before.personas if persona.id not in missing),
        tuple(persona for persona in after.personas if persona.id not in missing),
        paired,
    )


def _values(scope: Scope) -> dict[str, list[float | None]]:
    """By persona, its value of every chosen segment."""
    results = scope.run.results
    return {
        persona.id: [
            None if (found := results.get((segment.index, persona.id))) is None else found.value
            for segment in scope.segments
        ]
        for persona in scope.personas
    }


def _noise(means: Sequence[Mean | None], comparisons: int) -> float | None:
    known = [mean for mean in means if mean is not None]
    if len(known) < len(means):
        return None
    squares = [mean.error**2 for mean in known]
    if not (total := sum(squares)):
        return 0.0
    freedom = total**2 / sum(square**2 / (mean.independent - 1) for square, mean in zip(squares, known, strict=True))
    return limit(freedom, comparisons=comparisons) * float(total**0.5)


def _standing(scope: Scope, persona: Persona, values: Sequence[float], rates: Mapping[str, float]) -> Standing:
    mean = fmean(values) if values else None
    return Standing(mean, len(values), _calls(scope, persona), rates.get(persona.id, 0.0))


def _calls(scope: Scope, persona: Persona) -> tuple[int, ...]:
    found = (scope.run.results.get((segment.index, persona.id)) for segment in scope.segments)
    scores = [feedback.score for feedback in found if feedback is not None and feedback.called]
    return tuple(scores.count(score) for score in SCORES)


def said(comparison: Comparison, before: str, after: str, name: Callable[[Persona], str]) -> list[str]:
    """What a comparison says, in sentences, the most important first.

    before, after: how the two are called. name: how a persona is.
    """
    sentences = [
        f"{name(change.persona)}: {way} from {change.before.mean:.1f} in {before} to {change.after.mean:.1f} in"
        f" {after}, by more than chance explains (± {change.noise:.2f})."
        for way, changes in (("down", comparison.fell), ("up", comparison.rose))
        for change in changes
    ]
    unclear = [c for c in comparison.changes if not c.beyond_chance and c.noise is not None]
    if unclear:
        widest = max(change.noise or 0.0 for change in unclear)
        who = "Everybody" if len(unclear) == len(comparison.changes) else plural(len(unclear), "persona")
        sentences.append(f"{who}: no difference beyond chance, which explains up to {max(widest, LEAST):.1f}.")
    few = [change for change in comparison.changes if change.noise is None]
    if few:
        who = (
            "" if len(few) == len(comparison.changes) else f" for {listed([name(change.persona) for change in few])}"
        )
        sentences.append(f"Too few segments to tell{who}: it takes {FEWEST} judged ones in either.")
    for alone, where in ((comparison.only_before, before), (comparison.only_after, after)):
        if alone:
            sentences.append(f"Only in {where}: {listed([name(persona) for persona in alone])}.")
    return sentences or ["They have no persona in common."]
