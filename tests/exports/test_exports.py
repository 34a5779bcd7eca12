from __future__ import annotations

import asyncio
import csv
import io
import json
import zipfile
from dataclasses import replace

import pytest

from soniclayer.errors import FatalError
from soniclayer.exports import EXPORTS, Role, ending_of, endings
from soniclayer.exports.csv_file import to_csv
from soniclayer.exports.json_file import to_json
from soniclayer.feedback import Feedback
from soniclayer.insights.selection import Selection, select
from soniclayer.insights.verdict import Insight
from soniclayer.personas import DEFAULT_RUBRIC
from soniclayer.results import NO_SPEECH, NOT_REACHED
from soniclayer.run import Run
from soniclayer.segments import Segment
from soniclayer.transcript import Cue, Transcript
from tests.fakes import ScriptedEvaluator, no_answer, persona, score, segments

USAGE = {"calls": 6, "cached": 1, "input_tokens": 10, "output_tokens": 5}
TRANSCRIPT = Transcript("show.vtt", "WebVTT", (Cue(0, 30_000, "Hello.", "Kim"),), ("1 cue.",))


def finished(evaluator: ScriptedEvaluator, parts: tuple[Segment, ...] = segments(2)) -> Run:
    run = Run(parts, (persona("ann"), persona("bob")), evaluator)
    asyncio.run(run.execute())
    return run


def told(run: Run, **chosen: object) -> Insight:
    return Insight(select(run, Selection(**chosen)))  # type: ignore[arg-type]


def test_the_document_has_the_published_shape() -> None:
    run = finished(ScriptedEvaluator(lambda who, s: no_answer() if (who, s.index) == ("bob", 1) else score(4)))
    assert json.loads(to_json(told(run), TRANSCRIPT)) == {
        "schema": "soniclayer/1",
        "transcript": {
            "name": "show.vtt",
            "format": "WebVTT",
            "duration": 60.0,
            "speakers": ["Kim"],
            "notes": ["1 cue."],
        },
        "evaluator": {"id": "", "name": "Scripted", "model": "", "confidence_basis": "scripted"},
        "personas": [
            {
                "id": who,
                "display_name": who.title(),
                "emoji": "👤",
                "description": f"Listens as {who}.",
                "system": f"You are {who}.",
                "prompt": "How do you react?",
                "likes": ["music"],
                "dislikes": ["noise"],
                "rubric": {str(score): words for score, words in DEFAULT_RUBRIC.items()},
                "weight": 1.0,
                "group": "",
            }
            for who in ("ann", "bob")
        ],
        "run": {
            "state": "finished",
            "fatal": "",
            "not_judged": {},
            "unclassified": {},
            "usage": {"": USAGE | {"cached_tokens": 0, "estimated": 0}},
        },
        "segments": [
            {
                "index": index,
                "start": index * 30.0,
                "end": index * 30.0 + 30.0,
                "speakers": ["Kim"],
                "text": f"This is part {index}.",
                "topic": "Sports",
                "tone": "Casual / Conversational",
                "consensus": 4.0,
                "feedback": {
                    who: {"error": "The server said no.", "kind": "server error"}
                    if (who, index) == ("bob", 1)
                    else {
                        "score": 4,
                        "opinion": "Fine.",
                        "rationale": "It was fine.",
                        "confidence": 0.5,
                        "note": "",
                        "quotes": [],
                        "lean": None,
                    }
                    for who in ("ann", "bob")
                },
            }
            for index in range(2)
        ],
        "summary": {
            who: {
                "mean_score": 4.0,
                "spread": 0.0,
                "distribution": {"1": 0, "2": 0, "3": 0, "4": evaluated, "5": 0},
                "mean_confidence": 0.5,
                "top": list(range(evaluated)),
                "bottom": [],
                "evaluated": evaluated,
                "failed": 2 - evaluated,
            }
            for who, evaluated in (("ann", 2), ("bob", 1))
        },
        "usage": USAGE,
    }


def test_cells_that_were_not_reached_say_so() -> None:
    def errors(run: Run) -> set[object]:
        parts = json.loads(to_json(told(run), TRANSCRIPT))["segments"]
        return {cell.get("error") for part in parts for cell in part["feedback"].values()}

    untouched = Run(segments(2), (persona("ann"),), ScriptedEvaluator())
    assert errors(untouched) == {NOT_REACHED}
    assert errors(finished(ScriptedEvaluator(lambda who, s: FatalError("Bad key.")))) == {"Bad key."}


