"""The questions that are put about segments: of each persona and of the classifier, about one segment or several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from soniclayer.evaluators.chat.chain import Chain, chat_model, make_chain
from soniclayer.evaluators.chat.keys import question_identity
from soniclayer.evaluators.chat.output_parser import (
    CLASSIFICATION_KEYS,
    FEEDBACK_KEYS,
    classification_of,
    feedback_of,
    read_classification,
    read_feedback,
)
from soniclayer.evaluators.chat.prompts import (
    CLASSIFICATION_FORMAT,
    CLASSIFICATIONS_FORMAT,
    CLASSIFY_PROMPT,
    CLASSIFY_SEVERAL_PROMPT,
    FEEDBACK_FORMAT,
    FEEDBACKS_FORMAT,
    Prompt,
    evaluate_prompt,
    evaluate_several_prompt,
)
from soniclayer.evaluators.chat.together import reader
from soniclayer.llm_client.client import Endpoint

if TYPE_CHECKING:
    from collections.abc import Callable

    from soniclayer.evaluators.chat.budget import CostTracker
    from soniclayer.evaluators.chat.kept import Reader
    from soniclayer.evaluators.chat.providers import Provider
    from soniclayer.personas import Persona


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about every segment: of a persona, or (`who` "") of the classifier.

    Attributes:
        chain: takes `scene` and, optionally, `correction`; one call is one HTTP request.
        identity: what decides its answers beside the segment.
        read: the model's words about one segment -> their meaning.
    """

    who: str
    chain: Chain
    identity: str
    read: Reader


class Questions:
    """The questions of one run, each made at its first use."""

    def __init__(self, server: Endpoint | Provider, model: str, temperature: float, costs: CostTracker) -> None:
        self._server = server
        self._model = model
        self._temperature = temperature
        self._costs = costs
        self._made: dict[tuple[Persona | None, bool], Question] = {}

    def of(self, persona: Persona | None, *, several: bool = False) -> Question:
        """What is asked of a persona, or (None) of the classifier, about one segment or about several."""
        if (made := self._made.get((persona, several))) is None:
            make = self._about_several if several else self._about_one
            self._made[persona, several] = made = make(persona)
        return made

    def _about_one(self, persona: Persona | None) -> Question:
        if persona is None:
            return self._question(
                "", CLASSIFY_PROMPT, CLASSIFICATION_FORMAT, read_classification, read_classification
            )
        return self._question(persona.id, evaluate_prompt(persona), FEEDBACK_FORMAT, read_feedback, read_feedback)

    def _about_several(self, persona: Persona | None) -> Question:
        if persona is None:
            read_all = reader(CLASSIFICATION_KEYS, classification_of)
            return self._question("", CLASSIFY_SEVERAL_PROMPT, CLASSIFICATIONS_FORMAT, read_all, read_classification)
        read_all = reader(FEEDBACK_KEYS, feedback_of)
        return self._question(persona.id, evaluate_several_prompt(persona), FEEDBACKS_FORMAT, read_all, read_feedback)

    def _question(
        self, who: str, prompt: Prompt, schema: dict[str, Any], parse: Callable[..., Any], read: Reader
    ) -> Question:
        server = self._server
        extra_body = server.extra_body if isinstance(server, Endpoint) else {}
        identity = question_identity(server.address, self._model, self._temperature, prompt, schema, extra_body)
        model = chat_model(
            server,
            self._model,
            temperature=self._temperature,
            schema=schema,
            costs=self._costs,
            who=who,
            identity=identity,
        )
        return Question(who, make_chain(prompt, model, parse), identity, read)
