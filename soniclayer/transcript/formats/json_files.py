"""JSON: loading it safely, and looking into it without trusting its shape."""

from __future__ import annotations

import json
import re
from typing import Any

from soniclayer.errors import TranscriptError

Object = dict[str, Any]
_BETWEEN = re.compile(r"[\s,]*+")
_LAST_COMMA = re.compile(r",(\s{0,99}[\]}])")  # chat models leave one before a bracket
_IDS = "id spkid speaker_id speakerId participant_id userId uuid identifier key tag label number"
_NAMES = "name displayName display_name fullName full_name username title"


def load(text: str) -> Any:
    """The JSON value; a file of several values, one per line (JSON Lines) or one after another, is a list of them.

    Raises:
        TranscriptError: it is not JSON, is cut off, or is nested beyond reason.
    """
    try:
        return json.loads(text)
    except RecursionError as error:
        raise TranscriptError("This JSON is nested too deeply to be a transcript.") from error
    except json.JSONDecodeError as error:
        for candidate in (text, _LAST_COMMA.sub(r"\1", text)):
            if values := several(candidate):
                return values if len(values) > 1 else values[0]
        raise TranscriptError(
            f"The JSON cannot be read from line {error.lineno}, column {error.colno} on ({error.msg.lower()}). "
            "It may be cut off: export or download it again."
        ) from error
    except ValueError as error:  # a number of thousands of digits
        raise TranscriptError(
            "The JSON holds a number too long to be a time. Export the transcript again."
        ) from error


def several(text: str) -> list[Any]:
    """The values that follow one another, with or without commas between them; none where one is damaged."""
    values, position, decoder = [], 0, json.JSONDecoder()
    try:
        while (match := _BETWEEN.match(text, position)) and match.end() < len(text):
            value, position = decoder.raw_decode(text, match.end())
            values.append(value)
        return values
    except (ValueError, RecursionError):
        return []


def objects(value: Any, *path: str) -> list[Object]:
    """The objects of the list at `path` below `value`; empty where there is none."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def string(value: Any) -> str:
    """A text, or "" for anything else."""
    return value if isinstance(value, str) else ""


def speaker_name(value: Any) -> str:
    """A speaker as JSON gives it: a name, a label, a number (`Speaker 2`), or an object that holds one of these."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, dict):
        value = next((value[key] for key in (*_NAMES.split(), "label", "@id", "id") if value.get(key)), None)
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int):
        return f"Speaker {value}"
    if isinstance(value, list):
        return ", ".join(filter(None, (speaker_name(item) for item in value[:5] if not isinstance(item, list))))
    return speaker_name(value) if isinstance(value, str) else ""


def language_of(data: Any) -> str:
    """The language that the outermost object, or its `result`, names."""
    nodes = [node for node in (data, data.get("result")) if isinstance(node, dict)] if isinstance(data, dict) else []
    keys = ("language", "language_code", "languageCode", "locale")
    return next(filter(None, (string(node.get(key)) for node in nodes for key in keys)), "")


def names_by_id(data: Any) -> dict[str, str]:
    """Speakers' names by their ids, wherever a list or object called `speakers`, `participants`… gives them."""
    names: dict[str, str] = {}
    stack = [(data, 0)]
    while stack:
        node, depth = stack.pop()
        for key, value in node.items() if isinstance(node, dict) and depth < 9 else ():
            if key.lower().startswith(("speaker", "part", "voice", "user", "agent")) and key.endswith("s"):
                names |= _names(value)
            stack.extend((item, depth + 1) for item in ([value] if isinstance(value, dict) else objects(value)[:3]))
    return names


def _names(value: Any) -> dict[str, str]:
    if isinstance(value, dict):
        pairs = [(key, item) for key, item in value.items()]
    else:
        pairs = [(item[key], item) for item in objects(value) for key in _IDS.split() if item.get(key) is not None]
    names: dict[str, str] = {}
    for label, item in pairs:
        name = next((item[key] for key in _NAMES.split() if item.get(key)), None) if isinstance(item, dict) else item
        if isinstance(name, str) and name.strip():
            names |= {form: name.strip() for form in (speaker_name(label), str(label)) if form and form != name}
    return names
