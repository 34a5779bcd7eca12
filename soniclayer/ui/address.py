"""The address of the page says what is looked at: opened elsewhere it shows the same, and back and forward work."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import streamlit as st

from soniclayer.insights.selection import ALL_SCORES, Selection
from soniclayer.ui.state import Place, state

if TYPE_CHECKING:
    from collections.abc import Mapping

_SEPARATOR = ","
_ESCAPED = "%2C"  # a comma inside a name


def read(parameters: Mapping[str, str]) -> Place:
    """The place that query parameters name. What cannot be understood is as if it were not there."""
    segment = parameters.get("segment", "")
    return Place(
        show=parameters.get("show", ""),
        evaluator=parameters.get("evaluator", ""),
        view=parameters.get("view") or "read",
        segment=int(segment) if segment.isascii() and segment.isdecimal() and len(segment) < 7 else 0,
        who=parameters.get("who", ""),
        moments=parameters.get("moments", ""),
        against=parameters.get("against", ""),
        selection=Selection(
            personas=_several(parameters, "personas"),
            scores=_scores(parameters.get("scores", "")),
            topics=_several(parameters, "topics"),
            tones=_several(parameters, "tones"),
            speakers=_several(parameters, "speakers"),
            words=parameters.get("q", ""),
            failed=parameters.get("failed") == "1",
        ),
    )


def write(place: Place) -> dict[str, str]:
    """The query parameters of a place; what is as usual is left out."""
    chosen = place.selection
    found = {
        "show": place.show,
        "evaluator": place.evaluator,
        "view": "" if place.view == "read" else place.view,
        "segment": str(place.segment or ""),
        "who": place.who,
        "moments": place.moments,
        "against": place.against,
        "q": chosen.words,
        "scores": "" if chosen.scores == ALL_SCORES else f"{chosen.scores[0]}-{chosen.scores[1]}",
        "failed": "1" if chosen.failed else "",
    }
    for field in fields(Selection):
        values = getattr(chosen, field.name)
        if isinstance(values, tuple) and field.name != "scores":
            found[field.name] = _SEPARATOR.join(str(value).replace(_SEPARATOR, _ESCAPED) for value in values)
    return {name: value for name, value in found.items() if value} if place.show else {}


def _several(parameters: Mapping[str, str], name: str) -> tuple[str, ...]:
    parts = parameters.get(name, "").split(_SEPARATOR)
    return tuple(part.replace(_ESCAPED, _SEPARATOR) for part in parts if part)


def _scores(text: str) -> tuple[int, int]:
    low, _, high = text.partition("-")
    if low in tuple("12345") and high in tuple("12345") and low <= high:
        return int(low), int(high)
    return ALL_SCORES


def arrive() -> None:
    """Go where the address leads, if the browser went there by itself: a link, a reload, back, forward."""
    here = state()
    told = dict(st.query_params)
    # After a press the browser tells the address it had when it was pressed, which may be older than ours.
    if told != here.address and not here.acted:
        here.place, here.address = read(told), told


def leave() -> None:
    """Write the address of what is looked at now; a new one is one step back in the browser."""
    here = state()
    here.acted = False
    wanted = write(here.place)
    if here.played is not None and {**here.address, "segment": wanted.get("segment", "")} == {
        "segment": "",
        **wanted,
    }:
        return  # else an hour of listening would be 120 steps back in the browser
    if wanted != here.address:
        here.address = wanted
        st.query_params.from_dict(wanted)


def link(place: Place) -> str:
    """The whole address of a place, to send to somebody."""
    from urllib.parse import urlencode

    base = (st.context.url or "").partition("?")[0]
    return f"{base}?{urlencode(write(place))}"
