"""What a kept answer is found by: everything that decides it and nothing else.

Of a segment that is its words, who speaks and what was said just before. The show's title (a file's name, mostly)
and the guessed topic and tone are told to the model as hints and stay out, and so do the fences' codes. The last
functions spell the keys of version 0.1.0, which held all of them, so that what was paid for then is still found.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from soniclayer.evaluators.chat.injection import addressed_to_model
from soniclayer.evaluators.chat.prompts import Prompt, fenced, labels, tail

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soniclayer.feedback import Classification
    from soniclayer.segments import Segment

OLD_CODE_BYTES = 4


def question_identity(
    address: str,
    model: str,
    temperature: float,
    prompt: Prompt,
    schema: Mapping[str, Any],
    extra_body: Mapping[str, Any],
) -> str:
    """What decides the answers to a question beside the segment."""
    fixed = prompt.text("") + json.dumps(schema)
    digest = hashlib.blake2b(fixed.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return json.dumps([address, model, temperature, digest, *([dict(extra_body)] if extra_body else [])])


def answer_key(identity: str, segment: Segment, sample: int = 0) -> str:
    """The key of an answer about one segment."""
    heard = json.dumps([tail(segment.before), segment.speakers, segment.text], ensure_ascii=False)
    return f"{identity}\n{sample}\n{heard}"


def old_key(
    identity: str, segment: Segment, *, show: str, classification: Classification | None = None, sample: int = 0
) -> str:
    """The key that version 0.1.0 kept the same answer under."""
    return f"{identity}\n{sample}\n{_old_scene(segment, show, classification)}"


def _old_scene(segment: Segment, show: str, classification: Classification | None) -> str:
    parts = [f"Title of the programme:\n{fenced(show[:200], OLD_CODE_BYTES)}"] if show else []
    if segment.before and not addressed_to_model(segment.before):
        parts.append(f"Said just before:\n{fenced(tail(segment.before), OLD_CODE_BYTES)}")
    if segment.speakers:
        parts.append(f"Speaking now:\n{fenced(', '.join(segment.speakers), OLD_CODE_BYTES)}")
    if classification is not None:
        parts.append(labels(classification))
    parts.append(f"The current segment:\n{fenced(segment.text, OLD_CODE_BYTES)}")
    return "\n\n".join(parts)
