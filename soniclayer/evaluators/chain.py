"""The chat evaluator: LangChain chains `prompt | model | parser` over any OpenAI-compatible chat model.

One call of a chain is one HTTP request. What surrounds it is here too: the store is asked first, a slot is
waited for, what may be asked again is asked again, and every request is counted.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.output_parsers import BaseGenerationOutputParser
from langchain_core.outputs import ChatGeneration, ChatResult, Generation
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import Runnable
from langchain_openai import ChatOpenAI
from pydantic import PrivateAttr, SecretStr

from soniclayer.answers import InvalidAnswer, check_quotes, read_classification, read_feedback
from soniclayer.bill import Bill, Budget, tokens
from soniclayer.endpoint import Endpoint, TokenCounts
from soniclayer.errors import AnswerError, EvaluatorError, FatalError
from soniclayer.evaluators import Store, Usage
from soniclayer.feedback import Classification, Feedback, Tone, Topic
from soniclayer.personas import Persona
from soniclayer.prompts import (
    CLASSIFICATION_FORMAT,
    FEEDBACK_FORMAT,
    classify_prompt,
    correction,
    evaluate_prompt,
    scene,
)
from soniclayer.segments import Segment
from soniclayer.wire import Retry, UnreachableError, WireError

MAX_OUTPUT_TOKENS = 3000
"""Enough for a model that thinks aloud, and an end to one that rambles."""

RETRIES = {Retry.NEVER: 0, Retry.ONCE: 1, Retry.OFTEN: 4, Retry.PATIENTLY: 8}
FIRST_BACKOFF_S = 0.5
LONGEST_BACKOFF_S = 20.0
HOPELESS = frozenset({"too long", "request refused", "redirect", "not a chat reply", "reply too large"})
HOPELESS_AFTER = 3
"""So many failures of these kinds (or as many as are in flight, if more) before any answer stop the run."""


class EndpointChat(ChatOpenAI):
    """ChatOpenAI that sends its requests through an Endpoint and puts them on a Bill."""

    _endpoint: Endpoint = PrivateAttr()
    _schema: dict[str, Any] = PrivateAttr()
    _bill: Bill = PrivateAttr()
    _who: str = PrivateAttr()

    @classmethod
    def over(
        cls, endpoint: Endpoint, model: str, *, temperature: float, schema: dict[str, Any], bill: Bill, who: str
    ) -> EndpointChat:
        """A chat model whose answers follow `schema` as far as the server can, and go on the bill of `who`."""
        chat = cls(
            model=model,
            temperature=temperature,
            max_completion_tokens=MAX_OUTPUT_TOKENS,
            use_responses_api=False,
            # The clients that ChatOpenAI would build are never used, and the key is the endpoint's own.
            client=endpoint,
            async_client=endpoint,
            api_key=SecretStr("unused"),
        )
        chat._endpoint, chat._schema, chat._bill, chat._who = endpoint, schema, bill, who
        return chat

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        payload = self._get_request_payload(messages, stop=stop, **kwargs)
        with self._bill.call(tokens(sum(len(message.text) for message in messages))):
            reply = await self._endpoint.complete(payload, self._schema, lambda: self._bill.request(self._who))
            count = reply.usage or TokenCounts()
            usage = self._bill.of(self._who)
            usage.input_tokens += count.prompt_tokens
            usage.output_tokens += count.completion_tokens
        choice = reply.choices[0]
        message = AIMessage(
            choice.message.content or "",
            additional_kwargs={"refusal": choice.message.refusal},
            usage_metadata=UsageMetadata(
                input_tokens=count.prompt_tokens,
                output_tokens=count.completion_tokens,
                total_tokens=count.prompt_tokens + count.completion_tokens,
            ),
        )
        reason = {"finish_reason": choice.finish_reason}
        return ChatResult(generations=[ChatGeneration(message=message, generation_info=reason)])


@dataclass(frozen=True, slots=True)
class Answered:
    """A usable answer: what it says, the model's own words, and its tokens."""

    value: Classification | Feedback
    raw: str
    input_tokens: int
    output_tokens: int

    def kept(self) -> str:
        """The form it is stored in."""
        usage = {"input_tokens": self.input_tokens, "output_tokens": self.output_tokens}
        return json.dumps({"answer": asdict(self.value), "raw": self.raw, "usage": usage}, ensure_ascii=False)


