"""What the tests in a browser share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.app_server import AppServer
from tests.conftest import copy_project


@contextmanager
def serving_copy(folder: Path, env: Mapping[str, str] | None = None) -> Iterator[AppServer]:
    """A server of a copy of the project, with all its files in `folder`; prints its log when it ends."""
    copy_project(folder / "project")
    server = AppServer(folder / "log", home=folder / "home", cwd=folder / "project", env=env)
    server.start()
    try:
        yield server
    finally:
        server.kill()
        print(server.output())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """One server for all tests of a module."""
    with serving_copy(tmp_path_factory.mktemp("browser")) as server:
        yield server
