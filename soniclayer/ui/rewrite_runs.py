"""The runs of rewritten segments, each alone: at once where that is free, after its price and a press where not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from soniclayer import cache
from soniclayer.evaluators.registry import EVALUATORS
from soniclayer.run import Run
from soniclayer.ui import evaluation, kept_runs
from soniclayer.ui.state import digest, state

if TYPE_CHECKING:
    from soniclayer.evaluators.registry import EvaluatorSpec
    from soniclayer.segments import Segment
    from soniclayer.ui.views import Look


def judged(look: Look, segment: Segment) -> Run | None:
    """The run of this segment alone, as segment 0; None where nothing was asked yet, or nobody can be."""
    spec = _spec(look)
    if spec is None:
        return None
    here, scope, key = state(), look.insight.scope, _key(look, segment)
    alone = replace(segment, index=0)
    covered = here.approvals.covered_cells(key, (alone,), scope.personas)
    engine = cache.engine()
    run = engine.find(key)
    if run is None and not spec.starts_by_itself and not covered:
        return None
    missing = covered - (run.results.keys() | run.failures.keys() if run is not None else set())
    if run is None or (missing and run.state not in evaluation.ACTIVE):
        live = scope.live
        only = None if spec.starts_by_itself else covered
        run = engine.start(key, lambda: Run((alone,), live.personas, live.evaluator), only)
        evaluation.give_a_moment(run, spec.first_wait_s)
    if run.state in evaluation.ACTIVE and here.pace_s is None:
        here.pace_s = evaluation.LATER_LOOKS_S
    return run


def offer(look: Look, segment: Segment) -> None:
    """What judging this segment will ask, and the button that does."""
    spec = _spec(look)
    if spec is None or spec.estimate is None:
        st.caption("These results were kept. Choose their evaluator under Settings to have other words judged.")
        return
    personas = look.insight.scope.personas
    estimate = spec.estimate((segment,), personas, look.show.transcript.name, look.settings)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "Evaluate these words",
            key="evaluate-rewritten",
            type="primary",
            icon=":material/play_arrow:",
            on_click=lambda: state().approvals.press(_key(look, segment), personas),
        )
        st.text(f"1 segment{evaluation.price(estimate, look.settings)}")


def _spec(look: Look) -> EvaluatorSpec | None:
    """The row of who judged the show; None where it is read back, and nobody is there to ask."""
    live = look.insight.scope.live
    return None if kept_runs.is_kept(live) else EVALUATORS.get(live.evaluator_id)


def _key(look: Look, segment: Segment) -> str:
    """Names the run of these words by this evaluator and these personas."""
    evaluator = look.insight.scope.live.evaluator
    said = "\n".join(f"{turn.speaker}: {turn.text}" for turn in segment.turns) or segment.text
    return digest("rewrite", look.show.id, look.personas.fingerprint, evaluator.name, evaluator.model, said)
