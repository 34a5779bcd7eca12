"""Model servers on this machine are found and offered; nothing else is taken for one."""

from __future__ import annotations

import time

import pytest
from yarl import URL

from soniclayer.llm_client.discovery import LocalServer, find_local_servers
from tests.stub_server import MODELS, Stub, serving


async def test_a_server_that_lists_a_model_is_found_and_offered(stub: Stub) -> None:
    port = URL(stub.url).port
    assert port is not None
    started = time.monotonic()
    found = await find_local_servers({9: "LM Studio", port: "Ollama"})
    assert found == [LocalServer("Ollama", stub.url, tuple(sorted(MODELS)))]
    assert found[0].offer == "Use stub-large on Ollama"
    assert time.monotonic() - started < 2


async def test_no_proxy_and_no_key_has_part_in_it(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert len(await find_local_servers({URL(stub.url).port or 0: "Ollama"})) == 1


async def test_a_server_that_wants_a_key_is_not_offered() -> None:
    with serving(keys=("k",)) as stub:
        assert await find_local_servers({URL(stub.url).port or 0: "vLLM"}) == []
