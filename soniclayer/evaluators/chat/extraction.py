"""A model's text -> the JSON object it means, whatever surrounds, wraps or breaks it.

Models think aloud, wrap their JSON in fences, prose or another object, and forget commas and quotes. Text that parses
counts before text that has to be repaired, what follows the thoughts before the thoughts, and a later object before
an earlier one. What was cut off is never repaired: nobody knows what is missing.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import json_repair

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_CHARACTERS = 200_000
"""Longest answer that is looked into; an answer has some 800."""
MAX_OBJECTS = 50
"""How many "{" are tried as the start of an answer."""
MAX_REPAIRED_CHARACTERS = 40_000
MAX_REPAIRED_BRACKETS = 200
"""The repair takes seconds for texts that are nothing but brackets."""
DEEPEST = 5
"""How many wrappers deep an answer may lie."""

_THOUGHTS_END = re.compile(r"</(?:think|thinking|thought|reasoning)>|\[/THINK\]|◁/think▷", re.IGNORECASE)
_THOUGHTS_BEGIN = re.compile(r"<(?:think|thinking|thought|reasoning)>|\[THINK\]|◁think▷", re.IGNORECASE)
_BEGUN = re.compile(r'\s*"\w{1,40}"\s*:')
"""An object whose brace the server has put into the prompt, and not into the answer."""
_CURLY = str.maketrans("“”„‟", '""""')
# What a repair of arbitrary text may raise; the library promises nothing.
_UNREPAIRABLE = (ValueError, RecursionError, TypeError, IndexError, KeyError, AttributeError, OverflowError)


class InvalidAnswerError(ValueError):
    """A model's text cannot be used; the message is a clause ("its score is 7, not a whole number from 1 to 5").

    Attributes:
        text: what the model returned, or "" where the text itself is not to be shown to it again.
        unsaid: the limit on output tokens was used up before anything was said.
    """

    def __init__(self, reason: str, text: str = "", *, unsaid: bool = False) -> None:
        super().__init__(reason)
        self.text = text
        self.unsaid = unsaid


def find(text: str, keys: set[str], *, cut_off: bool = False) -> Mapping[str, Any]:
    """The last JSON object in a text that has all these keys; their case and surrounding blanks do not count.

    cut_off: the text ended at the limit on tokens, not where its author ended it.

    Raises:
        InvalidAnswerError: there is none.
    """
    best: Mapping[str, Any] | None = None
    for found in _readings(text, cut_off=cut_off):
        for each in found:
            if keys <= each.keys() or best is None or len(keys & each.keys()) > len(keys & best.keys()):
                best = each
        if best is not None and keys <= best.keys():
            return best
    if best is None:
        raise InvalidAnswerError("it is not a JSON object, or was cut off")
    raise InvalidAnswerError(f"it has no field “{min(keys - best.keys())}”")


def find_all(text: str, keys: set[str], *, cut_off: bool = False) -> list[Mapping[str, Any]]:
    """Every JSON object in a text that has all these keys, in order; see `find`. Raises InvalidAnswerError."""
    for found in _readings(text, cut_off=cut_off):
        if complete := [each for each in found if keys <= each.keys()]:
            return complete
    raise InvalidAnswerError("it holds no JSON objects of the kind asked for, or was cut off")


def _readings(text: str, *, cut_off: bool) -> Iterator[list[Mapping[str, Any]]]:
    """Ways to read the objects out of a text, the most literal first."""
    if len(text) > MAX_CHARACTERS:
        raise InvalidAnswerError("it is far too long")
    if not text.strip():
        raise InvalidAnswerError("it is empty")
    ends = list(_THOUGHTS_END.finditer(text))
    said = text[ends[-1].end() :] if ends else text
    if cut_off and not ends and _THOUGHTS_BEGIN.search(text):
        raise InvalidAnswerError("it stops while still thinking aloud", unsaid=True)
    if _BEGUN.match(said):
        said = "{" + said
    yield _strict(said)
    if not cut_off:
        yield from _repaired(said)
        if ends:
            yield _strict(text[: ends[-1].start()])
    if not ends and _THOUGHTS_BEGIN.search(text) and "{" not in text:
        raise InvalidAnswerError("it stops while still thinking aloud")
    if ends and not said.strip():
        raise InvalidAnswerError("it is empty")


def _strict(text: str) -> list[Mapping[str, Any]]:
    """All objects that parse as they are, those inside others behind them."""
    decoder = json.JSONDecoder(strict=False)
    found: list[Mapping[str, Any]] = []
    stripped = text.strip()
    if stripped.startswith('"'):
        found += _unwrapped(_parsed(stripped), DEEPEST)
    at = text.find("{")
    for _ in range(MAX_OBJECTS):
        if at < 0:
            break
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            found += _unwrapped(value, DEEPEST)
        at = text.find("{", end)
    return found


def _repaired(text: str) -> Iterator[list[Mapping[str, Any]]]:
    begin = text.find("{")
    if begin < 0 or len(text) > MAX_REPAIRED_CHARACTERS:
        return
    if text.count("{") + text.count("[") > MAX_REPAIRED_BRACKETS:
        return
    broken = text[begin:].partition("```")[0]
    straight = broken.translate(_CURLY)
    for attempt in dict.fromkeys((broken, straight) if '"' in broken else (straight, broken)):
        try:
            value = json_repair.loads(attempt)
        except _UNREPAIRABLE:
            continue
        yield _unwrapped(value, DEEPEST)


def _unwrapped(value: Any, depth: int) -> list[Mapping[str, Any]]:
    """The objects in a value: itself, and those it wraps, be it as JSON in a string."""
    if depth == 0:
        return []
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        return _unwrapped(_parsed(value), depth - 1)
    if isinstance(value, list):
        return [each for item in value for each in _unwrapped(item, depth - 1)]
    if not isinstance(value, dict):
        return []
    inner = [each for item in value.values() for each in _unwrapped(item, depth - 1)]
    return [{str(key).strip().lower(): item for key, item in value.items()}, *inner]


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
