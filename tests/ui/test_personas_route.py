"""Where the browser asks whether the personas file has changed."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from soniclayer.ui.addresses import served_at
from soniclayer.ui.personas_route import FOLDER, followed, route


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=[route()]))


def test_the_version_grows_with_the_file(client: TestClient, personas_file: Path) -> None:
    file = followed(personas_file)
    address = served_at(FOLDER, file.token)
    first = client.get(address)
    assert first.text == client.get(address).text == str(file.version)
    assert first.headers["cache-control"] == "no-store"
    personas_file.write_text(personas_file.read_text() + "# changed\n")
    assert client.get(address).text == str(int(first.text) + 1)
    personas_file.unlink()
    assert client.get(address).text == str(int(first.text) + 2)
    assert file.error


def test_a_page_of_an_earlier_server_is_told_to_draw_itself(client: TestClient, personas_file: Path) -> None:
    address = served_at(FOLDER, followed(personas_file).token)
    st.cache_resource.clear()
    assert not client.get(address).text.isdigit()
