"""The timeline: colours that everybody can tell apart, data that stays small, every state with a look of its own."""

from __future__ import annotations

from itertools import pairwise

import pytest

from soniclayer.feedback import Failure, Feedback
from soniclayer.insights.timeline import ticks
from soniclayer.phrasing import clock
from soniclayer.segments import Segment
from soniclayer.ui import timeline_data as data
from soniclayer.ui.table_view import chips
from soniclayer.ui.text import SCORES
from soniclayer.ui.timeline_colours import INK, STRONG_ON, hues
from tests.insights.planted import PLAIN, call, lean, run, scope, segment
from tests.ui.colour_vision import VISIONS, contrast, difference, seen
from tests.ui.page_driver import captions, opened, upload

THEMES = {"light": False, "dark": True}


@pytest.mark.parametrize(
    ("one", "other", "published"),
    [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, -1.0, 2.0), (50.0, 0.0, 0.0), 2.3669),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((90.9257, -0.5406, -0.9208), (88.6381, -0.8985, -0.7239), 1.5381),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_differences_are_as_published(
    one: tuple[float, float, float], other: tuple[float, float, float], published: float
) -> None:
    assert difference(one, other) == pytest.approx(published, abs=1e-4)


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("theme", THEMES)
def test_scores_can_be_told_apart_without_seeing_red_or_green(theme: str, vision: str) -> None:
    colours = [hues(THEMES[theme])[name] for name in data.CALLS.values()]
    labs = [seen(colour, VISIONS[vision]) for colour in colours]
    steps = [difference(one, other) for one, other in pairwise(labs)]
    assert min(steps) >= 12, steps
    assert difference(labs[0], labs[-1]) >= 60


@pytest.mark.parametrize("theme", THEMES)
def test_numbers_can_be_read_on_every_score(theme: str) -> None:
    dark = THEMES[theme]
    plain, strong = INK[dark]
    for score, name in data.CALLS.items():
        ink = strong if str(score) in STRONG_ON[dark] else plain
        assert contrast(ink, hues(THEMES[theme])[name]) >= 4.5, (score, theme)


@pytest.mark.parametrize("theme", THEMES)
def test_numbers_can_be_read_in_the_table(theme: str) -> None:
    for colour in chips(THEMES[theme]):
        light = (1.05 / contrast("#ffffff", colour) - 0.05) > 0.5  # luminance from which on Streamlit writes black
        assert contrast("#000000" if light else "#ffffff", colour) >= 4.5, colour


def test_every_state_has_a_look_and_a_colour_of_its_own() -> None:
    assert len(set(data.LOOKS)) == len(data.LOOKS) == 12
    for dark in (False, True):
        assert set(hues(dark)) == set(data.LOOKS)
        assert len(set(hues(dark).values())) == len(data.LOOKS)


def test_calls_leanings_failures_and_silence_look_different() -> None:
    texts: list[str | Segment] = [PLAIN, PLAIN, PLAIN, PLAIN, PLAIN, segment(5, "[Music]", speech=False)]
    planted: dict[int, Feedback | Failure] = {0: call(5), 1: lean(2.0), 2: lean(3.0), 3: lean(4.0), 4: Failure("No.")}
    made = run(texts, {"ann": planted})
    frame = data.cells(scope(made))
    assert frame["look"].tolist() == [
        "5 loves it",
        data.AGAINST,
        data.NO_SIGNAL,
        data.FOR,
        data.FAILED,
        data.SILENCE,
    ]
    assert frame["sign"].tolist() == ["5", "", "", "", "×", "–"]
    made.not_judged[4] = "Spanish: the built-in evaluator reads English."
    assert data.cells(scope(made))["look"].tolist()[4] == data.FOREIGN
    del made.results[0, "ann"]
    assert data.cells(scope(made))["look"].tolist()[0] == data.OPEN


def test_a_three_of_a_chat_model_is_a_call() -> None:
    frame = data.cells(scope(run([PLAIN], {"ann": {0: call(3)}})))
    assert frame["look"].tolist() == [data.CALLS[3]]
    assert frame["sign"].tolist() == ["3"]


def test_very_long_shows_are_drawn_in_fewer_columns_that_keep_the_strongest_reaction() -> None:
    made = run([PLAIN] * 721, {"ann": {4: call(1)}})
    frame = data.cells(scope(made))
    assert len(frame) <= data.MOST_COLUMNS
    (struck,) = frame[frame["look"] == data.CALLS[1]].to_dict("records")
    assert data.opened(scope(made), struck["s"], struck["who"]) == (4, "ann"), "a click leads to it"
    assert data.opened(scope(made), struck["s"], "Nobody") is None
    assert data.opened(scope(made), 17, struck["who"]) is None


def test_personas_of_one_name_have_rows_of_their_own() -> None:
    from dataclasses import replace

    made = run([PLAIN], {"ann": {}, "bob": {}})
    twins = [replace(persona, display_name="The same") for persona in made.personas]
    assert len(set(data.row_names(twins))) == 2


@pytest.mark.parametrize(
    ("hours", "most", "labels"),
    [
        (0.2, 13, ["0:00", "1:00", "2:00"]),
        (2, 13, ["0:00", "10:00", "20:00", "30:00", "40:00", "50:00", "1:00:00"]),
        (2, 6, ["0:00", "30:00", "1:00:00", "1:30:00", "2:00:00"]),
        (999, 6, ["0:00", "16:40:00"]),
    ],
)
def test_the_time_axis_is_labelled_as_times_are_written_elsewhere(hours: float, most: int, labels: list[str]) -> None:
    assert [clock(at / 1000) for at in ticks(round(hours * 3_600_000), most)][: len(labels)] == labels


def test_the_axis_of_the_page_carries_these_labels() -> None:
    app = upload(opened(), "long.vtt", captions(150), "read")
    spec = app.get("vega_lite_chart")[-1].proto.spec
    assert "1:10:00" in spec
    assert " min'" not in spec


@pytest.mark.parametrize(("segments", "most_kb"), [(120, 60), (720, 300)])
def test_an_hour_of_eight_personas_is_small_and_carries_no_opinions(segments: int, most_kb: int) -> None:
    app = upload(opened(), "long.vtt", captions(segments), "read")
    charts = [element.proto for element in app.get("vega_lite_chart")]
    assert len(charts) == 3
    assert sum(chart.ByteSize() for chart in charts) <= most_kb * 1000
    for chart in charts:
        assert b"Sounds like" not in chart.SerializeToString()


def test_another_segment_moves_the_pointer_and_no_chart_of_results() -> None:
    app = upload(opened(), "long.vtt", captions(120), "read")
    before = [element.proto.SerializeToString() for element in app.get("vega_lite_chart")]
    app.query_params["segment"] = "7"
    app.run()
    after = [element.proto.SerializeToString() for element in app.get("vega_lite_chart")]
    assert [one == other for one, other in zip(before, after, strict=True)] == [True, False, True]


def test_the_legend_names_what_is_there() -> None:
    assert [look.word.lower() for look in SCORES.values()] == [name[2:] for name in data.CALLS.values()]
