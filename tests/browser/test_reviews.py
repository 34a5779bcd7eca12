"""Two journeys in Chromium: a score overruled outlives the server, and a segment rewritten leaves as a file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.conftest import StartServer
from tests.ui.page_driver import VTT

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

AFTER_START_MS = 60_000  # everything is imported anew, on a machine that may have other things to do
NEW = (
    "A man was stabbed in a brawl, and the gambling ring behind it is bigger than police thought. "
    "Mortgage rates rise again."
)
REASON = "=1+1 <b>They surf</b> :smile: **at dawn**"


def opened(page: Page, url: str) -> None:
    page.goto(url)
    file = {"name": "friday.vtt", "mimeType": "text/vtt", "buffer": VTT}
    page.locator(".st-key-upload input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    expect(page.locator(".st-key-timeline")).to_be_visible()
    expect(page.locator(".st-key-stop")).to_have_count(0)


def view(page: Page, name: str) -> None:
    page.locator(".st-key-view").get_by_text(name, exact=True).click()
    expect(page.locator(f".st-key-view-{name.lower()}")).to_be_visible()


def downloaded(page: Page, key: str, path: Path) -> str:
    with page.expect_download() as waiting:
        page.locator(f".st-key-{key} button").click()
    waiting.value.save_as(path)
    return path.read_text(encoding="utf-8-sig")


def test_a_score_overruled_is_still_there_after_a_restart_in_the_report_too(
    streamlit_server: StartServer, page: Page, tmp_path: Path
) -> None:
    server = streamlit_server()
    opened(page, server.url)
    view(page, "Cards")
    page.locator(".st-key-overrule-1-genz button").click()
    body = page.locator("[data-testid=stPopoverBody]")
    body.get_by_role("radio", name="5").or_(body.get_by_role("button", name="5", exact=True)).first.click()
    body.get_by_role("textbox", name="Why").fill(REASON)
    body.get_by_role("textbox", name="Your name").fill("Priya")
    body.get_by_role("button", name=re.compile("Save for")).click()
    card = page.locator(".st-key-card-1-genz")
    expect(card).to_contain_text("5 · Loves it")
    expect(card).to_contain_text(f"“{REASON}”")
    expect(card.locator("b, strong").get_by_text("They surf")).to_have_count(0)
    address = page.url
    server.kill()
    server.start()
    page.goto(address)
    expect(card).to_contain_text("5 · Loves it", timeout=AFTER_START_MS)
    expect(card).to_contain_text("5 · Priya")
    page.locator(".st-key-export button").first.click()
    report = downloaded(page, "download-html", tmp_path / "friday.html")
    assert "=1+1 &lt;b&gt;They surf&lt;/b&gt;" in report
    page.keyboard.press("Escape")
    view(page, "Reviews")
    listed = downloaded(page, "csv-reviews", tmp_path / "reviews.csv")
    assert "'=1+1" in listed
    page.get_by_role("button", name=re.compile("^Undo")).click()
    view(page, "Cards")
    expect(card).not_to_contain_text("Priya,")


def test_a_segment_rewritten_has_a_before_and_after_and_leaves_as_a_transcript(
    streamlit_server: StartServer, page: Page, tmp_path: Path
) -> None:
    server = streamlit_server()
    opened(page, server.url)
    view(page, "Rewrite")
    words = page.get_by_role("textbox", name="Words", exact=True)
    words.fill(NEW)  # and no more: it is judged once typing stops
    table = page.locator(".st-key-view-rewrite table").filter(has_text=re.compile("Switches off|Drifts away"))
    expect(table).to_have_count(1)
    page.locator(".st-key-view-rewrite label").filter(has_text="Mortgage rates").click()
    expect(page.locator(".st-key-rewrite-effect")).to_contain_text("1 cut of")
    page.locator(".st-key-keep-edit button").click()
    expect(page.get_by_text("1 kept edit")).to_be_visible()
    server.kill()
    server.start()
    page.goto(page.url)
    expect(words).to_have_value(NEW, timeout=AFTER_START_MS)
    text = downloaded(page, "download-edited-vtt", tmp_path / "edited.vtt")
    assert "A man was stabbed in a brawl" in text
    assert "Mortgage" not in text
    assert "footy" not in text
    cuts = downloaded(page, "download-cuts-csv", tmp_path / "cuts.csv")
    assert "Mortgage rates rise again." in cuts
