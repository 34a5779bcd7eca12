"""A drawing that was broken off before it was sent leaves no blank page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import ROOT, StartServer

pytestmark = pytest.mark.browser


def test_what_is_left_of_a_drawing_that_was_broken_off_is_not_sent(streamlit_server: StartServer, page: Page) -> None:
    script = str(ROOT / "tests" / "browser" / "broken_off_page.py")
    page.goto(streamlit_server(script=script, env={"PYTHONPATH": str(ROOT)}).url)
    page.locator(".st-key-again button").click()
    expect(page.get_by_text("Turn 3")).to_be_visible()
    expect(page.get_by_text("What was said.")).to_have_count(1)
