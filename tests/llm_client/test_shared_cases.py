"""The server behaviours of ../shared/cases/endpoints.tsv, each against the whole chat path over real HTTP.

The file says what a server answers; under which condition it refuses is here, by name.
"""

from __future__ import annotations

import csv
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from soniclayer.evaluators.chat import asking
from soniclayer.evaluators.chat.evaluator import ChatEvaluator
from soniclayer.run import Run, State
from tests.chat_evaluator import MemoryStore, open_endpoint
from tests.fakes import persona, segments
from tests.stub_server import Call, serving

CASES = Path(__file__).parents[3] / "shared" / "cases" / "endpoints.tsv"
Refuses = Callable[[dict[str, Any]], bool]

REFUSES: dict[str, Refuses] = {
    "vllm-len-4096": lambda body: body.get("max_tokens", 0) > 4096 - 1356,
    "tgi-len-4096": lambda body: body.get("max_tokens", 0) > 4096 - 1356,
    "fastapi-422-maxtok": lambda body: "max_tokens" in body,
    "no-system-role": lambda body: any(message["role"] == "system" for message in body["messages"]),
    "stream-only": lambda body: not body.get("stream"),
    "openrouter-404-params": lambda body: "response_format" in body,
    "long-wrapped-max": lambda body: "max_tokens" in body,
}
ENDS = {
    "openrouter-402": ("no credit", 1),
    "plain-400": ("Client sent an HTTP request to an HTTPS server.", 6),
    "lmstudio-noload": ("no model loaded", 1),
}


def rows() -> list[dict[str, str]]:
    if not CASES.is_file():
        return []
    with CASES.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def said(row: dict[str, str]) -> tuple[int, str, str]:
    match = re.search(r"-> HTTP (\d+) (.*)$", row["request and response"], re.DOTALL)
    assert match is not None
    kind, _, body = match[2].partition(" ")
    if kind.endswith(";"):
        charset, _, body = body.partition(" ")
        kind = f"{kind} {charset}"
    return int(match[1]), kind, body


def responder(row: dict[str, str]) -> Callable[[Call], web.Response | None]:
    status, kind, body = said(row)
    refuses: Refuses = REFUSES.get(row["name"], lambda body: True)

    def respond(call: Call) -> web.Response | None:
        if not refuses(call.body):
            return None
        return web.Response(status=status, body=body.encode(), headers={"Content-Type": kind})

    return respond


GENERIC = [row for row in rows() if " -> HTTP " in row["request and response"]]


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "FIRST_BACKOFF_S", 0.01)
    monkeypatch.setattr(asking, "LONGEST_BACKOFF_S", 0.02)


@pytest.mark.skipif(not GENERIC, reason="there is no file ../shared/cases/endpoints.tsv beside the repository")
@pytest.mark.parametrize("row", GENERIC, ids=[row["name"] for row in GENERIC])
async def test_a_shared_case_comes_out_right(row: dict[str, str]) -> None:
    headers = {"azure-401": {"api-key": "sk-test"}}.get(row["name"], {})
    with serving(respond=responder(row) if not headers else lambda call: None) as stub:
        async with open_endpoint(stub.url, headers=headers) as endpoint:
            chat = ChatEvaluator(endpoint, row["name"], store=MemoryStore())
            run = Run(segments(4), [persona("a"), persona("b")], chat)
            await run.execute()
    if row["name"] in ENDS:
        words, calls = ENDS[row["name"]]
        assert run.state is State.BROKEN
        assert words in run.fatal
        assert len(stub.calls) <= calls
        return
    assert run.complete, (run.fatal, {failure.reason for failure in run.failures.values()})
    if "unknown" in row["right"]:
        assert {feedback.confidence for feedback in run.results.values()} == {None}


FIRST_FAIL = {
    row["name"]: (int(match[1]), int(match[2]))
    for row in rows()
    if (match := re.match(r"(\d{3}) for the first (\d) requests, then good", row["request and response"]))
}


@pytest.mark.parametrize("name", FIRST_FAIL)
async def test_a_shared_status_that_passes_costs_nothing(name: str) -> None:
    status, first = FIRST_FAIL[name]

    def respond(call: Call) -> web.Response | None:
        return web.Response(status=status) if call.number < first else None

    with serving(respond=respond) as stub:
        async with open_endpoint(stub.url) as endpoint:
            run = Run(segments(4), [persona("a"), persona("b")], ChatEvaluator(endpoint, name, store=MemoryStore()))
            await run.execute()
    assert run.complete
    assert not run.unclassified


QUOTA = [row for row in rows() if row["name"] == "gemini-free-429"]


@pytest.mark.parametrize("row", QUOTA, ids=[row["name"] for row in QUOTA])
async def test_the_shared_quota_of_a_minute_is_waited_for(row: dict[str, str]) -> None:
    """The row's words, with waits of a second in place of twenty."""
    body = row["request and response"].partition("HTTP 429 ")[2]
    body = body.replace("retry in 17.3s", "retry in 1s").replace('"18s"', '"1s"')
    window, taken = [time.monotonic()], [0]

    def respond(call: Call) -> web.Response | None:
        if time.monotonic() - window[0] > 1:
            window[0], taken[0] = time.monotonic(), 0
        taken[0] += 1
        return None if taken[0] <= 6 else web.Response(status=429, text=body, content_type="application/json")

    with serving(respond=respond) as stub:
        async with open_endpoint(stub.url) as endpoint:
            run = Run(segments(4), [persona("a"), persona("b")], ChatEvaluator(endpoint, "m", store=MemoryStore()))
            await run.execute()
    assert run.complete, run.fatal
    assert not run.unclassified


KEYS = [row for row in rows() if row["request and response"].startswith("OPENAI_API_KEY=")]


@pytest.mark.parametrize("row", KEYS, ids=[row["name"] for row in KEYS])
async def test_a_shared_key_hides_no_parameter(row: dict[str, str]) -> None:
    key = row["request and response"].partition("=")[2].partition(";")[0]
    words = (
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    )

    def respond(call: Call) -> web.Response | None:
        return web.json_response({"error": {"message": words}}, status=400) if "max_tokens" in call.body else None

    with serving(respond=respond) as stub:
        async with open_endpoint(stub.url, key=key) as endpoint:
            run = Run(segments(4), [persona("a"), persona("b")], ChatEvaluator(endpoint, "m", store=MemoryStore()))
            await run.execute()
    assert run.complete


@pytest.mark.skipif(not GENERIC, reason="there is no file ../shared/cases/endpoints.tsv beside the repository")
def test_every_shared_case_is_tested_here_or_where_its_kind_is() -> None:
    elsewhere = {  # test_network.py, test_refusals.py, test_money.py and test_chain.py
        "cold-150s", "proxy-407-https", "proxy-407-http", "proxy-deny-https", "proxy-ALL_PROXY", "proxy-no-scheme",
        "url-redirect-308", "url-models", "max-cost-without-usage", "models-bare-list", "chain-invoke",
        "chain-callbacks",
    }  # fmt: skip
    here = {row["name"] for row in (*GENERIC, *QUOTA, *KEYS)} | set(FIRST_FAIL)
    assert {row["name"] for row in rows()} - here == elsewhere
