"""personas.toml while it is edited."""

from __future__ import annotations

from pathlib import Path

from tests.ui.page_driver import SURFERS, VTT, cards, opened, upload


def test_a_persona_added_to_the_file_appears(personas_file: Path) -> None:
    app = upload(opened(), "morning.vtt", VTT)
    assert set(cards(app)) == {(0, "genz"), (1, "genz")}
    personas_file.write_text(personas_file.read_text() + SURFERS)
    app.run()
    assert set(cards(app)) == {(index, who) for index in range(2) for who in ("genz", "surfers")}


def test_a_broken_file_keeps_the_last_good_personas_and_names_line_persona_and_field(personas_file: Path) -> None:
    app = upload(opened(), "morning.vtt", VTT)
    before = cards(app)
    good = personas_file.read_text()
    personas_file.write_text(good + SURFERS.replace('"Wet."', "12"))
    app.run()
    assert not app.exception
    (warning,) = app.warning
    for part in ("line 8", "surfers", "description"):
        assert part in warning.value
    assert cards(app) == before
    personas_file.write_text(good)
    app.run()
    assert not app.warning


def test_without_any_readable_personas_the_page_says_so_and_nothing_else(personas_file: Path) -> None:
    personas_file.write_text("[personas.genz\n")
    app = opened()
    (error,) = app.error
    assert "line 1" in error.value
    assert not app.file_uploader
