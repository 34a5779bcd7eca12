"""A chat model's run as a user lives through it: in Chromium, against a model server that takes its time."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.app_server import AppServer
from tests.browser.conftest import serving_copy
from tests.fakes import webvtt
from tests.stub_server import NO_CALL, Call, Stub, serving

pytestmark = pytest.mark.browser

LATENCY_S = 0.3
IN_FLIGHT = 4
PERSONAS = ("ana", "ben", "cat")
SEGMENTS = 12
CALLS = SEGMENTS * len(PERSONAS) + -(-SEGMENTS // 8)  # one for each reaction, and the topics eight to a call
SOME, MORE = (
    8,
    20,
)  # calls after which the server holds the others back, so that the run goes on while a test looks on
SEGMENTS_ON_A_PAGE = 24 // len(PERSONAS)
OPEN_SEGMENTS = 1 + IN_FLIGHT  # how far the run may ask ahead of the first segment that is not done
DEADLINE_S = 30.0

# Generous, for a busy machine.
FIRST_CALL_WITHIN_S = (
    60.0  # of the press; these bounds find a page that hangs, speed is benchmarks/engine.py's matter
)
FIRST_CARD_WITHIN_S = 30.0  # of the first call
STOPPED_WITHIN_S = 10.0  # of the press
KEY = "sk-typed-by-hand-0123456789"

REGISTRY = "\n".join(
    f'[personas.{name}]\ndisplay_name = "{name.title()}"\ndescription = "Listens as {name}."' for name in PERSONAS
)

# Notes every card in the order in which cards get their confidence.
WATCH_CARDS = """
window.filled = [];
new MutationObserver(() => {
  for (const card of document.querySelectorAll("[class*='st-key-card-']")) {
    const name = [...card.classList].find(each => each.startsWith("st-key-card-"));
    if (card.textContent.includes("% sure") && !window.filled.includes(name)) window.filled.push(name);
  }
}).observe(document, {subtree: true, childList: true, characterData: true});
"""


@pytest.fixture(scope="module")
def _stub() -> Iterator[Stub]:
    with serving() as stub:
        yield stub


@pytest.fixture
def stub(_stub: Stub) -> Iterator[Stub]:
    """The model server, with nothing asked yet and nothing wrong."""
    _stub.reset()
    _stub.latency_s, _stub.fault, _stub.keys, _stub.held_from = LATENCY_S, lambda call: "", (), NO_CALL
    yield _stub
    _stub.latency_s, _stub.held_from = 0.0, NO_CALL
    _until(lambda: _all_quiet(_stub))  # so that no test leaves a run to the next


@pytest.fixture(scope="module")
def server(_stub: Stub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """One server for all tests of the module, each with a show of its own."""
    folder = tmp_path_factory.mktemp("chat")
    (folder / "personas.toml").write_text(REGISTRY, encoding="utf-8")
    settings = {
        "OPENAI_BASE_URL": _stub.url,
        "SONICLAYER_MODEL": "stub-small",
        "SONICLAYER_CONCURRENCY": str(IN_FLIGHT),
        "SONICLAYER_PERSONAS": str(folder / "personas.toml"),
    }
    with serving_copy(folder, settings) as server:
        yield server


def _show(title: str) -> FilePayload:
    return {"name": f"{title}.vtt", "mimeType": "text/vtt", "buffer": webvtt(SEGMENTS, title)}


def _open(page: Page, server: AppServer, title: str) -> None:
    page.goto(server.url)
    page.locator(".st-key-upload input[type=file]").set_input_files(_show(title))
    expect(page.get_by_text(f"· {SEGMENTS} segments")).to_be_visible()


def _view(page: Page, name: str) -> None:
    page.locator(".st-key-view").get_by_role("radio", name=name, exact=True).click()


def _open_cards(page: Page, server: AppServer, title: str) -> None:
    _open(page, server, title)
    _view(page, "Cards")


def _evaluate(page: Page) -> None:
    page.locator(".st-key-evaluate button").click()


def _evaluate_in_both(page: Page, other: Page, stub: Stub) -> None:
    """Start in both before either ends, and let both end."""
    stub.held_from = SOME
    for tab in (page, other):  # a tab that has seen what the other has started offers no button any more
        tab.evaluate("document.querySelector('.st-key-evaluate button')?.click()")
    for tab in (page, other):
        expect(_stop_button(tab)).to_be_visible()
    _let_it_end(stub)


def _let_it_end(stub: Stub) -> None:
    stub.latency_s, stub.held_from = 0.0, NO_CALL


def _all_quiet(stub: Stub) -> bool:
    """No call is in flight, nor comes within the time in which a run would have asked on."""
    calls = len(stub.calls)
    time.sleep(LATENCY_S)
    return stub.in_flight == 0 and len(stub.calls) == calls


def _stop_button(page: Page) -> Locator:
    return page.locator(".st-key-stop button")


def _card(page: Page, segment: int, persona: str) -> Locator:
    return page.locator(f".st-key-card-{segment}-{persona}")


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _segment(call: Call) -> int:
    """Which segment a call is about: the last thing it quotes."""
    return int(re.findall(r"This is part (\d+) of", call.text)[-1])


def test_cards_fill_in_listening_order_while_the_page_stays_free(server: AppServer, page: Page, stub: Stub) -> None:
    page.add_init_script(WATCH_CARDS)
    _open_cards(page, server, "the long lunch")
    expect(page.get_by_text(re.compile(rf"up to {CALLS} calls, about [\d,]+,000 tokens"))).to_be_visible()
    expect(page.locator("[class*='st-key-card-']")).to_have_count(0)
    assert not stub.calls, "nothing is asked before Evaluate is pressed"
    stub.held_from = MORE

    pressed = time.monotonic()
    _evaluate(page)
    _until(lambda: bool(stub.calls))
    first_call = time.monotonic()
    assert first_call - pressed < FIRST_CALL_WITHIN_S
    page.wait_for_function("window.filled.length > 0")
    assert time.monotonic() - first_call < FIRST_CARD_WITHIN_S

    page.wait_for_function(f"window.filled.length >= {len(PERSONAS)}")
    expect(_stop_button(page)).to_be_visible()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_text(re.compile(rf"\d+ of {SEGMENTS * len(PERSONAS)} reactions"))).to_be_visible()

    page.get_by_role("button", name="Later: 4:00 – 6:00").first.click()
    expect(_card(page, SEGMENTS_ON_A_PAGE, "ana")).to_be_visible()
    _view(page, "Table")
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    _view(page, "Cards")
    expect(_card(page, SEGMENTS_ON_A_PAGE, "ana")).to_be_visible()
    search = page.locator(".st-key-search input")
    search.fill("never said")
    search.press("Enter")
    expect(page.get_by_text("No segment fits this choice.")).to_be_visible()
    page.get_by_role("button", name="Show everything").click()
    expect(_card(page, SEGMENTS_ON_A_PAGE, "ana")).to_be_visible()

    _let_it_end(stub)
    expect(_stop_button(page)).to_have_count(0)
    expect(_card(page, SEGMENTS_ON_A_PAGE, "ana")).to_contain_text("% sure")
    assert stub.stats() == {"calls": CALLS, "answered": CALLS, "repeated": 0, "peak": IN_FLIGHT, "abandoned": 0}
    asked = [_segment(call) for call in stub.calls if "Listens as" in call.text]
    assert all(before - now < OPEN_SEGMENTS for before, now in pairwise(asked)), asked
    seen = [int(name.split("-")[3]) for name in page.evaluate("window.filled")]
    assert seen[: len(PERSONAS)] == [0] * len(PERSONAS)


def test_a_closed_tab_does_not_stop_the_run_and_coming_back_shows_it(
    server: AppServer, browser: Browser, page: Page, stub: Stub
) -> None:
    first = browser.new_page()
    _open_cards(first, server, "the late show")
    stub.held_from = SOME
    _evaluate(first)
    expect(_stop_button(first)).to_be_visible()
    first.close()
    stub.held_from = MORE
    _until(lambda: len(stub.calls) > MORE)

    _open_cards(page, server, "the late show")
    expect(_card(page, 0, "ana")).to_contain_text("% sure")
    expect(page.locator(".st-key-evaluate")).to_have_count(0)
    expect(_stop_button(page)).to_be_visible()
    _let_it_end(stub)
    expect(page.get_by_text(f"{CALLS} calls, 0 answers from the cache")).to_be_visible()
    expect(_stop_button(page)).to_have_count(0)
    assert stub.stats()["calls"] == CALLS


WATCH_SHIFTS = """
window.shifted = 0;
new PerformanceObserver(list => list.getEntries().forEach(entry => window.shifted += entry.value))
  .observe({type: "layout-shift"});
