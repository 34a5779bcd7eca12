"""Word lists -> which of them a text touches.

A list file holds blocks: a line `[name | extra, extra]`, then words; `a_b` is a phrase; `#` starts a comment line.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from soniclayer.evaluators.builtin.text import form

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADER = re.compile(r"\[([^|\]]+)(?:\|([^\]]*))?\]")
_VOWELS = "aeiou"
_ENDINGS = (("s", ("",)), ("es", ("",)), ("ies", ("y",)), ("ied", ("y",)), ("ed", ("", "e")), ("ing", ("", "e")))


@dataclass(frozen=True, slots=True)
class Block:
    """One list: its name, the extras of its header, and its entries as written."""

    name: str
    extras: tuple[str, ...]
    entries: tuple[str, ...]


class Hit(NamedTuple):
    """Words `first` up to (not including) `last` stand on the list `name`."""

    name: str
    first: int
    last: int


def read(file: str) -> tuple[Block, ...]:
    """The blocks of a list file of this package."""
    blocks: list[tuple[str, tuple[str, ...], list[str]]] = []
    for line in files(__package__).joinpath(file).read_text(encoding="utf-8").splitlines():
        if header := _HEADER.fullmatch(line.strip()):
            extras = tuple(part.strip() for part in (header.group(2) or "").split(",") if part.strip())
            blocks.append((header.group(1).strip(), extras, []))
        elif line.strip() and not line.startswith("#"):
            blocks[-1][2].extend(line.split())
    return tuple(Block(name, extras, tuple(entries)) for name, extras, entries in blocks)


class Lexicon:
    """Finds the entries of many blocks in a text in one pass: listed as "bake", an entry is found as "baking"."""

    def __init__(self, blocks: tuple[Block, ...]) -> None:
        self._words: dict[str, list[str]] = defaultdict(list)
        # First word -> second word -> the words after that, with the names of their lists.
        self._phrases: dict[str, dict[str, list[tuple[tuple[str, ...], str]]]] = {}
        for block in blocks:
            for entry in block.entries:
                first, *rest = (form(part) for part in entry.split("_"))
                if rest:
                    seconds = self._phrases.setdefault(first, {})
                    seconds.setdefault(rest[0], []).append((tuple(rest[1:]), block.name))
                else:
                    self._words[first].append(block.name)

    def hits(self, forms: tuple[str, ...]) -> Iterator[Hit]:
        """Every entry in `forms` (as `Word.form`), in order of its first word."""
        for index, word in enumerate(forms):
            for base in bases(word):
                for name in self._words.get(base, ()):
                    yield Hit(name, index, index + 1)
                if (seconds := self._phrases.get(base)) is not None:
                    yield from _phrases(seconds, forms, index, inflected=base == word)


def _phrases(
    seconds: dict[str, list[tuple[tuple[str, ...], str]]], forms: tuple[str, ...], index: int, *, inflected: bool
) -> Iterator[Hit]:
    """The phrases that begin at `index`; `inflected`: their last word may have an ending that is not listed."""
    if index + 1 == len(forms):
        return
    following = forms[index + 1]
    for second in bases(following) if inflected else (following,):
        for rest, name in seconds.get(second, ()):
            last = index + 2 + len(rest)
            if not rest or (second == following and _same(rest, forms[index + 2 : last], inflected=inflected)):
                yield Hit(name, index, last)


def _same(rest: tuple[str, ...], forms: tuple[str, ...], *, inflected: bool) -> bool:
    if rest == forms:
        return True
    return inflected and len(rest) == len(forms) and rest[:-1] == forms[:-1] and rest[-1] in bases(forms[-1])


@lru_cache(maxsize=50_000)
def bases(word: str) -> tuple[str, ...]:
    """The words of which this may be a form, itself first: "baking" -> "baking", "bake"."""
    guesses = [word]
    for ending, others in _ENDINGS:
        if word.endswith(ending):
            stem = word.removesuffix(ending)
            guesses += [stem + other for other in others]
            if len(stem) > 3 and stem[-1] == stem[-2]:
                guesses.append(stem[:-1])
    return tuple(dict.fromkeys(guess for guess in guesses if guess == word or word in _forms(guess)))


def _forms(word: str) -> set[str]:
    """A word with its regular endings."""
    if len(word) < 3 or not word.isalpha():
        return {word}
    if word.endswith("y") and word[-2] not in _VOWELS:
        return {f"{word[:-1]}ies", f"{word[:-1]}ied", f"{word}ing"}
    plural = f"{word}es" if word.endswith(("s", "x", "z", "ch", "sh")) else f"{word}s"
    stem = word
    if word.endswith("e"):
        stem = word[:-1]
    elif len(word) <= 5 and word[-1] not in f"{_VOWELS}wxy" and word[-2] in _VOWELS and word[-3] not in _VOWELS:
        stem = word + word[-1]
    return {plural, f"{stem}ed", f"{stem}ing"}
