"""The run of a show: planned, started, watched, stopped, retried."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import streamlit as st

from soniclayer import cache, session
from soniclayer.evaluators.base import TogetherEvaluator
from soniclayer.run import Cell, Run, State
from soniclayer.ui.state import digest, state
from soniclayer.ui.text import escape, span

if TYPE_CHECKING:
    from soniclayer.evaluators.base import Estimate
    from soniclayer.personas import Registry
    from soniclayer.settings import Settings
    from soniclayer.ui.show import Show
    from soniclayer.ui.sidebar import Choice

FIRST_LOOKS_S, LATER_LOOKS_S = 0.5, 1.0  # until the first card is there, and then
ACTIVE = (State.WAITING, State.RUNNING)


def prepare(show: Show, registry: Registry, choice: Choice) -> Run | None:
    """The run of this show by this evaluator, going on or ended; None while it waits for a press on Evaluate."""
    if not choice.identity:
        return None
    here, spec = state(), choice.spec
    key = digest(show.identity, registry.fingerprint, choice.identity)
    approval = digest(show.identity, choice.identity)
    pressed, personas = here.take_press(), tuple(registry.values())
    if pressed:
        here.approvals.press(approval, personas)
        cache.forget_cleared()
    engine = cache.engine()
    run = engine.find(key)
    # What costs nothing starts by itself. Of what costs, only what a press covered: an edited persona asks first.
    if pressed or (run is None and (spec.starts_by_itself or here.approvals.given(approval))):
        covered = here.approvals.covered_cells(approval, show.segments, personas)
        only = None if pressed or spec.starts_by_itself else covered
        run = engine.start(key, lambda: _run(show, registry, choice), only)
        here.started.add(approval, run)
        _give_a_moment(run, spec.first_wait_s)
    free = spec.starts_by_itself or run is None
    title = show.transcript.name
    here.question = (
        "" if free else here.approvals.question(approval, personas, show.segments, title, spec, choice.settings)
    )
    if run is not None:
        name = " ".join(filter(None, (run.evaluator.name, run.evaluator.model)))
        here.runs_of(show.identity, registry.fingerprint)[name] = run
    return run


def pace_s(run: Run) -> float | None:
    """How often to look at the run, in seconds; None once it has ended. A look costs a tenth of a second of CPU."""
    if run.state not in ACTIVE:
        return None
    return FIRST_LOOKS_S if not run.results else LATER_LOOKS_S


def _run(show: Show, registry: Registry, choice: Choice) -> Run:
    return session.assemble(
        show.segments,
        registry.values(),
        choice.spec,
        show=show.transcript.name,
        settings=choice.settings,
        store=cache.store,
        shared=cache.engine().shared,
    )


def _give_a_moment(run: Run, seconds: float) -> None:
    end = time.monotonic() + seconds
    while run.state in ACTIVE and time.monotonic() < end:
        time.sleep(0.01)


def press_evaluate() -> None:
    """Callback of every button that starts or carries on a run."""
    state().evaluate_pressed = True


def controls(run: Run) -> None:
    """Progress with Stop while the run goes on; else what can be done next."""
    progress = run.progress
    if progress.state in ACTIVE and run.total:
        _watch(run)
    elif run.fatal:
        st.error(escape(run.fatal), title="The run was stopped", icon=":material/error:")
        _carry_on("Evaluate again")
    elif progress.state is State.STOPPED and not run.complete:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(f"Stopped at {progress.done} of {progress.total} reactions. Everything answered is kept.")
            _carry_on("Evaluate the rest")
    elif question := state().question:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(f"{question}.")
            _carry_on("Evaluate")
    elif run.failures:
        _failures(run)


def plan(show: Show, registry: Registry, choice: Choice, settings: Settings) -> None:
    """What a run that has not begun will ask, and the button that begins it."""
    if not choice.identity:
        st.info(
            "Choose a server and a model in the sidebar, or switch to the built-in evaluator.", icon=":material/tune:"
        )
        return
    personas = tuple(registry.values())
    spoken = [segment for segment in show.segments if segment.speech]
    text = f"{len(spoken)} segments × {len(personas)} personas"
    if choice.spec.estimate is not None:
        text += _price(choice.spec.estimate(spoken, personas, show.transcript.name, settings), settings)
    with st.container(horizontal=True, vertical_alignment="center"):
        _evaluate_button("Evaluate")
        st.text(text)


def _price(estimate: Estimate, settings: Settings) -> str:
    tokens = estimate.input_tokens + estimate.output_tokens
    cost = settings.cost(estimate.input_tokens, estimate.output_tokens)
    money = f", about {cost:,.2f} in money" if cost is not None else ""
    size = f": up to {estimate.calls:,} calls, about {round(tokens, -3):,} tokens"
    return f"{size}{money}. Answers kept on disk cost nothing."


def _evaluate_button(label: str) -> bool:
    return st.button(label, key="evaluate", type="primary", icon=":material/play_arrow:", on_click=press_evaluate)


def _carry_on(label: str) -> None:
    if _evaluate_button(label):
        st.rerun()  # the button stands in the part that is drawn alone, and a run begins in the whole page


def retry(label: str, key: str, run: Run, cells: frozenset[Cell]) -> None:
    """A button that asks these cells again."""
    st.button(label, key=key, icon=":material/refresh:", on_click=cache.engine().resume, args=(run, cells))


def _watch(run: Run) -> None:
    progress = run.progress
    settled = progress.done + progress.failed
    left = "" if progress.eta_s is None else f" · about {span(progress.eta_s)} left"
    failed = f" · {progress.failed} failed" if progress.failed else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        traffic = f" · {run.evaluator.traffic.words}" if isinstance(run.evaluator, TogetherEvaluator) else ""
        text = f"{settled:,} of {progress.total:,} reactions{failed}{left}{traffic}"
        st.progress(progress.share, text, width="stretch")
        st.button("Stop", key="stop", icon=":material/stop:", on_click=_stop, args=(run,))


def _stop(run: Run) -> None:
    """Callback of Stop: everything that this page has started."""
    run.stop()
    state().started.stop_all()


def _failures(run: Run) -> None:
    reasons: dict[str, int] = {}
    for failure in run.failures.values():
        reasons[failure.reason] = reasons.get(failure.reason, 0) + 1
    ranked = sorted(reasons.items(), key=lambda item: -item[1])
    lines = [f"- {count} ×: {escape(reason)}" for reason, count in ranked[:5]]
    if len(ranked) > len(lines):
        lines.append(f"- and {len(ranked) - len(lines)} more reasons, each on its card")
    st.warning(
        "\n".join(lines),
        title=f"{len(run.failures)} of {run.total} reactions failed",
        icon=":material/warning:",
    )
    retry("Retry failed", "retry-failed", run, frozenset(run.failures))
