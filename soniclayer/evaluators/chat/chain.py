"""The chain `prompt | model | parser`: the one file that imports LangChain.

The model and the parser are our own: the model sends its requests through `llm_client` (or, for a few providers,
through LangChain's own package), the parser checks answers.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage, SystemMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder
from langchain_core.runnables import Runnable, RunnableConfig, RunnableSequence
from pydantic import PrivateAttr
from typing_extensions import override

from soniclayer.errors import AnswerError
from soniclayer.evaluators.chat.budget import FEEDBACK_TOKENS, CostTracker, tokens
from soniclayer.evaluators.chat.extraction import InvalidAnswerError
from soniclayer.evaluators.chat.kept import Answered
from soniclayer.evaluators.chat.providers import Provider
from soniclayer.llm_client.errors import RequestTimeoutError
from soniclayer.llm_client.provider_names import provider_of
from soniclayer.llm_client.responses import Choice, Completion, Tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun

    from soniclayer.evaluators.chat.prompts import Prompt
    from soniclayer.llm_client.client import Endpoint
    from soniclayer.llm_client.limiter import Slot

MAX_OUTPUT_TOKENS = 3000
"""Enough for a model that thinks aloud, and an end to one that rambles."""
ASYNC_ONLY = "A model behind SonicLayer's client answers in an event loop only: await ainvoke(...) instead of invoke."


@dataclass(frozen=True, slots=True)
class Call:
    """What one call of a chain needs beside its input. LangChain hands no argument of ours to the model.

    Attributes:
        slot: waited for before anything is sent; None for one of the endpoint's own.
        most: output tokens asked for at most.
        expected: output tokens of a usual reply.
    """

    slot: Slot | None = None
    most: int = MAX_OUTPUT_TOKENS
    expected: int = FEEDBACK_TOKENS


CALL: ContextVar[Call] = ContextVar("CALL", default=Call())  # noqa: B039 - frozen

_FILTERED = re.compile(
    r"content_?filter|safety|prohibited|blocklist|spii|recitation|guardrail|refusal|sensitive", re.I
)
"""Reasons for which servers end a message that is not let through."""
_ROLES: dict[str, str] = {"system": "system", "human": "user", "ai": "assistant"}


class _OwnModel(BaseChatModel):
    """What our chat models share: a name, a temperature, whose costs they count, and no way to be called in sync."""

    model_name: str
    temperature: float
    _costs: CostTracker = PrivateAttr()
    _who: str = PrivateAttr()

    @property
    @override
    def _identifying_params(self) -> dict[str, Any]:
        return {"model": self.model_name, "temperature": self.temperature}

    @override
    async def ainvoke(
        self,
        input: LanguageModelInput,
        config: RunnableConfig | None = None,
        *,
        stop: list[str] | None = None,
        **kwargs: Any,
    ) -> AIMessage:
        """The model's message. Without callbacks in `config` nothing of LangChain's is set up; see `Chain`."""
        if config and config.get("callbacks"):
            return await super().ainvoke(input, config, stop=stop, **kwargs)
        result = await self._agenerate(self._convert_input(input).to_messages(), stop, **kwargs)
        return cast("AIMessage", result.generations[0].message)

    @override
    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        raise NotImplementedError(ASYNC_ONLY)


class EndpointChat(_OwnModel):
    """A chat model that sends its requests through an Endpoint and counts what they cost."""

    _endpoint: Endpoint = PrivateAttr()
    _schema: dict[str, Any] = PrivateAttr()
    _cache_key: str = PrivateAttr()

    @property
    @override
    def _llm_type(self) -> str:
        return "soniclayer-endpoint"

    def payload(self, messages: list[BaseMessage], stop: list[str] | None = None) -> dict[str, Any]:
        """The request in OpenAI's own terms, without `response_format`."""
        sent = [{"role": _ROLES[message.type], "content": message.text} for message in messages]
        payload: dict[str, Any] = {"model": self.model_name, "messages": sent, "temperature": self.temperature}
        payload["max_completion_tokens"] = CALL.get().most
        payload["prompt_cache_key"] = self._cache_key
        return {**payload, "stop": stop} if stop else payload

    @override
    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        call, payload = CALL.get(), self.payload(messages, stop)
        size = tokens(sum(len(message["content"]) for message in payload["messages"]))
        completion = await self._endpoint.complete(
            payload,
            self._schema,
            call.slot or self._endpoint.queue().slot(0),
            lambda: self._costs.request(self._who, size, call.expected),
        )
        choice, used = completion.choices[0], completion.usage
        self._costs.add(self._who, used, size, tokens(len(choice.message.content)))
        return ChatResult(generations=[ChatGeneration(message=_message(choice, completion, call.most))])


def _message(choice: Choice, completion: Completion, most: int) -> AIMessage:
    used, texts = completion.usage, choice.message.texts
    return AIMessage(
        texts[0] if texts else "",
        additional_kwargs={"refusal": choice.message.refusal, "other_texts": texts[1:]},
        response_metadata={"finish_reason": choice.finish_reason, "limit": most},
        usage_metadata=UsageMetadata(
            input_tokens=used.prompt_tokens,
            output_tokens=used.completion_tokens,
            total_tokens=used.prompt_tokens + used.completion_tokens,
        ),
    )


