"""Text -> the parts that are judged: words, and chunks of a sentence or two."""

from __future__ import annotations

import re
from dataclasses import dataclass

CHUNK_WORDS = 10  # a chunk takes in sentences until it has this many words: shorter ones say too little alone
LAST_WORDS = 3  # what is left at the end is a chunk of its own from this many words on

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_CONTRACTION = re.compile(r"'(?:s|d|ll|ve|re|m)$")
_SENTENCE = re.compile(r"[^.!?…]+[.!?…]*[\"'”’)\]]*\s*|[.!?…]+\s*")
_NOISE = re.compile(r"\[(?!bleep|beep|expletive)[^\]\n]{0,60}\]|\([^)\n]{0,20}\)|[♪♫]|>>+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text: `text[start:end]`, and how the word lists spell it ("She’d" -> "she")."""

    form: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """A sentence or a few short ones: `text[start:end]` without the blanks around it, and its words."""

    start: int
    end: int
    words: tuple[Word, ...]


def words(text: str) -> tuple[Word, ...]:
    """The words of a text in order, without punctuation."""
    return tuple(Word(form(match.group()), match.start(), match.end()) for match in _WORD.finditer(text))


def without_noise(text: str) -> str:
    """The text with "[Music]", "(laughs)" and notes blanked out; every character keeps its place."""
    return blanked(text, [match.span() for match in _NOISE.finditer(text)])


def blanked(text: str, spans: list[tuple[int, int]]) -> str:
    """The text with these parts blanked out; every character keeps its place."""
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def chunks(text: str) -> tuple[Chunk, ...]:
    """The text in chunks of at least CHUNK_WORDS words, cut after sentences; a shorter text is one chunk."""
    found: list[Chunk] = []
    start, held = 0, 0
    for sentence in _SENTENCE.finditer(text):
        held += len(_WORD.findall(sentence.group()))
        if held >= CHUNK_WORDS:
            found.append(_chunk(text, start, sentence.end()))
            start, held = sentence.end(), 0
    if held >= LAST_WORDS or (held and not found):
        found.append(_chunk(text, start, len(text)))
    elif held:
        found[-1] = _chunk(text, found[-1].start, len(text))
    return tuple(found)


def _chunk(text: str, start: int, end: int) -> Chunk:
    part = text[start:end]
    start += len(part) - len(part.lstrip())
    end = start + len(part.strip())
    inside = (Word(word.form, word.start + start, word.end + start) for word in words(text[start:end]))
    return Chunk(start, end, tuple(inside))


def form(word: str) -> str:
    """How the word lists spell a word: small letters, straight apostrophes, no 's, 'll, 've..."""
    return _CONTRACTION.sub("", word.lower().replace("’", "'"))
