"""Which words of a text must not stand beside a family brand, by sense: a killing, not a killer app.

`unsafe.txt` lists words that are always unsafe, and for words of several senses the company in which they are. Words
in disguise ("f**k", "sh1t", "b i t c h") are found too.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from soniclayer.evaluators.builtin.text import Word, form, words

if TYPE_CHECKING:
    from collections.abc import Iterator

COARSE = frozenset({"swearing", "slurs", "sexual content"})  # one such word is enough, whatever it stands in
MILD = frozenset({"mild swearing"})

NEAR_IF, NEAR_UNLESS = 8, 5  # words to each side in which the company of an ambiguous word is looked for
_STEM = 3  # letters by which entries that may go on ("murder*") are looked up
_NAME = "@name"
_HEADER = re.compile(r"\[([^|\]]+)\|([^|\]]+)\|([^\]]*)\]")
_ENDS_SENTENCE = re.compile(r"[.!?…](?:\s|$)|\n")
_LEET = str.maketrans({"@": "a", "4": "a", "$": "s", "5": "s", "!": "i", "1": "i", "0": "o", "3": "e", "7": "t"})
_DISGUISED = re.compile(r"(?<!\w)[A-Za-z][\w*@$!#]*[*@$!#0-9][\w*@$!#]*|(?<!\w)[A-Za-z](?:[ .\-_][A-Za-z]){3,}(?!\w)")
_MASKED = ("fuck", "fucking", "fucked", "fucker", "shit", "cunt", "bitch", "arsehole", "asshole", "wanker", "bastard")
_MASKED_SLURS = ("faggot", "nigger", "slut", "whore", "retard", "poofter")
_STRETCHED = re.compile(r"(.)\1{2,}")


class Finding(NamedTuple):
    """`text[start:end]`, the literal words, is of this kind (a category of `unsafe.txt`)."""

    kind: str
    start: int
    end: int

    @property
    def severity(self) -> int:
        """How grave it is beside a brand, from 1 (mild) to 5."""
        return _rules().severity[self.kind]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A word or phrase of one kind, and the company in which it is unsafe; None where company does not matter."""

    kind: str
    parts: tuple[str, ...]
    company: re.Pattern[str] | None
    innocent: re.Pattern[str] | None
    no_name: bool


def findings(text: str, spoken: tuple[Word, ...] | None = None) -> tuple[Finding, ...]:
    """Every unsafe word of a text, in order of place.

    spoken: `words(text)`, where it is known already.
    """
    heard = words(text) if spoken is None else spoken
    found = _listed(text, heard) | _disguised(text, heard)
    return tuple(sorted(found, key=lambda finding: (finding.start, finding.end, finding.kind)))


def kinds_in(dislikes: tuple[str, ...]) -> frozenset[str]:
    """The kinds that these dislikes name ("swearing and foul language" -> swearing, mild swearing)."""
    named = {word.form for phrase in dislikes for word in words(phrase)}
    named |= {part for phrase in dislikes for part in re.split(r"[\s,]+", phrase.lower())}
    return frozenset(kind for kind, triggers in _rules().triggers.items() if not triggers.isdisjoint(named))


