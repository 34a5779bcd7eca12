"""An archive on the page: listed, searched, opened, compared, in Chromium."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from soniclayer.archive import command
from tests.app_server import AppServer
from tests.archive.shows import make_shows
from tests.conftest import StartServer

pytestmark = pytest.mark.browser
SHOWS = 12


@pytest.fixture
def server(tmp_path: Path, streamlit_server: StartServer) -> AppServer:
    make_shows(tmp_path / "in", SHOWS)
    out = tmp_path / "ten years"
    assert command.main([str(tmp_path / "in"), "--output", str(out)], argparse.ArgumentParser, "soniclayer") == 0
    return streamlit_server(env={"SONICLAYER_ARCHIVE": str(out)})


def _search(page: Page, words: str) -> None:
    box = page.locator(".st-key-search-archive input")
    box.fill(words)
    box.press("Enter")


def _open_first(page: Page) -> None:
    table = page.get_by_test_id("stDataFrame").first
    expect(table.locator("td").first).to_be_attached()
    box = table.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 60, box["y"] + 35 + 17)  # below the heading


def test_a_show_of_an_archive_is_found_and_opened_as_if_it_had_just_been_judged(
    server: AppServer, page: Page
) -> None:
    page.goto(server.url)
    expect(page.get_by_text("Archive: ten years")).to_be_visible()
    expect(page.get_by_text(f"{SHOWS} shows. Click one to open it.")).to_be_visible()
    _search(page, "show 07")
    expect(page.get_by_text("1 found.")).to_be_visible()
    _open_first(page)
    expect(page.locator(".st-key-segment-0")).to_contain_text("show 7")
    expect(page.locator(".st-key-verdict")).to_be_visible()
    assert "run state=" not in server.output(), "nothing was evaluated again"

    page.locator(".st-key-view").get_by_role("radio", name="Compare", exact=True).click()
    page.locator(".st-key-view-compare").get_by_role("combobox", name="Compare with").click()
    page.get_by_role("option", name="2024 over time · 4 shows").click()
    expect(page.locator(".st-key-view-compare")).to_contain_text("A trend takes 5 shows")
    page.locator(".st-key-import button").first.click()
    expect(page.locator("[data-testid=stPopoverBody]")).to_contain_text("One of the archive")


def test_what_is_no_archive_is_said(tmp_path: Path, streamlit_server: StartServer, page: Page) -> None:
    page.goto(streamlit_server(env={"SONICLAYER_ARCHIVE": str(tmp_path)}).url)
    expect(page.get_by_text(re.compile("holds no results of an archive"))).to_be_visible()
    expect(page.locator(".st-key-upload")).to_be_visible()
