"""`soniclayer` without a file: whose settings win, and whose personas are shown."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from soniclayer import __main__ as command
from soniclayer.errors import SettingsError
from soniclayer.shipped import is_own, personas_path, shipped, shipped_personas
from soniclayer.ui import launch
from soniclayer.ui.launch import default_options
from tests.agent_api import FLAG, Visitor
from tests.conftest import ROOT, StartServer
from tests.ui.page_driver import VTT, opened, texts, upload

SHIPPED = {"server": {"address": "localhost", "maxUploadSize": 25}, "theme": {"light": {"textColor": "#111"}}}
EVERYTHING = ["--server.address=localhost", "--server.maxUploadSize=25", "--theme.light.textColor=#111"]


def test_a_folder_without_settings_gets_the_shipped_ones() -> None:
    assert default_options(SHIPPED, [{}, {}], {"PATH": "/bin"}) == EVERYTHING


def test_truth_is_spelled_as_streamlit_reads_it() -> None:
    assert default_options({"runner": {"magicEnabled": False}}, [], {}) == ["--runner.magicEnabled=false"]


def test_what_the_users_files_and_variables_say_is_left_alone() -> None:
    assert default_options(SHIPPED, [{}, {"server": {"address": "0.0.0.0"}}], {}) == EVERYTHING[1:]
    assert default_options(SHIPPED, [], {"STREAMLIT_SERVER_MAX_UPLOAD_SIZE": "1"}) == [EVERYTHING[0], EVERYTHING[2]]


@pytest.mark.parametrize(
    ("own", "environment"), [({"theme": {"base": "dark"}}, {}), ({}, {"STREAMLIT_THEME_PRIMARY_COLOR": "#fff"})]
)
def test_one_word_of_the_users_on_the_theme_replaces_it_whole(
    own: dict[str, object], environment: dict[str, str]
) -> None:
    assert default_options(SHIPPED, [own], environment) == EVERYTHING[:2]


def test_a_settings_file_that_is_no_toml_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "config.toml").write_text("[server\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match=r"config\.toml is not valid TOML"):
        launch.serve()


def test_the_shipped_settings_bind_to_this_machine_and_collect_nothing() -> None:
    settings = tomllib.loads(shipped("config.toml", ".streamlit/config.toml").read_text(encoding="utf-8"))
    assert settings["server"]["address"] == "localhost"
    assert settings["browser"]["gatherUsageStats"] is False
    assert settings["runner"]["postScriptGC"] is False


@pytest.mark.parametrize(
    ("argv", "options"),
    [
        ([], []),
        (["--server.port", "8600"], ["--server.port=8600"]),
        (
            ["--server.port=8600", "--theme.light.textColor", "#000"],
            ["--server.port=8600", "--theme.light.textColor=#000"],
        ),
        (["--server.customCSP", ""], ["--server.customCSP="]),
    ],
)
def test_options_with_a_dot_go_to_the_page(
    monkeypatch: pytest.MonkeyPatch, argv: list[str], options: list[str]
) -> None:
    served: list[list[str]] = []
    monkeypatch.setattr(launch, "serve", served.append)
    assert command.main(argv) == 0
    assert served == [options]


def test_init_writes_the_shipped_personas_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert personas_path() == shipped_personas()
    assert not is_own(personas_path())
    assert command.main(["init"]) == 0
    assert (tmp_path / "personas.toml").read_bytes() == (ROOT / "personas.toml").read_bytes()
    assert is_own(personas_path())
    (tmp_path / "personas.toml").write_text("mine")
    capsys.readouterr()
    assert command.main(["init"]) == 2
    assert (tmp_path / "personas.toml").read_text() == "mine"
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_transcript_called_init_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert command.main(["./init"]) == 2
    assert not (tmp_path / "personas.toml").exists()


def test_a_checkout_finds_its_files_from_any_folder(tmp_path: Path) -> None:
    code = "from soniclayer.shipped import *\nprint(shipped_personas())\nprint(shipped('breakfast_show.vtt'))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert done.stdout.splitlines() == [str(ROOT / "personas.toml"), str(ROOT / "soniclayer/data/breakfast_show.vtt")]


def test_the_page_opens_in_an_empty_folder_and_says_whose_personas_it_shows(
    tmp_path: Path, streamlit_server: StartServer
) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    server = streamlit_server(
        cwd=folder, command=(sys.executable, "-m", "soniclayer"), env={"PYTHONPATH": str(ROOT)}, flags=(FLAG,)
    )
    visitor = Visitor(server.url)
    assert "sample" in visitor.buttons()
    assert "Personas: those that come with SonicLayer" in visitor.text()
    (folder / "personas.toml").write_text('[personas.ann]\ndisplay_name = "Ann"\ndescription = "Listens."\n')
    visitor.act()
    assert "Personas: **personas.toml** in this folder" in visitor.text()
    assert "1 persona will listen" in visitor.text()


def test_the_personas_view_says_how_to_get_a_file_to_edit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    app = upload(opened(), "show.vtt", VTT, "personas")
    assert any("`soniclayer init` writes" in line for line in texts(app.main))
    command.main(["init"])
    app.run()
    assert not any("`soniclayer init` writes" in line for line in texts(app.main))
