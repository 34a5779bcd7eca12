"""Comparing the open show with what the library has, and the shows of a programme over time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from soniclayer.feedback import digest_of
from soniclayer.segments import split
from soniclayer.transcript import parse
from soniclayer.ui.library import library
from tests.ui.page_driver import SURFERS, captions, open_view, opened, params, settle, texts, upload, visit

SIZE = 14
OTHER = captions(SIZE).replace(b"weather", b"election").replace(b"footy", b"budget")


def two_shows(first: str = "monday.vtt", second: str = "friday.vtt") -> AppTest:
    """Both judged, the second open in Compare."""
    settle(upload(opened(), first, captions(SIZE)))
    app = settle(upload(opened(), second, OTHER))
    library().later(lambda: None).result(timeout=20)
    return open_view(app, "compare")


def against(app: AppTest) -> Any:
    (box,) = [box for box in app.selectbox if box.label == "Compare with"]
    return box


def labels(app: AppTest) -> list[str]:
    return list(against(app).options)


def tag(*names: str, programme: str) -> None:
    kept = library().kept
    for row in kept.shows.recent(50):
        if row.name in names:
            kept.shows.tag(row.id, programme)


def test_a_show_alone_says_what_to_do() -> None:
    app = open_view(settle(upload(opened(), "alone.vtt", captions(3))), "compare")
    assert any("nothing to compare with yet" in line for line in texts(app.main))


def test_two_shows_side_by_side_in_words_and_as_a_table() -> None:
    app = two_shows()
    assert [label.split(" · ")[0] for label in labels(app)] == ["monday.vtt"]
    said = [line for line in texts(app.main) if "chance" in line]
    assert said
    assert any("monday.vtt" in line or "no difference beyond chance" in line for line in said)
    (table,) = app.dataframe
    frame = table.value
    assert len(frame) == 8
    assert list(frame.columns)[:5] == ["Persona", "There", "Here", "Difference", "Chance"]
    assert all(abs(row["Here"] - row["There"] - row["Difference"]) < 1e-6 for _, row in frame.iterrows())


def test_what_is_compared_with_stands_in_the_address() -> None:
    settle(upload(opened(), "sunday.vtt", captions(SIZE).replace(b"coast", b"harbour")))
    app = two_shows()
    second = against(app).options[1]
    against(app).select_index(1).run()
    assert not app.exception
    link = settle(visit(params(app)))
    assert against(link).value == against(app).value
    assert labels(link)[1] == second


def test_two_cuts_of_one_show_say_what_was_left_out() -> None:
    lines = captions(20).decode().split("\n\n")
    numbered = [line.replace("the weather", f"number{i} item{i} story{i} place{i}") for i, line in enumerate(lines)]
    cut = [numbered[0], *numbered[1:8], *numbered[11:]]
    settle(upload(opened(), "long.vtt", "\n\n".join(numbered).encode()))
    app = settle(upload(opened(), "short.vtt", "\n\n".join(cut).encode()))
    library().later(lambda: None).result(timeout=20)
    app = open_view(app, "compare")
    said = texts(app.main)
    assert any("Two cuts of one show" in line for line in said)
    assert any("Only in long.vtt" in line for line in said)
    assert any("number8 item8" in line for line in said)
    assert not any("Only in this show" in line for line in said)


def test_a_programme_over_time() -> None:
    app = two_shows()
    tag("monday.vtt", "friday.vtt", programme="Mornings")
    app.run()
    number = next(i for i, label in enumerate(labels(app)) if label == "Mornings over time · 2 shows")
    against(app).select_index(number).run()
    assert not app.exception
    assert any("A trend takes 5 shows" in line for line in texts(app.main))
    assert len(app.get("vega_lite_chart")) >= 8
    columns = list(app.dataframe[0].value.columns)
    assert columns == ["Persona", "1. monday.vtt", "2. friday.vtt", "Losses an hour"]


def test_two_shows_of_one_name_are_two_columns() -> None:
    app = two_shows("show.vtt", "show.vtt")
    tag("show.vtt", programme="Mornings")
    app.run()
    against(app).select_index(1).run()
    assert not app.exception
    frame = app.dataframe[0].value
    assert list(frame.columns)[1:3] == ["1. show.vtt", "2. show.vtt"]
    assert any(row["1. show.vtt"] != row["2. show.vtt"] for _, row in frame.iterrows())


def test_only_what_both_runs_have_is_set_side_by_side(personas_file: Path) -> None:
    genz = personas_file.read_text(encoding="utf-8")
    settle(upload(opened(), "friday.vtt", captions(SIZE)))
    library().later(lambda: None).result(timeout=20)
    for personas, tables in ((SURFERS, 0), (genz + SURFERS, 2)):
        personas_file.write_text(personas, encoding="utf-8")
        app = open_view(settle(upload(opened(), "friday.vtt", captions(SIZE))), "compare")
        against(app).select_index(len(labels(app)) - 1).run()
        assert not app.exception
        assert any("Only in this show: Surfers" in line for line in texts(app.main))
        assert [len(table.value) for table in app.dataframe] == [1] * tables


def test_names_are_shown_as_they_are() -> None:
    app = two_shows("[x](http://e.example) **b** :red[c].vtt")
    said = [line for line in texts(app.main) if "e.example" in line]
    assert not any("](http://" in line.replace("\\]\\(", "") for line in said)
    assert labels(app)[0].startswith("[x](http://e.example) **b** :red[c].vtt · ")


def test_a_locked_page_lists_no_show_of_another_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONICLAYER_LOCKED", "1")
    app = two_shows()
    assert any("nothing to compare with yet" in line for line in texts(app.main))


def test_results_that_cannot_be_read_are_said_to_be_so() -> None:
    settle(upload(opened(), "monday.vtt", captions(SIZE)))
    app = settle(upload(opened(), "friday.vtt", OTHER))
    library().later(lambda: None).result(timeout=20)
    with library().kept._database.write() as connection:  # the damage that no method does
        connection.execute("UPDATE runs SET record = ?", (b"damaged",))
    app = open_view(app, "compare")
    assert any("cannot be read" in line for line in texts(app.main))


def overrule_all(name: str, data: bytes, persona: str, score: int) -> None:
    """A person gives every segment of a show this score."""
    kept = library().kept
    (show,) = [row.id for row in kept.shows.recent(50) if row.name == name]
    for each in split(parse(name, data)):
        kept.reviews.add(
            show, words=digest_of(each.text), start_ms=each.start_ms, persona=persona, score=score, reason="Heard it."
        )


def test_what_persons_have_overruled_counts_on_both_sides_and_over_time() -> None:
    app = two_shows()
    overrule_all("monday.vtt", captions(SIZE), "genz", 5)
    overrule_all("friday.vtt", OTHER, "genz", 1)
    frame = app.run().dataframe[0].value
    (row,) = [row for _, row in frame.iterrows() if "Gen Z" in row["Persona"]]
    assert (row["There"], row["Here"]) == (5, 1)
    assert any("down from 5.0 in monday.vtt to 1.0 in this show" in line for line in texts(app.main))

    tag("monday.vtt", "friday.vtt", programme="Mornings")
    app.run()
    against(app).select_index(1).run()
    frame = app.dataframe[0].value
    (row,) = [row for _, row in frame.iterrows() if "Gen Z" in row["Persona"]]
    assert (row["1. monday.vtt"], row["2. friday.vtt"]) == (5, 1)
