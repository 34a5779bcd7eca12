"""Foreign text in Chromium: what a stranger wrote is shown as it is, and does nothing."""

from __future__ import annotations

import html
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import FilePayload, Locator, Page, Request, expect

from soniclayer.insights.moments import MOMENTS
from soniclayer.segments import split
from soniclayer.transcript import parse
from tests.app_server import AppServer
from tests.conftest import StartServer
from tests.stub_server import SAYING, Call, Stub, serving

pytestmark = pytest.mark.browser

INVISIBLE = str.maketrans("", "", "\N{WORD JOINER}")

TAGS = "<script>window.ran=1</script> <img src=http://evil.example/i.png onerror=window.ran=1> </p><b>t</b> &amp;"
MARKS = (
    "![i](http://evil.example/m.png) [l](javascript:window.ran=1) :red[r] :blue-badge[b] $x^2$ **b** _s_ `c` ~~d~~"
)
SIGNS = ":smile: :material/home: :streamlit: a -> b -- c | d"
PLACES = "http://evil.example/a www.evil.example me@evil.example"
ALL = f"{TAGS} {MARKS} {SIGNS} {PLACES}"

SPEAKER = "**Kim** :smile: [l](javascript:window.ran=1) www.evil.example"
FILE_NAME = f"{MARKS} {SIGNS} www.evil.example me@evil.example <img src=x onerror=window.ran=1>.vtt".replace("/", "∕")
MODEL = "**m** :smile: <b>x</b> www.evil.example"
PERSONAS = {
    "kind": f"Kind {MARKS}",
    "cross": f"Cross {TAGS} {SIGNS}",
}
EMOJI = ":smile:"
SAID = (f"First {TAGS} and {PLACES}.", f"Second {MARKS} and {SIGNS}.")

# Whatever Markdown or HTML would make of it; icons and badges of the app's own are spans.
MADE = "a, img, script, iframe, code, em, del, li, h1, h2, h3, blockquote, table, .katex, .stMarkdownColoredText"

MADE_OF_WORDS = "a:not([href^='#']), img, script, iframe, code, em, del, li, h1, h2, h3, blockquote, table, .katex"


def _show() -> FilePayload:
    times = ("00:00:00.000 --> 00:00:30.000", "00:00:30.000 --> 00:01:00.000")
    cues = [f"{time}\n<v {html.escape(SPEAKER)}>{html.escape(text)}" for time, text in zip(times, SAID, strict=True)]
    data = "\n\n".join(["WEBVTT", *cues]).encode()
    return {"name": FILE_NAME, "mimeType": "text/vtt", "buffer": data}


def _registry() -> str:
    return "\n".join(
        f"[personas.{key}]\ndisplay_name = {json.dumps(name)}\nemoji = {json.dumps(EMOJI)}\n"
        f"description = {json.dumps(f'{key} {ALL}')}\nlikes = [{json.dumps(ALL)}]\n"
        for key, name in PERSONAS.items()
    )


def _hostile_words(call: Call) -> dict[str, Any]:
    """An answer whose every word is an attempt, with a quote that is cut out of the middle of one."""
    quote = "[l](javascript:" if "Second" in call.text else "http:"
    return {"opinion": f"Opinion {ALL}", "rationale": f"Rationale {ALL}", "note": f"Note {ALL}", "quotes": [quote]}


@pytest.fixture
def stub() -> Iterator[Stub]:
    with serving(fields=_hostile_words) as stub:
        yield stub


@pytest.fixture
def server(streamlit_server: StartServer, stub: Stub, tmp_path: Path) -> AppServer:
    personas = tmp_path / "personas.toml"
    personas.write_text(_registry(), encoding="utf-8")
    return streamlit_server(
        env={"OPENAI_BASE_URL": stub.url, "SONICLAYER_MODEL": MODEL, "SONICLAYER_PERSONAS": str(personas)}
    )


@pytest.fixture
def requests(page: Page) -> list[Request]:
    """Everything the page asks any host for."""
    made: list[Request] = []
    page.on("request", lambda request: made.append(request))
    return made


def _upload(page: Page, file: FilePayload) -> None:
    page.locator(".st-key-upload input[type=file]").set_input_files(file)


DEADLINE_S = 15.0


def _words(place: Locator) -> str:
    """What a place says, with blanks as blanks and without what has no width."""
    return " ".join(place.inner_text().translate(INVISIBLE).split())


def _says(place: Locator, text: str) -> None:
    """The place shows the text letter by letter, and made nothing of it."""
    expect(place).to_be_visible()
    wanted, deadline = " ".join(text.split()), time.monotonic() + DEADLINE_S
    while wanted not in _words(place) and time.monotonic() < deadline:
        place.page.wait_for_timeout(100)  # a place is there before its words are
    assert wanted in _words(place)
    expect(place.locator(MADE)).to_have_count(0)


