"""Which words of a text must not stand beside a family brand, plain or disguised ("f**k", "sh1t", "b i t c h")."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from soniclayer.evaluators.builtin.lexicon import Lexicon, read
from soniclayer.evaluators.builtin.text import Word, words

COARSE = frozenset({"swearing", "slurs", "sexual content"})  # one such word is enough, whatever it stands in
MILD = frozenset({"mild swearing"})

_SAFE = "safe"
_LEET = str.maketrans({"@": "a", "4": "a", "$": "s", "5": "s", "!": "i", "1": "i", "0": "o", "3": "e", "7": "t"})
_DISGUISED = re.compile(r"(?<!\w)[A-Za-z][\w*@$!#]*[*@$!#0-9][\w*@$!#]*|(?<!\w)[A-Za-z](?:[ .\-_][A-Za-z]){3,}(?!\w)")
_MASKED = ("fuck", "fucking", "fucked", "fucker", "shit", "cunt", "bitch", "arsehole", "asshole", "wanker", "bastard")
_MASKED_SLURS = ("faggot", "nigger", "slut", "whore", "retard", "poofter")
_STRETCHED = re.compile(r"(.)\1{2,}")


class Finding(NamedTuple):
    """`text[start:end]` is of this kind."""

    kind: str
    start: int
    end: int


def findings(text: str, spoken: tuple[Word, ...]) -> tuple[Finding, ...]:
    """Every unsafe word of a text whose words are `spoken`, in order; safe phrases ("Dick Smith") are left out."""
    rules = _rules()
    forms = tuple(word.form for word in spoken)
    hits = [(hit.name, hit.first, hit.last) for hit in rules.lexicon.hits(forms)]
    hits += [(kind, index, index + 1) for index, word in enumerate(forms) for kind in rules.open_kinds(word)]
    safe = {index for name, first, last in hits if name == _SAFE for index in range(first, last)}
    found = {
        Finding(name, spoken[first].start, spoken[last - 1].end)
        for name, first, last in hits
        if name != _SAFE and safe.isdisjoint(range(first, last))
    }
    return tuple(
        sorted(found | _disguised(text, spoken), key=lambda finding: (finding.start, finding.end, finding.kind))
    )


def kinds_in(dislikes: tuple[str, ...]) -> frozenset[str]:
    """The kinds that these dislikes name ("swearing and foul language" -> swearing, mild swearing)."""
    named = {word.form for phrase in dislikes for word in words(phrase)}
    named |= {part for phrase in dislikes for part in re.split(r"[\s,]+", phrase.lower())}
    return frozenset(kind for kind, triggers in _rules().triggers if not triggers.isdisjoint(named))


class _Rules:
    def __init__(self) -> None:
        blocks = read("unsafe.txt")
        closed = [
            replace(block, entries=tuple(e.removesuffix("*") for e in block.entries if "_" in e or e[-1] != "*"))
            for block in blocks
        ]
        self.lexicon = Lexicon(tuple(closed))
        self.triggers = tuple((block.name, frozenset(block.extras)) for block in blocks if block.name != _SAFE)
        self._open = tuple(
            (block.name, tuple(e[:-1] for e in block.entries if e[-1] == "*" and "_" not in e)) for block in blocks
        )
        self._any_open = tuple(prefix for _, prefixes in self._open for prefix in prefixes)

    def open_kinds(self, word: str) -> list[str]:
        if not word.startswith(self._any_open):
            return []
        return [kind for kind, prefixes in self._open if prefixes and word.startswith(prefixes)]

    def kinds(self, word: str) -> set[str]:
        return {hit.name for hit in self.lexicon.hits((word,))} | set(self.open_kinds(word))


@lru_cache(maxsize=1)
def _rules() -> _Rules:
    return _Rules()


def _disguised(text: str, spoken: tuple[Word, ...]) -> set[Finding]:
    found = set()
    for match in _DISGUISED.finditer(text):
        token = match.group()
        for kind in _masked_kinds(token.lower()) or _spelled_kinds(token):
            found.add(Finding(kind, match.start(), match.end()))
    for word in spoken:
        if _STRETCHED.search(word.form):
            plain = _STRETCHED.sub(r"\1", word.form)
            found |= {Finding(kind, word.start, word.end) for kind in _rules().kinds(plain) & COARSE}
    return found


def _masked_kinds(token: str) -> set[str]:
    """Kinds of "f**k", say: the letters that are left must fit a word of the same length."""
    if not re.search(r"\w[*#@$!]{2,}|\w[*#]\w", token):
        return set()
    bare = token.rstrip("!.")
    fits = re.compile("".join("[a-z]" if sign in "*#@$!" else re.escape(sign) for sign in bare))
    kinds = {"swearing": _MASKED, "slurs": _MASKED_SLURS}
    return {kind for kind, bad in kinds.items() if any(fits.fullmatch(word) for word in bad)}


def _spelled_kinds(token: str) -> set[str]:
    joined = re.sub(r"[ .\-_]", "", token).lower().rstrip("!")
    return _rules().kinds(joined.translate(_LEET)) & COARSE if joined.translate(_LEET) != token.lower() else set()
