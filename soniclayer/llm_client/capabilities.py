"""Which of OpenAI's parameters a model behind an endpoint understands, for one schema of answers.

Nobody publishes this: it is learned from what the server refuses. Strict JSON schema where it can, else the schema
without enums of numbers, else JSON mode, else plain text; the temperature, the key for the prompt cache and the limit
on output tokens under the name it knows, or not at all; the system text in a message of its own or in the user's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from soniclayer.llm_client.refusals import is_about_context

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_FORMAT = re.compile(r"response_?(format|schema)|json|schema|grammar|guided|structured|for format", re.IGNORECASE)
_SCHEMA = re.compile(
    r"enum|type_string|grammar|too (large|complex|many states)|invalid schema|schema.{0,40}invalid", re.I
)
_LIMIT = re.compile(r"max_\w{0,12}tokens|in the completion|output tokens", re.IGNORECASE)
_LIMIT_NAMES = ("max_completion_tokens", "max_tokens", "max_output_tokens", "max_new_tokens")
_INSTEAD = re.compile(r"\b(?:use|try|with)\b(?: the)?\W{0,12}(max_\w{0,12}tokens)", re.IGNORECASE)
_STREAM = re.compile(r"stream", re.IGNORECASE)
_SYSTEM = re.compile(
    r"(system|developer).{0,12}(role|message|prompt|instruction)|role.{0,30}system|roles must alternate"
    r"|messages\.\d+\.role|should be 'user' or 'assistant'",
    re.IGNORECASE,
)
_ANYTHING = re.compile(r"parameter|argument|field|extra|unknown name", re.IGNORECASE)
LEAST_OUTPUT_TOKENS = 64


@dataclass(frozen=True, slots=True)
class Capabilities:
    """One way to put a request.

    Attributes:
        output: "json_schema", "plain_schema" (without enums of numbers), "json_object" or "text".
        temperature: whether a temperature is sent.
        limit: the name under which the limit on output tokens is sent, or "" for no limit.
        most: output tokens that are asked for at most, or None for as many as the payload says.
        system: whether the system text is a message of its own; else it begins the user's.
        stream: whether the reply is asked for as Server-Sent Events.
        stream_usage: whether the token counts are asked for with them.
        cache_key: whether `prompt_cache_key` is sent.
        thinking: False asks for no thinking, where the server insists on being told.
    """

    output: str = "json_schema"
    temperature: bool = True
    limit: str = "max_completion_tokens"
    most: int | None = None
    system: bool = True
    stream: bool = False
    stream_usage: bool = True
    cache_key: bool = True
    thinking: bool | None = None

    def body(self, payload: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
        """The request to send for a payload in OpenAI's own terms."""
        body = dict(payload)
        limit = body.pop("max_completion_tokens", None)
        if limit is not None and self.limit:
            body[self.limit] = limit if self.most is None else min(limit, self.most)
        if not self.temperature:
            body.pop("temperature", None)
        if not self.cache_key:
            body.pop("prompt_cache_key", None)
        if not self.system:
            body["messages"] = folded(body["messages"])
        if self.stream:
            body |= {"stream": True, **({"stream_options": {"include_usage": True}} if self.stream_usage else {})}
        if self.thinking is not None:
            body["enable_thinking"] = self.thinking
        if self.output == "json_schema":
            body["response_format"] = schema
        elif self.output == "plain_schema":
            body["response_format"] = plain(schema)
        elif self.output == "json_object":
            body["response_format"] = {"type": "json_object"}
        return body

    def after_refusal(self, status: int, words: str, asked_tokens: int = 0) -> Iterator[Capabilities]:
        """What to try once a server refused this form because of something that its words name, best first.

        words: the server's explanation, whole.
        asked_tokens: output tokens that the request asked for.
        """
        asked = min(asked_tokens, self.most) if self.most else asked_tokens
        if self.limit and asked and (room := room_for_output(words, asked)) is not None:
            if room >= LEAST_OUTPUT_TOKENS:
                yield replace(self, most=room)
            return
        if self.limit and _LIMIT.search(words):
            yield from self._other_limits(words)
        if is_about_context(words):
            return
        if "enable_thinking" in words and self.thinking is None:
            yield replace(self, thinking=False)
        if "stream_options" in words and self.stream_usage:
            yield replace(self, stream_usage=False)
        elif _STREAM.search(words) and not self.stream and "enable_thinking" not in words:
            yield replace(self, stream=True)
        if self.system and _SYSTEM.search(words):
            yield replace(self, system=False)
        if self.temperature and "temperature" in words.lower():
            yield replace(self, temperature=False)
        if self.cache_key and "prompt_cache_key" in words:
            yield replace(self, cache_key=False)
        if _FORMAT.search(words):
            yield from self._other_outputs(words)

    def after_unexplained_refusal(self, status: int, words: str) -> Iterator[Capabilities]:
        """What to try, of a model that has not answered yet, after a refusal whose words name nothing that is sent.

        A failure (status 500) speaks against the form of a request only if it names a parameter.
        """
        if status >= 500 or is_about_context(words):
            return
        bare = replace(self, cache_key=False)
        yield from bare._other_outputs(words)
        if _ANYTHING.search(words):
            bare = replace(bare, output="text")
            yield replace(bare, temperature=False)
            yield replace(bare, temperature=False, limit="")
            yield replace(bare, temperature=False, limit="", system=False)

    def _other_limits(self, words: str) -> Iterator[Capabilities]:
        instead = _INSTEAD.search(words)
        if instead and instead[1].lower() in _LIMIT_NAMES and instead[1].lower() != self.limit:
            yield replace(self, limit=instead[1].lower())
        if self.limit == "max_completion_tokens":
            yield replace(self, limit="max_tokens")
        yield replace(self, limit="")

    def _other_outputs(self, words: str) -> Iterator[Capabilities]:
        outputs = ("json_schema", "plain_schema", "json_object", "text")
        for output in outputs[outputs.index(self.output) + 1 :]:
            if output != "plain_schema" or _SCHEMA.search(words):
                yield replace(self, output=output)


