"""Killed with -9 in the middle of a paid run: nothing that was answered is asked for again."""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.agent_api import FLAG, Visitor
from tests.app_server import AppServer
from tests.conftest import StartServer
from tests.fakes import webvtt
from tests.stub_server import Call, Stub, serving

SEED = 11
KILLS = 10
IN_FLIGHT = 8
LATENCY_S = 0.1
SAMPLE_SEGMENTS, PERSONAS = 24, 8
TOTAL = SAMPLE_SEGMENTS * PERSONAS  # reactions; topics are asked for beside them, eight to a call
DEADLINE_S = 60.0
UNWATCHED = "--server.fileWatcherType=none"  # nobody edits the source here, and a start takes a fifth less


def _marked(call: Call) -> dict[str, Any]:
    """Makes every answer tell which question it belongs to; it is kept on disk as the model gave it."""
    return {"mark": f"<{call.digest}>"} if _is_reaction(call) else {}


def _is_reaction(call: Call) -> bool:
    return '"score"' in str(call.body["messages"][0]["content"])


def _asked(stub: Stub, since: int = 0) -> list[str]:
    """Digests of the questions put to personas, those of the first calls left out."""
    return [call.digest for call in stub.calls[since:] if _is_reaction(call)]


def _answered(stub: Stub) -> set[str]:
    """Digests of the questions to personas that were answered."""
    return set(stub.answered) & set(_asked(stub))


@pytest.fixture
def stub() -> Iterator[Stub]:
    with serving(latency_s=LATENCY_S, fields=_marked) as stub:
        yield stub


def _started(start: StartServer, stub: Stub, *flags: str) -> AppServer:
    settings = {"OPENAI_BASE_URL": stub.url, "SONICLAYER_MODEL": "stub-small", "SONICLAYER_CONCURRENCY": IN_FLIGHT}
    return start(env={name: str(value) for name, value in settings.items()}, flags=flags)


def _kept(server: AppServer) -> set[str]:
    """Digests of the questions whose answers are on disk."""
    files = Path(server.home, ".streamlit", "cache").glob("*.memo")
    return {mark for file in files for mark in re.findall("<([0-9a-f]{32})>", file.read_text("latin-1"))}


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def _evaluate_and_kill(server: AppServer, stub: Stub, calls: int, after_s: float) -> None:
    """Press Evaluate; kill the server so long after it has made so many calls more."""
    visitor = Visitor(server.url)
    visitor.press("sample")
    goal = len(stub.calls) + calls

    def press() -> None:
        with suppress(OSError, HTTPException):  # the server may die before it has drawn the page
            visitor.press("evaluate")

    pressing = threading.Thread(target=press)
    pressing.start()
    _until(lambda: len(stub.calls) >= goal)
    time.sleep(after_s)
    server.kill()
    pressing.join(DEADLINE_S)
    _until(lambda: stub.in_flight == 0)


@pytest.mark.soak
def test_ten_kills_at_random_moments_lose_no_answer_that_was_kept(streamlit_server: StartServer, stub: Stub) -> None:
    """Ten times: start, press Evaluate, kill -9 at a random moment. Then let the run end.

    After every kill, whatever the moment:
    1. An answer is on disk, or it was on its way at the moment of the kill. There are at most `IN_FLIGHT` of these:
       given by the stub in the life that just ended, and not yet received, read and written. (A call gives its
       slot to the next one only once its answer is written, so there cannot be more.)
    2. No question whose answer is on disk is asked again, in any later life.
    So the last life makes exactly as many calls as answers are missing.
    """
    rng = random.Random(SEED)
    server = _started(streamlit_server, stub, FLAG, UNWATCHED)
    kept: set[str] = set()
    for kill in range(KILLS):
        earlier, lost_before = len(stub.calls), _answered(stub) - kept
        fair_share = (TOTAL - len(kept)) / (KILLS - kill + 1)
        _evaluate_and_kill(server, stub, rng.randint(1, int(2 * fair_share)), rng.uniform(0, LATENCY_S))
        asked = set(_asked(stub, earlier))
        assert not asked & kept, f"asked again after kill {kill}"
        before, kept = kept, _kept(server)
        assert before <= kept, f"an answer was lost from the disk at kill {kill + 1}"
        assert len(_answered(stub) - kept - lost_before) <= IN_FLIGHT
        server.start()

    assert len(kept) < TOTAL, "the kills have to hit a run that is not over"
    earlier = len(stub.calls)
    visitor = Visitor(server.url)
    visitor.press("sample")
    visitor.press("evaluate")
    visitor.wait_until_gone("stop")
    assert set(_asked(stub, earlier)) == _answered(stub) - kept
    assert len(_asked(stub, earlier)) == TOTAL - len(kept)
    assert len(_kept(server)) == TOTAL


@pytest.mark.browser
def test_the_same_file_uploaded_after_a_kill_costs_only_what_was_not_answered(
    streamlit_server: StartServer, page: Page, stub: Stub
) -> None:
    """Half-way through the run the server dies; the user opens the page again and uploads the same file."""
    file: FilePayload = {"name": "show.vtt", "mimeType": "text/vtt", "buffer": webvtt(10, "a show")}
    total = 10 * PERSONAS
    server = _started(streamlit_server, stub)
    page.goto(server.url)
    page.locator(".st-key-upload input[type=file]").set_input_files(file)
    page.locator(".st-key-evaluate button").click()
    _until(lambda: len(_answered(stub)) >= total / 2)
    server.kill()
    _until(lambda: stub.in_flight == 0)
    kept, asked_before = _kept(server), len(stub.calls)
    assert total / 2 - IN_FLIGHT <= len(kept) < total
    assert len(_answered(stub) - kept) <= IN_FLIGHT

    server.start()
    page.goto(server.url)
    page.locator(".st-key-upload input[type=file]").set_input_files(file)
    expect(page.get_by_text(f"up to {total + 2} calls")).to_be_visible()
    page.locator(".st-key-evaluate button").click()
    expect(page.locator(".st-key-card-0-genz")).to_contain_text("% sure")
    expect(page.locator(".st-key-stop")).to_have_count(0)
    assert not set(_asked(stub, asked_before)) & kept
    assert len(_asked(stub, asked_before)) == total - len(kept)
    assert len(_answered(stub)) == total
