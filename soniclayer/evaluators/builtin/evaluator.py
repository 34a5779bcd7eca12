"""The built-in evaluator: no key, no network, no language model.

A segment is heard sentence by sentence by a small sentence encoder. What it has to do with a persona's likes,
dislikes and description, and what such listeners made of such talk, gives the mean rating that readers would give
(`lean`). Only where one side clearly wins is that a score other than 3. MODEL_CARD.md says how often it is right.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from soniclayer.errors import NotJudgedError
from soniclayer.evaluators.base import Explanation, Store, Usage
from soniclayer.evaluators.builtin import hearing
from soniclayer.evaluators.builtin.classifiers import classify
from soniclayer.evaluators.builtin.explanation import explain
from soniclayer.evaluators.builtin.features import gather
from soniclayer.evaluators.builtin.judging import judge
from soniclayer.evaluators.builtin.language import foreign
from soniclayer.evaluators.builtin.parameters import parameters
from soniclayer.evaluators.builtin.rationale import feedback, silent
from soniclayer.evaluators.builtin.scoring import Panel, Prediction, panel_of, predict
from soniclayer.feedback import Classification, Feedback
from soniclayer.phrasing import MEASURED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from soniclayer.evaluators.builtin.encoder import Heard
    from soniclayer.personas import Persona
    from soniclayer.segments import Segment

NAME = "Built-in (no language model)"
_OPEN = 64  # segments whose predictions are kept while their personas ask one by one

_panels: WeakValueDictionary[tuple[Persona, ...], Panel] = WeakValueDictionary()
"""Those of all evaluators that are in use: a panel is 3 MB, and most runs are for the same personas."""


class BuiltinEvaluator:
    """Satisfies `Evaluator`. The same segment and persona always give the same feedback."""

    name = NAME
    model = ""
    confidence_basis = MEASURED

    def __init__(self, store: Store, personas: Iterable[Persona] = ()) -> None:
        """`personas`: who will be asked; they are then judged together, which is much faster than one by one."""
        self.usage: dict[str, Usage] = {}
        self._store = store
        self._personas = tuple(personas)
        self._panels: dict[tuple[Persona, ...], Panel] = {}
        self._predictions: OrderedDict[tuple[int, str, str, int], Prediction] = OrderedDict()

    async def classify(self, segment: Segment) -> Classification:
        """Topic and tone, each None where it cannot tell.

        Raises:
            NotJudgedError: the segment is not in English.
        """
        if language := foreign(segment.text):
            raise NotJudgedError(f"{language}: the built-in evaluator reads English.", language=language)
        heard = await hearing.hear(segment, self._store)
        return classify(heard, parameters()) if heard.spans else Classification()

    async def evaluate(self, persona: Persona, segment: Segment, classification: Classification) -> Feedback:
        """The persona's reaction.

        Raises:
            NotJudgedError: the segment is not in English.
        """
        if language := foreign(segment.text):
            raise NotJudgedError(f"{language}: the built-in evaluator reads English.", language=language)
        heard = await hearing.hear(segment, self._store)
        if not heard.spans:
            return silent()
        panel, person = await self._panel(persona)
        prediction = self._prediction(segment, heard, panel)
        return feedback(persona, heard, judge(heard, panel, person, prediction, parameters()))

    async def explain(self, persona: Persona, segment: Segment, classification: Classification) -> Explanation:
        """What made the score, in parts that add up. Takes some 10 ms."""
        heard = await hearing.hear(segment, self._store)
        if not heard.spans:
            return Explanation("Nothing is said here.")
        panel, person = await self._panel(persona)
        prediction = self._prediction(segment, heard, panel)
        judgement = judge(heard, panel, person, prediction, parameters())
        return explain(heard, panel, person, prediction, judgement, parameters())

    async def _panel(self, persona: Persona) -> tuple[Panel, int]:
        """The panel that the persona sits on, and its place there."""
        personas = self._personas if persona in self._personas else (persona,)
        if (panel := self._panels.get(personas)) is None:
            vectors = await hearing.know(personas, self._store)
            if (panel := _panels.get(personas)) is None:
                panel = _panels[personas] = panel_of(gather(personas, vectors), parameters())
            self._panels[personas] = panel
        return panel, personas.index(persona)

    def _prediction(self, segment: Segment, heard: Heard, panel: Panel) -> Prediction:
        """For all personas of the panel; worked out once, when the first of them asks."""
        key = (id(panel), segment.text, segment.before, segment.index)
        if (found := self._predictions.get(key)) is None:
            found = self._predictions[key] = predict(heard, panel, parameters())
            if len(self._predictions) > _OPEN:
                self._predictions.popitem(last=False)
        return found


def guess(segment: Segment) -> Classification:
    """Topic and tone of a segment that was encoded already, else both unknown; waits for nothing."""
    heard = hearing.in_memory(segment)
    return classify(heard, parameters()) if heard is not None and heard.spans else Classification()


def warm(personas: Iterable[Persona] = ()) -> None:
    """Load everything now rather than at the first segment. Half a second of CPU, and 3 ms per unknown phrase."""
    parameters()
    hearing.warm(personas)
