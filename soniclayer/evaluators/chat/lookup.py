"""Where a kept answer may be found: under today's key, under those of version 0.1.0, and among answers to several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soniclayer.evaluators.chat.keys import answer_key, old_key
from soniclayer.feedback import Classification

if TYPE_CHECKING:
    from soniclayer.evaluators.chat.asking import Asker
    from soniclayer.evaluators.chat.kept import Answered
    from soniclayer.evaluators.chat.questions import Questions
    from soniclayer.personas import Persona
    from soniclayer.segments import Segment


class Lookup:
    """Finds kept answers for one run; asks the store, never the model."""

    def __init__(self, asker: Asker, questions: Questions, show: str) -> None:
        self._asker = asker
        self._questions = questions
        self._show = show
        self._old: dict[int, Classification | None] = {}  # by segment index, how version 0.1.0 had it classified

    async def classification(self, segment: Segment) -> Answered | None:
        """Topic and tone of a segment."""
        question = self._questions.of(None)
        found = await self._asker.look_up(answer_key(question.identity, segment), question.read)
        return found or await self.old_classification(segment)

    async def cell(self, persona: Persona, segment: Segment, told: Classification | None) -> Answered | None:
        """A persona's reaction to a segment, whichever way it was asked for; an answer to a single question first."""
        question = self._questions.of(persona)
        found = await self._asker.look_up(answer_key(question.identity, segment), question.read)
        found = found or await self.old_cell(persona, segment, told)
        if found is None:
            several = self._questions.of(persona, several=True)
            found = await self._asker.look_up(answer_key(several.identity, segment), several.read)
        return found

    async def old_classification(self, segment: Segment) -> Answered | None:
        """Topic and tone as version 0.1.0 kept them."""
        question = self._questions.of(None)
        found = await self._asker.look_up(old_key(question.identity, segment, show=self._show), question.read)
        value = found.value if found is not None else None
        self._old[segment.index] = value if isinstance(value, Classification) else None
        return found

    async def old_cell(
        self, persona: Persona, segment: Segment, told: Classification | None, sample: int = 0
    ) -> Answered | None:
        """A reaction as version 0.1.0 kept it: under the show's title and what the model had made of the segment."""
        if segment.index not in self._old:
            await self.old_classification(segment)
        question = self._questions.of(persona)
        classified = self._old[segment.index]
        for each in dict.fromkeys((classified, told) if classified is not None else ()):
            key = old_key(question.identity, segment, show=self._show, classification=each, sample=sample)
            if (found := await self._asker.look_up(key, question.read)) is not None:
                return found
        return None
