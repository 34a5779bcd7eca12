"""The chat evaluator: LangChain chains `prompt | model | parser` over any OpenAI-compatible chat model.

One call of a chain is one HTTP request (or a few, the first time, to learn what the server understands). How a
question is asked is in `asking`, where its answer may be kept in `lookup`.
"""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from soniclayer.errors import AnswerError
from soniclayer.evaluators.base import Explanation, Store, Usage
from soniclayer.evaluators.chat.asking import Asker
from soniclayer.evaluators.chat.budget import CLASSIFICATION_TOKENS, FEEDBACK_TOKENS, Budget, CostTracker, Spent
from soniclayer.evaluators.chat.chain import MAX_OUTPUT_TOKENS
from soniclayer.evaluators.chat.extraction import InvalidAnswerError
from soniclayer.evaluators.chat.kept import Answered
from soniclayer.evaluators.chat.keys import answer_key
from soniclayer.evaluators.chat.lookup import Lookup
from soniclayer.evaluators.chat.output_parser import check_quotes
from soniclayer.evaluators.chat.prompts import Hints, evaluate_prompt, evaluate_several_prompt, scene, several
from soniclayer.evaluators.chat.questions import Question, Questions
from soniclayer.evaluators.chat.together import FIRST_SINGLY, TOGETHER, codes
from soniclayer.feedback import Classification, Feedback
from soniclayer.segments import Segment

if TYPE_CHECKING:
    from soniclayer.evaluators.chat.providers import Provider
    from soniclayer.llm_client.client import Endpoint
    from soniclayer.llm_client.limiter import Traffic
    from soniclayer.personas import Persona

MAX_TOGETHER_TOKENS = 2 * MAX_OUTPUT_TOKENS

T = TypeVar("T")
Guess = Callable[[Segment], Awaitable[Classification]]