def _said(place: Locator, text: str) -> None:
    """The place shows the text letter by letter, and made no more of it than the headings and tints of the page."""
    expect(place).to_have_count(1)  # the same place of an earlier view may be there for a moment
    wanted, deadline = " ".join(text.split()), time.monotonic() + DEADLINE_S
    while wanted not in _words(place) and time.monotonic() < deadline:
        place.page.wait_for_timeout(100)
    assert wanted in _words(place)
    expect(place.locator(MADE_OF_WORDS)).to_have_count(0)


def _nothing_happened(page: Page, server: AppServer, requests: list[Request]) -> None:
    assert page.evaluate("window.ran") is None
    assert requests
    own = (server.url, server.url.replace("http", "ws", 1), "data:", "blob:")
    assert [request.url for request in requests if not request.url.startswith(own)] == []
    sources = page.evaluate("[...document.querySelectorAll('img, iframe, link, script')].map(e => e.src || e.href)")
    assert [source for source in sources if source and not source.startswith(own)] == []
    assert page.locator("a[href*='evil.example'], a[href^='javascript'], a[href^='mailto']").count() == 0


def _view(page: Page, name: str) -> None:
    page.locator(".st-key-view").get_by_role("radio", name=name, exact=True).click()


def _evaluated(server: AppServer, page: Page) -> None:
    """The hostile show, judged by the hostile model."""
    page.goto(server.url)
    _upload(page, _show())
    page.locator(".st-key-evaluate button").click()
    expect(page.locator(".st-key-card-0-cross")).to_contain_text("% sure")


def test_strange_words_are_shown_as_they_are_wherever_they_come_from(
    server: AppServer, page: Page, stub: Stub, requests: list[Request]
) -> None:
    page.goto(server.url)
    for name in PERSONAS.values():
        _says(page.locator(".stMarkdownBadge", has_text=name[:5]).first, f"{EMOJI} {name}")

    show = _show()
    _evaluated(server, page)
    _view(page, "Cards")
    expect(page.locator("[class*='st-key-card-']", has_text="% sure")).to_have_count(len(SAID) * len(PERSONAS))
    main = page.get_by_test_id("stMain")
    for segment, words in enumerate(SAID):
        for key, name in PERSONAS.items():
            card = page.locator(f".st-key-card-{segment}-{key}")
            for text in (f"{EMOJI} {name}", f"Opinion {ALL}", f"Rationale {ALL}", f"Note {ALL}"):
                _says(card, text)
        _said(page.locator(f".st-key-segment-{segment}"), words)
        _said(page.locator(f".st-key-segment-{segment}"), SPEAKER)
    assert f"Judged by Chat model {MODEL}" in _words(main)
    expect(page.locator(".st-key-current")).to_be_visible()

    # The browser may retain the same choice of the page before the run for a while.
    _says(page.locator(".st-key-personas").last, f"{EMOJI} {PERSONAS['cross']}")
    page.locator(".st-key-import button").first.click()
    menu = page.locator("[data-testid=stPopoverBody]")
    _says(menu, FILE_NAME)
    for note in parse(show["name"], show["buffer"]).notes:
        assert note in _words(menu)
    page.keyboard.press("Escape")

    _view(page, "Personas")
    for key, name in PERSONAS.items():
        for text in (f"{EMOJI} {name}", f"{key} {ALL}", f"Likes {ALL}"):
            _said(page.locator(f".st-key-persona-{key}"), text)
    _nothing_happened(page, server, requests)


def test_strange_words_stay_words_while_reading_and_among_the_moments(
    server: AppServer, page: Page, requests: list[Request]
) -> None:
    _evaluated(server, page)
    for segment, words in enumerate(SAID):
        _said(page.locator(f".st-key-segment-{segment}"), words)
        _said(page.locator(f".st-key-segment-{segment}"), SPEAKER)
    _says(page.locator(".st-key-card-0-kind"), f"Opinion {ALL}")
    expect(page.locator(".st-key-verdict").locator(MADE_OF_WORDS)).to_have_count(0)

    page.locator(".st-key-personas").get_by_role("button").first.click()
    expect(page.locator(".st-key-verdict")).to_contain_text("Kind")
    expect(page.locator(".st-key-verdict").locator(MADE_OF_WORDS)).to_have_count(0)
    expect(page.locator(".st-key-segment-0 .stMarkdownColoredBackground")).to_have_text(["http:"])
    expect(page.locator(".st-key-card-0-cross")).to_have_count(0)

    _view(page, "Moments")
    expect(page.locator(".st-key-moments-losses")).to_be_visible()
    for kind in MOMENTS:
        expect(page.locator(f".st-key-moments-{kind}").locator(MADE_OF_WORDS)).to_have_count(0)
    _nothing_happened(page, server, requests)


