"""Replies in a shape other than OpenAI's chat completion -> the same as one, for gateways that pass them through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_WRAPPERS = ("result", "data", "response", "body")
_DEEPEST = 3


def as_completion(document: Any) -> dict[str, Any] | None:
    """A chat completion of what such a reply says; None where it is of no known shape.

    Known are Ollama's, Anthropic's and OpenAI's Responses, and a completion that a gateway has wrapped.
    """
    return _found(document, _DEEPEST)


def _found(document: Any, depth: int) -> dict[str, Any] | None:
    if depth == 0 or not isinstance(document, dict):
        return None
    if document.get("choices"):
        return document
    if isinstance(message := document.get("message"), dict) and "content" in message:  # Ollama
        return _completion(message, document.get("done_reason"), _ollama_usage(document))
    if document.get("role") == "assistant" and document.get("content"):  # Anthropic
        message = {"content": document["content"]}
        return _completion(message, document.get("stop_reason"), document.get("usage"))
    if isinstance(output := document.get("output"), list):  # OpenAI's Responses
        said = [part.get("content") for part in output if isinstance(part, dict) and part.get("type") == "message"]
        parts = [part for content in said for part in (content if isinstance(content, list) else [content])]
        return _completion({"content": parts}, document.get("status"), document.get("usage")) if parts else None
    for name in _WRAPPERS:
        inner = document.get(name)
        if isinstance(inner, str) and inner.strip():  # Cloudflare's Workers AI
            return _completion({"content": inner}, None, document.get("usage"))
        if (found := _found(inner, depth - 1)) is not None:
            return found
    return None


def _completion(message: Mapping[str, Any], finish: Any, usage: Any) -> dict[str, Any]:
    return {"choices": [{"message": message, "finish_reason": finish}], "usage": usage}


def _ollama_usage(document: Mapping[str, Any]) -> dict[str, Any]:
    return {"prompt_tokens": document.get("prompt_eval_count"), "completion_tokens": document.get("eval_count")}