class ChatEvaluator:
    """Asks a chat model. One instance serves one run, in the engine's event loop; see `evaluators.base`."""

    name = "Chat model"
    classified_together = TOGETHER
    first_singly = FIRST_SINGLY

    def __init__(
        self,
        endpoint: Endpoint | Provider,
        model: str,
        *,
        store: Store,
        show: str = "",
        temperature: float = 0.2,
        samples: int = 1,
        budget: Budget | None = None,
        spent: Spent | None = None,
        guess: Guess | None = None,
        thrifty: bool = False,
    ) -> None:
        """show: title of the programme, told to the model.

        samples: answers asked for each cell; of several, the median score and their agreement count, see `median`.
        budget: limits for this show.
        spent: what was spent on the show before, and grows; None for nothing.
        guess: topic and tone that personas are told; by default they are told that both are unknown.
        thrifty: ask a persona about several segments in one call; not with several samples.
        """
        self.model = model
        self.together = TOGETHER if thrifty and samples == 1 else 1
        self._server = endpoint
        self._show = show
        self._samples = samples
        self._costs = CostTracker(budget, spent)
        self._asker = Asker(endpoint, store, self._costs)
        self._questions = Questions(endpoint, model, temperature, self._costs)
        self._kept = Lookup(self._asker, self._questions, show)
        self._guess = guess
        self._hints: dict[int, Classification] = {}
        self._answers_in_lists = True  # until the classifier's model shows that it cannot

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
        """Money spent by this run so far, by the budget's price."""
        return self._costs.cost

    @property
    def traffic(self) -> Traffic:
        """Calls in flight to the server, and whether it throttles."""
        return self._server.traffic

    async def hint(self, segment: Segment) -> Classification:
        """Topic and tone as personas are told them: a guess that costs nothing and waits for nobody."""
        if segment.index not in self._hints and self._guess is not None:
            self._hints[segment.index] = await self._guess(segment)
        return self._hints.get(segment.index, Classification())

    async def classify(self, segment: Segment) -> Classification:
        """Topic and tone; see `evaluators.base.Evaluator`."""
        question = self._questions.of(None)

        async def ask() -> Answered:
            if (old := await self._kept.old_classification(segment)) is not None:
                self._costs.of("").cached += 1
                return old
            told = scene(segment, show=self._show)
            return await self._asker.ask(
                question.chain, segment.index, told, most=MAX_OUTPUT_TOKENS, expected=CLASSIFICATION_TOKENS
            )

        async with self._costs.question():
            key = answer_key(question.identity, segment)
            return _classification(await self._asker.kept_or("", key, question.read, ask))

    async def classify_together(self, segments: Sequence[Segment]) -> Mapping[int, Classification | AnswerError]:
        """Topic and tone of several segments, by index; in one call as far as none of them is kept.

        A model that cannot answer in lists is asked about each by itself from then on.
        """
        found: dict[int, Classification | AnswerError] = {}
        for segment in segments:
            if (kept := await self._kept.classification(segment)) is not None:
                self._costs.of("").cached += 1
                found[segment.index] = _classification(kept)
        missing = [segment for segment in segments if segment.index not in found]
        if len(missing) > 1 and self._answers_in_lists:
            question, key_of = self._questions.of(None, several=True), self._questions.of(None).identity
            try:
                answers = await self._ask_together(question, missing, key_of)
            except AnswerError as error:
                if error.kind != "invalid answer":
                    return found | dict.fromkeys((segment.index for segment in missing), error)
                self._answers_in_lists = False
            else:
                found |= {
                    index: _classification(each) for index, each in answers.items() if isinstance(each, Answered)
                }
            missing = [segment for segment in missing if segment.index not in found]
        outcomes = await asyncio.gather(*map(self.classify, missing), return_exceptions=True)
        for segment, outcome in zip(missing, outcomes, strict=True):
            found[segment.index] = outcome if isinstance(outcome, AnswerError) else _or_raise(outcome)
        return found

    async def evaluate(self, persona: Persona, segment: Segment, classification: Classification) -> Feedback:
        """The persona's reaction; see `evaluators.base.Evaluator`. `classification` is told, as a guess."""
        async with self._costs.question():
            if self._samples == 1:
                return _feedback(await self._cell(persona, segment, classification, 0), segment)
            outcomes = await asyncio.gather(
                *(self._cell(persona, segment, classification, number) for number in range(self._samples)),
                return_exceptions=True,
            )
            return median([_feedback(_or_raise(each), segment) for each in outcomes])

    async def evaluate_together(
        self, persona: Persona, segments: Sequence[Segment], hints: Hints
    ) -> Mapping[int, Feedback | AnswerError]:
        """The persona's reactions to consecutive segments, by index, in one call as far as none of them is kept."""
        found: dict[int, Feedback | AnswerError] = {}
        for segment in segments:
            kept = await self._kept.cell(persona, segment, hints.get(segment.index))
            if kept is not None:
                self._costs.of(persona.id).cached += 1
                found[segment.index] = _feedback(kept, segment)
        missing = [segment for segment in segments if segment.index not in found]
        try:
            if len(missing) == 1:
                (segment,) = missing
                alone = await self.evaluate(persona, segment, hints.get(segment.index, Classification()))
                found[segment.index] = alone
            elif missing:
                question = self._questions.of(persona, several=True)
                answers = await self._ask_together(question, missing, question.identity, hints)
                for segment in missing:
                    answer = answers[segment.index]
                    found[segment.index] = _feedback(answer, segment) if isinstance(answer, Answered) else answer
        except AnswerError as error:
            return found | {segment.index: error for segment in missing}
        return found

    async def explain(self, persona: Persona, segment: Segment, classification: Classification) -> Explanation:
        """The prompt and the raw answer behind the feedback of a cell that has one; asks the store, never the model.

        Raises:
            AnswerError: nothing is stored for this cell.
        """
        kept = await self._kept.cell(persona, segment, classification)
        if kept is None:
            raise AnswerError(
                "There is no stored answer for this card. Evaluate again to get one.", kind="not stored"
            )
        title = "Prompt"
        if isinstance(kept.value, Feedback) and kept.value.together > 1:
            title = f"Prompt, in which this was one of {kept.value.together} segments"
            told = several([segment], codes([segment]), show=self._show, hints=self._hints)
            prompt = evaluate_several_prompt(persona).text(told)
        else:
            hint = self._hints.get(segment.index, classification)
            prompt = evaluate_prompt(persona).text(scene(segment, show=self._show, classification=hint))
        return Explanation(excerpts=((title, prompt), ("Answer", kept.raw)))

    async def _cell(self, persona: Persona, segment: Segment, told: Classification, sample: int) -> Answered:
        """The answer to one question about one segment, kept or fresh."""
        question = self._questions.of(persona)

        async def ask() -> Answered:
            if (old := await self._kept.old_cell(persona, segment, told, sample)) is not None:
                self._costs.of(question.who).cached += 1
                return old
            words = scene(segment, show=self._show, classification=told)
            return await self._asker.ask(
                question.chain, segment.index, words, most=MAX_OUTPUT_TOKENS, expected=FEEDBACK_TOKENS
            )

        key = answer_key(question.identity, segment, sample)
        return await self._asker.kept_or(question.who, key, question.read, ask)

    async def _ask_together(
        self, question: Question, segments: Sequence[Segment], kept_as: str, hints: Hints | None = None
    ) -> Mapping[int, Answered | AnswerError]:
        """Answers about several segments, kept under each of them: another process's, and for the others one call.

        kept_as: the identity of the question that the answers are kept as answers to.
        """
        found: dict[int, Answered | AnswerError] = {}

        async def ask() -> None:
            for segment in segments:
                if kept := await self._asker.look_up(answer_key(kept_as, segment), question.read):
                    self._costs.of(question.who).cached += 1
                    found[segment.index] = kept
            if missing := [segment for segment in segments if segment.index not in found]:
                found.update(await self._call_about(question, missing, kept_as, hints))

        async with self._costs.question():  # until all is kept: a budget that is used up ends the run
            await self._asker.alone("\n".join(answer_key(kept_as, segment) for segment in segments), ask)
        return found

    async def _call_about(
        self, question: Question, segments: Sequence[Segment], kept_as: str, hints: Hints | None
    ) -> Mapping[int, Answered | AnswerError]:
        names = codes(segments)
        answered = await self._asker.ask(
            question.chain,
            segments[0 if question.who else -1].index,  # cards come before headlines
            several(segments, names, show=self._show, hints=hints),
            most=MAX_TOGETHER_TOKENS,
            expected=len(segments) * (FEEDBACK_TOKENS if question.who else CLASSIFICATION_TOKENS),
        )
        found: dict[int, Answered | AnswerError] = {}
        for segment, name in zip(segments, names, strict=True):
            answer = answered.value.get(name, InvalidAnswerError("it leaves this segment out"))
            if isinstance(answer, Answered):
                if isinstance(answer.value, Feedback):
                    answer = replace(answer, value=replace(answer.value, together=len(segments)))
                await self._asker.keep(answer_key(kept_as, segment), answer)
                found[segment.index] = answer
            else:
                reason = f"The model's answer about this segment cannot be used: {answer}. Retry asks about it alone."
                found[segment.index] = AnswerError(reason, kind="invalid answer")
        return found


def median(samples: Sequence[Feedback]) -> Feedback:
    """The sample with the median score (the lower of two), its confidence the agreement of all: 1.0 is unanimous."""
    scores = [sample.score for sample in samples]
    middle = statistics.median_low(scores)
    chosen = next(sample for sample in samples if sample.score == middle)
    return replace(chosen, confidence=1 - (max(scores) - min(scores)) / 4)


def _or_raise(outcome: T | BaseException) -> T:
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


def _classification(answered: Answered) -> Classification:
    assert isinstance(answered.value, Classification)
    return answered.value


def _feedback(answered: Answered, segment: Segment) -> Feedback:
    assert isinstance(answered.value, Feedback)
    return check_quotes(answered.value, segment.text)
