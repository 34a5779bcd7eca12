"""The body of a model server's reply -> what is used of it."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from soniclayer.llm_client.errors import InvalidResponseError, explanation, refusal


class _Received(BaseModel):
    # Errors may end up in logs; what was received must not.
    model_config = ConfigDict(hide_input_in_errors=True)


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _text(value: Any) -> Any:
    """The text of a message that comes in parts."""
    if isinstance(value, list):
        return "".join(part["text"] for part in value if isinstance(part, dict) and isinstance(part.get("text"), str))
    return value


Count = Annotated[int, BeforeValidator(_count)]


class Tokens(_Received):
    """Tokens of one call as the server reports them; 0 where it does not."""

    prompt_tokens: Count = 0
    completion_tokens: Count = 0


class Message(_Received):
    """What the model says, or why it refuses to."""

    content: Annotated[str | None, BeforeValidator(_text)] = None
    refusal: str | None = None


class Choice(_Received):
    """finish_reason: "stop", or "length" where the limit on tokens cut the message off."""

    message: Message
    finish_reason: str | None = None


class Completion(_Received):
    """A chat completion."""

    choices: Annotated[list[Choice], Field(min_length=1)]
    usage: Annotated[Tokens, BeforeValidator(lambda value: value if isinstance(value, dict) else {})] = Tokens()


class _Model(_Received):
    id: str


class _Models(_Received):
    data: list[_Model]


def read_completion(body: bytes, address: str, key: str) -> Completion:
    """A chat completion out of a body that came with HTTP status 200.

    Raises:
        RequestError: it is none. Some servers put an error there all the same; then it is that error.
    """
    try:
        return Completion.model_validate_json(body)
    except ValidationError as error:
        raise _misplaced_refusal(body, key) or _broken(body, address) from error


def read_models(body: bytes, address: str) -> list[str]:
    """Names of models, sorted. Raises InvalidResponseError."""
    try:
        return sorted({model.id for model in _Models.model_validate_json(body).data})
    except ValidationError as error:
        raise _broken(body, address) from error


def _misplaced_refusal(body: bytes, key: str) -> Exception | None:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or not document.get("error"):
        return None
    details = document["error"]
    status = details.get("code") if isinstance(details, dict) else None
    if not isinstance(status, int) or not 400 <= status < 600:
        status = 500
    return refusal(status, {}, explanation(body, key))


def _broken(body: bytes, address: str) -> InvalidResponseError:
    if not body.strip():
        what = "empty"
    elif body.lstrip().startswith(b"<"):
        what = "a web page"
    else:
        what = "cut off or of an unknown form"
    return InvalidResponseError(address, what)
