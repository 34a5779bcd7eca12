"""JSON: loading it safely, and looking into it without trusting its shape."""

from __future__ import annotations

import json
from typing import Any

from soniclayer.errors import TranscriptError

Object = dict[str, Any]


def load(text: str) -> Any:
    """The JSON value; a file of one value per line (JSON Lines) is a list of them.

    Raises:
        TranscriptError: it is not JSON, is cut off, or is nested beyond reason.
    """
    try:
        return json.loads(text)
    except RecursionError as error:
        raise TranscriptError("This JSON is nested too deeply to be a transcript.") from error
    except json.JSONDecodeError as error:
        lines = _json_lines(text)
        if lines is not None:
            return lines
        raise TranscriptError(
            f"The JSON cannot be read from line {error.lineno}, column {error.colno} on ({error.msg.lower()}). "
            "It may be cut off: export or download it again."
        ) from error
    except ValueError as error:  # a number of thousands of digits
        raise TranscriptError(
            "The JSON holds a number too long to be a time. Export the transcript again."
        ) from error


def _json_lines(text: str) -> list[Any] | None:
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) < 2:
        return None
    try:
        return [json.loads(line) for line in lines]
    except (ValueError, RecursionError):
        return None


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
    if isinstance(value, dict):
        value = next((value[key] for key in ("name", "label", "display_name", "@id", "id") if value.get(key)), None)
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int):
        return f"Speaker {value}"
    if isinstance(value, list):
        return ", ".join(filter(None, (speaker_name(item) for item in value[:5] if not isinstance(item, list))))
    return value.strip() if isinstance(value, str) else ""
