"""The desk in Chromium: the journeys of a producer, each with its clicks."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect

from soniclayer.ui.personas_file import CHECK_EVERY_S
from tests.app_server import AppServer
from tests.fakes import webvtt

pytestmark = pytest.mark.browser

HOUR_3_20 = 126  # the segment of half a minute that holds 1:03:20


def _sample(page: Page, server: AppServer) -> None:
    page.goto(server.url)
    page.locator(".st-key-sample button").click()
    expect(page.locator(".st-key-segment-0")).to_be_visible()
    expect(page).to_have_url(re.compile(r"show=\w+"))
    expect(page.locator(".st-key-sample")).to_have_count(0)  # the landing page stays until then
    page.wait_for_function("() => !document.querySelector('[data-stale=true]')")


def _two_hours() -> FilePayload:
    return {"name": "two hours.vtt", "mimeType": "text/vtt", "buffer": webvtt(240, "the long day")}


def _view(page: Page, name: str) -> None:
    page.locator(".st-key-view").get_by_role("radio", name=name, exact=True).click()


def _chosen(page: Page) -> Locator:
    """The heading of the chosen segment, beside the text."""
    return page.locator(".st-key-side h5").first


def test_from_the_verdict_to_the_card_behind_it(server: AppServer, page: Page) -> None:
    _sample(page, server)
    sentence = page.locator(".st-key-verdict").get_by_text(re.compile("You lose"))
    expect(sentence).to_contain_text(re.compile(r"You lose .+ at \d+:\d\d"))
    page.locator(".st-key-verdict-losses button").click()
    time = re.search(r"at (\d+:\d\d)", sentence.inner_text())
    assert time is not None
    expect(_chosen(page)).to_contain_text(time[1])
    expect(
        page.locator("[class*='st-key-card-']", has_text=re.compile("Switches off|Drifts away")).first
    ).to_be_visible()


def test_a_click_on_the_timeline_opens_that_segment_and_marks_what_that_persona_quotes(
    server: AppServer, page: Page
) -> None:
    _sample(page, server)
    chart = page.locator(".st-key-timeline .vega-embed").first
    expect(chart).to_be_visible()
    box = chart.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 0.8 * box["width"], box["y"] + 12)
    expect(page).to_have_url(re.compile(r"segment=1\d.*&who=genz"))
    expect(_chosen(page)).to_contain_text(re.compile(r"^[89]:"))


def test_an_hour_into_two_hours_in_two_actions(server: AppServer, page: Page) -> None:
    page.goto(server.url)
    page.locator(".st-key-upload input[type=file]").set_input_files(_two_hours())
    expect(page.get_by_text("· 240 segments")).to_be_visible()
    jump = page.locator(".st-key-jump input")
    jump.fill("1:03:20")
    jump.press("Enter")
    expect(page.locator(f".st-key-segment-{HOUR_3_20}")).to_be_visible()
    expect(_chosen(page)).to_contain_text("1:03:00")


def test_what_the_advertiser_objects_to_in_two_actions_with_the_words(server: AppServer, page: Page) -> None:
    _sample(page, server)
    page.locator(".st-key-personas").get_by_role("button", name="Advertiser").click()
    _view(page, "Moments")
    cuts = page.locator(".st-key-moments-cuts")
    expect(cuts).to_contain_text("“arse”, “shit”")
    expect(cuts).to_contain_text("For Advertiser")
    cuts.get_by_role("button", name="Open 3:55").click()
    expect(_chosen(page)).to_contain_text("3:55")


def test_three_clips_for_gen_z_in_two_actions(server: AppServer, page: Page) -> None:
    _sample(page, server)
    page.locator(".st-key-personas").get_by_role("button", name="Gen Z").click()
    _view(page, "Moments")
    clips = page.locator(".st-key-moments-clips [class*='st-key-moment-clips']")
    expect(clips.first).to_contain_text("For Gen Z")


def test_the_address_shows_the_same_in_another_browser(server: AppServer, page: Page, browser: Browser) -> None:
    _sample(page, server)
    page.locator(".st-key-personas").get_by_role("button", name="Gen Z").click()
    search = page.locator(".st-key-search input")
    search.fill("goblin")
    search.press("Enter")
    expect(page).to_have_url(re.compile("q=goblin"))
    _view(page, "Cards")
    expect(page).to_have_url(re.compile("view=cards"))
    shown = page.locator("[class*='st-key-card-']")
    expect(shown.first).to_be_visible()
    other = browser.new_context().new_page()
    other.goto(page.url)
    expect(other.locator(".st-key-search input")).to_have_value("goblin")
    expect(other.locator(".st-key-view").get_by_role("radio", name="Cards")).to_be_checked()
    expect(other.locator("[class*='st-key-card-']")).to_have_count(shown.count())
    expect(other.locator("[class*='st-key-card-']").first).to_contain_text("Gen Z")
    assert other.locator(".st-key-verdict").inner_text() == page.locator(".st-key-verdict").inner_text()
    other.context.close()


def test_back_and_forward(server: AppServer, page: Page) -> None:
    _sample(page, server)
    _view(page, "Cards")
    expect(page.locator(".st-key-pager-top")).to_be_visible()
    expect(page).to_have_url(re.compile("view=cards"))  # each place has its address before the next is gone to
    page.locator(".st-key-later-top button").click()
    expect(page.locator(".st-key-segment-3")).to_be_visible()
    expect(page).to_have_url(re.compile("segment=3"))
    page.go_back()
    expect(page.locator(".st-key-segment-0")).to_be_visible()
    expect(page.locator(".st-key-segment-3")).to_have_count(0)
    expect(page).not_to_have_url(re.compile("segment=3"))
    page.go_back()
    expect(page.locator(".st-key-side")).to_be_visible()
    page.go_forward()
    expect(page.locator(".st-key-pager-top")).to_be_visible()
    page.reload()
    expect(page.locator(".st-key-pager-top")).to_be_visible()
    expect(page.locator(".st-key-segment-0")).to_be_visible()


def test_all_by_keyboard(server: AppServer, page: Page) -> None:
    _sample(page, server)
    first = _chosen(page).inner_text()
    page.keyboard.press("j")
    expect(_chosen(page)).to_contain_text("0:32")
    page.keyboard.press("j")
    expect(_chosen(page)).to_contain_text("1:01")
    page.keyboard.press("k")
    expect(_chosen(page)).to_contain_text("0:32")
    page.keyboard.press("k")
    expect(_chosen(page)).to_have_text(first)
    expect(page).not_to_have_url(re.compile("segment="))  # the address comes a moment after what it tells of
    page.keyboard.press("n")
    expect(page).to_have_url(re.compile("segment="))
    lost = page.url
    page.keyboard.press("n")
    expect(page).not_to_have_url(lost)
    page.keyboard.press("p")
    expect(page).to_have_url(lost)
    page.keyboard.press("s")
    expect(page.locator(".st-key-search input")).to_be_focused()
    page.keyboard.type("jetty")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("q=jetty"))


def test_above_the_fold_on_a_desk_and_nothing_cut_off_on_a_telephone(server: AppServer, page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    _sample(page, server)
    expect(page.get_by_text("personas will listen")).to_have_count(0)  # the first page has gone as a whole
    for key in ("verdict", "timeline", "segment-0", "side"):
        box = page.locator(f".st-key-{key}").first.bounding_box()
        assert box is not None
        assert box["y"] < 840, key
    next_reactions = page.locator(".st-key-next-reactions button")
    page.locator("[class*='st-key-card-']").or_(next_reactions).first.wait_for()
    if next_reactions.count():
        next_reactions.click()
    else:
        page.keyboard.press("j")
        expect(page).to_have_url(re.compile("segment="))
    first = page.locator("[class*='st-key-card-']").first
    expect(first).to_be_visible()
    card = first.bounding_box()
    assert card is not None
    assert card["y"] < 800

    page.set_viewport_size({"width": 400, "height": 900})
    page.wait_for_timeout(1_000)
    chosen = re.search(r"segment=(\d+)", page.url)
    assert chosen is not None
    text = f"segment-{chosen[1]}"
    main = page.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollWidth <= main.clientWidth")
    tops = [
        page.locator(f".st-key-{key}").first.bounding_box() for key in ("verdict", "timeline", "segment-0", "side")
    ]
    assert [box["y"] for box in tops if box] == sorted(box["y"] for box in tops if box)
    for key in ("verdict", "timeline", "view", "personas", text, "side"):
        box = page.locator(f".st-key-{key}").first.bounding_box()
        assert box is not None
        assert box["x"] >= 0, key
        assert box["x"] + box["width"] <= 400, key


def test_every_button_says_what_it_acts_on(server: AppServer, page: Page) -> None:
    _sample(page, server)
    for view in ("Read", "Cards", "Moments", "Personas"):
        _view(page, view)
        page.wait_for_timeout(500)
        names = [name.strip() for name in page.get_by_test_id("stBaseButton-tertiary").all_inner_texts()]
        opens = [name for name in names if name.startswith(("Open", "Why"))]
        assert all(re.search(r"\d:\d\d", name) for name in opens)


def test_the_table_opens_the_segment_of_the_row_that_is_clicked(server: AppServer, page: Page) -> None:
    _sample(page, server)
    _view(page, "Table")
    table = page.get_by_test_id("stDataFrame")
    expect(table).to_be_visible()
    page.wait_for_timeout(1_000)
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 150, box["y"] + 35 * 2.5)  # the second row
    expect(page.locator(".st-key-side")).to_be_visible()
    expect(_chosen(page)).to_contain_text("0:32")


def test_an_idle_page_is_not_drawn_and_only_asks_whether_the_personas_file_has_changed(
    server: AppServer, page: Page
) -> None:
    frames: list[str | bytes] = []
    asked: list[str] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(frame)))
    page.on("request", lambda request: asked.append(request.url))
    _sample(page, server)
    expect(page.locator(".st-key-stop")).to_have_count(0)
    page.wait_for_timeout(1_000)
    frames.clear()
    asked.clear()
    page.wait_for_timeout(round(3.5 * CHECK_EVERY_S * 1000))
    assert not frames
    assert {"/personas/" in url for url in asked} == {True}
    assert 2 <= len(asked) <= 4
