"""What the page itself costs: CPU of the server and bytes to the browser, per click, in Chromium.

    python -m benchmarks.page

Every row is one show, judged by the built-in evaluator before anything is measured. "CPU" is what the server's
process spends from a click until nothing more comes; "kB" is what comes over the web socket in that time. "Drawn" is
the time from the click until the page shows it.
"""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from playwright.sync_api import Browser, Page, sync_playwright

from soniclayer.personas import load
from tests.app_server import AppServer
from tests.conftest import ROOT, chromium
from tests.fakes import webvtt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SIZES = ((25, 8), (120, 8), (720, 8), (2_000, 8), (120, 50))
TIMES = 5
QUIET_S = 0.5  # without a byte: the page is drawn
IDLE_S = 10.0
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one act: seconds of CPU, kB, seconds until it was drawn."""

    cpu_s: float
    kb: float
    drawn_s: float


class Meter:
    """Watches the bytes that a page receives, and the CPU of its server."""

    def __init__(self, page: Page, server: AppServer) -> None:
        self.bytes, self.last = 0, time.monotonic()
        self._page, self._server = page, server
        page.on("websocket", lambda socket: socket.on("framereceived", self._receive))

    def _receive(self, frame: str | bytes) -> None:
        self.last = time.monotonic()
        self.bytes += len(frame)

    def cpu_s(self) -> float:
        """What the server's process has spent so far."""
        fields = Path(f"/proc/{self._server.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def cost(self, act: Callable[[], object]) -> Cost:
        """What an act costs until the page is quiet again."""
        cpu, received, begun = self.cpu_s(), self.bytes, time.monotonic()
        act()
        self.last = time.monotonic()
        while time.monotonic() - self.last < QUIET_S:
            self._page.wait_for_timeout(50)
        return Cost(self.cpu_s() - cpu, (self.bytes - received) / 1000, self.last - begun)


def measure(browser: Browser, folder: Path, segments: int, personas: int) -> dict[str, Cost]:
    """The median cost of every act at this size."""
    with _server(folder, personas) as server:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(600_000)  # of a show of 2,000 segments on a busy machine
        page.goto(server.url)
        page.locator(".st-key-upload input[type=file]").set_input_files(
            {"name": f"{segments}.vtt", "mimeType": "text/vtt", "buffer": webvtt(segments, "the show")}
        )
        page.locator(".st-key-segment-0").wait_for()
        page.locator(".st-key-stop").wait_for(state="detached")
        page.wait_for_timeout(3_000)
        address = page.url
        page.close()
        found = {"first view": _median(lambda: _first_view(browser, server, address), 3)}
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        meter = Meter(page, server)
        meter.cost(lambda: page.goto(address))
        page.locator(".st-key-segment-0").wait_for()
        page.wait_for_timeout(1_500)
        found["choose a segment"] = _median(lambda: meter.cost(lambda: page.keyboard.press("j")))
        _view(page, "Cards")
        page.wait_for_timeout(1_500)
        found["change page"] = _median(lambda: meter.cost(lambda: page.locator(".st-key-later-top button").click()))
        found["switch a filter"] = _median(lambda: meter.cost(lambda: _search(page)))
        page.wait_for_timeout(1_000)
        cpu, received = meter.cpu_s(), meter.bytes
        page.wait_for_timeout(int(IDLE_S * 1000))
        found["idle for 10 s"] = Cost(meter.cpu_s() - cpu, (meter.bytes - received) / 1000, 0.0)
        page.close()
        return found


def _first_view(browser: Browser, server: AppServer, address: str) -> Cost:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(120_000)
    meter = Meter(page, server)

    def act() -> None:
        page.goto(address)
        page.locator(".st-key-timeline .vega-embed").first.wait_for()
        page.locator(".st-key-side").wait_for()

    cost = meter.cost(act)
    context.close()
    return cost


def _view(page: Page, name: str) -> None:
    page.locator(".st-key-view").get_by_role("radio", name=name, exact=True).click()


def _search(page: Page) -> None:
    box = page.locator(".st-key-search input")
    box.fill("" if box.input_value() else "footy")
    box.press("Enter")


def _median(act: Callable[[], Cost], times: int = TIMES) -> Cost:
    costs = [act() for _ in range(times)]
    return Cost(
        median(cost.cpu_s for cost in costs),
        median(cost.kb for cost in costs),
        median(cost.drawn_s for cost in costs),
    )


@contextmanager
def _server(folder: Path, personas: int) -> Iterator[AppServer]:
    registry = folder / f"{personas}.toml"
    if not registry.exists():
        registry.write_text(_registry(personas), encoding="utf-8")
    server = AppServer(
        folder / "log",
        home=folder / "home",
        cwd=ROOT,
        env={"SONICLAYER_PERSONAS": str(registry)},
    )
    server.start()
    try:
        yield server
    finally:
        server.kill()


def _registry(count: int) -> str:
    """So many personas: those of the project, again and again under other names."""
    known = list(load(ROOT / "personas.toml").values())
    blocks = []
    for number in range(count):
        like = known[number % len(known)]
        blocks.append(
            f'[personas.p{number}]\ndisplay_name = "{like.display_name} {number}"\nemoji = "{like.emoji}"\n'
            f'description = "As {like.id}."\nlikes = {list(like.likes)!r}\ndislikes = {list(like.dislikes)!r}\n'
        )
    return "\n".join(blocks)


def main() -> None:
    """Print one table."""
    print("| segments x personas | act | CPU of the server | kB | drawn after |")
    print("| --- | --- | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = chromium(playwright)
        for segments, personas in SIZES:
            for act, cost in measure(browser, Path(folder), segments, personas).items():
                drawn = f"{cost.drawn_s:.2f} s" if cost.drawn_s else ""
                size = f"{segments:,} x {personas}"
                print(f"| {size} | {act} | {cost.cpu_s:.2f} s | {cost.kb:.0f} | {drawn} |", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
