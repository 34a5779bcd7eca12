"""Markers, chapters and clips, read back as the programs they are for read them."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from typing import NamedTuple

import pytest

from soniclayer.exports import EXPORTS
from soniclayer.exports.markers import frames, markers, timecode
from soniclayer.feedback import Topic
from soniclayer.insights.selection import Selection, select
from soniclayer.insights.verdict import Insight
from soniclayer.run import Run
from soniclayer.transcript import Transcript
from tests.exports import hostile
from tests.insights.planted import PLAIN, call, run, segment

SHOW = Transcript("Friday’s show.vtt", "WebVTT", ())
GOOD = "Brass bands play on the pier tonight. Everybody is invited to dance until the sun comes up."


@pytest.fixture(scope="module")
def planted() -> Insight:
    """A loss of Ann at 2:00, swearing at 4:00 that Bob minds, clips for Ann from 6:00, breaks between speakers."""
    texts = [segment(index, PLAIN, "Kim" if index % 2 else "Lou") for index in range(30)]
    texts[8] = replace(texts[8], text="What the fuck was that?", turns=())
    texts[12] = replace(texts[12], text=GOOD, turns=())
    scores = {
        "ann": {4: call(1, quotes=("The coast is clear",)), 12: call(5, quotes=(GOOD,)), 20: call(4), 21: call(4)},
        "bob": {},
    }
    topics = {index: Topic.SPORTS if index < 15 else Topic.WEATHER for index in range(30)}
    return Insight(select(run(texts, scores, topics, {"bob": ("swearing",)}), Selection()))


def written(ending: str, insight: Insight, show: Transcript = SHOW) -> str:
    return EXPORTS[ending].write(insight, show).decode("utf-16" if ending == ".premiere.csv" else "utf-8")


def test_every_loss_cut_clip_and_break_is_a_mark_with_whom_and_words(planted: Insight) -> None:
    found = {mark.kind: mark for mark in reversed(markers(planted))}
    assert (found["losses"].name, found["losses"].start_ms, found["losses"].words) == (
        "Loses Ann",
        120_000,
        "The coast is clear",
    )
    assert (found["cuts"].name, found["cuts"].start_ms) == ("Cut for Bob", 240_000)
    assert found["cuts"].text == "Cut for Bob: “fuck” (swearing)"
    assert (found["clips"].name, found["clips"].start_ms) == ("Clip for Ann", 360_000)
    assert found["clips"].words == GOOD
    assert found["breaks"].start_ms == found["breaks"].end_ms > 0
    starts = [mark.start_ms for mark in markers(planted)]
    assert starts == sorted(starts)


def test_audacity_reads_a_label_per_line(planted: Insight) -> None:
    lines = written(".txt", planted).split("\n")
    assert lines.pop() == ""
    found = [re.fullmatch(r"(\d+\.\d{6})\t(\d+\.\d{6})\t([^\t\\][^\t]*)", line) for line in lines]
    assert len(found) == len(markers(planted))
    labels = [(float(match[1]), float(match[2]), match[3]) for match in found if match]
    assert labels == [(mark.start_ms / 1000, mark.end_ms / 1000, mark.text) for mark in markers(planted)]


def test_reaper_reads_regions_and_markers(planted: Insight) -> None:
    rows = list(csv.DictReader(io.StringIO(written(".reaper.csv", planted), newline="")))
    assert list(rows[0]) == ["#", "Name", "Start", "End", "Length", "Color"]
    for row, mark in zip(rows, markers(planted), strict=True):
        assert row["Name"] == mark.text
        assert _reaper_ms(row["Start"]) == mark.start_ms
        assert re.fullmatch("[0-9A-F]{6}", row["Color"])
        if row["#"].startswith("R"):
            assert _reaper_ms(row["End"]) - _reaper_ms(row["Start"]) == _reaper_ms(row["Length"]) > 0
        else:
            assert (row["End"], row["Length"]) == ("", "")
    numbers = [row["#"] for row in rows]
    assert len(set(numbers)) == len(numbers)
    assert {number[0] for number in numbers} == {"R", "M"}


def _reaper_ms(time: str) -> int:
    match = re.fullmatch(r"(\d+):([0-5]\d):([0-5]\d)\.(\d{3})", time)
    assert match, time
    hours, minutes, seconds, milli = map(int, match.groups())
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + milli


def test_premiere_reads_its_own_columns(planted: Insight) -> None:
    rows = list(csv.DictReader(io.StringIO(written(".premiere.csv", planted), newline=""), delimiter="\t"))
    assert list(rows[0]) == ["Marker Name", "Description", "In", "Out", "Duration", "Marker Type"]
    for row, mark in zip(rows, markers(planted), strict=True):
        assert (row["Marker Name"], row["Marker Type"]) == (mark.name, "Comment")
        assert mark.words in row["Description"]
        assert _frames(row["In"]) + _frames(row["Duration"]) == _frames(row["Out"])
        assert abs(_frames(row["In"]) * 40 - mark.start_ms) <= 20


def _frames(code: str) -> int:
    match = re.fullmatch(r"(\d\d):([0-5]\d):([0-5]\d):([01]\d|2[0-4])", code)
    assert match, code
    hours, minutes, seconds, rest = map(int, match.groups())
    return ((hours * 60 + minutes) * 60 + seconds) * 25 + rest


@pytest.mark.parametrize(
    ("ms", "code"),
    [(0, "00:00:00:00"), (19, "00:00:00:00"), (20, "00:00:00:01"), (999, "00:00:01:00"), (3_661_040, "01:01:01:01")],
)
def test_times_become_the_nearest_frame(ms: int, code: str) -> None:
    assert timecode(frames(ms)) == code


class Event(NamedTuple):
    """An event of an edit decision list, in frames, with its comments."""

    source: tuple[int, int]
    record: tuple[int, int]
    comments: list[str]


EVENT = re.compile(r"(\d{3})  ([A-Z0-9 ]{8}) (AA   ) C        ((?:\d\d:\d\d:\d\d:\d\d ?){4})")


def read_edl(data: bytes) -> tuple[str, list[Event]]:
    """A strict reader of CMX3600: title, frame count mode, numbered events whose comments follow them."""
    text = data.decode("ascii")
    assert text.endswith("\r\n")
    lines = text.removesuffix("\r\n").split("\r\n")
    assert not [line for line in lines if len(line) > 80 or "\n" in line or "\r" in line]
    assert lines[0].startswith("TITLE: ")
    assert lines[1:3] == ["FCM: NON-DROP FRAME", ""]
    events: list[Event] = []
    for line in lines[3:]:
        if line.startswith("* "):
            if events:
                events[-1].comments.append(line[2:])
            continue
        match = EVENT.fullmatch(line)
        assert match, line
        assert int(match[1]) == len(events) + 1
        begin, end, to, until = map(_frames, match[4].split())
        assert end > begin
        assert until - to == end - begin
        assert to == (events[-1].record[1] if events else 0)
        events.append(Event((begin, end), (to, until), []))
    return lines[0].removeprefix("TITLE: "), events


def test_the_clips_are_an_edit_decision_list(planted: Insight) -> None:
    title, events = read_edl(EXPORTS[".edl"].write(planted, SHOW))
    assert title == "Friday's show"
    clips = sorted(planted.moments("clips"), key=lambda clip: clip.start_ms)
    assert [event.source for event in events] == [(frames(clip.start_ms), frames(clip.end_ms)) for clip in clips]
    assert len(events) == 3
    assert events[0].comments[:2] == ["FROM CLIP NAME: Friday's show", "Clip for Ann"]
    assert events[0].comments[2].startswith("Brass bands play on the pier tonight.")


def test_hostile_words_make_no_event_and_no_other_scripts_break_the_list() -> None:
    insight, transcript = hostile.show()
    _, events = read_edl(EXPORTS[".edl"].write(insight, replace(transcript, name="Ünsere Sendung 中文.srt")))
    assert len(events) == len(insight.moments("clips")) > 20
    assert events[0].comments[0] == "FROM CLIP NAME: Unsere Sendung"
    title, _ = read_edl(EXPORTS[".edl"].write(insight, replace(transcript, name="中文.srt")))
    assert title == "SonicLayer"


def test_a_show_without_clips_is_a_list_without_events() -> None:
    made: Run = run([PLAIN], {"ann": {}})
    _, events = read_edl(EXPORTS[".edl"].write(Insight(select(made, Selection())), SHOW))
    assert events == []


def test_chapters_follow_the_topics_and_tell_listeners_nothing_of_scores(planted: Insight) -> None:
    document = json.loads(written(".chapters.json", planted))
    assert document["version"] == "1.2.0"
    assert document["title"] == "Friday’s show"
    chapters = document["chapters"]
    assert [(each["startTime"], each["endTime"]) for each in chapters] == [(0.0, 450.0), (450.0, 900.0)]
    assert chapters[0]["title"] == f"Sports: {PLAIN[: PLAIN.index('Nobody')]}Nobody knows what the tide will…"
    assert chapters[1]["title"].startswith("Weather & Climate: ")
    assert all(set(each) == {"startTime", "endTime", "title"} for each in chapters)


def test_a_chapter_lasts_two_minutes_and_its_title_does_not_swear() -> None:
    texts = ["What the fuck was that?", *[PLAIN] * 9]
    topics = {index: list(Topic)[index] for index in range(10)}
    insight = Insight(select(run(texts, {"ann": {}}, topics), Selection()))
    chapters = json.loads(written(".chapters.json", insight))["chapters"]
    assert all(each["endTime"] - each["startTime"] >= 120 for each in chapters)
    assert len(chapters) == 2
    assert chapters[0]["title"] == "Health"
    assert [each["startTime"] for each in chapters[1:]] == [each["endTime"] for each in chapters[:-1]]


@pytest.mark.parametrize("ending", [".txt", ".reaper.csv", ".premiere.csv", ".edl", ".chapters.json"])
def test_what_was_left_out_is_not_marked_and_said_first(planted: Insight, ending: str) -> None:
    bob = Insight(select(planted.scope.whole, Selection(personas=("bob",))))
    text = written(ending, bob)
    assert "Only what was chosen is in this file: 1 of 2 personas." in text
    assert "Ann" not in text
