"""The clients that benchmarks/engine.py measures SonicLayer against: the same question in other ways."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import openai
from langchain_core.prompts import ChatPromptTemplate
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from soniclayer.evaluators.chat.prompts import (
    EVALUATE_QUESTION,
    FEEDBACK_FORMAT,
    FeedbackAnswer,
    persona_system,
    scene,
)
from soniclayer.segments import Segment

if TYPE_CHECKING:
    from soniclayer.personas import Persona

MODEL = "stub-large"
WORDS = "and now the weather with Sam it is going to be a warm one so take a hat if you are off to the footy tonight"
Call = Callable[[int], Awaitable[object]]


def make_segments(count: int, salt: str = "") -> tuple[Segment, ...]:
    """Segments of a usual length, none equal to another; `salt` tells one run's questions from another's."""
    texts = [f"Part {index} of the show {salt}. {' '.join([WORDS] * 3)}." for index in range(count)]
    return tuple(
        Segment(index, index * 30_000, (index + 1) * 30_000, ("Kim",), text, texts[index - 1] if index else "")
        for index, text in enumerate(texts)
    )


def question(persona: Persona, number: int) -> list[dict[str, str]]:
    """The messages that ask a persona about the segment of this number."""
    segment = make_segments(1, str(number))[0]
    asked = EVALUATE_QUESTION.replace("{scene}", scene(segment))
    return [{"role": "system", "content": persona_system(persona)}, {"role": "user", "content": asked}]


@asynccontextmanager
async def bare_aiohttp(url: str, persona: Persona) -> AsyncIterator[Call]:
    """The least a call can cost: one session, no client library."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def call(number: int) -> object:
            body = {"model": MODEL, "messages": question(persona, number), "response_format": FEEDBACK_FORMAT}
            async with session.post(f"{url}/chat/completions", json=body) as response:
                return await response.json()

        yield call


def openai_client(make: Callable[[], Any]) -> Callable[[str, Persona], Any]:
    """The `openai` package over the HTTP client that `make` returns."""

    @asynccontextmanager
    async def client(url: str, persona: Persona) -> AsyncIterator[Call]:
        async with openai.AsyncOpenAI(base_url=url, api_key="k", http_client=make()) as api:

            async def call(number: int) -> object:
                messages: Any = question(persona, number)
                wanted: Any = FEEDBACK_FORMAT
                return await api.chat.completions.create(model=MODEL, messages=messages, response_format=wanted)

            yield call

    return client


def usual_chain(*, rebuilt: bool) -> Callable[[str, Persona], Any]:
    """`prompt | model.with_structured_output(...)`, made once or made for every call."""

    def make(url: str, persona: Persona) -> Any:
        prompt = ChatPromptTemplate.from_messages([("system", "{system}"), ("human", "{scene}")])
        model = ChatOpenAI(model=MODEL, base_url=url, api_key=SecretStr("k"), temperature=0.2)
        return prompt | model.with_structured_output(FeedbackAnswer)

    @asynccontextmanager
    async def chain(url: str, persona: Persona) -> AsyncIterator[Call]:
        kept = make(url, persona)

        async def call(number: int) -> object:
            system, asked = question(persona, number)
            used = make(url, persona) if rebuilt else kept
            return await used.ainvoke({"system": system["content"], "scene": asked["content"]})

        yield call

    return chain


OTHERS: dict[str, Callable[[str, Persona], Any]] = {
    "bare aiohttp": bare_aiohttp,
    "openai client over aiohttp": openai_client(openai.DefaultAioHttpClient),
    "openai client as it comes": openai_client(lambda: None),
    "usual LangChain chain, reused": usual_chain(rebuilt=False),
    "usual LangChain chain, rebuilt per call": usual_chain(rebuilt=True),
}
