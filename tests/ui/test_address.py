"""The address of the page is the view: written, read, and nothing of it trusted."""

from __future__ import annotations

import pytest

from soniclayer.insights.selection import Selection
from soniclayer.ui.address import read, write
from soniclayer.ui.state import Place
from tests.ui.page_driver import (
    IDS,
    VTT,
    by_label,
    captions,
    cards,
    choose,
    has,
    open_menu,
    opened,
    params,
    texts,
    upload,
    visit,
)

EVERYTHING = Place(
    show="abc",
    evaluator="chat",
    view="cards",
    segment=12,
    who="genz",
    moments="cuts",
    selection=Selection(
        personas=("genz", "tradies"),
        scores=(1, 2),
        topics=("Sports", "Food"),
        tones=("Casual / Conversational",),
        speakers=("Kim, the host", "Lee & co"),
        words="footy final",
        failed=True,
    ),
)


@pytest.mark.parametrize("place", [EVERYTHING, Place(show="abc")])
def test_what_is_written_is_read_back(place: Place) -> None:
    assert read(write(place)) == place


def test_what_is_as_usual_is_left_out() -> None:
    assert write(Place(show="abc")) == {"show": "abc"}
    assert write(Place(view="cards")) == {}


@pytest.mark.parametrize(
    "told",
    [
        {"segment": "-1"},
        {"segment": "1e9"},
        {"segment": "9" * 400},
        {"segment": "٣"},
        {"scores": "5-1"},
        {"scores": "0-9"},
        {"scores": "x"},
        {"view": ""},
        {"unknown": "x"},
    ],
)
def test_what_cannot_be_understood_is_as_if_it_were_not_there(told: dict[str, str]) -> None:
    assert read(told) == Place()


def test_the_address_shows_the_same_in_another_browser() -> None:
    app = upload(opened(), "long.vtt", captions(50))
    choose(app, "personas", list(IDS[:2]))
    choose(app, "search", "Part 3")
    app.text_input(key="jump").set_value("15:30").run()
    told = params(app)
    assert told["view"] == "cards"
    assert told["segment"] == "31"
    assert told["personas"] == ",".join(IDS[:2])
    assert told["q"] == "Part 3"
    other = visit(told)
    assert cards(other) == cards(app)
    assert params(other) == told


def test_going_back_shows_what_was_before() -> None:
    app = upload(opened(), "long.vtt", captions(50))
    before = params(app)
    app.button(key="later-top").click().run()
    assert params(app)["segment"] == "3"
    app.query_params.clear()
    for name, value in before.items():
        app.query_params[name] = value
    app.run()
    assert min(index for index, _ in cards(app)) == 0


def test_an_address_of_a_show_that_is_gone_says_so_and_offers_the_ways_in() -> None:
    app = visit({"show": "0123456789", "view": "cards"})
    assert "not kept here any more" in app.info[0].value
    assert app.file_uploader(key="upload")


def test_an_unknown_view_persona_or_evaluator_does_no_harm() -> None:
    show = params(upload(opened(), "morning.vtt", VTT))["show"]
    app = visit({"show": show, "view": "nonsense", "personas": "nobody", "evaluator": "oracle", "segment": "999"})
    assert has(app, "view-read")
    assert has(app, "segment-1")


def test_a_renamed_speaker_and_another_length_stand_in_the_address() -> None:
    app = upload(opened(), "long.vtt", captions(20))
    by_label(open_menu(app, "import"), "select_slider", "Segment length").set_value(60).run()
    assert any("10 segments" in line for line in texts(visit(params(app)).main))


def test_the_evaluator_stands_in_the_address_where_it_is_not_the_usual_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    app = upload(opened(), "morning.vtt", VTT)
    assert "evaluator" not in params(app)
    choose(app, "evaluator", "builtin")
    assert params(app)["evaluator"] == "builtin"
    assert any("Built-in" in line for line in texts(visit(params(app)).main))
