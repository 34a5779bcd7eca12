"""The chat evaluator: LangChain chains `prompt | model | parser` over any OpenAI-compatible chat model.

One call of a chain is one HTTP request (or two or three, the first time, to learn what the server understands).
What surrounds it is here: the store is asked first, a slot is waited for, what is worth asking again is asked again.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import statistics
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from soniclayer.errors import AnswerError, EvaluatorError, FatalError
from soniclayer.evaluators.base import Explanation, Store, Usage
from soniclayer.evaluators.chat.budget import Budget, CostTracker
from soniclayer.evaluators.chat.chain import SLOT, Answered, Chain, EndpointChat, make_chain
from soniclayer.evaluators.chat.output_parser import (
    InvalidAnswerError,
    check_quotes,
    read_classification,
    read_feedback,
)
from soniclayer.evaluators.chat.prompts import (
    CLASSIFICATION_FORMAT,
    CLASSIFY_PROMPT,
    FEEDBACK_FORMAT,
    Prompt,
    correction,
    evaluate_prompt,
    scene,
)
from soniclayer.feedback import Classification, Feedback, Tone, Topic
from soniclayer.llm_client.errors import LONGEST_WAIT_S, RequestError, Retry, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from soniclayer.llm_client.client import Endpoint
    from soniclayer.personas import Persona
    from soniclayer.segments import Segment

RETRIES = {Retry.NEVER: 0, Retry.ONCE: 1, Retry.TRANSIENT: 4, Retry.THROTTLED: 8}
FIRST_BACKOFF_S = 0.5
LONGEST_BACKOFF_S = 20.0
HOPELESS_AFTER = 3
"""So many failures (or as many as are in flight, if more) before any answer stop the run."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about every segment: of a persona, or (`who` "") of the classifier.

    Attributes:
        chain: takes `scene` and, optionally, `correction`; one call is one HTTP request.
        identity: a digest of everything but the scene that decides the answer.
    """

    who: str
    chain: Chain
    identity: str


class ChatEvaluator:
    """Asks a chat model. One instance serves one run, in the engine's event loop; see `evaluators.Evaluator`."""

    name = "Chat model"

    def __init__(
        self,
        endpoint: Endpoint,
        model: str,
        *,
        store: Store,
        show: str = "",
        temperature: float = 0.2,
        samples: int = 1,
        budget: Budget | None = None,
    ) -> None:
        """show: title of the programme, told to the model.

        samples: answers asked for each cell; of several, the median score and their agreement count, see `median`.
        budget: limits for this run.
        """
        self.model = model
        self._endpoint = endpoint
        self._store = store
        self._show = show
        self._temperature = temperature
        self._samples = samples
        self._costs = CostTracker(budget)
        self._queue = endpoint.queue()
        self._questions: dict[Persona | None, Question] = {}  # None is the classifier
        self._answers = 0
        self._hopeless = 0

    @property
    def confidence_basis(self) -> str:
        """See `Evaluator`: what the model states, or how far its samples agree."""
        return "stated by the model" if self._samples == 1 else f"agreement of {self._samples} answers"

    @property
    def usage(self) -> Mapping[str, Usage]:
        """See `Evaluator`."""
        return self._costs.usage

    @property
    def cost(self) -> float:
        """Money spent so far, by the budget's price."""
        return self._costs.cost

    async def classify(self, segment: Segment) -> Classification:
        """Topic and tone; see `evaluators.Evaluator.classify`."""
        if (question := self._questions.get(None)) is None:
            question = self._question("", CLASSIFY_PROMPT, CLASSIFICATION_FORMAT, read_classification)
            self._questions[None] = question
        # Others wait for this, so it goes ahead by about as many segments as the wire takes calls. At the end of a
        # show nothing would be left to fill the wire with while the last segments are classified.
        order = segment.index - self._endpoint.limit
        async with self._costs.question():
            answer = await self._answer(question, order, scene(segment, show=self._show))
        return Classification(Topic(answer["topic"]), Tone(answer["tone"]))

    async def evaluate(self, persona: Persona, segment: Segment, classification: Classification) -> Feedback:
        """The persona's reaction; see `evaluators.Evaluator.evaluate`."""
        question = self._persona_question(persona)
        told = scene(segment, show=self._show, classification=classification)
        async with self._costs.question():
            if self._samples == 1:
                return _feedback(await self._answer(question, segment.index, told), segment)
            return median(
                [_feedback(answer, segment) for answer in await self._sampled(question, segment.index, told)]
            )

    async def explain(self, persona: Persona, segment: Segment, classification: Classification) -> Explanation:
        """The prompt and the raw answer behind the feedback of a cell that has one; asks the store, never the model.

        Raises:
            AnswerError: nothing is stored for this cell.
        """
        question = self._persona_question(persona)
        told = scene(segment, show=self._show, classification=classification)

        async def ask() -> str:
            raise AnswerError(
                "There is no stored answer for this card. Evaluate again to get one.", kind="not stored"
            )

        kept = await self._store(f"{question.identity}\n0\n{told}", ask)
        prompt = evaluate_prompt(persona).text(told)
        return Explanation(excerpts=(("Prompt", prompt), ("Answer", str(json.loads(kept)["raw"]))))

    def _persona_question(self, persona: Persona) -> Question:
        if (question := self._questions.get(persona)) is None:
            question = self._question(persona.id, evaluate_prompt(persona), FEEDBACK_FORMAT, read_feedback)
            self._questions[persona] = question
        return question

    def _question(
        self,
        who: str,
        prompt: Prompt,
        schema: dict[str, Any],
        read: Callable[[str], Classification | Feedback],
    ) -> Question:
        chat = EndpointChat.over(
            self._endpoint, self.model, temperature=self._temperature, schema=schema, costs=self._costs, who=who
        )
        fixed = prompt.text("") + json.dumps(schema)
        digest = hashlib.blake2b(fixed.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        identity = json.dumps([self._endpoint.address, self.model, self._temperature, digest])
        return Question(who, make_chain(prompt, chat, read), identity)

    async def _sampled(self, question: Question, order: int, told: str) -> list[dict[str, Any]]:
        outcomes = await asyncio.gather(
            *(self._answer(question, order, told, number) for number in range(self._samples)), return_exceptions=True
        )
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        return [outcome for outcome in outcomes if isinstance(outcome, dict)]

    async def _answer(self, question: Question, order: int, told: str, sample: int = 0) -> dict[str, Any]:
        """The fields of a usable answer, out of the store or fresh."""
        fresh = False

        async def ask() -> str:
            nonlocal fresh
            fresh = True
            return (await self._ask(question, order, told)).kept()

        kept = await self._store(f"{question.identity}\n{sample}\n{told}", ask)
        if not fresh:
            self._costs.of(question.who).cached += 1
        answer: dict[str, Any] = json.loads(kept)["answer"]
        return answer

    async def _ask(self, question: Question, order: int, told: str) -> Answered:
        """Ask the model; once more, with the error shown to it, if its answer cannot be used."""
        try:
            return await self._ask_with_backoff(question, order, {"scene": told})
        except InvalidAnswerError as error:
            again = {"scene": told, "correction": correction(error.text, str(error))}
        try:
            return await self._ask_with_backoff(question, order, again)
        except InvalidAnswerError as error:
            raise self._final(
                AnswerError(
                    f"The model's answer cannot be used: {error}. Retry, or choose another model (SONICLAYER_MODEL).",
                    kind="invalid answer",
                )
            ) from error

    async def _ask_with_backoff(self, question: Question, order: int, told: dict[str, Any]) -> Answered:
        """Call the chain: exponential backoff with jitter, attempts by error class (`RETRIES`)."""
        failures = 0
        SLOT.set(self._queue.slot(order))
        while True:
            try:
                answered = await question.chain.ainvoke(told)
            except RequestError as error:
                failures += 1
                if failures > RETRIES[error.retry]:
                    raise self._final(error) from error
                wait_s = max(backoff(failures), min(error.wait_s, LONGEST_WAIT_S))
            else:
                self._answers += 1
                return answered
            await asyncio.sleep(wait_s)

    def _final(self, error: AnswerError) -> EvaluatorError:
        """What a failure that is not tried again means: for this question, or for all."""
        if isinstance(error, UnreachableError):
            return FatalError(str(error))
        if not self._answers and error.kind != "overloaded":
            self._hopeless += 1
            if self._hopeless >= max(HOPELESS_AFTER, self._endpoint.limit):
                return FatalError(f"Not one of the first {self._hopeless} questions was answered. {error}")
        return AnswerError(str(error), kind=error.kind)


def backoff(failures: int) -> float:
    """Seconds to wait after so many failures: doubling, and drawn so that callers do not return all at once."""
    longest = min(FIRST_BACKOFF_S * 2.0 ** (failures - 1), LONGEST_BACKOFF_S)
    return random.uniform(longest / 2, longest)


def median(samples: Sequence[Feedback]) -> Feedback:
    """The sample with the median score (the lower of two), its confidence the agreement of all: 1.0 is unanimous."""
    scores = [sample.score for sample in samples]
    middle = statistics.median_low(scores)
    chosen = next(sample for sample in samples if sample.score == middle)
    return replace(chosen, confidence=1 - (max(scores) - min(scores)) / 4)


def _feedback(answer: dict[str, Any], segment: Segment) -> Feedback:
    return check_quotes(Feedback(**{**answer, "quotes": tuple(answer["quotes"])}), segment.text)
