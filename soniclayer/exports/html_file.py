"""A report as one HTML file that needs nothing else: no script, no picture, no address outside it.

Its policy allows the one style sheet inside it and nothing more, so that what somebody named a show or a persona does
nothing even where an escape were forgotten.
"""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from soniclayer.exports.chart import HEIGHT, WIDTH, chart
from soniclayer.exports.plain import plain
from soniclayer.exports.report import report
from soniclayer.insights.looks import HUES, LOOKS
from soniclayer.insights.timeline import THEIRS

if TYPE_CHECKING:
    import jinja2

    from soniclayer.insights.verdict import Insight
    from soniclayer.transcript import Transcript

POLICY = "default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def to_html(insight: Insight, transcript: Transcript) -> bytes:
    """Verdict, timeline, listeners, moments and their cards, in UTF-8; light or dark as the reader has it."""
    style = _style()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    told = report(insight, transcript)
    page = _environment().get_template("report.html.jinja")
    text = page.render(
        report=told,
        chart=chart(insight),
        style=style,
        policy=POLICY.format(digest=digest),
        theirs=THEIRS,
        shown={passage.index: passage.at.partition(" ")[0] for passage in told.passages},
        wide=WIDTH,
        high=HEIGHT,
    )
    return text.encode()


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    import jinja2

    def load(name: str) -> str:
        return resources.files("soniclayer.exports").joinpath(name).read_text(encoding="utf-8")

    made = jinja2.Environment(
        loader=jinja2.FunctionLoader(load),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["plain"] = plain
    made.filters["k"] = _class
    made.filters["named"] = lambda look: look.lstrip("12345 ")
    return made


def _class(look: str) -> str:
    """The class that a look has in the style sheet."""
    return f"k{LOOKS.index(look)}" if look in HUES else look


def _style() -> str:
    light = "".join(f".k{number}{{fill:{hue.light}}}" for number, hue in enumerate(HUES.values()))
    dark = "".join(f".k{number}{{fill:{hue.dark}}}" for number, hue in enumerate(HUES.values()))
    sheet = resources.files("soniclayer.exports").joinpath("report.css").read_text(encoding="utf-8")
    return f"{light}\n@media screen and (prefers-color-scheme: dark){{{dark}}}\n{sheet}"
