"""Why this score: the parts of the prediction, which add up to it, and the prediction without each sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soniclayer.evaluators.base import Contribution, Explanation
from soniclayer.evaluators.builtin.judging import Judgement, without_each
from soniclayer.evaluators.builtin.scoring import PARTS, Panel, Prediction

if TYPE_CHECKING:
    from soniclayer.evaluators.builtin.encoder import Heard
    from soniclayer.evaluators.builtin.parameters import Parameters

START = "the mean of all rated talk"
LABELS = {
    "likes": "what it has to do with the likes",
    "dislikes": "what it has to do with the dislikes",
    "description": "what it has to do with the description",
    "unsafe words": "unsafe words that this persona minds",
    "talk like this": "what such listeners make of such talk",
}
BOUND = "the scale ends there"


def explain(
    heard: Heard, panel: Panel, person: int, prediction: Prediction, judgement: Judgement, parameters: Parameters
) -> Explanation:
    """The contributions add up to the leaning, START included."""
    parts = [Contribution(START, parameters.start)]
    parts += [
        Contribution(LABELS[name], float(value))
        for name, value in zip(PARTS, prediction.parts[0, person], strict=True)
        if value
    ]
    total = sum(part.value for part in parts)
    if abs(rest := judgement.lean - total) > 1e-9:
        parts.append(Contribution(BOUND, rest))
    order = sorted(parts[1:], key=lambda part: -abs(part.value))
    return Explanation(
        _summary(judgement), (parts[0], *order), _sentences(heard, panel, person, judgement, parameters)
    )


def _summary(judgement: Judgement) -> str:
    lean, score = f"{judgement.lean:.1f}", judgement.decision.score
    if score == 3:
        return f"It leans to {lean} of 5, which is not clear enough for a side, so the score is 3."
    side = "below" if score < 3 else "above"
    sure = f"{judgement.decision.confidence:.0%}"
    return f"It leans to {lean} of 5. Readers rated {sure} of such cells {side} 3, so the score is {score}."


def _sentences(
    heard: Heard, panel: Panel, person: int, judgement: Judgement, parameters: Parameters
) -> tuple[tuple[str, str], ...]:
    if len(heard.spans) < 2:
        return ()
    rows = [
        f"{lean:.2f}  without: {heard.text[span.start : span.end]}"
        for span, lean in zip(heard.spans, without_each(heard, panel, person, parameters), strict=True)
    ]
    return ((f"The leaning is {judgement.lean:.2f}; without each sentence it would be", "\n".join(rows)),)
