"""Who judges, and what it has cost so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from soniclayer.evaluators.base import Usage
from soniclayer.phrasing import money, plural
from soniclayer.results import total_usage
from soniclayer.ui.text import escape

if TYPE_CHECKING:
    from soniclayer.insights.verdict import Insight
    from soniclayer.run import Run
    from soniclayer.settings import Settings


def render(insight: Insight, settings: Settings) -> None:
    """One line, and the bill per persona behind it where a chat model is paid."""
    run = insight.scope.whole
    who = " ".join(filter(None, (run.evaluator.name, run.evaluator.model)))
    usage = total_usage(run)
    told = _summary(usage, settings) + (_quick_look(insight) if insight.leans else "")
    st.caption(f":material/psychology: Judged by {escape(who)}{told}", width="content")
    if usage.calls or usage.cached:
        with st.popover("Bill", icon=":material/receipt_long:", type="tertiary", key="bill"), st.container(width=640):
            st.dataframe(
                _table(run, settings),
                hide_index=True,
                height="content",
                column_config={"Money": st.column_config.NumberColumn(format="$%.4f")},
                alt="Calls, cached answers and tokens of this run, per persona.",
            )


def _quick_look(insight: Insight) -> str:
    return (
        f", a quick look: it speaks up where it is sure, here in {insight.called:,} of "
        f"{plural(insight.answered, 'reaction')}; a chat model judges every one."
    )


def _summary(usage: Usage, settings: Settings) -> str:
    if not usage.calls and not usage.cached:
        return ""
    spent = settings.cost(usage.input_tokens, usage.output_tokens, usage.cached_tokens)
    return (
        f" · {plural(usage.calls, 'call')}, {plural(usage.cached, 'answer')} from the cache, "
        f"{plural(usage.input_tokens, 'token')} in, {usage.output_tokens:,} out"
        + (f" ({usage.cached_tokens:,} of the first from the server's cache)" if usage.cached_tokens else "")
        + (", partly estimated" if usage.estimated else "")
        + (f" · {money(spent)}" if spent is not None else "")
    )


def _table(run: Run, settings: Settings) -> list[dict[str, object]]:
    names = {"": "Topic and tone", **{persona.id: persona.display_name for persona in run.personas}}
    rows = []
    for key, name in names.items():
        usage = run.usage.get(key, Usage())
        row = {
            "For": name,
            "Calls": usage.calls,
            "From the cache": usage.cached,
            "Tokens in": usage.input_tokens,
            "Tokens out": usage.output_tokens,
        }
        spent = settings.cost(usage.input_tokens, usage.output_tokens, usage.cached_tokens)
        rows.append(row if spent is None else {**row, "Money": spent})
    return rows
