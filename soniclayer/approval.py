"""What may be spent: only what a press on Evaluate covered.

A press covers the personas as they stood on the page then, for one show and one choice of evaluator. Whoever is
edited or added later is asked about first; the others go on being shown. Pure data: the page keeps one `Approvals`
and one `StartedRuns` in each session.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from soniclayer.evaluators.base import Estimate
from soniclayer.phrasing import money, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from soniclayer.evaluators.registry import EvaluatorSpec
    from soniclayer.personas import Persona
    from soniclayer.run import Cell, Run
    from soniclayer.segments import Segment
    from soniclayer.settings import Settings


@dataclass(slots=True)
class Approvals:
    """What Evaluate was pressed for in one session, by a key for the show and the choice of evaluator."""

    _pressed: dict[str, dict[str, Persona]] = field(default_factory=dict)

    def press(self, key: str, personas: Iterable[Persona]) -> None:
        """Evaluate was pressed while these personas were on the page."""
        self._pressed.setdefault(key, {}).update({persona.id: judging_part(persona) for persona in personas})

    def given(self, key: str) -> bool:
        """Evaluate was pressed for this show and evaluator at some time."""
        return key in self._pressed

    def uncovered(self, key: str, personas: Iterable[Persona]) -> tuple[Persona, ...]:
        """The personas that no press has covered: new ones, and those edited since in a way that changes answers."""
        pressed = self._pressed.get(key, {})
        return tuple(persona for persona in personas if pressed.get(persona.id) != judging_part(persona))

    def covered_cells(self, key: str, segments: Iterable[Segment], personas: Sequence[Persona]) -> frozenset[Cell]:
        """The cells that may be asked without another press; to be passed to `Engine.start` as `only`."""
        uncovered = {persona.id for persona in self.uncovered(key, personas)}
        covered = [persona.id for persona in personas if persona.id not in uncovered]
        return frozenset((segment.index, name) for segment in segments for name in covered)

    def question(
        self,
        key: str,
        personas: Sequence[Persona],
        segments: Sequence[Segment],
        show: str,
        spec: EvaluatorSpec,
        settings: Settings,
    ) -> str:
        """What the page asks before it spends: "Tradies changed: 24 calls, about $0.02"; "" where all is covered."""
        uncovered = self.uncovered(key, personas)
        if not uncovered:
            return ""
        pressed = self._pressed.get(key, {})
        words = [f"{each.display_name} {'changed' if each.id in pressed else 'is new'}" for each in uncovered]
        if len(words) > 3:
            words = [f"{len(words)} personas are new or changed"]
        text = ", ".join(words)
        if spec.estimate is None:
            return text
        extra = _extra(
            spec.estimate(segments, uncovered, show, settings), spec.estimate(segments, (), show, settings)
        )
        cost = settings.cost(extra.input_tokens, extra.output_tokens)
        return f"{text}: {plural(extra.calls, 'call')}" + (f", about {money(cost)}" if cost is not None else "")


class StartedRuns:
    """The runs that one page has started."""

    def __init__(self) -> None:
        self._runs: dict[str, Run] = {}

    def add(self, key: str, run: Run) -> None:
        """A run was started; the one it supersedes (of the same show and evaluator) is stopped."""
        before = self._runs.get(key)
        if before is not None and before is not run:
            before.stop()
        self._runs[key] = run

    def stop_all(self) -> None:
        """Stop everything this page has started."""
        for run in self._runs.values():
            run.stop()


def clearing_question(answers: int, settings: Settings, show: str = "") -> str:
    """What the page asks before it forgets kept answers: those of a show alone, or all."""
    if not answers:
        return f"No answer is kept for {show} alone." if show else "No answers are kept."
    cost = settings.cost(answers * USUAL_INPUT_TOKENS, answers * USUAL_OUTPUT_TOKENS)
    price = f", about {money(cost)}" if cost is not None else ""
    whose = f" about {show}" if show else ""
    calls = "as many calls" if answers > 1 else "a call"
    others = " What another show uses too is kept." if show else ""
    kept = plural(answers, "kept answer")
    return f"Forget {kept}{whose}? Asking again takes {calls}{price}.{others}"


USUAL_INPUT_TOKENS, USUAL_OUTPUT_TOKENS = 1350, 110
"""Of one reaction; `benchmarks/cost.py` counts them."""


def judging_part(persona: Persona) -> Persona:
    """The persona without what no answer depends on."""
    return replace(persona, display_name="", emoji="", weight=1.0, group="")


def _extra(whole: Estimate, without: Estimate) -> Estimate:
    return Estimate(
        whole.calls - without.calls,
        whole.input_tokens - without.input_tokens,
        whole.output_tokens - without.output_tokens,
    )
