"""Two processes on one folder of kept answers: nothing is paid twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.stub_server import Stub

SAMPLE = ROOT / "soniclayer" / "data" / "breakfast_show.vtt"
IN_FLIGHT = 4


def started(stub: Stub, home: Path, *arguments: str) -> subprocess.Popen[bytes]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("OPENAI_", "SONICLAYER_"))}
    environment |= {
        "HOME": str(home),
        "OPENAI_BASE_URL": stub.url,
        "SONICLAYER_MODEL": "stub-small",
        "SONICLAYER_CONCURRENCY": str(IN_FLIGHT),
    }
    command = [sys.executable, "-m", "soniclayer", str(SAMPLE), "--only", "genz,tradies", "--evaluator", "chat"]
    return subprocess.Popen(
        [*command, *arguments], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def wait_for_calls(stub: Stub, count: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 90
    while len(stub.calls) < count:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize(("arguments", "calls"), [((), 2 * 24 + 3), (("--thrifty",), 2 * (2 + 3) + 3)])
def test_what_one_process_asks_another_waits_for(
    stub: Stub, tmp_path: Path, arguments: tuple[str, ...], calls: int
) -> None:
    stub.latency_s = 0.5
    first, second = (started(stub, tmp_path, *arguments) for _ in range(2))
    documents = [json.loads(process.communicate(timeout=120)[0]) for process in (first, second)]
    assert first.returncode == second.returncode == 0
    assert documents[0]["segments"] == documents[1]["segments"]
    assert len(stub.calls) == calls
    assert sum(document["usage"]["calls"] for document in documents) == calls


def test_what_a_killed_process_was_asking_is_asked_by_the_other(stub: Stub, tmp_path: Path) -> None:
    stub.latency_s = 0.5
    first = started(stub, tmp_path)
    wait_for_calls(stub, 12, first)
    second = started(stub, tmp_path)
    time.sleep(1)
    first.kill()
    first.communicate()
    document = json.loads(second.communicate(timeout=120)[0])
    assert second.returncode == 0
    assert document["usage"]["cached"] > 0
    assert len(stub.calls) <= 2 * 24 + 3 + IN_FLIGHT, "what was in flight when it was killed is asked again"
