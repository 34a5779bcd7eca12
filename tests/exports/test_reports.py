"""Reports, the workbook and the captions, read back by other readers."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest
import webvtt
from markdown_it import MarkdownIt
from openpyxl import load_workbook
from typing_extensions import override

from soniclayer.exports import EXPORTS
from soniclayer.feedback import Failure, Feedback, Topic
from soniclayer.insights.selection import Selection, select
from soniclayer.insights.verdict import Insight
from soniclayer.segments import Segment
from soniclayer.transcript import Cue, Transcript, parse
from tests.insights.planted import PLAIN, call, lean, run, segment

PARTS: list[str | Segment] = [
    PLAIN,
    "Brass bands play on the pier tonight. Everybody is invited to dance until the sun comes up.",
    "Nobody expected the price of tea to fall. It fell.",
    "What the fuck was that?",
    segment(4, "[Music]", "", speech=False),
    PLAIN,
]
CUES = tuple(Cue(i * 30_000, i * 30_000 + 29_000, str(getattr(p, "text", p)), "Kim") for i, p in enumerate(PARTS))
SHOW = Transcript("friday.vtt", "WebVTT", CUES)


@pytest.fixture(scope="module")
def planted() -> Insight:
    scores: dict[str, dict[int, Feedback | Failure]] = {
        "ann": {0: call(3), 1: call(5, quotes=("Brass bands",)), 2: lean(2.2), 3: call(1, quotes=("the fuck",))},
        "bob": {1: call(2), 3: Failure("The server said no."), 5: lean(3.6)},
    }
    topics = {0: Topic.WEATHER, 1: Topic.CULTURE, 2: Topic.FOOD}
    return Insight(select(run(PARTS, scores, topics, {"ann": ("swearing",)}), Selection()))


class Outline(HTMLParser):
    """Texts by the id or the class of the innermost element that has one; ids, links and rectangles by class."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.texts: dict[str, list[str]] = {}
        self.ids: list[str] = []
        self.links: list[str] = []
        self.shapes: list[str] = []
        self.metas: dict[str, str] = {}
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert not self._open

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "meta":
            self.metas[found.get("http-equiv", found.get("name", "charset"))] = found.get("content", "")
            return
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found["href"]] if "href" in found else []
        self.shapes += [found.get("class", "")] if tag == "rect" else []
        self._open.append(found.get("id") or found.get("class") or (tag if tag in ("style", "h1", "title") else ""))

    @override
    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    @override
    def handle_endtag(self, tag: str) -> None:
        self._open.pop()

    @override
    def handle_data(self, data: str) -> None:
        if data.strip():
            for name in {*filter(None, self._open)}:
                self.texts.setdefault(name, []).append(data.strip())

    def told(self, name: str) -> str:
        return " ".join(" ".join(self.texts.get(name, [])).split())


@pytest.fixture(scope="module")
def page(planted: Insight) -> Outline:
    return Outline(EXPORTS[".html"].write(planted, SHOW).decode())


def test_the_html_report_tells_verdict_listeners_moments_and_cards(page: Outline, planted: Insight) -> None:
    assert page.told("h1") == "friday"
    for sentence in planted.verdict:
        assert sentence.lead in page.told("verdict paper")
    assert "Ann 2.8 ±" in page.told("listener paper").replace("👤 ", "")
    assert "switches off 1" in page.told("listener paper")
    assert "failed 1" in page.told("listener paper")
    assert page.told("moments-cuts") == "Cuts 1:30 30 s · swearing “fuck” For Ann · 80% sure, scripted"
    assert "No clean place" in page.told("moments-breaks")
    at = page.told("at-1")
    assert at.startswith("0:30 – 1:00 Kim · Culture & Arts Consensus 3.5 Kim: Brass bands play on the pier tonight.")
    assert "Ann 5 · Loves it Gives 5. Because. 80% sure, scripted" in at.replace("👤 ", "")
    assert "Bob: The server said no." in page.told("at-3")


def test_the_html_report_draws_every_persona_and_segment(page: Outline, planted: Insight) -> None:
    looks = [shape for shape in page.shapes if re.fullmatch(r"k\d+", shape)]
    legend, shares = 10, 5 + 4  # looks that occur, with those of all calls; looks per persona
    assert len(looks) == 2 * len(PARTS) + legend + shares
    assert page.told("lane").split() == ["3", "5", "1", "–", "2", "×", "–"]
    assert page.shapes.count("losses") == len(planted.moments("losses")) == 2


