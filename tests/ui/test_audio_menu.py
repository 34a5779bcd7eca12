"""Audio beside a transcript, as the page offers it; what is heard is for the browser tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from soniclayer.ui import audio_menu
from soniclayer.ui.audio_store import audio_of
from tests.conftest import ROOT
from tests.ui.page_driver import VTT, choose, has, open_menu, open_view, opened, params, settle, texts, upload, visit

OGG = ROOT / "tests" / "data" / "audio" / "silence.ogg"


@pytest.fixture(autouse=True)
def _from_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio_menu, "from_here", lambda: True)  # AppTest has no browser to ask


def name(app: AppTest, path: object) -> AppTest:
    """Open the menu, and name this path."""
    open_menu(app, "audio").text_input(key="audio-path").set_value(str(path)).run()
    assert not app.exception
    return app


def plays(app: AppTest) -> list[int]:
    """What the play buttons play, in milliseconds."""
    keys = [button.key or "" for button in app.button]
    return [int(key.rpartition("-")[2]) for key in keys if key.startswith("play-")]


def components(app: AppTest) -> set[str]:
    """Names of the components on the page."""
    found: set[str] = set()

    def walk(node: Any) -> None:
        proto = getattr(node, "proto", None)
        found.add(str(getattr(proto, "component_name", "")))
        for child in getattr(node, "children", {}).values():
            walk(child)

    walk(app._tree)
    return found


def listening() -> AppTest:
    app = upload(opened(), "morning.vtt", VTT, "read")
    name(app, OGG)
    return app


def test_a_page_without_audio_has_no_player() -> None:
    app = upload(opened(), "morning.vtt", VTT, "read")
    assert not {each for each in components(app) if "player" in each or "audio" in each}
    assert not plays(app)
    assert "#play-" not in "".join(texts(app.main))


def test_a_path_brings_the_player_and_ways_to_play() -> None:
    app = listening()
    assert any("player" in each for each in components(app))
    assert plays(app) == [0]
    assert "[**Lee**](#play-15000" in "".join(texts(app.main))
    choose(app, "view", "cards")
    assert plays(app) == [0, 32_000]


def test_every_moment_can_be_played() -> None:
    app = opened()
    app.button(key="sample").click().run()
    open_view(settle(app), "moments")
    name(app, OGG)
    moments = [button for button in app.button if (button.key or "").startswith("go-")]
    assert moments
    assert len(plays(app)) == len(moments)


def test_a_path_that_cannot_be_played_says_so_where_it_was_typed(tmp_path: Path) -> None:
    app = upload(opened(), "morning.vtt", VTT)
    name(app, tmp_path / "no <b>such.mp3")
    (said,) = [error.value for error in app.error]
    assert "There is no file" in said
    assert "such.mp3. Put it back there, or name where it is now." in said
    name(app, OGG)
    assert not app.error


def test_a_file_that_went_away_is_said_and_nothing_offers_to_play(tmp_path: Path) -> None:
    path = tmp_path / "friday.ogg"
    path.write_bytes(OGG.read_bytes())
    app = upload(opened(), "morning.vtt", VTT, "read")
    name(app, path)
    path.unlink()
    app.run()
    (said,) = [warning.value for warning in app.warning]
    assert f"There is no file {path}" in said.replace("\\", "")
    assert not plays(app)
    path.write_bytes(OGG.read_bytes())
    app.run()
    assert plays(app)


def test_an_offset_is_kept_and_audio_taken_away() -> None:
    app = listening()
    (field,) = [each for each in app.number_input if "Audio before 0:00" in each.label]
    field.set_value(-12.5).run()
    show = params(app)["show"]
    kept = audio_of(show)
    assert kept is not None
    assert kept.offset_s == -12.5
    open_menu(app, "audio").button(key="drop-audio").click().run()
    assert audio_of(show) is None
    assert not has(app, "drop-audio")
    assert not plays(app)
    assert OGG.exists()


def test_another_length_of_segments_keeps_the_audio() -> None:
    app = listening()
    open_menu(app, "import").select_slider[0].set_value(15).run()
    assert plays(app)


@pytest.mark.parametrize("locked", ["", "1"])
def test_where_others_may_open_the_page_no_path_can_be_named(monkeypatch: pytest.MonkeyPatch, locked: str) -> None:
    monkeypatch.setenv("SONICLAYER_LOCKED", locked)
    app = open_menu(upload(opened(), "morning.vtt", VTT), "audio")
    assert has(app, "audio-path") is not bool(locked)
    assert any("upload" in each for each in components(app))


def test_from_another_computer_no_path_can_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio_menu, "from_here", lambda: False)
    assert not has(open_menu(upload(opened(), "morning.vtt", VTT), "audio"), "audio-path")


def test_an_address_opens_with_its_audio() -> None:
    assert plays(visit(params(listening()))) == [0]
