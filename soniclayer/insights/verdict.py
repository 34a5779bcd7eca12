"""The verdict: what a producer asks first, in three to five sentences. The same words for the same results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from soniclayer.insights.moment import HIGH, Moment
from soniclayer.insights.moments import MOMENTS
from soniclayer.insights.unsafe import unsafe_words
from soniclayer.phrasing import clock, listed, short_name, span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soniclayer.insights.selection import Scope


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the verdict.

    Attributes:
        kind: of its moment, a key of `MOMENTS`; "liked" for what all of them like.
        lead: its first words, to stand out.
        rest: the others; holds words of the transcript.
        index: the segment that it leads to, or None.
        at: the time it names, "6:03", or "".
    """

    kind: str
    lead: str
    rest: str
    index: int | None = None
    at: str = ""


@dataclass
class Insight:
    """What can be told of a scope, each part worked out when it is asked for, once.

    drawn: what a page made of it, by name, for as long as the results are the same.
    """

    scope: Scope
    drawn: dict[str, object] = field(default_factory=dict)
    _found: dict[str, list[Moment]] = field(default_factory=dict)

    def moments(self, kind: str) -> list[Moment]:
        """Every moment of this kind."""
        if kind not in self._found:
            self._found[kind] = MOMENTS[kind].find(self.scope)
        return self._found[kind]

    @cached_property
    def verdict(self) -> tuple[Sentence, ...]:
        """Three to five sentences."""
        told = (rule(self) for rule in (_loss, _cut, _clip, _disagreement, _liked))
        return tuple(sentence for sentence in told if sentence is not None)

    @cached_property
    def answered(self) -> int:
        """How many reactions there are of those chosen."""
        return sum(len(self.scope.reactions(segment)) for segment in self.scope.segments)

    @cached_property
    def called(self) -> int:
        """How many of them call a score."""
        return sum(each.called for segment in self.scope.segments for _, each in self.scope.reactions(segment))

    @cached_property
    def leans(self) -> bool:
        """The evaluator gives leanings: it calls a score only where it is sure."""
        scope = self.scope
        return any(each.lean is not None for segment in scope.segments for _, each in scope.reactions(segment))

    @cached_property
    def names(self) -> dict[str, str]:
        """By id, what to call a persona in a sentence."""
        return {persona.id: short_name(persona.display_name) for persona in self.scope.personas}

    def named(self, ids: tuple[str, ...]) -> str:
        """Who, in words; "everybody" where nobody chosen is missing."""
        if len(ids) > 1 and len(ids) == len(self.scope.personas):
            return "everybody"
        return listed([self.names[key] for key in ids if key in self.names], 2)

    def topic(self, index: int) -> str:
        """What a segment is about, or ""."""
        known = self.scope.run.classifications.get(index)
        return known.topic.value if known is not None and known.topic is not None else ""


Rule = Callable[[Insight], Sentence | None]


def _at(moment: Moment) -> str:
    return clock(moment.start_ms / 1000)


def _loss(insight: Insight) -> Sentence:
    """Whom you lose, where, over what and for how long: the weightiest loss, and when the next one apart from it."""
    found = insight.moments("losses")
    if not found:
        return Sentence("losses", "Nothing here loses anybody", ".")
    worst = found[0]
    about = _over(insight, worst)
    apart = (each for each in found[1:] if each.start_ms >= worst.end_ms or each.end_ms <= worst.start_ms)
    another = next(apart, None)
    more = f", then {_at(another)}" if another is not None else ""
    return Sentence(
        "losses",
        f"You lose {insight.named(worst.who)} at {_at(worst)}",
        f"{about}, for {span(worst.seconds)}{more}.",
        worst.index,
        _at(worst),
    )


def _over(insight: Insight, moment: Moment) -> str:
    said = unsafe_words(insight.scope.run.segments[moment.index].text)
    worst = max(said, key=lambda word: word.severity, default=None)
    what = worst.category if worst is not None and worst.severity > 2 else insight.topic(moment.index)
    return f" over {what}" if what else ""


def _cut(insight: Insight) -> Sentence:
    """What to cut for whom, with the words: the gravest that somebody minds, else what bores for longest."""
    found = [moment for moment in insight.moments("cuts") if moment.who]
    if not found:
        return Sentence("cuts", "Nothing to cut", ": no word that any of them minds.")
    worst = found[0]
    if worst.weight < 1:
        return Sentence(
            "cuts", f"Shorten {_at(worst)}", f": it bores {insight.named(worst.who)}.", worst.index, _at(worst)
        )
    lead = f"Cut {_at(worst)} for {insight.named(worst.who)}"
    return Sentence("cuts", lead, f": {worst.words} ({worst.note}).", worst.index, _at(worst))


def _clip(insight: Insight) -> Sentence:
    """What to clip for whom: the best clip, and the next that is for somebody else."""
    found = insight.moments("clips")
    if not found:
        return Sentence("clips", "No clip stands out", ": nobody is sure to love a stretch that stands alone.")
    best = found[0]
    other = next((moment for moment in found[1:] if not set(moment.who) <= set(best.who)), None)
    also = f"; {_at(other)} for {insight.named(other.who)}" if other is not None else ""
    loses = f", though it loses {insight.named(best.against)}" if best.against else ""
    return Sentence(
        "clips",
        f"Clip {_at(best)} for {insight.named(best.who)}",
        f" ({span(best.seconds)}){loses}{also}.",
        best.index,
        _at(best),
    )


def _disagreement(insight: Insight) -> Sentence | None:
    """Where they disagree most, and who stands where."""
    found = insight.moments("disagreements")
    if not found:
        return None
    widest = found[0]
    low, high = (_scores(insight, widest.index, who) for who in (widest.against, widest.who))
    return Sentence(
        "disagreements",
        f"They disagree most at {_at(widest)}",
        f": {low} from {insight.named(widest.against)}, {high} from {insight.named(widest.who)}.",
        widest.index,
        _at(widest),
    )


def _scores(insight: Insight, index: int, who: Sequence[str]) -> str:
    """What these personas give a segment: "1 to 2"."""
    results = insight.scope.run.results
    given = [results[index, each].score for each in who]
    return " to ".join(str(score) for score in dict.fromkeys((min(given), max(given))))


def _liked(insight: Insight) -> Sentence | None:
    """What all of them like: the segment where everybody leans towards it and at least half call a 4 or 5."""
    scope, best, where = insight.scope, HIGH, None
    if len(scope.personas) < 2:
        return None
    for segment in scope.segments:
        found = [feedback for _, feedback in scope.reactions(segment)]
        if len(found) < len(scope.personas) or min(each.value for each in found) <= HIGH:
            continue
        if 2 * sum(each.score > 3 for each in found) >= len(found):
            mean = sum(each.value for each in found) / len(found)
            best, where = max((best, where), (mean, segment), key=lambda item: item[0])
    if where is None:
        return None
    topic = insight.topic(where.index)
    about = f": {topic}, {best:.1f} of 5 on average" if topic else f": {best:.1f} of 5 on average"
    at = clock(where.start_s)
    return Sentence("liked", f"All of them like {at}", f"{about}.", where.index, at)
