"""A real LiteLLM proxy between SonicLayer and the stub server: a gateway that rewrites requests, replies and errors.

It is installed into a virtual environment of its own, which only these tests use. The version is of July 2025: two
releases of March 2026 (1.82.7 and 1.82.8) carried malicious code and were withdrawn.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from soniclayer.evaluators.chat.evaluator import ChatEvaluator
from soniclayer.run import Run, State
from tests.chat_evaluator import MemoryStore, open_endpoint
from tests.fakes import persona, segments
from tests.stub_server import Call, Stub, error

pytestmark = pytest.mark.model

PACKAGE = "litellm[proxy]==1.74.9"
KEY = "sk-of-the-proxy"
START_S = 180.0


@pytest.fixture(scope="module")
def litellm(request: pytest.FixtureRequest) -> Path:
    """The proxy's command, kept in SONICLAYER_TEST_LITELLM or pytest's cache; installed if missing."""
    named = os.environ.get("SONICLAYER_TEST_LITELLM")
    folder = Path(named) if named else request.config.cache.mkdir("litellm")
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    found = next(scripts.glob("litellm*"), None)
    if found is None:
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, timeout=120)
        command = [str(scripts / "python"), "-m", "pip", "install", "--quiet", PACKAGE]
        installed = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
        found = next(scripts.glob("litellm*"), None)
        if installed.returncode or found is None:
            refuse: Callable[[str], object] = pytest.fail if os.environ.get("CI") else pytest.skip
            refuse(f"the proxy cannot be installed: {installed.stderr.strip()[-200:]}")
    assert found is not None
    return found


@contextmanager
def proxy(command: Path, folder: Path, stub: Stub) -> Iterator[str]:
    """A proxy in front of the stub, with a key of its own; its address."""
    model = {"model": "openai/stub-small", "api_base": stub.url, "api_key": "sk-behind", "max_retries": 0}
    settings: dict[str, Any] = {
        "model_list": [{"model_name": "house-model", "litellm_params": model}],
        "general_settings": {"master_key": KEY},
        "router_settings": {"num_retries": 0, "disable_cooldowns": True},
        "litellm_settings": {"telemetry": False, "num_retries": 0},
    }
    (folder / "config.yaml").write_text(json.dumps(settings))  # JSON is YAML
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = ["--config", str(folder / "config.yaml"), "--host", "127.0.0.1", "--port", str(port)]
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "SYSTEMROOT", "TMPDIR")}
    environment = {**kept, "HOME": str(folder), "LITELLM_LOCAL_MODEL_COST_MAP": "True", "NO_DOCS": "True"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([str(command), *arguments], env=environment, stdout=log, stderr=log)
    try:
        _wait(f"http://127.0.0.1:{port}/health/liveliness", process, folder / "log")
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.kill()
        process.wait()


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_S
    while True:
        assert process.poll() is None, log.read_text("utf-8", "replace")[-2000:]
        try:
            with urllib.request.urlopen(address, timeout=5) as reply:
                if reply.status == 200:
                    return
        except OSError:
            assert time.monotonic() < deadline, log.read_text("utf-8", "replace")[-2000:]
            time.sleep(0.5)


async def through(address: str, *, key: str = KEY, model: str = "house-model") -> Run:
    async with open_endpoint(address, key=key, concurrency=4) as endpoint:
        run = Run(segments(4), [persona("a"), persona("b")], ChatEvaluator(endpoint, model, store=MemoryStore()))
        await run.execute()
    return run


async def test_a_show_goes_through_a_real_gateway(litellm: Path, tmp_path: Path, stub: Stub) -> None:
    with proxy(litellm, tmp_path, stub) as address:
        async with open_endpoint(address, key=KEY) as endpoint:
            assert await endpoint.models() == ["house-model"]
        run = await through(address)
        assert run.complete, (run.fatal, {failure.reason for failure in run.failures.values()})
        assert not run.unclassified
        assert {call.output for call in stub.calls} == {"json_schema"}

        refused = await through(address, key="sk-wrong")
        assert refused.state is State.BROKEN
        assert "OPENAI_API_KEY" in refused.fatal
        unknown = await through(address, model="no-such-model")
        assert unknown.state is State.BROKEN
        assert "SONICLAYER_MODEL" in unknown.fatal

        def refuses(call: Call) -> Any:
            return error(400, "Unsupported parameter: 'temperature'.") if "temperature" in call.body else None

        stub.respond = refuses
        assert (await through(address)).complete, "what the gateway's server refuses is found in the gateway's words"
        stub.respond = lambda call: error(429, "Rate limit reached.") if call.number % 4 == 1 else None
        assert (await through(address)).complete
        stub.respond = lambda call: error(402, "Insufficient credits")
        poor = await through(address)
        assert poor.state is State.BROKEN