def test_a_segment_without_speech_is_kept_as_text_and_not_judged() -> None:
    parts = (*segments(1), Segment(1, 30_000, 60_000, (), "[Music]", speech=False))
    evaluator = ScriptedEvaluator()
    run = finished(evaluator, parts)
    assert run.complete
    assert {index for index, _ in evaluator.asked} == {0}
    music = json.loads(to_json(told(run), TRANSCRIPT))["segments"][1]
    assert music["text"] == "[Music]"
    assert (music["topic"], music["tone"], music["consensus"]) == (None, None, None)
    assert music["feedback"] == {"ann": {"error": NO_SPEECH}, "bob": {"error": NO_SPEECH}}


def test_csv_has_a_line_per_cell_and_nothing_a_spreadsheet_would_run() -> None:
    hostile = ["=1+1", "+2", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "plain, with comma"]
    parts = tuple(Segment(i, i * 1000, i * 1000 + 1000, ("=Kim",), text) for i, text in enumerate(hostile))

    def answer(who: str, segment: Segment) -> Feedback:
        return Feedback(3, segment.text, segment.text, 0.5, segment.text)

    data = to_csv(told(finished(ScriptedEvaluator(answer), parts)), TRANSCRIPT)
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert len(rows) == 2 * len(hostile)
    for row in rows:
        for name, value in row.items():
            assert not value.startswith(("=", "+", "-", "@", "\t", "\r")), (name, value)
    assert rows[0]["text"] == "'=1+1"
    assert rows[-1]["opinion"] == "plain, with comma"
    assert rows[-1]["score"] == "3"


@pytest.mark.parametrize("ending", EXPORTS)
def test_every_kind_is_written_and_says_what_was_left_out(ending: str) -> None:
    run = finished(ScriptedEvaluator(lambda who, s: score(5, 0.9)), segments(4))
    transcript = replace(TRANSCRIPT, cues=tuple(Cue(s.start_ms, s.end_ms, s.text) for s in run.segments))
    everything = EXPORTS[ending].write(told(run), transcript)
    chosen = EXPORTS[ending].write(told(run, personas=("bob",), words="part 1"), transcript)
    for data, said in ((everything, False), (chosen, True)):
        assert (b"1 of 2 personas, 1 of 4 segments" in _plain_bytes(ending, data)) is said
    if EXPORTS[ending].role != "markers":
        assert b"This is part 2." in _plain_bytes(ending, everything)
        assert b"This is part 2." not in _plain_bytes(ending, chosen)


def _plain_bytes(ending: str, data: bytes) -> bytes:
    if ending == ".xlsx":
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            return b"".join(book.read(name) for name in book.namelist())
    return data.decode("utf-16").encode() if ending == ".premiere.csv" else data


@pytest.mark.parametrize(
    ("name", "role", "ending"),
    [
        ("show.JSON", None, ".json"),
        ("show.chapters.json", None, ".chapters.json"),
        ("show.chapters.json", "markers", ".chapters.json"),
        ("show.json", "markers", ""),
        ("show.csv", "markers", ""),
        ("show.Reaper.CSV", "markers", ".reaper.csv"),
        ("show.html", "report", ".html"),
        ("show.pdf", None, ""),
    ],
)
def test_the_longest_ending_that_fits_chooses_the_kind(name: str, role: Role | None, ending: str) -> None:
    assert ending_of(name, role) == ending


def test_the_endings_of_a_role_can_be_said() -> None:
    assert endings("report") == ".html or .md"
    assert endings().startswith(".html, .md, .xlsx")


def test_an_unknown_confidence_is_null_and_left_out_of_the_mean() -> None:
    run = finished(ScriptedEvaluator(lambda who, s: Feedback(3, "o", "r", 0.5 if who == "ann" else None)))
    document = json.loads(to_json(told(run), TRANSCRIPT))
    assert document["segments"][0]["feedback"]["bob"]["confidence"] is None
    assert document["summary"]["bob"]["mean_confidence"] is None
    assert document["summary"]["ann"]["mean_confidence"] == 0.5
