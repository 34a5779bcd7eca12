"""Comparing in Chromium: two shows, one after the other, and the way back to a place in the show."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.app_server import AppServer
from tests.fakes import webvtt

pytestmark = pytest.mark.browser


def _upload(page: Page, server: AppServer, name: str, data: bytes) -> None:
    page.goto(server.url)
    page.locator("input[type=file]").first.set_input_files({"name": name, "mimeType": "text/vtt", "buffer": data})
    expect(page.get_by_text("a quick look")).to_be_visible(timeout=60_000)


def test_two_shows_are_compared_and_the_address_is_the_comparison(server: AppServer, page: Page) -> None:
    _upload(page, server, "monday.vtt", webvtt(20, "the tide"))
    _upload(page, server, "friday.vtt", webvtt(20, "the budget"))
    page.locator(".st-key-view").get_by_role("radio", name="Compare", exact=True).click()
    view = page.locator(".st-key-view-compare")
    expect(view.get_by_role("combobox", name="Compare with")).to_have_value(re.compile("^monday.vtt · "))
    expect(view.get_by_text(re.compile("chance")).first).to_be_visible()
    expect(view.locator("[data-testid=stDataFrame]").first).to_be_visible()
    expect(page).to_have_url(re.compile("view=compare"))
    said = view.get_by_text(re.compile("chance")).first.inner_text()
    page.reload()
    expect(view.get_by_text(said, exact=True)).to_be_visible(timeout=30_000)
    expect(page.get_by_text("Traceback")).to_have_count(0)
