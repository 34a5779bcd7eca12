"""Who judges, and what it has cost so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from soniclayer.evaluators.base import Usage
from soniclayer.results import total_usage
from soniclayer.ui.text import escape

if TYPE_CHECKING:
    from soniclayer.run import Run
    from soniclayer.settings import Settings


def render(run: Run, settings: Settings) -> None:
    """One line, and the bill per persona behind it where a chat model is paid."""
    who = " ".join(filter(None, (run.evaluator.name, run.evaluator.model)))
    usage = total_usage(run)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f":material/psychology: Judged by {escape(who)}{_summary(usage, settings)}")
        if usage.calls or usage.cached:
            with st.popover("Bill", icon=":material/receipt_long:", type="tertiary"):
                st.dataframe(
                    _table(run, settings),
                    hide_index=True,
                    column_config={"Money": st.column_config.NumberColumn(format="%.4f")},
                    alt="Calls, cached answers and tokens of this run, per persona.",
                )


def _summary(usage: Usage, settings: Settings) -> str:
    if not usage.calls and not usage.cached:
        return ""
    spent = settings.cost(usage.input_tokens, usage.output_tokens, usage.cached_tokens)
    return (
        f" · {usage.calls:,} calls, {usage.cached:,} answers from the cache, "
        f"{usage.input_tokens:,} tokens in, {usage.output_tokens:,} out"
        + (f" ({usage.cached_tokens:,} of the first from the server's cache)" if usage.cached_tokens else "")
        + (", partly estimated" if usage.estimated else "")
        + (f" · {spent:,.2f} in money" if spent is not None else "")
    )


def _table(run: Run, settings: Settings) -> list[dict[str, object]]:
    names = {"": "Topic and tone", **{persona.id: persona.display_name for persona in run.personas}}
    rows: list[dict[str, object]] = []
    for key, name in names.items():
        usage = run.evaluator.usage.get(key, Usage())
        row: dict[str, object] = {
            "For": name,
            "Calls": usage.calls,
            "From the cache": usage.cached,
            "Tokens in": usage.input_tokens,
            "Tokens out": usage.output_tokens,
        }
        spent = settings.cost(usage.input_tokens, usage.output_tokens, usage.cached_tokens)
        rows.append(row if spent is None else {**row, "Money": spent})
    return rows
