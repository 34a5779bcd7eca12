"""What an installed package promises: its dependencies, its version, what its parts import, the README's examples."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

import soniclayer
from tests.conftest import ROOT

HEAVY = ("pandas", "langchain_core", "langchain_openai", "altair")


def _project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _pinned() -> dict[str, Requirement]:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line.partition("#")[0]) for line in lines if line.strip()]
    return {pin.name: pin for pin in pins}


def test_requirements_and_project_name_the_same_packages() -> None:
    assert set(_pinned()) == {Requirement(line).name for line in _project()["project"]["dependencies"]}


def test_every_pin_lies_within_the_range_of_the_project() -> None:
    for line in _project()["project"]["dependencies"]:
        wanted = Requirement(line)
        (pin,) = _pinned()[wanted.name].specifier
        assert pin.operator == "=="
        assert wanted.specifier.contains(Version(pin.version.removesuffix(".*"))), line
        assert not wanted.specifier.contains("99"), f"{line} has no upper end"


def test_every_pin_says_what_it_is_for() -> None:
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines():
        assert re.search(r"  # \S+ \S+", line), line


def test_everything_imported_is_declared() -> None:
    files = [ROOT / "app.py", *(ROOT / "soniclayer").rglob("*.py")]
    found = {name.replace("_", "-") for file in files for name in _imported(file)}
    extras = _project()["project"]["optional-dependencies"].values()
    optional = {Requirement(line).name for extra in extras for line in extra}
    # Of langchain-core langchain is made, of dask distributed.
    declared = {*_pinned(), *optional, "soniclayer", "langchain-core", "dask"}
    assert found <= declared, found - declared


def _imported(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names)


def test_the_version_has_one_source() -> None:
    project = _project()
    assert "version" in project["project"]["dynamic"]
    assert project["tool"]["hatch"]["version"]["path"] == "soniclayer/__init__.py"
    assert f"## [{soniclayer.__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


QUICK = [
    # what is done, and which packages it must not wait for
    ("import soniclayer", (*HEAVY, "streamlit", "pydantic", "numpy")),
    ("import soniclayer.transcript", (*HEAVY, "streamlit", "pydantic", "numpy")),
    ("from soniclayer import parse, split", (*HEAVY, "streamlit", "pydantic", "numpy")),
    ("from soniclayer.__main__ import main; main(['--help'])", (*HEAVY, "streamlit", "pydantic", "numpy")),
    ("from soniclayer.__main__ import main; main(['--version'])", (*HEAVY, "streamlit", "pydantic", "numpy")),
    ("import soniclayer.llm_client.client", (*HEAVY, "streamlit", "numpy")),
    ("import soniclayer.evaluators.chat.budget", (*HEAVY, "streamlit", "numpy")),
    ("import soniclayer.evaluators.registry, soniclayer.exports", (*HEAVY, "streamlit", "numpy")),
    ("import soniclayer.ui.app", HEAVY),
]


@pytest.mark.parametrize(("code", "unwanted"), QUICK, ids=[code for code, _ in QUICK])
def test_what_is_not_used_is_not_imported(code: str, unwanted: tuple[str, ...]) -> None:
    watched = f"import atexit, sys\natexit.register(lambda: print('MODULES', *sys.modules))\n{code}"
    done = subprocess.run([sys.executable, "-c", watched], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.splitlines()[-1].split())
    assert not loaded & set(unwanted)


def test_the_readme_runs_as_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    blocks = _readme_code("From Python")
    assert len(blocks) == 2, "one for ordinary code, one for code in an event loop"
    shutil.copy(ROOT / "soniclayer" / "data" / "breakfast_show.vtt", tmp_path / "show.vtt")
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "SONICLAYER_PERSONAS"):
        monkeypatch.delenv(name, raising=False)
    for block in blocks:
        assert len([line for line in block.splitlines() if line.strip()]) <= 6
        code = compile(block, "README.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        names: dict[str, object] = {}
        result = eval(code, names)
        if inspect.iscoroutine(result):
            asyncio.run(result)
        run = names["run"]
        assert isinstance(run, soniclayer.Run)
        assert run.complete
        assert capsys.readouterr().out


def _readme_code(section: str) -> list[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    part = text.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    return re.findall(r"```python\n(.*?)```", part, re.DOTALL)
