"""The run of a show: planned, started, watched, stopped, retried."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

import streamlit as st

from soniclayer import cache, clearing, session
from soniclayer.evaluators.base import TogetherEvaluator, no_store
from soniclayer.evaluators.registry import free_evaluator, served_evaluator
from soniclayer.insights.selection import Scope, Selection, select
from soniclayer.phrasing import money, plural, span
from soniclayer.run import Cell, Run, State
from soniclayer.ui import kept_runs, usage
from soniclayer.ui.library import library
from soniclayer.ui.settings_menu import Choice, use
from soniclayer.ui.state import digest, state
from soniclayer.ui.text import escape

if TYPE_CHECKING:
    from soniclayer.evaluators.base import Estimate
    from soniclayer.evaluators.registry import EvaluatorSpec
    from soniclayer.insights.verdict import Insight
    from soniclayer.personas import Registry
    from soniclayer.settings import Settings
    from soniclayer.ui.show import Show

FIRST_LOOKS_S, LATER_LOOKS_S, LONG_LOOKS_S = 0.5, 1.0, 2.0  # until the first card is there, then, and of a long show
LONG = 2_000  # reactions; a look at them takes a tenth of a second from the run
ACTIVE = (State.WAITING, State.RUNNING)
STOPS_WITHIN_S = 0.5
REASONS = 5


def prepare(show: Show, registry: Registry, choice: Choice, selection: Selection) -> Run | None:
    """The run of this show by this evaluator, going on or ended; None while it waits for a press on Evaluate."""
    if not choice.identity:
        return kept_runs.earlier(show, choice)
    here, spec = state(), choice.spec
    key = digest(show.identity, registry.fingerprint, choice.identity)
    approval = digest(show.identity, choice.identity)
    pressed, personas = here.take_press(), tuple(registry.values())
    if pressed:
        here.approvals.press(approval, personas)
        clearing.forget_cleared()
    engine = cache.engine()
    run = engine.find(key) or kept_runs.find(show, registry, choice, key, lambda: _run(show, registry, choice, spec))
    if run is None and not pressed and not here.approvals.given(approval):
        run = kept_runs.earlier(show, choice)
    # What costs nothing starts by itself. Of what costs, only what a press covered: an edited persona asks first.
    if pressed or (run is None and (spec.starts_by_itself or here.approvals.given(approval))):
        made = run or _run(show, registry, choice, spec)
        made.on_end = kept_runs.keeper(show, registry, choice)
        only = None
        if not spec.starts_by_itself:
            covered = here.approvals.covered_cells(approval, show.segments, personas)
            only = select(made, selection).cells if pressed else covered
        run = engine.start(key, lambda: made, only)
        here.started.add(approval, run)
        give_a_moment(run, spec.first_wait_s)
    free = spec.starts_by_itself or run is None or kept_runs.is_kept(run) or run.complete or run.state in ACTIVE
    title = show.transcript.name
    here.question = (
        "" if free else here.approvals.question(approval, personas, show.segments, title, spec, choice.settings)
    )
    if run is not None:
        name = " ".join(filter(None, (run.evaluator.name, run.evaluator.model)))
        here.runs_of(show.identity, registry.fingerprint)[name] = run
    return run


def pace_s(run: Run) -> float | None:
    """How often to look at the run, in seconds; None once it has ended."""
    if run.state not in ACTIVE:
        return None
    if not run.results:
        return FIRST_LOOKS_S
    return LATER_LOOKS_S if run.total < LONG else LONG_LOOKS_S


def _run(show: Show, registry: Registry, choice: Choice, spec: EvaluatorSpec) -> Run:
    unkept = library().is_unkept(show.id)
    store, computed = (no_store, no_store) if unkept else cache.stores_of(show.source.content)
    return session.assemble(
        show.segments,
        registry.values(),
        spec,
        show=show.transcript.name,
        settings=choice.settings,
        store=store,
        computed=computed,
        shared=cache.engine().shared,
    )


def unstarted(show: Show, registry: Registry, choice: Choice) -> Run:
    """A run to read the show by, of which nothing was asked."""
    return _run(show, registry, choice, free_evaluator())


def give_a_moment(run: Run, seconds: float) -> None:
    """Wait so long at most for a run that is soon over, so that it is there when the page is drawn."""
    end = time.monotonic() + seconds
    while run.state in ACTIVE and time.monotonic() < end:
        time.sleep(0.01)


def press_evaluate() -> None:
    """Callback of every button that starts or carries on a run."""
    state().evaluate_pressed = True


def status(run: Run, insight: Insight, settings: Settings, *, can_evaluate: bool) -> None:
    """One row: progress with Stop, or what happened and what can be done.

    can_evaluate: the choice of an evaluator is complete.
    """
    progress = run.progress
    # While a chat model runs, and afterwards, there is a button in it whatever it says: the row keeps its height.
    with st.container(horizontal=True, vertical_alignment="center", key="status"):
        if progress.state in ACTIVE and run.total:
            _watch(run)
        elif kept_runs.is_kept(run):
            _judged(insight, settings)
            if can_evaluate:
                _evaluate_button("Evaluate again", kind="tertiary")
        elif run.fatal:
            kept = f"{progress.done:,} of {plural(progress.total, 'reaction')} came, and stay."
            st.text(kept if progress.done else "No reaction came.")
            _evaluate_button("Evaluate again")
        elif progress.state is State.STOPPED and not run.complete:
            st.text(f"Stopped at {progress.done:,} of {progress.total:,} reactions. Everything answered is kept.")
            _evaluate_button("Evaluate the rest")
        elif question := state().question:
            st.text(f"{question}.")
            _evaluate_button("Evaluate")
        elif run.failures:
            _failures(run)
        elif missing := _not_asked(insight):
            st.text(f"{plural(missing, 'reaction')} of this choice not asked for yet.")
            _evaluate_button("Evaluate them")
        else:
            _judged(insight, settings)


def _judged(insight: Insight, settings: Settings) -> None:
    usage.render(insight, settings)
    if insight.leans:
        _use_chat("tertiary")


def broken(run: Run) -> None:
    """Why the run ended before its time."""
    if run.fatal:
        st.error(escape(run.fatal), title="The run was stopped", icon=":material/error:")


def _not_asked(insight: Insight) -> int:
    scope = insight.scope
    passed_over = scope.whole.not_judged
    spoken = sum(segment.speech and segment.index not in passed_over for segment in scope.segments)
    return spoken * len(scope.personas) - insight.answered


def plan(show: Show, scope: Scope | None, choice: Choice, settings: Settings) -> None:
    """What a run that has not begun will ask, and the button that begins it."""
    if not choice.identity or scope is None:
        with st.container(horizontal=True, vertical_alignment="center", border=True, key="plan"):
            st.markdown(":material/tune: Choose a server and a model under **Settings**, or have it judged for free.")
            st.button("Use the built-in evaluator", key="use-builtin", on_click=use, args=(free_evaluator().id, ""))
        return
    spoken = [segment for segment in scope.segments if segment.speech]
    text = f"{plural(len(spoken), 'segment')} × {plural(len(scope.personas), 'persona')}"
    if choice.spec.estimate is not None:
        text += price(choice.spec.estimate(spoken, scope.personas, show.transcript.name, settings), settings)
    with st.container(horizontal=True, vertical_alignment="center", border=True, key="plan"):
        _evaluate_button("Evaluate")
        st.text(text)


def price(estimate: Estimate, settings: Settings) -> str:
    """What an estimate says, to follow after what is to be judged."""
    tokens = estimate.input_tokens + estimate.output_tokens
    cost = settings.cost(estimate.input_tokens, estimate.output_tokens)
    price = f", about {money(cost)}" if cost is not None else ""
    size = f": up to {plural(estimate.calls, 'call')}, about {round(tokens, -3):,} tokens"
    return f"{size}{price}. Answers kept on disk cost nothing."


def _evaluate_button(label: str, kind: Literal["primary", "tertiary"] = "primary") -> None:
    st.button(label, key="evaluate", type=kind, icon=":material/play_arrow:", on_click=press_evaluate)


def retry(label: str, key: str, run: Run, cells: frozenset[Cell]) -> None:
    """A button that asks these cells again."""
    st.button(label, key=key, icon=":material/refresh:", on_click=cache.engine().resume, args=(run, cells))


def _watch(run: Run) -> None:
    progress = run.progress
    settled = progress.done + progress.failed
    left = "" if progress.eta_s is None else f" · about {span(progress.eta_s)} left"
    failed = f" · {progress.failed} failed" if progress.failed else ""
    traffic = f" · {run.evaluator.traffic.words}" if isinstance(run.evaluator, TogetherEvaluator) else ""
    text = f"{settled:,} of {progress.total:,} reactions{failed}{left}{traffic}"
    st.progress(progress.share, text, width="stretch")
    st.button("Stop", key="stop", icon=":material/stop:", on_click=_stop, args=(run,))


def _stop(run: Run) -> None:
    """Callback of Stop: everything that this page has started."""
    run.stop()
    state().started.stop_all()
    give_a_moment(run, STOPS_WITHIN_S)


def _failures(run: Run) -> None:
    reasons: dict[str, int] = {}
    for failure in run.failures.values():
        reasons[failure.reason] = reasons.get(failure.reason, 0) + 1
    ranked = sorted(reasons.items(), key=lambda item: -item[1])
    lines = [f"- {count} ×: {escape(reason)}" for reason, count in ranked[:REASONS]]
    if len(ranked) > len(lines):
        lines.append(f"- and {plural(len(ranked) - len(lines), 'more reason')}, each on its card")
    missing = f"{len(run.failures):,} of {plural(run.total, 'reaction')}"
    st.markdown(f":material/warning: **{missing} failed**", width="content")
    with (
        st.popover("Why they are missing", icon=":material/help:", type="tertiary", key="failures"),
        st.container(width=480),
    ):
        st.markdown("\n".join(lines))
    retry("Retry failed", "retry-failed", run, frozenset(run.failures))


def unread(run: Run) -> None:
    """A show that this evaluator cannot help with, and the one button that does."""
    with st.container(horizontal=True, vertical_alignment="center", key="unread"):
        why = f":material/translate: **{escape(run.nothing_judged)}** So nobody has reacted to this show."
        st.markdown(why, width="stretch")
        _use_chat("primary")


def _use_chat(kind: Literal["primary", "tertiary"]) -> None:
    st.button(
        "Use a chat model",
        key="use-chat",
        type=kind,
        icon=":material/smart_toy:",
        on_click=use,
        args=(served_evaluator().id, ""),
    )
