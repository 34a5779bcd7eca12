"""Which of OpenAI's parameters a model behind an endpoint understands.

Strict JSON schema where it can, else JSON mode, else plain text; the temperature and the limit on output tokens
under the name it knows, or not at all. Nobody publishes this: it is learned from what the server refuses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from soniclayer.llm_client.errors import is_about_context

if TYPE_CHECKING:
    from collections.abc import Mapping

_FORMAT = re.compile(r"response_?format|json|schema|grammar|guided|structured", re.IGNORECASE)
_LIMIT = re.compile(r"max_(completion_)?tokens|in the completion", re.IGNORECASE)
_LIMIT_NAMES = ("max_completion_tokens", "max_tokens", "")


@dataclass(frozen=True, slots=True)
class Capabilities:
    """One way to put a request.

    Attributes:
        output: "json_schema", "json_object" or "text".
        temperature: whether a temperature is sent.
        limit: the name under which the limit on output tokens is sent, or "" for no limit.
    """

    output: str = "json_schema"
    temperature: bool = True
    limit: str = "max_completion_tokens"

    def body(self, payload: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
        """The request to send for a payload in OpenAI's own terms."""
        body = dict(payload)
        limit = body.pop("max_completion_tokens", None)
        if limit is not None and self.limit:
            body[self.limit] = limit
        if not self.temperature:
            body.pop("temperature", None)
        if self.output == "json_schema":
            body["response_format"] = schema
        elif self.output == "json_object":
            body["response_format"] = {"type": "json_object"}
        return body

    def after_refusal(self, status: int, words: str) -> Capabilities | None:
        """What to try once a server refused this form, or None if the request itself must be at fault.

        words: the server's explanation. A failure (status 500) speaks against the form only if it names a parameter.
        """
        if self.limit and _LIMIT.search(words):
            return replace(self, limit=_LIMIT_NAMES[_LIMIT_NAMES.index(self.limit) + 1])
        if is_about_context(words):
            return None
        if self.temperature and "temperature" in words.lower():
            return replace(self, temperature=False)
        if self.output != "text" and (_FORMAT.search(words) or status < 500):
            return replace(self, output="json_object" if self.output == "json_schema" else "text")
        return None
