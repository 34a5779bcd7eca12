"""The body of an error -> what the server says about it, whatever shape the body has.

OpenAI's `{"error": {"message"}}`, FastAPI's `detail[]`, `errors[]`, OpenRouter's `metadata.raw`, Google's list, a
bare JSON string, plain text and the title of a web page are understood. The words are kept whole: parameter names
and numbers are looked for in them. Only what is shown is shortened.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from soniclayer.phrasing import ACTIVE

SHOWN_CHARACTERS = 200
LONGEST_CHARACTERS = 20_000
DEEPEST = 6

_MESSAGES = ("message", "msg", "detail", "error_message", "error_description", "description", "reason", "title")
_INNER = ("error", "errors", "detail", "details", "fault", "response")
_CODES = (
    "code",
    "type",
    "status",
    "error_type",
    "reason",
    "retryDelay",
    "estimated_time",
    "quotaId",
    "param",
    "failed_generation",
)
_TITLE = re.compile(r"<(title|h1)[^>]{0,200}>(.{0,300}?)</\1", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Said:
    """What a server said about an error.

    Attributes:
        words: its own words, whole, in one line without control characters and without the key; "" for none.
        codes: names and codes beside them ("insufficient_quota", "max_tokens"), to be matched, not shown.
    """

    words: str = ""
    codes: str = ""

    @property
    def text(self) -> str:
        """Words and codes, to look for patterns in."""
        return f"{self.words} {self.codes}".strip()


def read_error(body: bytes, key: str = "") -> Said:
    """What the body of an error says. `key` is masked in it."""
    text = body[: 4 * LONGEST_CHARACTERS].decode("utf-8-sig", "replace").strip()
    try:
        document = json.loads(text.removeprefix("data:"))
    except (ValueError, RecursionError):
        return Said(_line(_plain_text(text), key))
    words = _words(document, DEEPEST) or (json.dumps(document)[:300] if document else "")
    codes = " ".join(dict.fromkeys(_codes(document, DEEPEST)))
    return Said(_line(words, key), _line(codes, key))


def shortened(words: str) -> str:
    """The words as they are shown: at most 200 characters."""
    return words if len(words) <= SHOWN_CHARACTERS else words[: SHOWN_CHARACTERS - 1] + "…"


def one_line(text: str) -> str:
    """A text in one line, without characters that a terminal or a browser would act upon."""
    return " ".join(ACTIVE.sub(" ", text).split())


def _line(words: str, key: str) -> str:
    line = one_line(words[:LONGEST_CHARACTERS])
    if key:  # as a whole word only: a key of "x" must not turn "max_tokens" into a riddle
        line = re.sub(rf"(?<![\w-]){re.escape(key)}(?![\w-])", "…", line)
    return line


def _plain_text(text: str) -> str:
    if not text.startswith("<"):
        return text if text[:1] not in ("{", "[") else ""
    title = _TITLE.search(text)
    return title[2] if title else ""


def _words(document: Any, depth: int) -> str:
    """The sentence in a document that says most about the error."""
    if depth == 0:
        return ""
    if isinstance(document, str):
        return _unpacked(document, depth)
    if isinstance(document, list):
        return "; ".join(filter(None, (_words(item, depth - 1) for item in document[:5])))
    if not isinstance(document, dict):
        return ""
    for name in _INNER:
        if document.get(name) and (inner := _words(document[name], depth - 1)):
            own = next((document[each] for each in _MESSAGES if isinstance(document.get(each), str)), "")
            return inner if own in inner or name == "error" else f"{own}: {inner}" if own else inner
    message = next((document[name] for name in _MESSAGES if isinstance(document.get(name), str)), "")
    return _with_place(_unpacked(message, depth), document, depth)


def _with_place(message: str, document: dict[str, Any], depth: int) -> str:
    """The message, the parameter it is about, and what the server behind the server said."""
    where = document.get("loc") or document.get("param")
    if isinstance(where, list):
        where = ".".join(str(part) for part in where if part != "body")
    if isinstance(where, str) and where and where not in message:
        message = f"{where}: {message}" if message else where
    metadata = document.get("metadata")
    if isinstance(metadata, dict) and (raw := _words(metadata.get("raw"), depth - 1)):
        message = f"{message}: {raw}" if message else raw
    return message


def _unpacked(text: str, depth: int) -> str:
    """The words of a text that is itself JSON, else the text."""
    if text.lstrip()[:1] not in ("{", "["):
        return text
    try:
        inner = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return _words(inner, depth - 1) or text


def _codes(document: Any, depth: int) -> list[str]:
    if depth == 0:
        return []
    if isinstance(document, list):
        return [code for item in document[:10] for code in _codes(item, depth - 1)]
    if not isinstance(document, dict):
        return []
    found = []
    for name, value in document.items():
        if name in _CODES and isinstance(value, str | int | float):
            found.append(f"{name} {str(value)[:200]}")
        elif isinstance(value, dict | list):
            found += _codes(value, depth - 1)
    return found