class ProviderChat(_OwnModel):
    """A chat model of a provider with a protocol of its own, within our limiter, budget and error classes."""

    _provider: Provider = PrivateAttr()
    _inner: BaseChatModel = PrivateAttr()

    @property
    @override
    def _llm_type(self) -> str:
        return f"soniclayer-{self._provider.name}"

    @override
    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        call, provider = CALL.get(), self._provider
        size = tokens(sum(len(message.text) for message in messages))
        async with call.slot or provider.queue().slot(0):
            with self._costs.request(self._who, size, call.expected):
                number = provider.limiter.started
                try:
                    async with asyncio.timeout(provider.timeout_s):
                        # Not `ainvoke`: a tracer of the environment's would be told what was said.
                        result = await self._inner._agenerate(messages, stop)
                except TimeoutError as error:
                    provider.limiter.throttled(number, surely=True)
                    raise RequestTimeoutError(provider.timeout_s) from error
                except provider.errors as error:
                    raise provider.error(error, number) from error
                provider.limiter.succeeded()
        message = cast("AIMessage", result.generations[0].message)
        used = message.usage_metadata or UsageMetadata(input_tokens=0, output_tokens=0, total_tokens=0)
        counts = Tokens(
            prompt_tokens=used["input_tokens"],
            completion_tokens=used["output_tokens"],
            cached_tokens=used.get("input_token_details", {}).get("cache_read", 0),
        )
        self._costs.add(self._who, counts, size, tokens(len(message.text)))
        return result


def chat_model(
    server: Endpoint | Provider,
    model: str,
    *,
    temperature: float,
    schema: dict[str, Any],
    costs: CostTracker,
    who: str,
    identity: str,
) -> _OwnModel:
    """A chat model whose answers follow `schema` as far as the server can, and are counted for `who`.

    identity: equal for questions that begin alike; its digest tells the server's prompt cache so.
    """
    chat: _OwnModel
    if isinstance(server, Provider):
        from langchain.chat_models import init_chat_model  # brings agents and graphs that nobody else waits for

        name = model.removeprefix(f"{provider_of(model)}:")
        chat = provided = ProviderChat(model_name=model, temperature=temperature)
        provided._provider = server
        provided._inner = init_chat_model(
            name, model_provider=server.name, temperature=temperature, max_tokens=MAX_OUTPUT_TOKENS, max_retries=0
        )
    else:
        chat = own = EndpointChat(model_name=model, temperature=temperature)
        own._endpoint, own._schema = server, schema
        own._cache_key = hashlib.blake2b(identity.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
    chat._costs, chat._who = costs, who
    return chat


class AnswerParser(Runnable[AIMessage, Answered]):
    """The last step of a chain: a model's message -> Answered. Raises InvalidAnswerError or AnswerError."""

    def __init__(self, read: Callable[..., Any]) -> None:
        self._read = read

    @override
    def invoke(self, input: AIMessage, config: RunnableConfig | None = None, **kwargs: Any) -> Answered:
        finish = input.response_metadata.get("finish_reason") or input.response_metadata.get("stop_reason")
        if (refusal := input.additional_kwargs.get("refusal")) or _FILTERED.match(str(finish or "")):
            said = f": “{refusal[:200]}”" if refusal else ""
            raise AnswerError(f"The model refused to answer{said}. Choose another model.", kind="refused")
        cut_off = finish in ("length", "max_tokens")
        texts = [input.text, *input.additional_kwargs.get("other_texts", ())]
        failures = []
        for text in texts:
            try:
                return Answered(self._read(text, cut_off=cut_off), text)
            except InvalidAnswerError as error:
                failures.append(error)
        raise self._invalid(failures[0], input, cut_off=cut_off) from failures[0]

    def _invalid(self, error: InvalidAnswerError, message: AIMessage, *, cut_off: bool) -> InvalidAnswerError:
        if cut_off and (error.unsaid or "{" not in message.text):
            limit = message.response_metadata.get("limit", MAX_OUTPUT_TOKENS)
            return InvalidAnswerError(f"it used up its {limit:,} tokens before it said anything", unsaid=True)
        reason = "it was cut off before its end; be brief" if cut_off else str(error)
        return InvalidAnswerError(reason, message.text)

    @override
    async def ainvoke(self, input: AIMessage, config: RunnableConfig | None = None, **kwargs: Any) -> Answered:
        return self.invoke(input)  # the default would go through a thread


class Chain(RunnableSequence[dict[str, Any], Answered]):
    """`prompt | model | parser` whose steps call one another directly, unless a caller passes callbacks.

    LangChain's own way sets up callbacks around every step. They were a third of a call's CPU, and a tracer that the
    environment names (LANGSMITH_TRACING) would send the transcript to a server that nobody chose on the page.
    """

    @override
    async def ainvoke(self, input: dict[str, Any], config: RunnableConfig | None = None, **kwargs: Any) -> Answered:
        if config and config.get("callbacks"):
            return await super().ainvoke(input, config, **kwargs)
        prompt, model, parser = self.steps
        message = await model.ainvoke(cast("ChatPromptTemplate", prompt).format_prompt(**input))
        return cast("Answered", await parser.ainvoke(message))


def make_chain(prompt: Prompt, model: BaseChatModel, read: Callable[..., Any]) -> Chain:
    """The chain of one question. It takes `scene` and, optionally, `correction` (see `prompts`).

    read: the model's text, and whether it was cut off -> its meaning; raises InvalidAnswerError.
    """
    # The system text is a finished message, not a template: braces in a persona are plain characters.
    template = ChatPromptTemplate(
        [SystemMessage(prompt.system), ("human", prompt.question), MessagesPlaceholder("correction", optional=True)]
    )
    return Chain(first=template, middle=[model], last=AnswerParser(read))
