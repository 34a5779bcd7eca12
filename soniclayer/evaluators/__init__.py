"""The two questions asked of a segment: what is it, and how does a persona react?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from soniclayer.feedback import Classification, Feedback
from soniclayer.personas import Persona
from soniclayer.segments import Segment


@dataclass(slots=True)
class Usage:
    """What answers have cost so far, as the server reported it.

    Attributes:
        calls: requests sent to the model server, repeated and failed ones included.
        cached: answers that came from the cache, at no cost.
        input_tokens, output_tokens: tokens of all calls, answers that had to be thrown away included.
    """

    calls: int = 0
    cached: int = 0
    input_tokens: int = 0
    output_tokens: int = 0


class Evaluator(Protocol):
    """Answers both questions. One instance serves one run, inside the engine's event loop.

    Attributes:
        name: shown wherever its scores show.
        model: name of the language model, or "" where there is none.
        confidence_basis: what its confidence is, shown beside it ("stated by the model").
        usage: by persona id, and "" for classification.
    """

    @property
    def name(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def confidence_basis(self) -> str: ...
    @property
    def usage(self) -> Mapping[str, Usage]: ...

    async def classify(self, segment: Segment) -> Classification:
        """Topic and tone. Raises AnswerError (this segment only) or FatalError (no question can be answered)."""

    async def evaluate(self, persona: Persona, segment: Segment, classification: Classification) -> Feedback:
        """The persona's reaction. Raises AnswerError (this cell only) or FatalError."""


class Store(Protocol):
    """Where answers are kept: returns the stored answer to `question`, or awaits `ask()` and stores what it returns.

    Equal questions asked at the same time are one `ask()`. An exception of `ask()` is raised and never stored.
    """

    async def __call__(self, question: str, ask: Callable[[], Awaitable[str]]) -> str: ...
