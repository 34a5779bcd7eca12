"""The table of evaluators. A row imports its evaluator when it is used, so none waits for another's libraries."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import TYPE_CHECKING

from soniclayer.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from soniclayer.evaluators.base import Context, Estimate, Evaluator
    from soniclayer.personas import Persona
    from soniclayer.segments import Segment
    from soniclayer.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluatorSpec:
    """One way to judge a show, as page, command line and public API offer it.

    Attributes:
        id: stable name, for the command line and `evaluate`.
        label: name on the page.
        help: one or two sentences for whoever chooses.
        starts_by_itself: costs nothing, so an opened show is judged at once; else a press on Evaluate starts it.
        first_wait_s: seconds that the page waits before its first look at a run, so that quick answers are there.
        make: a new evaluator for one run. Raises SettingsError, naming the setting, where something is not set up.
        asks_server: needs a server's address, a key and a model; the page asks for them.
        identity: what the settings add to the answers' identity: runs with equal ones are the same run. "" where the
            settings are not complete yet.
        estimate: what a run over these segments and personas of a show of that title will ask for; None where free.
        prepare: loads what takes a while, for these personas, before there is a show.
    """

    id: str
    label: str
    help: str
    starts_by_itself: bool
    first_wait_s: float
    make: Callable[[Context], Evaluator]
    asks_server: bool = False
    identity: Callable[[Settings], str] = lambda settings: "-"
    estimate: Callable[[Sequence[Segment], Sequence[Persona], str, Settings], Estimate] | None = None
    prepare: Callable[[Sequence[Persona]], None] | None = None


def _builtin(context: Context) -> Evaluator:
    from soniclayer.evaluators.builtin.evaluator import BuiltinEvaluator

    return BuiltinEvaluator(context.computed, context.personas)


@cache
def _builtin_version() -> str:
    """A digest of what was learnt and of the words that count: another one may give other scores."""
    folder = files("soniclayer.evaluators.builtin")
    parts = (folder.joinpath(name).read_bytes() for name in ("parameters.json", "unsafe.txt"))
    return blake2b(b"".join(parts), digest_size=8).hexdigest()


def _builtin_identity(settings: Settings) -> str:
    return _builtin_version()


def _prepare_builtin(personas: Sequence[Persona]) -> None:
    from soniclayer.evaluators.builtin.evaluator import warm

    warm(personas)


def _chat(context: Context) -> Evaluator:
    from soniclayer.evaluators.chat.factory import chat_evaluator

    return chat_evaluator(context)


def _prepare_chat(personas: Sequence[Persona]) -> None:
    from soniclayer.evaluators.chat.factory import prepare

    prepare(personas)


def _chat_identity(settings: Settings) -> str:
    from soniclayer.evaluators.chat.factory import identity

    return identity(settings)


def _chat_estimate(
    segments: Sequence[Segment], personas: Sequence[Persona], show: str, settings: Settings
) -> Estimate:
    from soniclayer.evaluators.chat.budget import estimate_tokens

    return estimate_tokens(segments, personas, show=show, samples=settings.samples, thrifty=settings.thrifty)


_ROWS = (
    EvaluatorSpec(
        id="builtin",
        label="Built-in",
        help="A quick look: it speaks up where it is sure, in about one reaction of eight. No language model, no "
        "key, no network; nothing leaves this machine.",
        starts_by_itself=True,
        first_wait_s=1.0,
        make=_builtin,
        identity=_builtin_identity,
        prepare=_prepare_builtin,
    ),
    EvaluatorSpec(
        id="chat",
        label="Chat model",
        help="A language model plays every persona. It judges better, and may cost money.",
        starts_by_itself=False,
        first_wait_s=0.2,
        make=_chat,
        asks_server=True,
        identity=_chat_identity,
        prepare=_prepare_chat,
        estimate=_chat_estimate,
    ),
)

EVALUATORS: dict[str, EvaluatorSpec] = {row.id: row for row in _ROWS}
"""By id, in the order in which the page offers them; the first is the default."""


def evaluator_spec(key: str) -> EvaluatorSpec:
    """The row of this id, "" being the default's. Raises SettingsError naming those there are."""
    spec = EVALUATORS.get(key) if key else next(iter(EVALUATORS.values()))
    if spec is None:
        raise SettingsError(f"There is no evaluator “{key}”. Choose one of {', '.join(EVALUATORS)}.")
    return spec


def preferred(settings: Settings) -> EvaluatorSpec:
    """What the page begins with: an evaluator that asks a server where one is set up, else the first of the table."""
    served = (spec for spec in EVALUATORS.values() if spec.asks_server and settings.chat_configured)
    return next(served, next(iter(EVALUATORS.values())))


def free_evaluator() -> EvaluatorSpec:
    """The first of the table that costs nothing."""
    return next(spec for spec in EVALUATORS.values() if spec.starts_by_itself)


def served_evaluator() -> EvaluatorSpec:
    """The first of the table that asks a server."""
    return next(spec for spec in EVALUATORS.values() if spec.asks_server)
