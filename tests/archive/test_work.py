from __future__ import annotations

import pickle

import pytest

from soniclayer.archive.work import Task, evaluate_show
from soniclayer.errors import TranscriptError
from soniclayer.exports import EXPORTS
from soniclayer.insights.selection import Selection, select
from soniclayer.insights.verdict import Insight
from soniclayer.session import evaluate
from soniclayer.source import content_id
from soniclayer.transcript import parse
from tests.archive.shows import CELLS, LISTENERS
from tests.fakes import webvtt

DATA = webvtt(2, "Friday")


def test_a_show_of_an_archive_has_the_results_it_has_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-nobody-else-may-see-this")
    task = Task("Friday.vtt", DATA, content_id(DATA), LISTENERS, "builtin")
    sent = pickle.dumps(task)
    assert b"sk-nobody" not in sent
    result = pickle.loads(pickle.dumps(evaluate_show(pickle.loads(sent))))
    transcript = parse("Friday.vtt", DATA)
    alone = evaluate(transcript, LISTENERS)
    assert result.show == EXPORTS[".json"].write(Insight(select(alone, Selection())), transcript)
    assert (result.judged, result.facts.judged, result.facts.complete) == (CELLS, CELLS, True)


def test_what_is_no_transcript_says_so_across_processes() -> None:
    with pytest.raises(TranscriptError) as raised:
        evaluate_show(Task("noise", bytes(range(256)), "", LISTENERS, "builtin"))
    again = pickle.loads(pickle.dumps(raised.value))
    assert (type(again), str(again)) == (TranscriptError, str(raised.value))