class AnswerParser(BaseGenerationOutputParser[Answered]):
    """The last link of a chain: a model's message -> Answered. Raises InvalidAnswer or AnswerError."""

    read: Callable[[str], Classification | Feedback]

    def parse_result(self, result: list[Generation], *, partial: bool = False) -> Answered:
        generation = result[0]
        message = generation.message if isinstance(generation, ChatGeneration) else AIMessage(generation.text)
        finish = message.response_metadata.get("finish_reason")
        if (refusal := message.additional_kwargs.get("refusal")) or finish == "content_filter":
            said = f": “{refusal[:200]}”" if refusal else ""
            raise AnswerError(f"The model refused to answer{said}. Choose another model.", kind="refused")
        try:
            value = self.read(message.text)
        except InvalidAnswer as error:
            reason = "it was cut off before its end; be brief" if finish == "length" else str(error)
            raise InvalidAnswer(reason, message.text) from error
        usage = message.usage_metadata if isinstance(message, AIMessage) else None
        spent = (usage["input_tokens"], usage["output_tokens"]) if usage else (0, 0)
        return Answered(value, message.text, *spent)

    async def aparse_result(self, result: list[Generation], *, partial: bool = False) -> Answered:
        return self.parse_result(result)  # the default would go through a thread


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about every segment: of a persona, or (`who` "") of the classifier.

    Attributes:
        chain: takes `scene` and, optionally, `correction`; one call is one HTTP request.
        identity: a digest of everything but the scene that decides the answer.
    """

    who: str
    chain: Runnable[dict[str, Any], Answered]
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

        samples: answers asked for each cell. Of several the median score counts, and their agreement is the confidence.
        """
        self.model = model
        self._endpoint = endpoint
        self._store = store
        self._show = show
        self._temperature = temperature
        self._samples = samples
        self._bill = Bill(budget)
        self._lane = endpoint.lane()
        self._questions: dict[str, Question] = {}
        self._answers = 0
        self._hopeless = 0

    @property
    def usage(self) -> Mapping[str, Usage]:
        return self._bill.usage

    @property
    def cost(self) -> float:
        """Money spent so far, by the budget's price."""
        return self._bill.cost

    async def classify(self, segment: Segment) -> Classification:
        """Topic and tone; see `evaluators.Evaluator.classify`."""
        if (question := self._questions.get("")) is None:
            question = self._question("", classify_prompt(), CLASSIFICATION_FORMAT, read_classification)
        answer = await self._answer(question, segment.index, scene(segment, show=self._show))
        return Classification(Topic(answer["topic"]), Tone(answer["tone"]))

    async def evaluate(self, persona: Persona, segment: Segment, classification: Classification) -> Feedback:
        """The persona's reaction; see `evaluators.Evaluator.evaluate`."""
        if (question := self._questions.get(persona.id)) is None:
            question = self._question(persona.id, evaluate_prompt(persona), FEEDBACK_FORMAT, read_feedback)
        told = scene(segment, show=self._show, classification=classification)
        if self._samples == 1:
            return _feedback(await self._answer(question, segment.index, told), segment)
        outcomes = await asyncio.gather(
            *(self._answer(question, segment.index, told, number) for number in range(self._samples)),
            return_exceptions=True,
        )
        samples = []
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
            samples.append(_feedback(outcome, segment))
        return median(samples)

    def _question(
        self,
        who: str,
        prompt: ChatPromptTemplate,
        schema: dict[str, Any],
        read: Callable[[str], Classification | Feedback],
    ) -> Question:
        chat = EndpointChat.over(
            self._endpoint, self.model, temperature=self._temperature, schema=schema, bill=self._bill, who=who
        )
        fixed = prompt.format(scene="")
        digest = hashlib.blake2b(fixed.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        identity = json.dumps([self._endpoint.address, self.model, self._temperature, digest])
        question = Question(who, prompt | chat | AnswerParser(read=read), identity)
        self._questions[who] = question
        return question

    async def _answer(self, question: Question, order: int, told: str, sample: int = 0) -> dict[str, Any]:
        """The fields of a usable answer, out of the store or fresh."""
        fresh = False

        async def ask() -> str:
            nonlocal fresh
            fresh = True
            return (await self._ask(question, order, told)).kept()

        kept = await self._store(f"{question.identity}\n{sample}\n{told}", ask)
        if not fresh:
            self._bill.of(question.who).cached += 1
        answer: dict[str, Any] = json.loads(kept)["answer"]
        return answer

    async def _ask(self, question: Question, order: int, told: str) -> Answered:
        """Ask the model; once more, with the error shown to it, if its answer cannot be used."""
        try:
            return await self._patiently(question, order, {"scene": told})
        except InvalidAnswer as error:
            again = {"scene": told, "correction": correction(error.text, str(error))}
        try:
            return await self._patiently(question, order, again)
        except InvalidAnswer as error:
            raise AnswerError(
                f"The model's answer cannot be used: {error}. Retry, or choose another model.", kind="invalid answer"
            ) from error

    async def _patiently(self, question: Question, order: int, told: dict[str, Any]) -> Answered:
        """Call the chain until the wire holds, as often as the kind of failure deserves."""
        failures = 0
        while True:
            try:
                async with self._lane.slot(order):
                    answered = await question.chain.ainvoke(told)
            except WireError as error:
                failures += 1
                if failures > RETRIES[error.retry]:
                    raise self._final(error) from error
            else:
                self._answers += 1
                return answered
            await asyncio.sleep(backoff(failures))

    def _final(self, error: WireError) -> EvaluatorError:
        """What a failure means once it is not tried again: for this cell, or for all."""
        if isinstance(error, UnreachableError):
            return FatalError(str(error))
        if error.kind in HOPELESS and not self._answers:
            self._hopeless += 1
            if self._hopeless >= max(HOPELESS_AFTER, self._endpoint.limit):
                return FatalError(f"The first {self._hopeless} questions all failed. {error}")
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
