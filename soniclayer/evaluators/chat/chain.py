"""The chain `prompt | model | parser`: the one file that imports LangChain.

The model and the parser are our own: the model sends its requests through `llm_client`, the parser checks answers.
"""

from __future__ import annotations

import json
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, cast

from langchain_core.messages import AIMessage, BaseMessage, SystemMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder
from langchain_core.runnables import Runnable, RunnableConfig, RunnableSequence
from langchain_openai import ChatOpenAI
from pydantic import PrivateAttr, SecretStr
from typing_extensions import override

from soniclayer.errors import AnswerError
from soniclayer.evaluators.chat.budget import CostTracker, tokens
from soniclayer.evaluators.chat.output_parser import InvalidAnswerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_core.callbacks import AsyncCallbackManagerForLLMRun
    from langchain_core.language_models import LanguageModelInput

    from soniclayer.evaluators.chat.prompts import Prompt
    from soniclayer.feedback import Classification, Feedback
    from soniclayer.llm_client.client import Endpoint
    from soniclayer.llm_client.limiter import Slot

MAX_OUTPUT_TOKENS = 3000
"""Enough for a model that thinks aloud, and an end to one that rambles."""
SLOT: ContextVar[Slot] = ContextVar("SLOT")
"""What the call of a chain waits for before it sends anything. LangChain hands no argument of ours to the model."""


class EndpointChat(ChatOpenAI):
    """ChatOpenAI that sends its requests through an Endpoint and counts what they cost."""

    _endpoint: Endpoint = PrivateAttr()
    _schema: dict[str, Any] = PrivateAttr()
    _costs: CostTracker = PrivateAttr()
    _who: str = PrivateAttr()

    @classmethod
    def over(
        cls,
        endpoint: Endpoint,
        model: str,
        *,
        temperature: float,
        schema: dict[str, Any],
        costs: CostTracker,
        who: str,
    ) -> EndpointChat:
        """A chat model whose answers follow `schema` as far as the server can, and are counted for `who`."""
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
        chat._endpoint, chat._schema, chat._costs, chat._who = endpoint, schema, costs, who
        return chat

    @override
    async def ainvoke(
        self,
        input: LanguageModelInput,
        config: RunnableConfig | None = None,
        *,
        stop: list[str] | None = None,
        **kwargs: Any,
    ) -> AIMessage:
        """The model's message, without callbacks; see `Chain`."""
        result = await self._agenerate(self._convert_input(input).to_messages(), stop, **kwargs)
        return cast("AIMessage", result.generations[0].message)

    @override
    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        payload = self._get_request_payload(messages, stop=stop, **kwargs)
        size = tokens(sum(len(message.text) for message in messages))
        reply = await self._endpoint.complete(
            payload, self._schema, SLOT.get(), lambda: self._costs.request(self._who, size)
        )
        used = reply.usage
        self._costs.add(self._who, used.prompt_tokens, used.completion_tokens)
        choice = reply.choices[0]
        message = AIMessage(
            choice.message.content or "",
            additional_kwargs={"refusal": choice.message.refusal},
            response_metadata={"finish_reason": choice.finish_reason},
            usage_metadata=UsageMetadata(
                input_tokens=used.prompt_tokens,
                output_tokens=used.completion_tokens,
                total_tokens=used.prompt_tokens + used.completion_tokens,
            ),
        )
        return ChatResult(generations=[ChatGeneration(message=message)])


@dataclass(frozen=True, slots=True)
class Answered:
    """A usable answer: what it says, and the model's own words."""

    value: Classification | Feedback
    raw: str

    def kept(self) -> str:
        """The form it is stored in."""
        return json.dumps({"answer": asdict(self.value), "raw": self.raw}, ensure_ascii=False)


class AnswerParser(Runnable[AIMessage, Answered]):
    """The last step of a chain: a model's message -> Answered. Raises InvalidAnswerError or AnswerError."""

    def __init__(self, read: Callable[[str], Classification | Feedback]) -> None:
        self._read = read

    @override
    def invoke(self, input: AIMessage, config: RunnableConfig | None = None, **kwargs: Any) -> Answered:
        finish = input.response_metadata.get("finish_reason")
        if (refusal := input.additional_kwargs.get("refusal")) or finish == "content_filter":
            said = f": “{refusal[:200]}”" if refusal else ""
            raise AnswerError(f"The model refused to answer{said}. Choose another model.", kind="refused")
        try:
            value = self._read(input.text)
        except InvalidAnswerError as error:
            reason = "it was cut off before its end; be brief" if finish == "length" else str(error)
            raise InvalidAnswerError(reason, input.text) from error
        return Answered(value, input.text)

    @override
    async def ainvoke(self, input: AIMessage, config: RunnableConfig | None = None, **kwargs: Any) -> Answered:
        return self.invoke(input)  # the default would go through a thread


class Chain(RunnableSequence[dict[str, Any], Answered]):
    """`prompt | model | parser` whose steps call one another directly.

    LangChain's own way sets up callbacks around every step. They were a third of a call's CPU, and nothing may listen
    to them here: a tracer (LANGSMITH_TRACING) would send the transcript to a server that nobody chose on the page.
    """

    @override
    async def ainvoke(self, input: dict[str, Any], config: RunnableConfig | None = None, **kwargs: Any) -> Answered:
        prompt, model, parser = self.steps
        message = await model.ainvoke(cast("ChatPromptTemplate", prompt).format_prompt(**input))
        return cast("Answered", await parser.ainvoke(message))


def make_chain(prompt: Prompt, model: EndpointChat, read: Callable[[str], Classification | Feedback]) -> Chain:
    """The chain of one question. It takes `scene` and, optionally, `correction` (see `prompts`).

    read: the model's text -> its meaning; raises InvalidAnswerError.
    """
    # The system text is a finished message, not a template: braces in a persona are plain characters.
    template = ChatPromptTemplate(
        [SystemMessage(prompt.system), ("human", prompt.question), MessagesPlaceholder("correction", optional=True)]
    )
    return Chain(first=template, middle=[model], last=AnswerParser(read))
