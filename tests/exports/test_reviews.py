"""A person's score in every kind of file: it is theirs, and what the evaluator said stands beside it."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from openpyxl import load_workbook

from soniclayer.exports import EXPORTS
from soniclayer.exports.reviews_file import to_csv
from soniclayer.feedback import Review, digest_of
from soniclayer.insights.reviews import place
from soniclayer.insights.selection import Selection, select
from soniclayer.insights.verdict import Insight
from soniclayer.results import to_frame
from soniclayer.transcript import Cue, Transcript
from tests.exports import hostile
from tests.insights.planted import call, lean, run

WHEN = 1_795_824_000  # 28 Nov 2026, 00:00 UTC
RUN = run(
    ["Footy first.", "Then the weather.", "Then the news."],
    {"genz": {1: call(2, quotes=("weather",))}, "ann": {0: call(4), 2: lean(2.5)}},
)
SHOW = Transcript("friday.vtt", "WebVTT", tuple(Cue(s.start_ms, s.end_ms, s.text, "Kim") for s in RUN.segments))


def review(index: int, persona: str, score: int, reason: str) -> Review:
    of = RUN.segments[index]
    where = ("show", digest_of(of.text), of.start_ms, persona)
    return Review(1, *where, score, reason, "Priya", WHEN, text=of.text, said=2, evaluator="Scripted")


@pytest.fixture
def insight() -> Insight:
    reviews = place(RUN.segments, [review(1, "genz", 4, "They surf."), review(2, "ann", 3, "No news for her.")])
    return Insight(select(RUN, Selection(), reviews))


def text(insight: Insight, ending: str) -> str:
    return EXPORTS[ending].write(insight, SHOW).decode("utf-8-sig")


def test_csv_and_frame(insight: Insight) -> None:
    rows = list(csv.DictReader(io.StringIO(text(insight, ".csv"), newline="")))
    row = next(row for row in rows if (row["segment"], row["persona"]) == ("1", "genz"))
    assert (row["score"], row["evaluator_score"], row["opinion"], row["confidence"]) == ("4", "2", "Gives 2.", "0.8")
    assert (row["review"], row["reviewer"], row["reviewed_at"]) == ("They surf.", "Priya", "2026-11-28T00:00:00Z")
    assert row["quotes"] == "weather"
    assert {row["review"] for row in rows} == {"", "They surf.", "No news for her."}
    assert to_frame(insight.scope.run)["evaluator_score"].count() == 2


def test_json(insight: Insight) -> None:
    cell = json.loads(text(insight, ".json"))["segments"][1]["feedback"]["genz"]
    assert (cell["score"], cell["evaluator_score"], cell["opinion"]) == (4, 2, "Gives 2.")
    assert cell["review"] == {"who": "Priya", "at": "2026-11-28T00:00:00Z", "reason": "They surf."}
    assert json.loads(text(insight, ".json"))["segments"][1]["consensus"] == 3.5


def test_workbook(insight: Insight) -> None:
    book = load_workbook(io.BytesIO(EXPORTS[".xlsx"].write(insight, SHOW)))
    rows = list(book["Reactions"].iter_rows(min_row=2, values_only=True))
    assert rows[0][9:] == (None,) * 4
    assert rows[2][2] == 4
    assert rows[2][9:] == (2, "They surf.", "Priya", "28 Nov 2026")
    assert next(book["Segments"].iter_rows(min_row=3, values_only=True))[7] == 4


@pytest.mark.parametrize("ending", [".html", ".md"])
def test_reports_tell_who_when_why_and_what_the_evaluator_said(insight: Insight, ending: str) -> None:
    told = text(insight, ending)
    assert "Priya, 28 Nov 2026; the evaluator said 2" in told
    assert "Priya, 28 Nov 2026; the evaluator had no signal" in told
    assert "Genz: 4, the evaluator said 2" in told
    assert told.count("They surf.") == 2, "in the list of reviews and on its card"


def test_the_chart_of_the_report_marks_the_score_and_says_what_the_mark_means(insight: Insight) -> None:
    assert ">4*</text>" in text(insight, ".html")
    assert "* a person's score" in text(insight, ".html").replace("&#39;", "'")
    plain = Insight(select(RUN, Selection()))
    assert "a person" not in text(plain, ".html")
    assert "Reviews" not in text(plain, ".html")


def test_vtt_names_who_gave_the_score(insight: Insight) -> None:
    assert "Genz 4 (Priya)" in text(insight, ".vtt")
    assert "Ann 3 (Priya)" in text(insight, ".vtt")


def test_markers_and_clips_go_by_the_persons_score(insight: Insight) -> None:
    low = place(RUN.segments, [replace(review(0, "ann", 1, "Never."))])
    assert "Loses Ann" in text(Insight(select(RUN, Selection(), low)), ".txt")
    assert "Loses Ann" not in text(insight, ".txt")


def test_the_list_has_every_review_and_what_became_of_it(insight: Insight) -> None:
    back = replace(review(1, "genz", 1, "First thought."), made=WHEN - 9, undone_by="Kim", undone=WHEN)
    entries = place(RUN.segments, [review(1, "genz", 4, "They surf."), back]).entries
    rows = list(csv.DictReader(io.StringIO(to_csv(entries, {"genz": "Gen Z"}).decode("utf-8-sig"), newline="")))
    assert [(row["score"], row["evaluator_score"], row["status"]) for row in rows] == [
        ("4", "2", "counts"),
        ("1", "2", "taken back"),
    ]
    assert (rows[1]["undone_by"], rows[1]["undone_at"]) == ("Kim", "2026-11-28T00:00:00Z")
    assert (rows[0]["start"], rows[0]["display_name"], rows[0]["words"]) == ("0:30", "Gen Z", "Then the weather.")


def test_hostile_names_and_reasons_are_plain_text_in_the_list() -> None:
    reviews = hostile.show()[0].scope.reviews
    text = to_csv(reviews.entries, dict.fromkeys("abc", hostile.FORMULA)).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert len(rows) == 10
    assert {len(row) for row in rows} == {14}
    assert not hostile.HARMFUL & set(text)
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝"))]
