from __future__ import annotations

from datetime import date, datetime

import pytest

from soniclayer.phrasing import (
    MEASURED,
    clock,
    excerpt,
    listed,
    money,
    plural,
    recent_day,
    seconds_of,
    short_name,
    span,
    sureness,
)


def test_times_in_words() -> None:
    assert [clock(seconds) for seconds in (0, 65.9, 3600, 36_061)] == ["0:00", "1:05", "1:00:00", "10:01:01"]
    assert [span(seconds) for seconds in (0.2, 45, 600, 7200)] == ["a moment", "45 s", "10 min", "2.0 h"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1:03:20", 3800),
        (" 63:20 ", 3800),
        ("12", 720),
        ("12 min", 720),
        ("", None),
        ("soon", None),
        ("1:2:3:4", None),
    ],
)
def test_a_time_as_it_is_typed(text: str, seconds: float | None) -> None:
    assert seconds_of(text) == seconds


def test_plurals_and_money() -> None:
    assert [plural(count, "segment") for count in (0, 1, 1024)] == ["0 segments", "1 segment", "1,024 segments"]
    assert plural(2, "stretch", "stretches") == "2 stretches"
    assert [money(amount) for amount in (0, 0.004, 0.05, 1234.5)] == ["$0.00", "under $0.01", "$0.05", "$1,234.50"]


def test_how_sure_a_call_is_in_words() -> None:
    assert sureness(0.74, MEASURED) == "Sure: about 3 of 4 such calls are right"
    assert sureness(0.97, MEASURED) == "Sure: more than 9 of 10 such calls are right"
    assert sureness(0.3, MEASURED) == "Not sure: about half of such calls are right"
    assert sureness(0.9, "stated by the model") == "90% sure, stated by the model"
    assert sureness(None, "stated by the model") == "Does not say how sure"


def test_names_in_a_row() -> None:
    assert [listed(names) for names in ([], ["Ann"], ["Ann", "Bob"], ["Ann", "Bob", "Cat"])] == [
        "",
        "Ann",
        "Ann and Bob",
        "Ann, Bob and Cat",
    ]
    assert listed(["Ann", "Bob", "Cat", "Dan"]) == "Ann, Bob and 2 more"
    assert short_name("Advertiser (brand safety)") == "Advertiser"
    assert short_name("(all)") == "(all)"


def test_an_excerpt_ends_between_words() -> None:
    assert excerpt("one  two\nthree", 8) == "one two…"
    assert excerpt("short") == "short"


def test_days_as_they_are_said_today() -> None:
    def said(year: int, month: int, day: int) -> str:
        return recent_day(datetime(year, month, day, 12).timestamp(), date(2026, 11, 28))

    assert said(2026, 11, 28) == "today"
    assert said(2026, 11, 27) == "yesterday"
    assert said(2026, 11, 26) == "Thu 26 Nov"
    assert said(2026, 11, 29) == "Sun 29 Nov", "a clock that was put back"
    assert said(2025, 12, 1) == "1 Dec 2025"
