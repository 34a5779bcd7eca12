"""Word lists -> cues: punctuation belongs to the word before it, long turns are divided where sentences end."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import replace

from soniclayer.transcript.model import Cue

MAX_TURN_MS = 30_000
_BLANK = re.compile(r"\s+")


def joined_words(words: list[Cue]) -> list[Cue]:
    """The words with every lone punctuation mark attached to its neighbour and blanks dropped.

    Recognisers that mark the start of a word with a blank give word pieces: a piece without one continues the word.
    """
    blanks = sum(word.text[:1].isspace() and not word.text.isspace() for word in words)
    spoken = sum(not is_punctuation(word.text) for word in words) if blanks else 0
    pieces = blanks * 5 > spoken > 1
    result: list[Cue] = []
    opening = ""
    for word in words:
        if not (text := word.text.strip()):
            continue
        mark = is_punctuation(text)
        if mark and text[0] in "¿¡([{“«„":
            opening += text
            continue
        same = bool(result) and result[-1].speaker == word.speaker
        attach = mark or (pieces and same and not word.text[0].isspace())
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


def glued_words(pieces: list[Cue]) -> list[Cue]:
    """Words from pieces that, put together as they are, spell the text: only a blank ends a word."""
    result: list[Cue] = []
    ended = True
    for piece in pieces:
        inner = [piece.text] if piece.start_ms is not None else _BLANK.split(piece.text)  # "New York" has one time
        for i, part in enumerate(inner):
            ended = ended or i > 0
            if not part:
                continue
            if ended or not result:
                result.append(Cue(piece.start_ms, piece.end_ms, part, piece.speaker))
            else:
                last = result[-1]
                start = piece.start_ms if last.start_ms is None else last.start_ms
                end = last.end_ms if piece.end_ms is None else piece.end_ms
                result[-1] = Cue(start, end, last.text + part, last.speaker)
            ended = False
    words: list[Cue] = []
    for word in result:
        if words and is_punctuation(word.text):  # a dash between blanks
            words[-1] = replace(words[-1], text=f"{words[-1].text} {word.text}")
        else:
            words.append(word)
    return words


def are_words(cues: list[Cue]) -> bool:
    """Whether the cues are single words, not phrases."""
    return sum(" " in cue.text.strip() for cue in cues) * 4 < len(cues)


def is_punctuation(text: str) -> bool:
    """Whether nothing in the text is said: only punctuation marks and blanks."""
    return not text[:1].isalnum() and all(char.isspace() or unicodedata.category(char)[0] == "P" for char in text)


def majority(words: list[Cue]) -> str:
    """The name that most of the words carry, or ""; the first among equals."""
    counts = Counter(word.speaker for word in words if word.speaker)
    return counts.most_common(1)[0][0] if counts else ""


def turns(turn: Cue, words: list[Cue]) -> list[Cue]:
    """A turn as one cue, timed by its words if it has no times; if it is longer than 30 s, one cue per sentence.

    The words replace the turn's text only where they hold the same characters.
    """
    if turn.start_ms is None or turn.end_ms is None:
        starts = turn.start_ms, *(word.start_ms for word in words)
        ends = turn.end_ms, *(word.end_ms for word in reversed(words))
        start, end = (next((time for time in times if time is not None), None) for times in (starts, ends))
        turn = Cue(start, end, turn.text, turn.speaker)
    if turn.start_ms is None or turn.end_ms is None or turn.end_ms - turn.start_ms <= MAX_TURN_MS or not words:
        return [turn]
    if "".join(turn.text.split()) != "".join("".join(word.text.split()) for word in words):
        return [turn]
    return sentences(words, turn.speaker)


def sentences(words: list[Cue], speaker: str) -> list[Cue]:
    """One cue per sentence of one speaker's words."""
    result: list[Cue] = []
    begin = 0
    for i, word in enumerate(words):
        if i + 1 == len(words) or word.text.rstrip("\"'”’)»」』").endswith((".", "?", "!", "。", "？", "！", "…")):
            part = words[begin : i + 1]
            result.append(Cue(part[0].start_ms, part[-1].end_ms, " ".join(w.text.strip() for w in part), speaker))
            begin = i + 1
    return result
