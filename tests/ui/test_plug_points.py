"""What an outsider adds with one row: an evaluator, an export, a format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from soniclayer import __main__ as command_line
from soniclayer import exports
from soniclayer.errors import SettingsError
from soniclayer.evaluators import registry
from soniclayer.evaluators.base import Context, Evaluator
from soniclayer.evaluators.registry import EVALUATORS, EvaluatorSpec
from soniclayer.exports import EXPORTS, Export
from soniclayer.transcript import format_names, formats, parse
from soniclayer.transcript.formats import Format
from soniclayer.transcript.model import Cue
from soniclayer.transcript.reading import Reading
from tests.fakes import ScriptedEvaluator, score
from tests.ui.page_driver import VTT, cards, choose, opened, settle, texts, upload

if TYPE_CHECKING:
    from soniclayer.insights.verdict import Insight
    from soniclayer.transcript import Transcript


def make_oracle(context: Context) -> Evaluator:
    return ScriptedEvaluator(lambda who, segment: score(5))


ORACLE = EvaluatorSpec(
    id="oracle",
    label="Oracle",
    help="Knows everything beforehand.",
    starts_by_itself=True,
    first_wait_s=2.0,
    make=make_oracle,
)


@pytest.fixture
def _oracle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(EVALUATORS, ORACLE.id, ORACLE)


@pytest.mark.usefixtures("_oracle")
def test_an_evaluator_of_one_row_has_cards_and_its_own_explanation_on_the_page() -> None:
    app = settle(upload(choose(opened(), "evaluator", "oracle"), "show.vtt", VTT))
    found = cards(app)
    assert found
    assert all("Fine." in said for said in found.values())
    app.session_state["why-0-genz"] = True
    app.run()
    assert "Scripted for genz in 0." in texts(app.get_by_key("why-0-genz"))


@pytest.mark.usefixtures("_oracle")
def test_an_evaluator_of_one_row_is_on_the_command_line_and_in_the_export(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    show = tmp_path / "show.vtt"
    show.write_bytes(VTT)
    assert command_line.main([str(show), "--evaluator", "oracle", "--only", "genz"]) == 0
    written = json.loads(capsysbinary.readouterr().out)
    assert written["evaluator"]["name"] == "Scripted"
    assert {segment["feedback"]["genz"]["score"] for segment in written["segments"]} == {5}


def test_an_unknown_evaluator_is_named_with_those_there_are() -> None:
    with pytest.raises(SettingsError, match=r"no evaluator “oracle”.*builtin, chat"):
        registry.evaluator_spec("oracle")


def test_an_export_is_one_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(insight: Insight, transcript: Transcript) -> bytes:
        return f"{transcript.name}: {len(insight.scope.run.results)} reactions\n".encode()

    before = set(EXPORTS)
    monkeypatch.setitem(exports.EXPORTS, ".morse", Export("Text", "text/plain", write))
    show, out = tmp_path / "show.vtt", tmp_path / "out.morse"
    show.write_bytes(VTT)
    assert command_line.main([str(show), "--only", "genz", "--output", str(out)]) == 0
    assert out.read_text(encoding="utf-8") == "show.vtt: 2 reactions\n"
    assert set(EXPORTS) == before | {".morse"}


def test_a_format_is_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(text: str) -> Reading:
        lines = text.split("\n")[1:]
        return Reading("Morse", [Cue(1000 * at, 1000 * at + 900, line) for at, line in enumerate(lines)])

    row = Format("Morse", lambda text: text.startswith("MORSE"), read)
    monkeypatch.setattr(formats, "FORMATS", (row, *formats.FORMATS))
    transcript = parse("x", b"MORSE\nHello there.\nAnd good morning.")
    assert transcript.format == "Morse"
    assert [cue.text for cue in transcript.cues] == ["Hello there.", "And good morning."]
    assert "Morse" in format_names()
