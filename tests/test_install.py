"""SonicLayer as others install it: a wheel with everything it needs, and an editable install."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

import pytest

import soniclayer
from tests.agent_api import FLAG, Visitor
from tests.conftest import ROOT, StartServer

pytestmark = pytest.mark.slow

TRANSCRIPT = """WEBVTT

00:00.000 --> 00:20.000
<v Kim>The footy final was a cracker and the pub was full, what a game that was for the whole town.

00:20.000 --> 00:50.000
<v Lee>And now the recipe: slow roasted lamb, rosemary, garlic, and potatoes done in the pan juices.
"""
PRINT_PATHS = "from soniclayer.shipped import *; print(shipped_personas()); print(shipped('breakfast_show.vtt'))"


def _run(*command: object, cwd: Path, env: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        [*map(str, command)], cwd=cwd, env=env or _environment(cwd), capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def _environment(home: Path) -> dict[str, str]:
    """Nothing of the checkout, and no settings."""
    unwanted = ("OPENAI_", "SONICLAYER_", "STREAMLIT_", "PYTHONPATH", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    return kept | {"HOME": str(home)}


def _fresh(folder: Path) -> Path:
    """The folder of the programs of a virtual environment that has nothing but pip."""
    _run(sys.executable, "-m", "venv", folder, cwd=folder.parent)
    return folder / ("Scripts" if sys.platform == "win32" else "bin")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, ROOT, cwd=folder, env=os.environ)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Path:
    """The programs of an environment that has the wheel and, at the pinned versions, what the wheel asks for."""
    programs = _fresh(wheel.parent / "venv")
    pip = (programs / "python", "-m", "pip")
    _run(*pip, "install", "-q", "-c", ROOT / "requirements.txt", wheel, cwd=wheel.parent, env=os.environ)
    return programs


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


def test_nothing_the_wheel_needs_is_missing(installed: Path, empty: Path) -> None:
    assert "No broken requirements" in _run(installed / "python", "-m", "pip", "check", cwd=empty)


def test_the_command_says_its_version(installed: Path, empty: Path) -> None:
    assert _run(installed / "soniclayer", "--version", cwd=empty) == f"soniclayer {soniclayer.__version__}\n"


def test_a_wheel_finds_its_files_in_itself(installed: Path, empty: Path) -> None:
    package = Path(
        _run(installed / "python", "-c", "import soniclayer; print(soniclayer.__path__[0])", cwd=empty).strip()
    )
    assert package.is_relative_to(installed.parent)
    files = ["personas.toml", "breakfast_show.vtt"]
    assert _run(installed / "python", "-c", PRINT_PATHS, cwd=empty).split() == [
        str(package / "data" / f) for f in files
    ]
    assert (package / "py.typed").is_file()


def test_a_transcript_gets_feedback_in_every_cell(installed: Path, empty: Path) -> None:
    (empty / "show.vtt").write_text(TRANSCRIPT, encoding="utf-8")
    document = json.loads(_run(installed / "soniclayer", "show.vtt", cwd=empty))
    cells = [cell for segment in document["segments"] for cell in segment["feedback"].values()]
    assert len(cells) == len(document["segments"]) * len(document["personas"]) >= 16
    assert {cell["score"] for cell in cells} <= {1, 2, 3, 4, 5}
    assert all(cell["opinion"] for cell in cells)


def test_init_writes_the_file_out_of_the_wheel(installed: Path, empty: Path) -> None:
    _run(installed / "soniclayer", "init", cwd=empty)
    assert (empty / "personas.toml").read_bytes() == (ROOT / "personas.toml").read_bytes()


def _refused(url: str) -> str:
    """What is said at an address that is not found."""
    with pytest.raises(HTTPError) as found:
        build_opener(ProxyHandler({})).open(url, timeout=60)
    with found.value as error:
        assert error.code == 404
        return error.read().decode()


def test_the_page_opens_and_judges_the_sample(installed: Path, empty: Path, streamlit_server: StartServer) -> None:
    server = streamlit_server(cwd=empty, command=(str(installed / "soniclayer"),), flags=(FLAG,))
    visitor = Visitor(server.url)
    assert "sample" in visitor.buttons()
    assert "those that come with SonicLayer" in visitor.text()
    visitor.press("sample")
    visitor.wait_until_gone("stop")
    assert "Judged by Built-in" in visitor.text()
    answer = _refused(f"{server.url}/audio/{'0' * 32}")
    assert answer == "There is no audio at this address."


def test_an_editable_install_finds_the_files_of_the_checkout(tmp_path: Path, empty: Path, project: Path) -> None:
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        (project / name).write_bytes((ROOT / name).read_bytes())
    programs = _fresh(tmp_path / "venv")
    python = programs / "python"
    _run(python, "-m", "pip", "install", "-q", "--no-deps", "-e", project, cwd=empty, env=os.environ)
    site = Path(_run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=empty).strip())
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"))  # this test is not about them
    sample = project / "soniclayer" / "data" / "breakfast_show.vtt"
    assert _run(python, "-c", PRINT_PATHS, cwd=empty).split() == [str(project / "personas.toml"), str(sample)]
    (empty / "show.vtt").write_text(TRANSCRIPT, encoding="utf-8")
    assert json.loads(_run(programs / "soniclayer", "show.vtt", cwd=empty))["personas"]
