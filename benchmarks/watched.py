"""What watching a run costs it: wall time over ideal wall time with nobody, and with every view open in Chromium.

    python -m benchmarks.watched [IN_FLIGHT] [LATENCY]

A show of six hours and eight personas, asked of a stub server that answers after LATENCY seconds (128 and 0.2 if not
given). Server, stub and browser share this machine. Ideal is calls / in flight x latency.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from playwright.sync_api import Browser, sync_playwright

from benchmarks.engine import stub
from tests.app_server import AppServer
from tests.conftest import ROOT, chromium
from tests.fakes import webvtt

if TYPE_CHECKING:
    from collections.abc import Iterator

SEGMENTS = 720
ROUNDS = 3
WATCHED = ("nobody", "read", "cards", "table", "moments")
ENDED = re.compile(r"run state=finished .* failed=0 seconds=([0-9.]+) calls=(\d+)")


def measure(browser: Browser, server: AppServer, watched: str, title: str) -> tuple[float, int]:
    """Seconds and calls of a run that is watched in this view."""
    before = len(ENDED.findall(server.output()))
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(server.url)
    page.locator(".st-key-upload input[type=file]").set_input_files(
        {"name": f"{title}.vtt", "mimeType": "text/vtt", "buffer": webvtt(SEGMENTS, title)}
    )
    page.locator(".st-key-evaluate button").wait_for()
    if watched != "nobody":
        page.locator(".st-key-view").get_by_role("radio", name=watched.title(), exact=True).click()
        page.locator(f".st-key-view-{watched}, .st-key-plan").first.wait_for()
    page.locator(".st-key-evaluate button").click()
    page.locator(".st-key-stop").wait_for()
    if watched == "nobody":
        page.close()
    while len(ended := ENDED.findall(server.output())) == before:
        time.sleep(0.2)
    if watched != "nobody":
        page.locator(".st-key-stop").wait_for(state="detached")
        page.close()
    return float(ended[-1][0]), int(ended[-1][1])


def ratios(browser: Browser, server: AppServer, in_flight: int, latency_s: float) -> Iterator[tuple[str, float]]:
    """By what is watched, wall time over ideal wall time; every round in another order."""
    for number in range(ROUNDS):
        for watched in WATCHED[number:] + WATCHED[:number]:
            seconds, calls = measure(browser, server, watched, f"{watched} {number}")
            yield watched, seconds / (calls / in_flight * latency_s)


def main() -> None:
    """Print one table."""
    in_flight = int(sys.argv[1]) if len(sys.argv) > 1 else 128
    latency_s = float(sys.argv[2]) if len(sys.argv) > 2 else 0.2
    found: dict[str, list[float]] = {watched: [] for watched in WATCHED}
    with tempfile.TemporaryDirectory() as name, stub(latency_s) as url, sync_playwright() as playwright:
        folder = Path(name)
        environment = {
            "OPENAI_BASE_URL": url,
            "SONICLAYER_MODEL": "stub-small",
            "SONICLAYER_CONCURRENCY": str(in_flight),
        }
        server = AppServer(folder / "log", home=folder / "home", cwd=ROOT, env=environment)
        server.start()
        browser = chromium(playwright)
        try:
            for watched, ratio in ratios(browser, server, in_flight, latency_s):
                found[watched].append(ratio)
        finally:
            browser.close()
            server.kill()
    print(f"{SEGMENTS} segments x 8 personas, {in_flight} in flight, {latency_s} s\n")
    print("| watched | wall / ideal | of that with nobody watching |\n| --- | ---: | ---: |")
    for watched, each in found.items():
        print(f"| {watched} | {median(each):.2f} | {median(each) / median(found['nobody']):.2f} |")


if __name__ == "__main__":
    main()