"""


@pytest.mark.parametrize("view", ["Read", "Cards", "Table"])
def test_the_page_holds_still_while_it_fills(server: AppServer, page: Page, stub: Stub, view: str) -> None:
    stub.held_from = SOME
    _open(page, server, f"the still life in {view}")
    _evaluate(page)
    expect(_stop_button(page)).to_be_visible()
    _view(page, view)
    _until(lambda: len(stub.answered) == SOME)
    page.wait_for_timeout(2_000)
    page.evaluate(WATCH_SHIFTS)
    for answered in range(SOME + IN_FLIGHT, MORE + 1, IN_FLIGHT):
        stub.held_from = answered
        _until(lambda count=answered: len(stub.answered) == count)  # type: ignore[misc]
        page.wait_for_timeout(1_000)
    assert page.evaluate("window.shifted") < 0.001, "a sentence may say something else, nothing moves"
    whole = "(box => box.scrollHeight <= box.clientHeight)(document.querySelector('.st-key-timeline-box'))"
    assert page.evaluate(whole), "the legend too"


def test_a_reload_in_the_middle_of_a_run_loses_nothing(server: AppServer, page: Page, stub: Stub) -> None:
    _open_cards(page, server, "the long way home")
    stub.held_from = MORE
    _evaluate(page)
    expect(_card(page, 0, "ana")).to_contain_text("% sure")
    expect(page).to_have_url(re.compile("view=cards"))
    page.reload()
    expect(_card(page, 0, "ana")).to_contain_text("% sure")
    expect(_stop_button(page)).to_be_visible()
    _let_it_end(stub)
    expect(_stop_button(page)).to_have_count(0)
    assert stub.stats()["calls"] == CALLS


def test_stop_ends_the_calls_within_a_second_and_the_rest_can_follow(
    server: AppServer, page: Page, stub: Stub
) -> None:
    arrivals: list[float] = []

    def note(call: Call) -> str:
        arrivals.append(time.monotonic())
        return ""

    stub.fault, stub.held_from = note, MORE
    _open_cards(page, server, "the breakfast club")
    _evaluate(page)
    expect(_card(page, 0, "ana")).to_contain_text("% sure")
    pressed = time.monotonic()
    _stop_button(page).click()
    expect(page.get_by_text("Everything answered is kept")).to_be_visible()
    _until(lambda: stub.in_flight == 0)
    time.sleep(2 * LATENCY_S)  # a call that should not be made would be seen by now
    assert arrivals[-1] - pressed < STOPPED_WITHIN_S
    calls = len(stub.calls)
    assert calls < CALLS

    _let_it_end(stub)
    _evaluate(page)
    expect(page.get_by_text("answers from the cache")).to_be_visible()
    expect(_stop_button(page)).to_have_count(0)
    expect(page.get_by_text("Not evaluated")).to_have_count(0)
    assert len(stub.answered) == CALLS
    assert len(stub.calls) - calls <= CALLS - calls + IN_FLIGHT, "only what was in flight is asked again"


def test_two_browsers_with_the_same_file_ask_every_question_once(
    server: AppServer, browser: Browser, page: Page, stub: Stub
) -> None:
    other = browser.new_context().new_page()
    for tab in (page, other):
        _open_cards(tab, server, "the morning after")
    _evaluate_in_both(page, other, stub)
    for tab in (page, other):
        expect(_card(tab, SEGMENTS_ON_A_PAGE - 1, "cat")).to_contain_text("% sure")
        expect(_stop_button(tab)).to_have_count(0)
    other.context.close()
    assert stub.stats()["calls"] == CALLS
    assert stub.stats()["repeated"] == 0


def test_two_browsers_with_different_files_both_finish(
    server: AppServer, browser: Browser, page: Page, stub: Stub
) -> None:
    other = browser.new_context().new_page()
    _open_cards(page, server, "the early bird")
    _open_cards(other, server, "the night owl")
    _evaluate_in_both(page, other, stub)
    for tab in (page, other):
        expect(tab.get_by_text(f"{CALLS} calls, 0 answers from the cache")).to_be_visible()
        expect(_stop_button(tab)).to_have_count(0)
        expect(_card(tab, SEGMENTS_ON_A_PAGE - 1, "cat")).to_contain_text("% sure")
    other.context.close()
    assert stub.stats()["answered"] == stub.stats()["calls"] == 2 * CALLS
    assert stub.stats()["peak"] <= IN_FLIGHT, "one limit for both"


def test_a_failed_card_says_why_and_its_retry_works(server: AppServer, page: Page, stub: Stub) -> None:
    stub.latency_s = 0.0
    stub.fault = lambda call: "schema" if _segment(call) == 1 and "Listens as ben." in call.text else ""
    _open_cards(page, server, "the rough ride")
    _evaluate(page)
    failed = _card(page, 1, "ben")
    expect(failed).to_contain_text("No reaction")
    expect(failed).to_contain_text("Retry, or choose another model")
    expect(failed).not_to_contain_text("% sure")
    expect(page.get_by_text("1 of 36 reactions failed")).to_be_visible()
    calls = len(stub.calls)
    stub.fault = lambda call: ""
    failed.get_by_role("button", name="Retry").click()
    expect(failed).to_contain_text("% sure")
    expect(page.get_by_text("reactions failed")).to_have_count(0)
    assert len(stub.calls) == calls + 1


def test_a_typed_key_is_sent_to_the_model_server_and_nowhere_else(
    server: AppServer, page: Page, stub: Stub, tmp_path: Path
) -> None:
    stub.latency_s, stub.keys = 0.0, (KEY,)
    received: list[str | bytes] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(frame)))
    _open_cards(page, server, "the secret garden")
    page.locator(".st-key-settings button").click()
    field = page.locator(".st-key-api_key input")
    field.fill(KEY)
    field.press("Enter")
    page.keyboard.press("Escape")
    _evaluate(page)
    expect(_card(page, 0, "ana")).to_contain_text("% sure")
    expect(_stop_button(page)).to_have_count(0)
    assert {call.headers["Authorization"] for call in stub.calls} == {f"Bearer {KEY}"}

    # The server repeats the key in what it says about it.
    stub.keys = ("another",)
    page.locator(".st-key-add-show button").first.click()
    page.locator(".st-key-upload input[type=file]").set_input_files(_show("the locked garden"))
    expect(page.get_by_text("part 0 of the locked garden")).to_have_count(0)
    _evaluate(page)
    expect(page.get_by_text("The model server refuses the key")).to_be_visible()

    page.locator(".st-key-settings button").click()
    assert field.get_attribute("type") == "password"
    shown = page.content().replace(str(field.evaluate("field => field.outerHTML")), "")
    assert KEY not in shown
    assert KEY not in page.inner_text("body")
    assert received
    assert not any(KEY.encode() in (frame if isinstance(frame, bytes) else frame.encode()) for frame in received)
    assert KEY not in server.output()
    kept = [path for path in Path(server.home).rglob("*") if path.is_file()]
    assert kept
    assert not any(KEY.encode() in path.read_bytes() for path in kept)


def test_what_is_drawn_alone_has_a_place_of_its_own(server: AppServer, page: Page, stub: Stub) -> None:
    """A fragment whose drawing gets lost on a slow machine must not move its neighbours: that blanks the page."""
    stub.held_from = 0
    drawn: dict[tuple[int, ...], str] = {}  # the fragment, or "", by place on the page

    def receive(frame: str | bytes) -> None:
        message = ForwardMsg.FromString(frame) if isinstance(frame, bytes) else ForwardMsg()
        if message.HasField("new_session") and not message.metadata.run.fragment_ids:
            drawn.clear()  # the whole page is drawn anew
        if message.HasField("delta"):
            drawn[tuple(message.metadata.delta_path)] = message.delta.fragment_id

    page.on("websocket", lambda socket: socket.on("framereceived", receive))
    _open_cards(page, server, "the quiet corner")
    _evaluate(page)
    expect(_stop_button(page)).to_be_visible()
    _stop_button(page).click()

    (fragment,) = set(drawn.values()) - {""}
    top = min((place for place in drawn if drawn[place] == fragment), key=len)
    around = top[:-1]
    assert drawn.get(around) == "", "the place around it is drawn with the whole page"
    assert {place for place in drawn if place[:-1] == around} == {top}
