"""Several segments in one question: a code for each, answers bound to the codes, each valid or not by itself."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from soniclayer.evaluators.chat.extraction import InvalidAnswerError, find_all
from soniclayer.evaluators.chat.kept import Answered, Value

if TYPE_CHECKING:
    from soniclayer.segments import Segment

TOGETHER = 8
"""Segments that one question is about: of the classifier, and in thrifty mode of a persona."""
FIRST_SINGLY = 2
"""So many segments at the start of a run are asked about singly, so that the first cards are no later."""
CODE_BYTES = 3
_SECRET = secrets.token_bytes(16)
"""Of this process. Whoever could work out a segment's code could write, into another, where that one begins."""

Elements = Mapping[str, Answered | InvalidAnswerError]
"""By code, the answer about one segment, or why it cannot be used."""


def codes(segments: Sequence[Segment]) -> list[str]:
    """A code for each segment, none equal to another; nothing in a transcript can know it."""
    made: list[str] = []
    for segment in segments:
        salt = 0
        while (code := _code(segment, salt)) in made:
            salt += 1
        made.append(code)
    return made


def reader(keys: set[str], value_of: Callable[[Mapping[str, Any]], Value]) -> Callable[..., Elements]:
    """Reads a model's text into what it says about each code. Raises InvalidAnswerError where nothing is usable."""

    def read(text: str, *, cut_off: bool = False) -> Elements:
        elements: dict[str, Answered | InvalidAnswerError] = {}
        for found in find_all(text, keys | {"code"}, cut_off=cut_off):
            code = str(found["code"]).strip().lower()
            raw = json.dumps(dict(found), ensure_ascii=True)
            try:
                elements[code] = Answered(value_of(found), raw)
            except InvalidAnswerError as error:
                elements[code] = error
        wrong = [each for each in elements.values() if isinstance(each, InvalidAnswerError)]
        if len(wrong) == len(elements):
            raise wrong[0]
        return elements

    return read


def _code(segment: Segment, salt: int) -> str:
    digest = hashlib.blake2b(key=_SECRET, digest_size=CODE_BYTES)
    digest.update(f"{salt} {segment.index} {segment.text}".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
