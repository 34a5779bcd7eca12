"""The evaluator of results that were kept: says who judged, judges nothing, explains where that asks nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soniclayer import settings
from soniclayer.errors import AnswerError
from soniclayer.evaluators.base import Context, Evaluator, Explanation, Usage, no_store
from soniclayer.evaluators.registry import EVALUATORS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from soniclayer.evaluators.base import C
    from soniclayer.feedback import Classification, Feedback
    from soniclayer.personas import Persona
    from soniclayer.segments import Segment

KEPT = "These results were kept. Choose their evaluator under Settings to ask for more."
UNEXPLAINED = "Why was not kept with these results. Evaluate the show again to see it."
CHANGED = "An earlier version of the evaluator gave this score; it would give another now. Evaluate the show again."


class KeptEvaluator:
    """Satisfies `Evaluator` for a run that has ended.

    It explains by the evaluator of its row, where that costs nothing and still gives the score that was kept.
    """

    def __init__(
        self,
        key: str,
        name: str,
        model: str,
        confidence_basis: str,
        personas: tuple[Persona, ...] = (),
        results: Mapping[str, Mapping[int, Feedback]] | None = None,
    ) -> None:
        """Results by persona id and segment index; the others as `Record` has them, `key` being its `evaluator`."""
        self.name, self.model, self.confidence_basis = name, model, confidence_basis
        self.usage: dict[str, Usage] = {}  # of its own; what the results cost stands in `Run.spent`
        self._key, self._personas, self._results = key, personas, results or {}
        self._live: Evaluator | None = None

    async def classify(self, segment: Segment) -> Classification:
        """Raises AnswerError: it judges nothing."""
        raise AnswerError(KEPT, kind="kept")

    async def evaluate(self, persona: Persona, segment: Segment, classification: Classification) -> Feedback:
        """Raises AnswerError: it judges nothing."""
        raise AnswerError(KEPT, kind="kept")

    async def explain(self, persona: Persona, segment: Segment, classification: Classification) -> Explanation:
        """As the evaluator that judged explains it. Raises AnswerError where it cannot be told, and why."""
        spec = EVALUATORS.get(self._key)
        if spec is None or not spec.starts_by_itself:
            raise AnswerError(UNEXPLAINED, kind="kept")
        if self._live is None:
            self._live = spec.make(Context(settings.read(), "", no_store, _unshared, personas=self._personas))
        now = await self._live.evaluate(persona, segment, classification)
        kept = self._results.get(persona.id, {}).get(segment.index)
        if kept is None or now.score != kept.score:
            raise AnswerError(CHANGED, kind="kept")
        return await self._live.explain(persona, segment, classification)


def _unshared(key: str, make: Callable[[], C]) -> C:
    """A `Shared` for evaluators that cost nothing: they have no server to close."""
    return make()
