"""A JSON export read in again: the same results, and refused where it says what cannot be."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from soniclayer.errors import NotJudgedError, RecordError
from soniclayer.exports.json_file import to_json
from soniclayer.exports.json_results import is_results, read_results
from soniclayer.feedback import Classification, Review, digest_of, overruled, own_of
from soniclayer.insights.selection import Selection, select
from soniclayer.insights.verdict import Insight
from soniclayer.records import restore
from soniclayer.run import Run
from soniclayer.segments import Segment
from soniclayer.session import evaluate
from soniclayer.transcript import Transcript, parse
from soniclayer.transcript.model import Cue
from tests.exports.hostile import show
from tests.fakes import ScriptedEvaluator, no_answer, persona, score, segments
from tests.ui.page_driver import VTT

KIM = Transcript("friday.vtt", "WebVTT", (Cue(0, 30_000, "Hello.", "Kim"),), ("1 cue.",))


def written(run: Run, transcript: Transcript, **chosen: Any) -> bytes:
    return to_json(Insight(select(run, Selection(**chosen))), transcript)


def again(data: bytes) -> bytes:
    results = read_results(data, when=1.0)
    return written(restore(results.record), results.transcript)


def everything() -> Run:
    """A run with feedback, failures, music, and segments that could not be classified or are not judged."""

    def classify(segment: Segment) -> Classification | Exception:
        if segment.index == 1:
            return no_answer("No topic came.")
        return NotJudgedError("German: it reads English.") if segment.index == 2 else Classification()

    parts = (*segments(4), Segment(4, 120_000, 150_000, (), "[Music]", before="This is part 3.", speech=False))
    answer = ScriptedEvaluator(
        lambda who, segment: no_answer() if (who, segment.index) == ("bob", 3) else score(4, 0.25), classify=classify
    )
    run = Run(parts, (persona("ann", weight=0.5), persona("bob")), answer)
    asyncio.run(run.execute())
    run.evaluator_id = "chat"
    return run


def test_export_import_export_is_the_same_file() -> None:
    transcript = parse("friday.vtt", VTT)
    for run, read in ((evaluate(transcript), transcript), (everything(), KIM)):
        first = written(run, read)
        assert again(first) == first


def test_everything_about_the_run_comes_back() -> None:
    run = everything()
    back = restore(read_results(written(run, KIM), when=1.0).record)
    assert (back.results, back.failures, back.personas) == (run.results, run.failures, run.personas)
    assert (back.not_judged, back.unclassified) == (run.not_judged, run.unclassified)
    assert back.segments == run.segments
    assert (back.state, back.evaluator_id, back.usage) == (run.state, "chat", run.usage)


def test_what_was_chosen_comes_back_as_what_was_chosen() -> None:
    transcript = parse("friday.vtt", VTT)
    first = written(evaluate(transcript), transcript, personas=("genz",), words="recipe")
    assert again(first) == first
    assert b"1 of 8 personas" in first


def test_hostile_words_come_back_as_they_were_but_for_half_letters() -> None:
    told, transcript = show()
    told.scope.whole.results.update({cell: own_of(each) for cell, each in told.scope.whole.results.items()})
    first = to_json(told, transcript)
    assert json.loads(again(first))["segments"] == json.loads(first.replace(b"\\ud800", b"?"))["segments"]


def test_reviews_come_back_beside_what_the_evaluator_said() -> None:
    run = everything()
    own = run.results[0, "ann"]
    digest = digest_of(run.segments[0].text)
    review = Review(0, "", digest, 0, "ann", 1, "No.", "Mo", 86_400.0, text=run.segments[0].text, said=4)
    run.results[0, "ann"] = overruled(own, review)
    results = read_results(written(run, KIM), when=1.0)
    assert restore(results.record).results[0, "ann"] == own
    assert results.reviews == (replace(review, evaluator="Scripted"),)


def test_a_file_of_version_0_1_0_is_read_with_what_it_has() -> None:
    document = json.loads(written(everything(), KIM))
    del document["run"]
    document["evaluator"] = {"name": "Old", "model": "m"}
    document["personas"] = [{"id": who, "display_name": who} for who in ("ann", "bob")]
    for segment in document["segments"]:
        for name in ("turns", "speech", "estimated"):
            segment.pop(name, None)
        for cell in segment["feedback"].values():
            cell.pop("kind", None)
    back = restore(read_results(json.dumps(document).encode(), when=1.0).record)
    assert back.results == everything().results
    assert [segment.speech for segment in back.segments] == [True] * 4 + [False]


def test_only_our_own_schema_counts_as_results() -> None:
    run = everything()
    assert is_results(written(run, KIM))
    for data in (b"", b"{}", b"{nonsense", b'{"schema": "other/1"}', b'["soniclayer/1"]', VTT, b'{"segments": []}'):
        assert not is_results(data)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda d: d["segments"][0]["feedback"]["ann"].update(score=9), "segment 0"),
        (lambda d: d["segments"][0].update(start=-1), "segments.0.start"),
        (lambda d: d["segments"][0].update(start="NaN"), "segments.0.start"),
        (lambda d: d["segments"][0].update(topic="Nonsense"), "segments.0.topic"),
        (lambda d: d["segments"][0].update(text=""), "segment 0"),
        (lambda d: d["segments"][1].update(index=0), "segment 0"),
        (lambda d: d["segments"][0]["feedback"].update(eve={"score": 3}), "eve"),
        (lambda d: d["personas"].append(d["personas"][0]), "personas"),
        (lambda d: d.pop("transcript"), "transcript"),
        (lambda d: d.update(segments={}), "segments"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(change: Callable[[Any], object], place: str) -> None:
    document = json.loads(written(everything(), KIM))
    change(document)
    with pytest.raises(RecordError, match=f"{place}.*Evaluate the show again"):
        read_results(json.dumps(document).encode(), when=1.0)


def test_half_a_file_is_refused() -> None:
    data = written(everything(), KIM)
    with pytest.raises(RecordError, match="cannot be read"):
        read_results(data[: len(data) // 2], when=1.0)
