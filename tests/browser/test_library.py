"""Shows that last, in Chromium: over a restart of the server, and as a file that is read in again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import StartServer
from tests.fakes import webvtt

pytestmark = pytest.mark.browser


def _upload(page: Page, name: str, data: bytes) -> None:
    box = page.locator(".st-key-upload input[type=file]")
    box.set_input_files({"name": name, "mimeType": "text/plain", "buffer": data})


def _reactions(page: Page) -> str:
    """The reactions to the first segment, as the page says them."""
    page.locator(".st-key-view").get_by_role("radio", name="Cards", exact=True).click(timeout=60_000)
    expect(page.locator(".st-key-card-0-tradies")).to_be_visible()
    expect(page.locator(".st-key-stop")).to_have_count(0)
    return "\n".join(page.locator("[class*='st-key-card-']").all_inner_texts())


def test_a_show_outlives_the_server_in_the_list_and_by_its_link(streamlit_server: StartServer, page: Page) -> None:
    server = streamlit_server()
    page.goto(server.url)
    _upload(page, "Friday breakfast.vtt", webvtt(6, "Friday"))
    before, link = _reactions(page), page.url
    page.wait_for_timeout(500)  # what is on its way to the disk arrives
    server.kill()
    server.start()

    page.goto(server.url)
    expect(page.get_by_text("Recent shows")).to_be_visible()
    expect(page.locator(".stMain")).to_contain_text(re.compile(r"today · 3:00 · Built-in"))
    page.get_by_role("button", name="Friday breakfast.vtt").click()
    assert _reactions(page) == before
    assert "run state=" not in server.output().rpartition("You can now view")[2], "nothing was evaluated again"

    page.goto(link)
    assert _reactions(page) == before


def test_exported_results_open_as_the_same_results(streamlit_server: StartServer, page: Page) -> None:
    server = streamlit_server()
    page.goto(server.url)
    _upload(page, "Friday.vtt", webvtt(4, "Friday"))
    before = _reactions(page)
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.locator(".st-key-download-json button").click()
    data = download.value.path().read_bytes()

    other = streamlit_server()
    page.goto(other.url)
    _upload(page, "from a colleague.json", data)
    assert _reactions(page) == before
    page.get_by_role("button", name="File").click()
    expect(page.get_by_text("Results that were exported")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.locator(".st-key-download-json button").click()
    assert download.value.path().read_bytes() == data


def test_a_renamed_show_goes_on_under_its_new_name(streamlit_server: StartServer, page: Page) -> None:
    server = streamlit_server()
    page.goto(server.url)
    _upload(page, "Friday.vtt", webvtt(4, "Friday"))
    before = _reactions(page)
    page.get_by_role("button", name="File").click()
    name = page.get_by_label("Name", exact=True)
    name.fill("Breakfast/27 Nov")
    name.press("Enter")
    expect(page.locator(".st-key-current input")).to_have_value("Breakfast/27 Nov")
    page.keyboard.press("Escape")
    expect(page.get_by_label("Name", exact=True)).to_have_count(0)
    page.wait_for_timeout(500)
    assert _reactions(page) == before
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert "Traceback" not in server.output()