def test_strange_words_stay_words_where_two_evaluators_are_compared(
    server: AppServer, page: Page, requests: list[Request]
) -> None:
    _evaluated(server, page)
    page.locator(".st-key-settings button").first.click()
    page.get_by_role("radio", name="Built-in").click()
    expect(page.get_by_text("a quick look: it speaks up where it is sure")).to_be_visible()
    page.keyboard.press("Escape")
    _view(page, "Compare")
    differences = page.locator(".st-key-compare-differences")
    for text in (f"Opinion {ALL}", f"{EMOJI} {PERSONAS['cross']}", f"Chat model {MODEL}", SAID[0]):
        _said(differences, text)
    _nothing_happened(page, server, requests)


def test_strange_words_stay_words_while_they_are_rewritten(
    server: AppServer, page: Page, requests: list[Request]
) -> None:
    _evaluated(server, page)
    _view(page, "Rewrite")
    view = page.locator(".st-key-view-rewrite")
    expect(view.locator("tbody td")).to_have_count(3 * len(PERSONAS))
    assert " ".join(SAID[0].split()) in _words(view.locator(".stCheckbox").locator("..").locator("..").first)
    for name in PERSONAS.values():
        assert f"{EMOJI} {name}" in _words(view.locator("tbody"))
    expect(view.locator(MADE_OF_WORDS.replace(", table", ""))).to_have_count(0)
    _nothing_happened(page, server, requests)


def test_strange_words_in_the_address_are_looked_for_and_do_nothing(
    server: AppServer, page: Page, requests: list[Request]
) -> None:
    _evaluated(server, page)
    expect(page).to_have_url(re.compile("show="))
    page.goto(f"{page.url}&{urlencode({'q': ALL, 'topics': ALL, 'who': ALL, 'view': ALL, 'segment': ALL})}")
    expect(page.get_by_text("No segment fits this choice.")).to_be_visible()
    expect(page.locator(".st-key-search input")).to_have_value(ALL)
    _nothing_happened(page, server, requests)


def test_strange_words_stay_words_in_the_table_and_in_the_charts_tooltip(
    server: AppServer, page: Page, requests: list[Request]
) -> None:
    _evaluated(server, page)
    chart = page.locator(".st-key-timeline")
    expect(chart.locator("canvas, svg").first).to_be_visible()
    tooltip = page.locator("#vg-tooltip-element")
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box is not None
    for across, down in ((across, down) for across in (0.45, 0.6, 0.8) for down in (0.1, 0.2, 0.3)):
        page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"])
        page.wait_for_timeout(100)
        if tooltip.is_visible():
            break
    expect(tooltip).to_be_visible()
    shown = _words(tooltip)
    assert any(name[:20] in shown for name in PERSONAS.values())
    assert "Opinion" not in shown, "the chart carries no opinions"
    assert tooltip.locator("a, img, script, b").count() == 0
    _view(page, "Table")
    table = page.get_by_test_id("stDataFrame")
    for _ in range(50):
        cells = " ".join(table.locator("td").all_text_contents())
        if all(words[:60] in cells for words in SAID):
            break
        page.wait_for_timeout(100)  # a table is there before its cells are
    else:
        pytest.fail(f"not every segment is in the table: {cells}")
    assert table.locator("a, img, script").count() == 0
    _nothing_happened(page, server, requests)


def test_strange_words_in_errors_are_shown_as_they_are(
    server: AppServer, page: Page, stub: Stub, requests: list[Request]
) -> None:
    words = f"No {MARKS}"
    stub.fault = lambda call: f"{SAYING}{words}" if "Second" in call.text.split("The current segment:")[-1] else ""
    page.goto(server.url)
    _upload(page, _show())
    page.locator(".st-key-evaluate button").click()
    _view(page, "Cards")
    expect(page.locator("[class*='st-key-card-']", has_text="No reaction")).to_have_count(len(PERSONAS))
    for key in PERSONAS:
        _says(page.locator(f".st-key-card-1-{key}"), words)
    _said(page.locator(".st-key-segment-1"), words)
    page.locator(".st-key-failures button").first.click()
    assert f"“{words}”" in _words(page.locator("[data-testid=stPopoverBody]"))
    page.keyboard.press("Escape")

    page.locator(".st-key-add-show button").first.click()
    _upload(
        page,
        {"name": FILE_NAME, "mimeType": "text/vtt", "buffer": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(99)},
    )
    alert = page.get_by_test_id("stAlert").filter(has_text="was not read")
    _says(alert, f"{FILE_NAME} was not read")
    _nothing_happened(page, server, requests)


def test_segments_are_compared_with_what_the_reader_made_of_the_file() -> None:
    """The words looked for above are those the file holds: the reader neither drops nor adds any."""
    show = _show()
    segments = split(parse(show["name"], show["buffer"]))
    assert [segment.text for segment in segments] == list(SAID)
    assert [segment.speakers for segment in segments] == [(SPEAKER,), (SPEAKER,)]
