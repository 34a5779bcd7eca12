"""Clips: 15 to 60 seconds that stand alone and that somebody loves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from soniclayer.edits import SENTENCE
from soniclayer.insights.moment import Moment, heaviest, how_sure, is_sure
from soniclayer.insights.unsafe import unsafe_words

if TYPE_CHECKING:
    from soniclayer.insights.selection import Scope
    from soniclayer.segments import Segment

SHORTEST_S, LONGEST_S = 15.0, 60.0
JOINED = 2  # segments that may make a clip together
SEVERE = 2  # unsafe words from this severity on make no clip

_ENDED = re.compile(r"[.!?…。！？][\"'”’)\]」』）]*\s*$")
_FIRST_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
# Words with which a sentence goes on from something said before.
_GOES_ON = frozenset(
    """
    and but so or because which who whom whose that that's this these those it it's its he he's she she's they they're
    them their his her him then also too there yes no yeah yep nah nope exactly absolutely totally right sure well
    otherwise instead anyway however meanwhile therefore why neither nor same both such thanks thank okay ok mm hmm
    oh ah ha what's where's how's isn't wasn't didn't does did is was are were
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Characters `begin` to `end` of a segment: whole sentences."""

    segment: Segment
    begin: int
    end: int

    @property
    def text(self) -> str:
        return self.segment.text[self.begin : self.end].strip()

    @property
    def start_ms(self) -> int:
        return self._at(self.begin)

    @property
    def end_ms(self) -> int:
        return self._at(self.end)

    def _at(self, position: int) -> int:
        segment = self.segment
        return segment.start_ms + (segment.end_ms - segment.start_ms) * position // len(segment.text)


def clips(scope: Scope) -> list[Moment]:
    """What can be clipped, the best first.

    Rule: whole sentences of one segment, or of two in a row where one is too short, that last 15 to 60 seconds. They
    begin with a sentence that does not go on from something said before (no "and", "it", "she", "exactly"…), end
    with the end of a sentence, and hold no unsafe word of severity 2 or more. Somebody chosen gives a sure 4 or 5,
    and one of the words quoted for that is among them. Whom the same words lose (a sure 1 or 2) stands beside it.
    Weight: 2 for every 5, 1 for every 4, half of that back for everybody it loses.
    """
    found, taken = [], -1
    for position, segment in enumerate(scope.run.segments):
        if segment.index in scope.chosen and position > taken:
            pieces = _pieces(scope, position)
            moment = _moment(scope, pieces) if pieces else None
            if moment is not None:
                found.append(moment)
                taken = position + len(pieces) - 1
    return heaviest(found)


def _pieces(scope: Scope, position: int) -> list[_Piece]:
    """Whole sentences from this segment on, long enough for a clip; nothing where there are none."""
    pieces: list[_Piece] = []
    for segment in scope.run.segments[position : position + JOINED]:
        if not segment.speech or segment.index not in scope.chosen:
            break
        piece = _whole(segment, opens=not pieces)
        if piece is None:
            break
        pieces.append(piece)
        if SHORTEST_S <= (piece.end_ms - pieces[0].start_ms) / 1000 <= LONGEST_S:
            return pieces
        if piece.end < len(segment.text.rstrip()):
            break
    return []


def _whole(segment: Segment, *, opens: bool) -> _Piece | None:
    """The segment without half sentences, and, where it opens a clip, without what leans on something said before."""
    spans = [match.span() for match in SENTENCE.finditer(segment.text) if match.group().strip()]
    if spans and not _ENDED.search(segment.text):
        spans.pop()
    while opens and spans and not _begins_well(segment.text[slice(*spans[0])]):
        spans.pop(0)
    return _Piece(segment, spans[0][0], spans[-1][1]) if spans else None


def _begins_well(sentence: str) -> bool:
    text = sentence.lstrip(" \"'“‘(-–—>")
    word = _FIRST_WORD.match(text)
    if word is None:
        return bool(text) and text[0].isalnum()
    return not word.group()[0].islower() and word.group().lower().replace("’", "'") not in _GOES_ON


def _moment(scope: Scope, pieces: list[_Piece]) -> Moment | None:
    text = " ".join(piece.text for piece in pieces)
    if any(word.severity >= SEVERE for word in unsafe_words(text)):
        return None
    calls = [
        (persona, feedback)
        for piece in pieces
        for persona, feedback in scope.reactions(piece.segment)
        if is_sure(feedback) and (not feedback.quotes or any(quote in text for quote in feedback.quotes))
    ]
    best = {persona.id: feedback for persona, feedback in sorted(calls, key=lambda call: call[1].score)}
    loved = {key: feedback for key, feedback in best.items() if feedback.score > 3}
    lost = tuple(dict.fromkeys(persona.id for persona, feedback in calls if feedback.score < 3))
    loved = {key: feedback for key, feedback in loved.items() if key not in lost}
    if not loved:
        return None
    order = sorted(loved, key=lambda key: -loved[key].score)
    return Moment(
        index=pieces[0].segment.index,
        start_ms=pieces[0].start_ms,
        end_ms=pieces[-1].end_ms,
        words=text,
        note=f"{max(feedback.score for feedback in loved.values())} of 5",
        who=tuple(order),
        against=lost,
        sure=how_sure(loved.values()),
        weight=sum(feedback.score - 3 for feedback in loved.values()) - len(lost) / 2,
    )
