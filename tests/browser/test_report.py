"""The HTML report in Chromium: hostile words do nothing, it needs no network, fits a phone, and prints."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from soniclayer.exports import EXPORTS
from tests.exports.hostile import show

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "show.html"
    path.write_bytes(EXPORTS[".html"].write(*show()))
    return path


def test_hostile_names_and_words_run_nothing_and_ask_for_nothing(page: Page, report: Path) -> None:
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(report.as_uri())
    assert page.title().endswith("SonicLayer report")
    assert page.locator("script, img, iframe, object, form, style + style").count() == 0
    page.locator("#moments-clips a").first.click()
    assert page.url.startswith(f"{report.as_uri()}#at-")
    assert {url.partition("#")[0] for url in asked} == {report.as_uri()}
    assert complaints == []  # a style or a script that the policy refuses would be one
    assert page.title().endswith("SonicLayer report")


def test_a_script_that_got_in_would_not_run(page: Page, report: Path) -> None:
    text = report.read_text(encoding="utf-8")
    report.write_text(text.replace("<h1", "<script>document.title = 'hit'</script><h1", 1), encoding="utf-8")
    page.goto(report.as_uri())
    assert page.title().endswith("SonicLayer report")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1440])
def test_it_fits_and_follows_the_theme(page: Page, report: Path, width: int, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(report.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == width
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(246, 245, 250)", "dark": "rgb(20, 18, 28)"}[scheme]
    box = page.locator("svg.lane").first.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= width


def test_it_prints_light_and_on_whole_pages(page: Page, report: Path) -> None:
    page.emulate_media(color_scheme="dark", media="print")
    page.goto(report.as_uri())
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('.k0')).fill") == "rgb(255, 140, 0)"
    printed = page.pdf(format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) >= 2
