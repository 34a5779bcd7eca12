"""Word lists -> cues: punctuation belongs to the word before it, long turns are divided where sentences end."""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

from soniclayer.transcript.model import Cue

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_TURN_MS = 30_000


def joined_words(words: Iterable[Cue]) -> list[Cue]:
    """The words with every lone punctuation mark attached to its neighbour and blanks dropped.

    Recognisers that mark the start of a word with a blank give word pieces: a piece without one continues the word.
    """
    words = list(words)
    blanks = sum(word.text[:1].isspace() and not word.text.isspace() for word in words)
    pieces = blanks * 3 > len(words) > 1
    result: list[Cue] = []
    opening = ""
    for word in words:
        text = word.text.strip()
        if not text:
            continue
        mark = is_punctuation(text)
        if mark and text[0] in "¿¡([{“«„":
            opening += text
            continue
        attach = mark or (pieces and not word.text[0].isspace())
        if attach and result and not opening:
            last = result[-1]
            end = last.end_ms if word.end_ms is None or word.start_ms == word.end_ms else word.end_ms
            result[-1] = Cue(last.start_ms, end, last.text + text, last.speaker)
        else:
            result.append(Cue(word.start_ms, word.end_ms, opening + text, word.speaker))
            opening = ""
    if opening:
        result.append(Cue(None, None, opening))
    return result


def are_words(cues: Sequence[Cue]) -> bool:
    """Whether the cues are single words, not phrases."""
    return sum(" " in cue.text.strip() for cue in cues) * 4 < len(cues)


def is_punctuation(text: str) -> bool:
    """Whether nothing in the text is said: only punctuation marks and blanks."""
    return not text.isalnum() and all(char.isspace() or unicodedata.category(char)[0] == "P" for char in text)


def majority(names: Iterable[str]) -> str:
    """The name that most of the words carry, or ""; the first among equals."""
    counts = Counter(name for name in names if name)
    return counts.most_common(1)[0][0] if counts else ""


def turns(turn: Cue, words: Sequence[Cue]) -> list[Cue]:
    """A turn as one cue; if it is longer than 30 s, one per sentence, timed by its words.

    The words replace the turn's text only where they hold the same characters.
    """
    if turn.start_ms is None or turn.end_ms is None or turn.end_ms - turn.start_ms <= MAX_TURN_MS or not words:
        return [turn]
    if "".join(turn.text.split()) != "".join("".join(word.text.split()) for word in words):
        return [turn]
    return sentences(words, turn.speaker)


def sentences(words: Sequence[Cue], speaker: str) -> list[Cue]:
    """One cue per sentence of one speaker's words."""
    result: list[Cue] = []
    begin = 0
    for i, word in enumerate(words):
        if i + 1 == len(words) or word.text.rstrip("\"'”’)»」』").endswith((".", "?", "!", "。", "？", "！", "…")):
            part = words[begin : i + 1]
            result.append(Cue(part[0].start_ms, part[-1].end_ms, " ".join(w.text.strip() for w in part), speaker))
            begin = i + 1
    return result
