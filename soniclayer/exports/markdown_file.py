"""A report as Markdown (CommonMark with tables), for a wiki, a ticket or a message."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from soniclayer.exports.plain import plain
from soniclayer.exports.report import report

if TYPE_CHECKING:
    from collections.abc import Iterable

    from soniclayer.exports.passages import Passage
    from soniclayer.exports.report import Listener, Listing, Place, Report
    from soniclayer.insights.verdict import Insight
    from soniclayer.transcript import Transcript

_ACTIVE = re.compile(r"[\\`*_\[\]|~$]")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
# What some readers make links of by themselves.
_ADDRESS = re.compile(r"(?<=:)//|(?<=www)\.|@(?=\w)", re.IGNORECASE)


def to_markdown(insight: Insight, transcript: Transcript) -> bytes:
    """Verdict, a table of listeners, moments and their reactions, in UTF-8."""
    told = report(insight, transcript)
    lines = [*_head(told), *_listeners(told.listeners)]
    for listing in told.listings:
        lines += _listing(listing)
    if told.passages:
        lines += ["", "## These moments, as they were heard"]
    for passage in told.passages:
        lines += _passage(passage)
    lines += ["", "---", "", f"Simulated listeners, judged by {inert(told.judge)} with SonicLayer: no measurement."]
    return "".join(f"{line}\n" for line in lines).encode()


def inert(text: str) -> str:
    """Foreign text as Markdown that shows it as it is, anywhere but at the start of a line."""
    shown = _ACTIVE.sub(r"\\\g<0>", plain(text).translate(_ENTITIES))
    return _ADDRESS.sub(lambda match: "".join(f"&#{ord(letter)};" for letter in match.group()), shown)


def _head(told: Report) -> Iterable[str]:
    yield from (
        f"# {inert(told.title)}",
        "",
        f"SonicLayer report · {inert(told.facts)} · judged by {inert(told.judge)}",
    )
    if told.left_out:
        yield from ("", f"> Only what was chosen is in this report: {told.left_out}.")
    for sentence in told.caution:
        yield from ("", f"> {inert(sentence)}")
    yield from ("", "## Verdict", "")
    for each in told.verdict:
        blank = " " if each.rest[:1] == " " else ""
        yield f"- **{inert(each.lead)}**{blank}{inert(each.rest)}"


def _listeners(listeners: Iterable[Listener]) -> Iterable[str]:
    yield from ("", "## Who listened", "", "| Persona | Mean | Spread | Likes best | Likes least |")
    yield "| --- | ---: | ---: | --- | --- |"
    for who in listeners:
        numbers = ["–" if value is None else f"{value:.1f}" for value in (who.mean, who.spread)]
        cells = [f"{inert(who.emoji)} {inert(who.name)}", *numbers, _places(who.best), _places(who.worst)]
        yield f"| {' | '.join(cells)} |"


def _places(places: Iterable[Place]) -> str:
    return "; ".join(f"{place.at} “{inert(place.words)}”" for place in places) or "–"


def _listing(listing: Listing) -> Iterable[str]:
    yield from ("", f"## {listing.label}", "")
    if not listing.entries:
        yield listing.none
    for entry in listing.entries:
        told = " · ".join(filter(None, (inert(entry.what), inert(entry.told))))
        yield f"- **{entry.place.at}** {inert(entry.place.words)}{f' ({told})' if told else ''}"
    if listing.more:
        yield f"- and {listing.more} more"


def _passage(passage: Passage) -> Iterable[str]:
    mean = "" if passage.mean is None else f" · consensus {passage.mean:.1f}"
    yield from ("", f"### {passage.at}", "", f"Heard: {inert(passage.about) or 'unknown speaker'}{mean}")
    for speaker, parts in passage.turns:
        words = "".join(text for text, _ in parts)
        yield from ("", f"> {f'**{inert(speaker)}:** ' if speaker else 'Words: '}{inert(words)}")
    if passage.cards:
        yield ""
    for card in passage.cards:
        more = " ".join(filter(None, (inert(card.opinion), f"({card.sure})" if card.sure else "")))
        yield f"- {inert(card.emoji)} **{inert(card.name)}: {card.score}, {card.word.lower()}.** {more}"
        if card.review:
            yield f"  - {inert(card.review)}: {inert(card.reason)}"
