"""The body of a model server's reply -> what is used of it."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from soniclayer.llm_client.errors import InvalidResponseError
from soniclayer.llm_client.explanations import read_error
from soniclayer.llm_client.refusal_rules import EMBEDDED
from soniclayer.llm_client.refusals import refusal
from soniclayer.llm_client.shapes import as_completion
from soniclayer.llm_client.streams import is_stream, joined


class _Received(BaseModel):
    # Errors may end up in logs; what was received must not.
    model_config = ConfigDict(hide_input_in_errors=True)


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _text(value: Any) -> str:
    """The text of a message, whether it comes as such, in parts, or as the JSON object itself."""
    if isinstance(value, list):
        return "".join(map(_part, value))
    if isinstance(value, dict):
        return json.dumps(value)
    return value if isinstance(value, str) else ""


def _part(part: Any) -> str:
    if isinstance(part, str):
        return part
    found = part.get("text") if isinstance(part, dict) else None
    return found if isinstance(found, str) else ""


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


Count = Annotated[int, BeforeValidator(_count)]
Text = Annotated[str, BeforeValidator(_text)]


class Tokens(_Received):
    """Tokens of one call as the server reports them; 0 where it does not.

    Attributes:
        prompt_tokens: of the request, those out of the server's prompt cache included.
        completion_tokens: of the reply.
        cached_tokens: of the request, those that the server had in its prompt cache.
        reported: the server reported anything at all.
    """

    prompt_tokens: Count = 0
    completion_tokens: Count = 0
    cached_tokens: Count = 0

    @property
    def reported(self) -> bool:
        """Whether the server counted anything."""
        return self.prompt_tokens > 0 or self.completion_tokens > 0


def _tokens(value: Any) -> dict[str, Any]:
    """OpenAI's names, and those of Anthropic, DeepSeek and others."""
    given = _dict(value)
    details = _dict(given.get("prompt_tokens_details") or given.get("input_tokens_details"))
    return {
        "prompt_tokens": given.get("prompt_tokens") or given.get("input_tokens"),
        "completion_tokens": given.get("completion_tokens") or given.get("output_tokens"),
        "cached_tokens": details.get("cached_tokens")
        or given.get("prompt_cache_hit_tokens")
        or given.get("cached_tokens"),
    }


class Message(_Received):
    """What the model says, or why it refuses to."""

    content: Text = ""
    refusal: Annotated[str | None, BeforeValidator(lambda value: value if isinstance(value, str) else None)] = None
    reasoning_content: Text = ""
    reasoning: Text = ""
    reasoning_details: Text = ""
    thinking: Text = ""
    tool_calls: Annotated[list[dict[str, Any]], BeforeValidator(_dicts)] = []
    function_call: Annotated[dict[str, Any], BeforeValidator(_dict)] = {}

    @property
    def texts(self) -> list[str]:
        """Where the answer may stand, best first: the content, a tool call's arguments, the reasoning."""
        calls = [_dict(call.get("function")) or call for call in self.tool_calls] + [self.function_call]
        arguments = [_text(call.get("arguments")) for call in calls]
        thoughts = (self.reasoning_content, self.reasoning, self.reasoning_details, self.thinking)
        return [text for text in (self.content, *arguments, *thoughts) if text.strip()]


class Choice(_Received):
    """finish_reason: "stop", or "length" where the limit on tokens cut the message off."""

    message: Message
    finish_reason: Annotated[str | None, BeforeValidator(lambda value: value if isinstance(value, str) else None)] = (
        None
    )


def _choice(value: Any) -> Any:
    """A choice whose text stands where older and streaming servers put it."""
    if not isinstance(value, dict) or isinstance(value.get("message"), dict):
        return value
    text = value.get("message", value.get("text"))
    message = value["delta"] if isinstance(value.get("delta"), dict) else {"content": text}
    ended = isinstance(value.get("finish_reason"), str)  # a filter ends a message before it begins
    return {**value, "message": message} if text is not None or "delta" in value or ended else value


class Completion(_Received):
    """A chat completion."""

    choices: Annotated[list[Annotated[Choice, BeforeValidator(_choice)]], Field(min_length=1)]
    usage: Annotated[Tokens, BeforeValidator(_tokens)] = Tokens()


def read_completion(body: bytes, address: str, key: str) -> Completion:
    """A chat completion out of a body that came with HTTP status 200.

    Raises:
        RequestError: it is none. Some servers put an error there all the same; then it is that error.
        FatalError: that error means that no question can be answered.
    """
    body = body.removeprefix(b"\xef\xbb\xbf")
    if is_stream(body):
        body = joined(body)
    try:
        return Completion.model_validate_json(body)
    except ValidationError as error:
        return _otherwise(body, address, key, error)


def _otherwise(body: bytes, address: str, key: str, error: ValidationError) -> Completion:
    """A completion in another shape. Raises what `read_completion` does."""
    try:
        found = as_completion(json.loads(body))
        if found is not None:
            return Completion.model_validate(found)
    except (ValueError, RecursionError):
        pass  # no JSON, or none of those shapes after all
    raise _embedded_error(body, key) or _broken(body, address) from error


def read_models(body: bytes, address: str) -> list[str]:
    """Names of models, sorted, out of any of the shapes that servers list them in. Raises InvalidResponseError."""
    try:
        document = json.loads(body.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as error:
        raise _broken(body, address) from error
    listed = document
    if isinstance(document, dict):
        places = ("data", "models", "result", "results", "items", "body")
        listed = next((document[place] for place in places if isinstance(document.get(place), list | dict)), None)
    if isinstance(listed, dict):
        listed = list(listed)
    if not isinstance(listed, list):
        raise _broken(body, address)
    return sorted(set(filter(None, map(_model_name, listed))))


def _model_name(entry: Any) -> str:
    if isinstance(entry, dict):
        entry = next(
            (entry[name] for name in ("id", "name", "model", "slug") if isinstance(entry.get(name), str)), ""
        )
    name = entry.strip() if isinstance(entry, str) else ""
    return name if name.isprintable() else ""


def _embedded_error(body: bytes, key: str) -> Exception | None:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if isinstance(document, list) and document:
        document = document[0]
    if not isinstance(document, dict) or document.get("choices"):
        return None
    names = ("error", "errors", "detail", "message", "error_msg", "error_message")
    if not any(document.get(name) for name in names):
        return None
    return refusal(_status(document), {}, read_error(body, key))


def _status(document: dict[str, Any]) -> int:
    """The HTTP status that an error names for itself."""
    details = document.get("error")
    for place in (details, document):
        for name in ("code", "status", "status_code", "error_code"):
            value = place.get(name) if isinstance(place, dict) else None
            if str(value).isascii() and str(value).isdigit() and 400 <= int(str(value)[:4]) < 600:
                return int(str(value)[:4])
    return EMBEDDED


def _broken(body: bytes, address: str) -> InvalidResponseError:
    if not body.strip():
        what = "empty"
    elif body.lstrip().startswith(b"<"):
        what = "a web page"
    else:
        what = "cut off or of an unknown form"
    return InvalidResponseError(address, what)
