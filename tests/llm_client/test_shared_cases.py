"""The server behaviours of ../shared/cases/endpoints.tsv, each against the whole chat path over real HTTP.

The file says what a server answers; under which condition it refuses is here, by name.
"""

from __future__ import annotations

import csv
import re
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


@pytest.mark.skipif(not GENERIC, reason="there is no file ../shared/cases/endpoints.tsv beside the repository")
def test_every_shared_case_is_tested_here_or_where_its_kind_is() -> None:
    elsewhere = {
        "gemini-free-429", "425", "498", "424-failed-dep", "cold-150s", "proxy-407-https", "proxy-407-http",
        "proxy-deny-https", "proxy-ALL_PROXY", "proxy-no-scheme", "url-redirect-308", "url-models",
        "max-cost-without-usage", "key-x", "key-token", "models-bare-list", "chain-invoke", "chain-callbacks",
    }  # fmt: skip
    assert {row["name"] for row in rows()} - {row["name"] for row in GENERIC} <= elsewhere
