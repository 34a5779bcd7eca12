"""What the tests in a browser share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.app_server import AppServer
from tests.conftest import copy_project


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """One server for all tests of a module."""
    folder = tmp_path_factory.mktemp("browser")
    copy_project(folder / "project")
    server = AppServer(folder / "log", home=folder / "home", cwd=folder / "project")
    server.start()
    try:
        yield server
    finally:
        server.kill()
        print(server.output())
