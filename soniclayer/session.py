"""The one place that assembles a run: a transcript, who listens, and who judges."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Self, TypeVar, cast

from soniclayer import settings as environment
from soniclayer.evaluators.base import Closing, Context, Shared, Store, no_store
from soniclayer.evaluators.registry import EvaluatorSpec, evaluator_spec
from soniclayer.personas import Persona, Registry, load
from soniclayer.run import Run
from soniclayer.segments import Segment, split

if TYPE_CHECKING:
    from types import TracebackType

    from soniclayer.settings import Settings
    from soniclayer.transcript import Transcript

C = TypeVar("C", bound=Closing)


def assemble(
    segments: Sequence[Segment],
    personas: Iterable[Persona],
    spec: EvaluatorSpec,
    *,
    show: str,
    settings: Settings,
    store: Store,
    shared: Shared,
    computed: Store = no_store,
    budget_of: str = "",
) -> Run:
    """A run that has not begun.

    segments: of the transcript, see `segments.split`.
    show: title of the programme, as data.
    store, shared, computed: see `evaluators.base.Context`.
    budget_of: runs of one name share the limits of the settings; by default those over the same words do.

    Raises:
        SettingsError: the evaluator is not set up; names the setting.
    """
    listeners = tuple(personas)
    context = Context(
        settings, show, store, shared, personas=listeners, show_id=budget_of or show_id(segments), computed=computed
    )
    run = Run(segments, listeners, spec.make(context), in_flight=settings.concurrency)
    run.evaluator_id = spec.id
    return run


def show_id(segments: Sequence[Segment]) -> str:
    """Tells shows of other words apart, whatever their files are called."""
    digest = hashlib.blake2b(digest_size=16)
    for segment in segments:
        digest.update(f"{segment.start_ms} {segment.text}\n".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


class Resources:
    """`Shared` for one event loop: `async with Resources() as shared:` closes in it what was made in it."""

    def __init__(self) -> None:
        self._made: dict[str, Closing] = {}
        self._stack = AsyncExitStack()

    def __call__(self, key: str, make: Callable[[], C]) -> C:
        """The object of this key; see `evaluators.base.Shared`."""
        if key not in self._made:
            self._made[key] = made = make()
            self._stack.push_async_callback(made.close)
        return cast("C", self._made[key])

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()


def evaluate(
    transcript: Transcript | Sequence[Segment],
    personas: Registry | Iterable[Persona] | None = None,
    *,
    evaluator: str = "",
    settings: Settings | None = None,
) -> Run:
    """Evaluate a show and wait for the end; see `evaluate_async`, which is for code that runs in an event loop."""
    return asyncio.run(evaluate_async(transcript, personas, evaluator=evaluator, settings=settings))


async def evaluate_async(
    transcript: Transcript | Sequence[Segment],
    personas: Registry | Iterable[Persona] | None = None,
    *,
    evaluator: str = "",
    settings: Settings | None = None,
) -> Run:
    """Ask every persona about every segment; `run.results` then has the feedback by (segment index, persona id).

    Args:
        transcript: from `parse`, cut into half minutes; or segments from `split`.
        personas: from `load_personas`; by default those of the settings.
        evaluator: an id of `evaluators.registry.EVALUATORS`, "" being the built-in one. Answers are not kept on disk.
        settings: by default what the environment says.

    Raises:
        SettingsError: the evaluator does not exist or is not set up.
        RegistryError: the personas file cannot be used.
    """
    used = settings or environment.read()
    listeners = load(used.personas) if personas is None else personas
    segments, show = _segments(transcript)
    async with Resources() as shared:
        run = assemble(
            segments,
            listeners.values() if isinstance(listeners, Registry) else listeners,
            evaluator_spec(evaluator),
            show=show,
            settings=used,
            store=no_store,
            shared=shared,
        )
        await run.execute()
    return run


def _segments(transcript: Transcript | Sequence[Segment]) -> tuple[Sequence[Segment], str]:
    if isinstance(transcript, Sequence):
        return transcript, ""
    return split(transcript), transcript.name
