"""Judgement -> the sentences and quotes of a card."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from soniclayer.evaluators.builtin.scoring import Judgement, offence_counts
from soniclayer.evaluators.builtin.subjects import subjects
from soniclayer.feedback import Feedback

if TYPE_CHECKING:
    from soniclayer.evaluators.builtin.encoder import Vector
    from soniclayer.evaluators.builtin.features import Heard
    from soniclayer.evaluators.builtin.profile import Taste
    from soniclayer.personas import Persona

_QUOTE_WORDS = 14
_TELLING = 0.3  # a chunk with at least this much for or against is worth quoting
_FEW_WORDS = re.compile(rf"\S+(?:\s+\S+){{0,{_QUOTE_WORDS - 1}}}")
_CLAUSE = re.compile(r"[^,;:—–]+[,;:—–]*")


def feedback(persona: Persona, taste: Taste, heard: Heard, judgement: Judgement) -> Feedback:
    """The card of one cell."""
    return Feedback(
        score=judgement.score,
        opinion=_opinion(persona, taste, heard, judgement),
        rationale=_rationale(taste, heard, judgement),
        confidence=judgement.confidence,
        note=_note(taste, heard, judgement),
        quotes=_quotes(heard, judgement),
    )


def _opinion(persona: Persona, taste: Taste, heard: Heard, judgement: Judgement) -> str:
    reaction = dict(persona.rubric)[judgement.score]
    if not heard.chunks and not heard.findings:
        return "There is nothing said here that I could judge."
    sounds = _sounds_like(taste, heard, judgement)
    return f"Sounds like {sounds}: {reaction}." if sounds else f"Nothing here speaks to me: {reaction}."


def _sounds_like(taste: Taste, heard: Heard, judgement: Judgement) -> str:
    """What was heard, in the direction of the score: offences, then subjects, then the nearest phrase."""
    if judgement.score < 3 and judgement.offences:
        return _listed(list(dict.fromkeys(finding.kind for finding in judgement.offences))[:2])
    said = heard.said
    if judgement.score > 3:
        return _listed(_top(said * taste.liked)) or judgement.nearest_like[0]
    if judgement.score < 3:
        if names := _top(said * taste.disliked):
            return _listed(names)
        if (names := _top(said * taste.feared)) and heard.grim.sum() > 0:
            return f"bad news about {_listed(names)}"
        return judgement.nearest_dislike[0]
    return _listed(_top(said))


def _rationale(taste: Taste, heard: Heard, judgement: Judgement) -> str:
    if not heard.chunks and not heard.findings:
        return "No words were found in this segment, so the score is the middle one and means nothing."
    parts = []
    if taste.guessed:
        parts.append("This persona has no likes or dislikes, so its description was compared instead.")
    for name, (phrase, strength) in (("like", judgement.nearest_like), ("dislike", judgement.nearest_dislike)):
        parts.append(f"Nearest {name}: “{phrase}” ({strength:.2f})." if phrase else f"No {name} to compare with.")
    said = heard.said
    for names, verdict in ((_top(said * taste.liked), "liked"), (_top(said * taste.disliked), "disliked")):
        if names:
            parts.append(f"Talks of {_listed(names)} ({verdict}).")
    if judgement.offences:
        parts.append(f"Unsafe words: {_listed([f'“{word}”' for word in _offending(heard, judgement)])}.")
    if judgement.score == 3:
        parts.append("Likes and dislikes balance, or neither is near: it cannot tell.")
    return " ".join(parts)


def _note(taste: Taste, heard: Heard, judgement: Judgement) -> str:
    if offence_counts(judgement.offences)[0]:
        return f"Cut or bleep {_listed([f'“{word}”' for word in _offending(heard, judgement)])} for this listener."
    if judgement.score < 3 and (heard.said * taste.feared).max() > 0 and heard.grim.sum() > 0:
        return "Bad news on something this listener cares about: follow it with help or a way forward."
    if judgement.score == 1:
        return "Likely to lose this listener here: keep it short, or move it to another hour."
    if judgement.score == 5:
        return "Worth a promo or a clip for this listener."
    return ""


def _quotes(heard: Heard, judgement: Judgement) -> tuple[str, ...]:
    """Up to two literal excerpts: around an unsafe word, then of the chunks that tell most for the score."""
    spans = [(finding.start, finding.end) for finding in judgement.offences[:1] if judgement.score < 3]
    side = judgement.score - 3
    order = sorted(range(len(judgement.chunks)), key=lambda index: -side * judgement.chunks[index])
    telling = [index for index in order if side * judgement.chunks[index] >= _TELLING]
    spans += [(heard.chunks[index].start, heard.chunks[index].start) for index in telling]
    return tuple(dict.fromkeys(_excerpt(heard, start, end) for start, end in spans))[:2]


def _excerpt(heard: Heard, start: int, end: int) -> str:
    """The chunk around a span, or, of a long chunk, the clauses around it; literal words of the text."""
    chunk = next((part for part in heard.chunks if part.start <= start < part.end), None)
    if chunk is None:
        return heard.text[start:end]
    if len(chunk.words) <= _QUOTE_WORDS:
        return heard.text[chunk.start : chunk.end]
    first, last = chunk.start, chunk.start
    for clause in _CLAUSE.finditer(heard.text, chunk.start, chunk.end):
        if last > max(start, first) and last >= end and len(heard.text[first : clause.end()].split()) > _QUOTE_WORDS:
            break
        if clause.end() <= start:
            first = clause.end()
        last = clause.end()
    words = heard.text[first:last].split()
    if len(words) <= 2 * _QUOTE_WORDS:
        return heard.text[first:last].strip(" \n,;:—–")
    return _window(heard.text, max(first, start), last)


def _window(text: str, start: int, end: int) -> str:
    """The first words from `start` on."""
    found = _FEW_WORDS.search(text, start, end)
    return found.group().strip(",;:") if found else text[start:end]


def _top(strengths: Vector) -> list[str]:
    order = sorted(strengths.nonzero()[0], key=lambda index: -strengths[index])[:3]
    return [subjects().names[index] for index in order if strengths[index] > 0.4 * strengths[order[0]]]


def _offending(heard: Heard, judgement: Judgement) -> list[str]:
    words = (heard.text[finding.start : finding.end] for finding in judgement.offences)
    return list(dict.fromkeys(words))[:3]


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