class _Rules:
    """`unsafe.txt`, ready to be looked up.

    Attributes:
        severity, triggers: by kind.
    """

    def __init__(self) -> None:
        self.severity: dict[str, int] = {}
        self.triggers: dict[str, frozenset[str]] = {}
        self._exact: dict[str, list[_Entry]] = defaultdict(list)
        self._open: dict[str, list[_Entry]] = defaultdict(list)
        kind = ""
        for line in files(__package__).joinpath("unsafe.txt").read_text(encoding="utf-8").splitlines():
            if header := _HEADER.fullmatch(line.strip()):
                kind, severity, triggers = (part.strip() for part in header.groups())
                self.severity[kind] = int(severity)
                self.triggers[kind] = frozenset(part.strip() for part in triggers.split(","))
            elif line.strip() and not line.startswith("#"):
                self._add(kind, line)

    def entries(self, spoken: str) -> Iterator[_Entry]:
        """The entries whose first word this may be."""
        yield from self._exact.get(spoken, ())
        for entry in self._open.get(spoken[:_STEM], ()):
            if spoken.startswith(entry.parts[0][:-1]):
                yield entry

    def kinds(self, word: str) -> set[str]:
        """What a word alone is, whatever its company."""
        return {each.kind for each in self.entries(word) if len(each.parts) == 1 and each.company is None}

    def _add(self, kind: str, line: str) -> None:
        listed, *conditions = (part.split() for part in line.split("|"))
        by_word = {condition[0]: condition[1:] for condition in conditions if condition}
        unless = by_word.get("unless", [])
        company, innocent = _pattern(by_word.get("if", [])), _pattern([each for each in unless if each != _NAME])
        for each in listed:
            parts = tuple(_spelled(part) for part in each.split("_"))
            entry = _Entry(kind, parts, company, innocent, _NAME in unless)
            place = self._open[parts[0][:_STEM]] if parts[0].endswith("*") else self._exact[parts[0]]
            place.append(entry)


def _spelled(part: str) -> str:
    return f"{form(part[:-1])}*" if part.endswith("*") else form(part)


def _pattern(listed: list[str]) -> re.Pattern[str] | None:
    """Finds any of these words and phrases in words joined by blanks."""
    if not listed:
        return None
    phrases = (" ".join(_spelled(part) for part in each.split("_")) for each in listed)
    return re.compile(
        "|".join(rf"(?<!\S){re.escape(each).replace(chr(92) + '*', r'[^ ]*')}(?!\S)" for each in phrases)
    )


@lru_cache(maxsize=1)
def _rules() -> _Rules:
    return _Rules()


def _listed(text: str, spoken: tuple[Word, ...]) -> set[Finding]:
    rules, found = _rules(), set()
    for index, word in enumerate(spoken):
        for entry in rules.entries(word.form):
            last = index + len(entry.parts)
            if _matches(entry.parts, spoken[index:last]) and _is_meant(text, spoken, index, last, entry):
                found.add(Finding(entry.kind, word.start, spoken[last - 1].end))
    return found


def _matches(parts: tuple[str, ...], spoken: tuple[Word, ...]) -> bool:
    return len(parts) == len(spoken) and all(
        word.form.startswith(part[:-1]) if part.endswith("*") else word.form == part
        for part, word in zip(parts, spoken, strict=True)
    )


def _is_meant(text: str, spoken: tuple[Word, ...], first: int, last: int, entry: _Entry) -> bool:
    """Whether the words from `first` to `last` have the unsafe sense, by what stands around them."""
    if entry.no_name and _is_name(text, spoken, first, last):
        return False
    if entry.innocent and entry.innocent.search(_around(text, spoken, first, last, NEAR_UNLESS)):
        return False
    return entry.company is None or entry.company.search(_around(text, spoken, first, last, NEAR_IF)) is not None


def _around(text: str, spoken: tuple[Word, ...], first: int, last: int, near: int) -> str:
    """The words of the same sentence from `near` before to `near` after, joined by blanks."""
    start, end = first, last
    while start > max(0, first - near) and not _ENDS_SENTENCE.search(
        text, spoken[start - 1].end, spoken[start].start
    ):
        start -= 1
    while end < min(len(spoken), last + near) and not _ENDS_SENTENCE.search(
        text, spoken[end - 1].end, spoken[end].start
    ):
        end += 1
    return " ".join(word.form for word in spoken[start:end])


def _is_name(text: str, spoken: tuple[Word, ...], first: int, last: int) -> bool:
    """Written like a name, beside another name or inside a sentence: "Dick Smith", "my uncle Dick"."""
    if not text[spoken[first].start].isupper():
        return False
    before = text[: spoken[first].start].rstrip()
    follows = last < len(spoken) and text[spoken[last].start].isupper()
    return follows or (bool(before) and before[-1] not in ".!?…\n:")


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
    plain = joined.translate(_LEET)
    return _rules().kinds(plain) & COARSE if plain != token.lower() else set()