def folded(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The messages with the system text at the beginning of the first of the user's."""
    system = "\n\n".join(str(message["content"]) for message in messages if message["role"] == "system")
    others = [dict(message) for message in messages if message["role"] != "system"]
    if system and others:
        others[0]["content"] = f"{system}\n\n{others[0]['content']}"
    return others


def plain(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A `response_format` without enums of anything but strings: some servers take no others."""

    def simpler(node: Any) -> Any:
        if isinstance(node, dict):
            numbers = any(not isinstance(each, str) for each in node.get("enum", ()))
            return {name: simpler(value) for name, value in node.items() if not (numbers and name == "enum")}
        return [simpler(each) for each in node] if isinstance(node, list) else node

    result: dict[str, Any] = simpler(dict(schema))
    return result


_NUMBER = r"(\d[\d,]{0,9})"
_CONTEXT_SIZE = re.compile(rf"(?:context(?: length| window| size| limit)?|must be <=)[^.\d]{{0,40}}{_NUMBER}", re.I)
_INPUT = re.compile(
    rf"{_NUMBER}\s*`?(?:input|prompt|of text input|in the (?:messages|prompt)|tokens? (?:in|from|of) (?:the |your )?"
    rf"(?:input|messages|prompt))|(?:prompt|input|messages)[^.\d]{{0,25}}{_NUMBER} tokens",
    re.IGNORECASE,
)
_PER_MINUTE = re.compile(rf"limit {_NUMBER}, requested {_NUMBER}", re.IGNORECASE)
_REQUESTED = re.compile(rf"requested (?:about )?{_NUMBER} tokens", re.IGNORECASE)
_MOST = re.compile(
    rf"(?:at most|<=|less than or equal to|maximum[^.\d]{{0,60}}|up to|limit(?: of| is)?|\d >|\[1,)"
    rf"\D{{0,12}}{_NUMBER}",
    re.IGNORECASE,
)


def room_for_output(words: str, asked: int) -> int | None:
    """How many output tokens there is room for, out of the numbers of a refusal; None where it names none.

    Of a context shared with the prompt a tenth is left free, for the next prompt may be longer.
    """
    if match := _PER_MINUTE.search(words):  # a quota that counts what may be answered too
        limit, requested = (int(number.replace(",", "")) for number in match.groups())
        return max(0, limit - max(0, requested - asked)) * 9 // 10
    about_output = _LIMIT.search(words) or "completion" in words or "output" in words
    size = _number(_CONTEXT_SIZE.search(words))
    used = _number(_INPUT.search(words))
    if used is None and (total := _number(_REQUESTED.search(words))) is not None and total > asked:
        used = total - asked
    if size is not None and used is not None and about_output:
        return max(0, size - used) * 9 // 10
    if about_output and (most := _number(_MOST.search(words))) is not None and most < asked:
        return most
    return None


def _number(match: re.Match[str] | None) -> int | None:
    if match is None:
        return None
    return int(next(group for group in match.groups() if group).replace(",", ""))
