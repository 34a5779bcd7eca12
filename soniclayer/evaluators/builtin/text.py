"""Text -> its words, and the sentences it is heard in."""

from __future__ import annotations

import re
from typing import NamedTuple

FEWEST_WORDS = 6
"""A shorter sentence is heard together with the one after it: "That's it." says nothing alone."""

MOST_WORDS = 40
"""A longer one is cut, at a comma where there is one: captions without full stops have no other sentences."""

_LONGEST_WORD = 40
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_CONTRACTION = re.compile(r"'(?:s|d|ll|ve|re|m)$")
_SENTENCE_END = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s|$)")
_ABBREVIATION = re.compile(r"(?:^|[\s(])(?:Mr|Mrs|Ms|Dr|Prof|St|Sr|Jr|vs|No|[A-Z])\.$")
_NOISE = re.compile(r"\[(?!bleep|beep|expletive)[^\]\n]{0,60}\]|\([^)\n]{0,20}\)|[♪♫]|>>+", re.IGNORECASE)
_TOKEN = re.compile(r"\S+")


class Word(NamedTuple):
    """One word of a text: `text[start:end]`, and how the word lists spell it ("She’d" -> "she")."""

    form: str
    start: int
    end: int


class Span(NamedTuple):
    """A sentence of a text, a few short ones, or a part of a long one: `text[start:end]`, no blanks around."""

    start: int
    end: int


def words(text: str) -> tuple[Word, ...]:
    """The words of a text in order, without punctuation; longer strings than any word are not words."""
    found = (Word(form(match.group()), match.start(), match.end()) for match in _WORD.finditer(text))
    return tuple(word for word in found if len(word.form) <= _LONGEST_WORD)


def form(word: str) -> str:
    """How the word lists spell a word: small letters, straight apostrophes, no 's, 'll, 've..."""
    word = word.lower().replace("’", "'")
    return _CONTRACTION.sub("", word) if "'" in word else word


def without_noise(text: str) -> str:
    """The text with "[Music]", "(laughs)" and notes blanked out; every character keeps its place."""
    return blanked(text, [match.span() for match in _NOISE.finditer(text)])


def blanked(text: str, spans: list[tuple[int, int]]) -> str:
    """The text with these parts blanked out; every character keeps its place."""
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def sentences(text: str) -> tuple[Span, ...]:
    """The sentences of a text, in order, every word in one of them; none where nothing is said."""
    parts = [part for whole in _joined(text, _ends(text)) for part in _cut(text, whole)]
    return tuple(part for part in parts if _WORD.search(text, part.start, part.end))


def _ends(text: str) -> list[int]:
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    ends = [end for end in ends if not _ABBREVIATION.search(text, max(0, end - 6), end)]
    return ends if ends and ends[-1] == len(text) else [*ends, len(text)]


def _joined(text: str, ends: list[int]) -> list[Span]:
    """Sentences of at least FEWEST_WORDS words; what is left at the end joins the last."""
    found: list[Span] = []
    start = 0
    for end in ends:
        if len(text[start:end].split()) >= FEWEST_WORDS:
            found.append(Span(start, end))
            start = end
    if text[start:].strip():
        found.append(Span(found.pop().start if found else start, len(text)))
    return found


def _cut(text: str, whole: Span) -> list[Span]:
    """A sentence in parts of about equal length and at most about MOST_WORDS words."""
    tokens = list(_TOKEN.finditer(text, whole.start, whole.end))
    parts = -(-len(tokens) // MOST_WORDS)
    size = -(-len(tokens) // max(parts, 1))
    found, first = [], 0
    while first < len(tokens):
        last = _last(tokens, first, size)
        found.append(Span(tokens[first].start(), tokens[last - 1].end()))
        first = last
    return found


def _last(tokens: list[re.Match[str]], first: int, size: int) -> int:
    """The token after the part that begins with `first`: where the nearest comma is, else `size` further on."""
    last = min(first + size, len(tokens))
    if last < len(tokens):
        commas = [
            place
            for place in range(first + size // 2, min(first + MOST_WORDS, len(tokens)))
            if tokens[place - 1].group()[-1] in ",;:—–"
        ]
        last = min(commas, key=lambda place: abs(place - last), default=last)
    return len(tokens) if len(tokens) - last < FEWEST_WORDS else last
