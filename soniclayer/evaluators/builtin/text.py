"""Text -> the parts that are judged: words, and chunks of a sentence or two."""

from __future__ import annotations

import re
from collections import deque
from itertools import pairwise
from typing import NamedTuple

CHUNK_WORDS = 10  # a chunk takes in sentences until it has this many words: shorter ones say too little alone
LAST_WORDS = 3  # what is left at the end is a chunk of its own from this many words on

_LONGEST_WORD = 40
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_CONTRACTION = re.compile(r"'(?:s|d|ll|ve|re|m)$")
_SENTENCE = re.compile(r"[^.!?…]+[.!?…]*[\"'”’)\]]*\s*|[.!?…]+\s*")
_NOISE = re.compile(r"\[(?!bleep|beep|expletive)[^\]\n]{0,60}\]|\([^)\n]{0,20}\)|[♪♫]|>>+", re.IGNORECASE)


class Word(NamedTuple):
    """One word of a text: `text[start:end]`, and how the word lists spell it ("She’d" -> "she")."""

    form: str
    start: int
    end: int


class Chunk(NamedTuple):
    """A sentence or a few short ones: `text[start:end]` without the blanks around it, and its words."""

    start: int
    end: int
    words: tuple[Word, ...]


def words(text: str) -> tuple[Word, ...]:
    """The words of a text in order, without punctuation; longer strings than any word are not words."""
    found = (Word(form(match.group()), match.start(), match.end()) for match in _WORD.finditer(text))
    return tuple(word for word in found if len(word.form) <= _LONGEST_WORD)


def pairs(spoken: tuple[Word, ...]) -> set[str]:
    """Every word, and every two neighbours ("no rain"), once."""
    forms = [word.form for word in spoken]
    return {*forms, *(f"{first} {second}" for first, second in pairwise(forms))}


def without_noise(text: str) -> str:
    """The text with "[Music]", "(laughs)" and notes blanked out; every character keeps its place."""
    return blanked(text, [match.span() for match in _NOISE.finditer(text)])


def blanked(text: str, spans: list[tuple[int, int]]) -> str:
    """The text with these parts blanked out; every character keeps its place."""
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def chunks(text: str, spoken: tuple[Word, ...]) -> tuple[Chunk, ...]:
    """A text whose words are `spoken` in chunks of at least CHUNK_WORDS words, cut after sentences.

    A shorter text is one chunk.
    """
    found: list[Chunk] = []
    held: list[Word] = []
    waiting = deque(spoken)
    for sentence in _SENTENCE.finditer(text):
        while waiting and waiting[0].end <= sentence.end():
            held.append(waiting.popleft())
        if len(held) >= CHUNK_WORDS:
            found.append(_chunk(text, held, sentence.end()))
            held = []
    if len(held) >= LAST_WORDS or (held and not found):
        found.append(_chunk(text, held, len(text)))
    elif held:
        found[-1] = _chunk(text, [*found[-1].words, *held], len(text))
    return tuple(found)


def _chunk(text: str, held: list[Word], end: int) -> Chunk:
    """From the first of these words to `end`, without the blanks there."""
    start = held[0].start
    return Chunk(start, start + len(text[start:end].rstrip()), tuple(held))


def form(word: str) -> str:
    """How the word lists spell a word: small letters, straight apostrophes, no 's, 'll, 've..."""
    word = word.lower().replace("’", "'")
    return _CONTRACTION.sub("", word) if "'" in word else word
