"""What an evaluator is: it classifies a segment, gives a persona's reaction to it, and explains that reaction.

To add one: a folder beside `builtin/` and `chat/` with a class that satisfies `Evaluator`, and one row in `registry`.
Nothing else names it: page, command line, exports and the panel "Why this score" go by the row.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Protocol, TypeVar, runtime_checkable

from soniclayer.errors import AnswerError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from soniclayer.feedback import Classification, Feedback
    from soniclayer.llm_client.limiter import Traffic
    from soniclayer.personas import Persona
    from soniclayer.segments import Segment
    from soniclayer.settings import Settings

C = TypeVar("C", bound="Closing")


@dataclass(slots=True)
class Usage:
    """What answers have cost so far, as the server reported it.

    Attributes:
        calls: requests sent to the model server, repeated and failed ones included.
        cached: answers that came from the cache, at no cost.
        input_tokens, output_tokens: tokens of all calls, answers that had to be thrown away included.
        cached_tokens: those of the input tokens that the server had in its own prompt cache.
        estimated: calls whose tokens the server did not report; they are estimated from the texts.
    """

    calls: int = 0
    cached: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    estimated: int = 0

    def __add__(self, other: Usage) -> Usage:
        """Both taken together."""
        return Usage(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(Usage)))


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run will ask for if nothing is in the cache; tokens are rough."""

    calls: int
    input_tokens: int
    output_tokens: int


@dataclass(frozen=True, slots=True)
class Contribution:
    """Something that moved a score.

    Attributes:
        label: what it is, in words for the page; may hold words of the transcript.
        value: by how much, in scores; below 0 it displeased.
    """

    label: str
    value: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a cell has the score it has. Every part may be empty.

    Attributes:
        summary: a sentence or two.
        contributions: what moved the score, the strongest first.
        excerpts: (title, text) of what the score was made from, shown as it is: a prompt and its answer, say.
    """

    summary: str = ""
    contributions: tuple[Contribution, ...] = ()
    excerpts: tuple[tuple[str, str], ...] = ()


class Evaluator(Protocol):
    """Classifies, evaluates, explains. One instance serves one run, inside the engine's event loop."""

    @property
    def name(self) -> str:
        """Shown wherever its scores show."""

    @property
    def model(self) -> str:
        """Name of the language model, or "" where there is none."""

    @property
    def confidence_basis(self) -> str:
        """What its confidence is, shown beside it ("stated by the model")."""

    @property
    def usage(self) -> Mapping[str, Usage]:
        """What it has cost by persona id, and under "" for classification."""

    async def classify(self, segment: Segment) -> Classification:
        """Topic and tone. Raises AnswerError (this segment only), NotJudgedError (passed over) or FatalError."""

    async def evaluate(self, persona: Persona, segment: Segment, classification: Classification) -> Feedback:
        """The persona's reaction. Raises AnswerError (this cell only) or FatalError."""

    async def explain(self, persona: Persona, segment: Segment, classification: Classification) -> Explanation:
        """Why a cell that has feedback has it; asks no server. Raises AnswerError where it cannot be told."""


@runtime_checkable
class TogetherEvaluator(Evaluator, Protocol):
    """An evaluator whose calls take long: personas need not wait for the classification, and segments share calls."""

    @property
    def classified_together(self) -> int:
        """Segments that are classified in one call at most."""

    @property
    def together(self) -> int:
        """Segments that one persona is asked about in one call at most; 1 asks singly."""

    @property
    def first_singly(self) -> int:
        """Segments at the start of a show that are asked about singly all the same."""

    @property
    def traffic(self) -> Traffic:
        """Calls in flight to its server."""

    async def hint(self, segment: Segment) -> Classification:
        """Topic and tone as far as they can be told at once and at no cost; what personas are told."""

    async def classify_together(self, segments: Sequence[Segment]) -> Mapping[int, Classification | AnswerError]:
        """Topic and tone of some segments, or why they are not known, by index. Raises FatalError."""

    async def evaluate_together(
        self, persona: Persona, segments: Sequence[Segment], hints: Mapping[int, Classification]
    ) -> Mapping[int, Feedback | AnswerError]:
        """A persona's reactions to consecutive segments, or why there are none, by index. Raises FatalError."""


class Store(Protocol):
    """Where answers are kept: returns the stored answer to `question`, or awaits `ask()` and stores what it returns.

    Equal questions asked at the same time are one `ask()`. An exception of `ask()` is raised and never stored.
    """

    async def __call__(self, question: str, ask: Callable[[], Awaitable[str]]) -> str:
        """The answer to `question`, stored or asked now."""


class NotKeptError(AnswerError):
    """There is no kept answer."""


async def absent() -> str:
    """The `ask` of whoever only looks whether a `Store` has an answer. Raises NotKeptError."""
    raise NotKeptError("There is no kept answer. Evaluate again to get one.", kind="not kept")


async def no_store(question: str, ask: Callable[[], Awaitable[str]]) -> str:
    """A `Store` that keeps nothing."""
    return await ask()


class Closing(Protocol):
    """Something that lives as long as an event loop and has to be closed in it."""

    async def close(self) -> None:
        """Close it; called once, in its loop."""


class Shared(Protocol):
    """The one object of this key (a server's client, say), made at first use and closed with its event loop."""

    def __call__(self, key: str, make: Callable[[], C]) -> C:
        """The object of this key, of `make` if it is the first to ask."""


@dataclass(frozen=True, slots=True)
class Context:
    """What an evaluator may need to be made.

    Attributes:
        settings: as the process was started, with what was chosen on the page or the command line.
        show: title of the programme, as data.
        store: where answers are kept.
        computed: where is kept what can be worked out again at no cost but time; apart from the answers.
        shared: gives what all runs of the process share.
        personas: who will listen.
        show_id: tells shows of other words apart; "" where nobody asks.
    """

    settings: Settings
    show: str
    store: Store
    shared: Shared
    personas: tuple[Persona, ...] = ()
    computed: Store = no_store
    show_id: str = ""