def test_every_link_of_the_html_report_leads_into_it_and_its_policy_allows_one_style(page: Outline) -> None:
    assert page.links
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert len(set(page.ids)) == len(page.ids)
    policy = page.metas["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "script" not in policy


def test_the_policy_names_the_very_style_that_is_there(planted: Insight, page: Outline) -> None:
    text = EXPORTS[".html"].write(planted, SHOW).decode()
    style = text.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}';" in page.metas["Content-Security-Policy"]
    assert "http" not in text.replace("http-equiv", "")
    assert "url(" not in style
    assert "@import" not in style
    assert "@media print" in style


def test_the_markdown_report_reads_as_the_same(planted: Insight) -> None:
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(EXPORTS[".md"].write(planted, SHOW).decode())
    headings = [after.content for before, after in pairwise(tokens) if before.type == "heading_open"]
    assert headings[:3] == ["friday", "Verdict", "Who listened"]
    assert headings[3:9] == ["Losses", "Cuts", "Clips", "Ad breaks", "Disagreements", "Repeated themes"]
    texts = [token.content for token in tokens if token.type == "inline"]
    for sentence in planted.verdict:
        assert f"**{sentence.lead}**{sentence.rest}" in texts
    assert "**1:30** “fuck” (30 s · swearing · For Ann · 80% sure, scripted)" in texts
    assert "👤 **Ann: 5, loves it.** Gives 5. (80% sure, scripted)" in texts


def test_the_workbook_opens_with_numbers_times_and_texts(planted: Insight) -> None:
    book = load_workbook(io.BytesIO(EXPORTS[".xlsx"].write(planted, SHOW)))
    assert book.sheetnames == ["Overview", "Listeners", "Moments", "Segments", "Reactions"]
    assert book["Overview"]["A1"].value == "friday"
    people = list(book["Listeners"].iter_rows(values_only=True))
    assert people[0][:4] == ("Persona", "Mean", "Spread", "1 switches off")
    assert people[1][0] == "Ann"
    assert people[1][3:] == (1, 0, 1, 0, 1)
    moments = list(book["Moments"].iter_rows(min_row=2))
    cut = next(row for row in moments if row[0].value == "Cuts")
    assert (cut[3].value, cut[4].value, cut[5].value) == ("“fuck”", "swearing", "Ann")
    assert cut[1].number_format == "[h]:mm:ss"
    assert _seconds(cut[1].value) == 90
    segments = list(book["Segments"].iter_rows(min_row=2, values_only=True))
    assert [row[7:] for row in segments] == [(3, None), (5, 2), (None,) * 2, (1, None), (None,) * 2, (None,) * 2]
    reactions = list(book["Reactions"].iter_rows(min_row=2, values_only=True))
    assert len(reactions) == 2 * len(PARTS)
    assert [row[8] for row in reactions if row[1] == "Bob"][3] == "The server said no."


def _seconds(value: object) -> int:
    """A time as openpyxl reads it back from a cell with a format of hours."""
    from datetime import time, timedelta

    if isinstance(value, time):
        return value.hour * 3600 + value.minute * 60 + value.second
    assert isinstance(value, timedelta)
    return round(value.total_seconds())


def test_the_captions_are_read_by_another_reader_and_by_our_own(planted: Insight) -> None:
    data = EXPORTS[".vtt"].write(planted, SHOW)
    captions = webvtt.from_buffer(io.BytesIO(data)).captions
    words = [(caption.start_in_seconds, caption.voice, caption.text) for caption in captions if caption.voice]
    assert words == [((cue.start_ms or 0) / 1000, "Kim", cue.text) for cue in CUES]
    scores = {caption.identifier: caption.text for caption in captions if not caption.voice}
    assert scores["scores-1"] == "3.5 of 5 · Ann 5 · Bob 2"
    assert scores["scores-0"] == "3.0 of 5"
    assert "scores-4" not in scores
    assert {cue.speaker for cue in parse("x.vtt", data).cues} == {"Kim", ""}


def test_captions_of_a_transcript_without_times_have_those_of_the_segments(planted: Insight) -> None:
    untimed = Transcript("notes.txt", "Plain text", (Cue(None, None, "Anything."),))
    captions = webvtt.from_buffer(io.BytesIO(EXPORTS[".vtt"].write(planted, untimed))).captions
    texts = [caption.text for caption in captions if not (caption.identifier or "").startswith("scores")]
    assert texts == [each.text for each in planted.scope.segments]
