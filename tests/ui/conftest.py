"""A process as new for every test of the page, and a chat model to ask."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from soniclayer import cache
from tests.stub_server import Stub


@pytest.fixture(autouse=True)
def _fresh_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No settings from outside, a home of its own, and nothing left over from another test."""
    for name in list(os.environ):
        if name.startswith(("OPENAI_", "SONICLAYER_")) and name != "SONICLAYER_DATA":
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    yield
    cache.engine().close()
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def personas_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text('[personas.genz]\ndisplay_name = "Gen Z"\ndescription = "Young."\nlikes = ["footy"]\n')
    monkeypatch.setenv("SONICLAYER_PERSONAS", str(path))
    return path


@pytest.fixture
def chat(stub: Stub, personas_file: Path, monkeypatch: pytest.MonkeyPatch) -> Stub:
    """The stub as the configured chat model, for one persona; answers kept in the test's own home."""
    monkeypatch.setenv("OPENAI_BASE_URL", stub.url)
    monkeypatch.setenv("SONICLAYER_MODEL", "stub-small")
    return stub
