from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from soniclayer.library import FILE, Library
from soniclayer.source import Source


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "library" / FILE


@pytest.fixture(params=["on disk", "in memory"])
def library(request: pytest.FixtureRequest, path: Path) -> Iterator[Library]:
    opened = Library(path if request.param == "on disk" else None)
    yield opened
    opened.close()


@pytest.fixture
def friday(library: Library) -> str:
    """A show of this id is in the library."""
    library.shows.put("friday", Source("Friday.vtt", b"WEBVTT"), when=1)
    return "friday"
