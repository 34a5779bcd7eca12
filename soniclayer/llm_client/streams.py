"""Server-Sent Events put together into the reply they are parts of, for servers that only stream."""

from __future__ import annotations

import json
from typing import Any

_TEXTS = ("content", "reasoning_content", "reasoning", "refusal")


def is_stream(body: bytes) -> bool:
    """The body is Server-Sent Events."""
    return body.lstrip()[:6].startswith((b"data:", b"event:", b": ", b":\n", b"id:"))


def joined(body: bytes) -> bytes:
    """A chat completion as it would have come in one piece; an error among the events as the error's own body."""
    message: dict[str, Any] = {"role": "assistant"}
    whole: dict[str, Any] = {"usage": None}
    finish, begun = None, False
    for event in _events(body):
        if event.get("error"):
            return json.dumps(event).encode()
        whole["usage"] = event.get("usage") or whole["usage"]
        choices = event.get("choices")
        for choice in choices[:1] if isinstance(choices, list) else ():
            if isinstance(choice, dict):
                begun = True
                finish = choice.get("finish_reason") or finish
                _add(message, choice.get("delta") or choice.get("message") or {})
    if not begun:  # only comments that keep the connection open, before a reply in one piece
        return b"\n".join(line for line in body.splitlines() if not line.startswith((b":", b"data:", b"event:")))
    return json.dumps({**whole, "choices": [{"index": 0, "message": message, "finish_reason": finish}]}).encode()


def _events(body: bytes) -> list[dict[str, Any]]:
    found = []
    for line in body.decode("utf-8", "replace").splitlines():
        name, _, data = line.partition(":")
        if name != "data" or data.strip() == "[DONE]":
            continue
        try:
            event = json.loads(data)
        except (ValueError, RecursionError):
            continue
        if isinstance(event, dict):
            found.append(event)
    return found


def _add(message: dict[str, Any], delta: Any) -> None:
    if not isinstance(delta, dict):
        return
    for name in _TEXTS:
        if isinstance(delta.get(name), str):
            message[name] = message.get(name, "") + delta[name]
    calls = delta.get("tool_calls")
    for call in calls if isinstance(calls, list) else ():
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict):
            kept = message.setdefault("tool_calls", [{"function": {"arguments": ""}}])
            kept[0]["function"]["arguments"] += str(function.get("arguments") or "")
