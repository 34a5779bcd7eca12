"""The built-in evaluator: no key, no network, no language model.

A segment is cut into sentences. Each is compared with the persona's likes and dislikes in three ways: by static
word embeddings, by word lists of subjects, and by how it is said (grim or glad, picking a fight). Words that must
not stand beside a family brand count against it where the persona's dislikes name their kind. One linear model, the
same for every persona, makes the score of it. See benchmarks/ for how often it is right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from soniclayer.errors import AnswerError
from soniclayer.evaluators.base import Contribution, Explanation, Usage
from soniclayer.evaluators.builtin.explanation import moved_by
from soniclayer.evaluators.builtin.features import listen
from soniclayer.evaluators.builtin.language import foreign
from soniclayer.evaluators.builtin.profile import taste
from soniclayer.evaluators.builtin.rationale import feedback
from soniclayer.evaluators.builtin.scoring import judge
from soniclayer.feedback import Classification, Feedback

if TYPE_CHECKING:
    from collections.abc import Iterable

    from soniclayer.personas import Persona
    from soniclayer.segments import Segment

NAME = "Built-in (no language model)"


class BuiltinEvaluator:
    """Satisfies `Evaluator`. Holds nothing: the same segment and persona always give the same feedback."""

    name = NAME
    model = ""
    confidence_basis = "measured on labelled lines"

    def __init__(self) -> None:
        self.usage: dict[str, Usage] = {}

    async def classify(self, segment: Segment) -> Classification:
        """Topic and tone, each None where it cannot tell, both None for what is not English."""
        if foreign(segment.text):
            return Classification()
        return listen(segment.text).classification

    async def evaluate(self, persona: Persona, segment: Segment, classification: Classification) -> Feedback:
        """The persona's reaction; `classification` is not used.

        Raises:
            AnswerError: the segment is not in English.
        """
        if language := foreign(segment.text):
            raise AnswerError(
                f"The built-in evaluator reads English only; this segment looks like {language}. Use a chat model.",
                kind="not English",
            )
        heard, likes = listen(segment.text), taste(persona)
        return feedback(persona, likes, heard, judge(likes, heard))

    async def explain(self, persona: Persona, segment: Segment, classification: Classification) -> Explanation:
        """The words that moved the score. Takes about a millisecond per word."""
        moved = moved_by(persona, segment)
        if not moved:
            return Explanation("No single word moved this score: it comes from the segment as a whole.")
        return Explanation(
            "Words that moved it, the strongest first. About 1 is one score.",
            tuple(Contribution(each.word, each.weight) for each in moved),
        )


def warm(personas: Iterable[Persona] = ()) -> None:
    """Load everything now rather than at the first segment, and hear what these personas like and dislike.

    Takes about half a second of CPU, once per process and persona.
    """
    listen("Good morning.")
    for persona in personas:
        taste(persona)
