"""What only a real browser shows: the first day of a new user, in Chromium, without a network."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.conftest import StartServer
from tests.stub_server import Stub

pytestmark = pytest.mark.browser

PERSONAS = 8  # as shipped
SCORE_AND_WORD = re.compile(r"[1-5] · [A-Z]\w+ \w+$")
FOLLOWS_WITHIN_MS = 60_000  # what takes three seconds on a quiet machine

NEWCOMER = """
[personas.night_shift]
display_name = "Night Shift"
description = "Drives home from work while everyone else drives in."
"""


def _show(minutes: int) -> bytes:
    """WebVTT: two people take turns every half minute, five lines each."""
    lines = ["WEBVTT"]
    for number in range(minutes * 10):
        start = number * 6
        name = ("Ana", "Ben")[number // 5 % 2]
        words = f"This is sentence number {number}, and we say about fifteen words in six seconds here."
        lines += ["", f"{_clock(start)} --> {_clock(start + 6)}", f"<v {name}>{words}"]
    return "\n".join(lines).encode()


def _clock(second: int) -> str:
    return f"00:{second // 60:02}:{second % 60:02}.000"


def _upload(page: Page, name: str, data: bytes) -> None:
    box = page.locator(".st-key-upload input[type=file]")
    box.set_input_files({"name": name, "mimeType": "text/vtt", "buffer": data})


def _card(page: Page, segment: int, persona: str) -> Locator:
    return page.locator(f".st-key-card-{segment}-{persona}")


def _cards(page: Page) -> Locator:
    return page.locator("[class*='st-key-card-']")


def _view(page: Page, name: str) -> None:
    page.locator(".st-key-view").get_by_role("radio", name=name, exact=True).click()


def test_an_uploaded_file_becomes_cards_on_pages(streamlit_server: StartServer, page: Page) -> None:
    page.goto(streamlit_server().url)
    _upload(page, "two voices.vtt", _show(minutes=4))
    _view(page, "Cards")

    expect(_cards(page)).to_have_count(3 * PERSONAS)
    expect(page.get_by_text("WebVTT · 4:00 · 8 segments · 2 speakers")).to_be_visible()
    first = _card(page, 0, "tradies")
    expect(first).to_contain_text("Tradies")
    expect(first).to_contain_text("No signal")
    expect(page.locator(".st-key-segment-0")).to_contain_text("This is sentence number 0,")

    page.get_by_role("button", name="Later: 1:30 – 3:00").first.click()
    page.get_by_role("button", name="Later: 3:00 – 4:00").first.click()
    expect(_card(page, 7, "stay_at_home_mum")).to_be_visible()
    expect(_cards(page)).to_have_count(2 * PERSONAS)
    expect(first).to_have_count(0)
    expect(page.locator(".stException")).to_have_count(0)


def test_the_sample_show_is_one_click_away(streamlit_server: StartServer, page: Page) -> None:
    page.goto(streamlit_server().url)
    page.locator(".st-key-sample button").click()

    expect(page.locator(".st-key-segment-0")).to_contain_text("Good morning, Port Wirrabee!")
    expect(page.locator(".st-key-verdict")).to_contain_text("You lose")
    _view(page, "Cards")
    expect(_cards(page)).to_have_count(3 * PERSONAS)
    expect(page.get_by_role("button", name="Later: 1:29 – 2:56").first).to_be_visible()


def test_a_persona_added_in_an_editor_appears_without_a_reload(
    streamlit_server: StartServer, page: Page, project: Path
) -> None:
    page.goto(streamlit_server(cwd=project).url)
    _upload(page, "two voices.vtt", _show(minutes=4))
    _view(page, "Cards")
    expect(_card(page, 0, "genz")).to_be_visible()
    page.evaluate("window.notReloaded = true")

    with (project / "personas.toml").open("a", encoding="utf-8") as file:
        file.write(NEWCOMER)
    newcomer = _card(page, 0, "night_shift")
    expect(newcomer).to_contain_text(re.compile("sure|No signal"), timeout=FOLLOWS_WITHIN_MS)
    expect(newcomer).to_contain_text("Night Shift")
    expect(_card(page, 0, "genz")).to_be_visible()
    assert page.evaluate("window.notReloaded") is True


def test_a_mistake_in_the_personas_file_moves_nobody_from_where_they_are(
    streamlit_server: StartServer, page: Page, project: Path
) -> None:
    page.goto(streamlit_server(cwd=project).url)
    _upload(page, "two voices.vtt", _show(minutes=4))
    expect(page.locator(".st-key-stop")).to_have_count(0)
    expect(page.locator(".st-key-timeline canvas, .st-key-timeline svg").first).to_be_visible()
    page.evaluate("for (const key of ['timeline', 'view-read']) document.querySelector(`.st-key-${key}`).here = true")
    still_here = "['timeline', 'view-read'].every(key => document.querySelector(`.st-key-${key}`)?.here)"

    registry = project / "personas.toml"
    good = registry.read_text(encoding="utf-8")
    registry.write_text(good + "\n[personas.bad]\ndisplay_name = 5\n", encoding="utf-8")
    mistake = page.get_by_text("The personas file has a mistake")
    expect(mistake).to_be_visible(timeout=FOLLOWS_WITHIN_MS)
    assert page.evaluate(still_here)
    registry.write_text(good, encoding="utf-8")
    expect(mistake).to_have_count(0, timeout=FOLLOWS_WITHIN_MS)
    assert page.evaluate(still_here)


def test_a_page_that_was_open_when_the_server_was_started_again_works_on(
    streamlit_server: StartServer, page: Page
) -> None:
    server = streamlit_server()
    page.goto(server.url)
    _upload(page, "two voices.vtt", _show(minutes=2))
    _view(page, "Cards")
    expect(_cards(page)).to_have_count(3 * PERSONAS)
    expect(page.locator(".st-key-stop")).to_have_count(0)
    for restart in range(3):
        server.kill()
        server.start()
        page.wait_for_timeout(6_000)  # until it has connected, and looked twice
        everybody = bool(restart % 2)
        if everybody:
            page.get_by_role("button", name="Show everything").click()
        else:
            page.locator(".st-key-personas").get_by_role("button").first.click()
        expect(_cards(page)).to_have_count(3 * PERSONAS if everybody else 4, timeout=FOLLOWS_WITHIN_MS)


def test_results_download_as_json(streamlit_server: StartServer, page: Page) -> None:
    page.goto(streamlit_server().url)
    _upload(page, "two voices.vtt", _show(minutes=2))
    expect(page.locator(".st-key-verdict")).to_be_visible()
    expect(page.locator(".st-key-stop")).to_have_count(0)
    page.wait_for_function("() => !document.querySelector('[data-stale=true]')")
    page.locator(".st-key-export button").click()
    with page.expect_download() as download:
        page.locator(".st-key-download-json button").click()

    document = json.loads(download.value.path().read_text(encoding="utf-8"))
    assert document["schema"] == "soniclayer/1"
    assert document["transcript"]["speakers"] == ["Ana", "Ben"]
    assert [len(segment["feedback"]) for segment in document["segments"]] == [PERSONAS] * 4


def test_a_chat_model_is_set_up_in_the_menu(streamlit_server: StartServer, page: Page, stub: Stub) -> None:
    server = streamlit_server()
    page.goto(server.url)
    page.get_by_role("button", name="Try the sample show").click()
    expect(page.locator(".st-key-verdict")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Use a chat model").click()
    expect(page.get_by_text("Choose a server and a model")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Settings").click()
    address = page.locator(".st-key-base_url input")
    address.fill(stub.url)
    address.press("Enter")
    model = page.locator(".st-key-model input")
    expect(model).to_have_value(re.compile("^stub-"), timeout=30_000)  # a list that is open when it changes closes
    model.click()
    page.get_by_role("option", name="stub-large").click(timeout=30_000)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name=re.compile("^Evaluate"))).to_be_visible()
