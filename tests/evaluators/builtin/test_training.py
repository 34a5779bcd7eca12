"""Training on a small corpus made of the written shows, with ratings by rule."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from benchmarks import judgement
from soniclayer.evaluators.builtin import parameters as package
from soniclayer.evaluators.builtin.encoder import MODEL, TOKENIZER
from soniclayer.evaluators.builtin.scoring import panel_of, predict
from soniclayer.evaluators.builtin.training import __main__ as training
from soniclayer.evaluators.builtin.training.calibrate import folds, left_out, predicted
from soniclayer.evaluators.builtin.training.corpus import Corpus, corpus, personas_of, read, read_lines
from soniclayer.evaluators.builtin.training.fit import basis, fit
from tests.evaluators.builtin.shows import BREAKFAST, COUNCIL, TECH, segments

FOLDER = Path(package.__file__).parent


def rated() -> list[dict[str, object]]:
    """What readers might have said: six shows of four half minutes."""
    rows: list[dict[str, object]] = []
    for show, texts in (("tech", TECH), ("council", COUNCIL), ("breakfast", BREAKFAST)):
        for each in segments(texts):
            scores = {"genz": 2 + (show == "breakfast") * (1 + each.index % 3), "tradies": 1 + each.index % 4}
            scores |= {"academic": 4 - (show == "breakfast") * 2, "surfer": 3 + each.index % 3, "teenager": 2}
            reading = {"topic": "Technology", "topic2": "Science", "tone": "Informative", **scores}
            row = {"show": f"{show} {each.index // 4}", "previous": each.before, "text": each.text}
            rows.append({**row, "ratings": [reading, {**reading, "genz": 3}]})
    return rows


@cache
def data() -> Corpus:
    file = Path(package.__file__).parent / "never"
    assert not file.exists()
    return _corpus(json.dumps(rated()))


def _corpus(text: str, folder: Path | None = None) -> Corpus:
    import tempfile

    with tempfile.TemporaryDirectory() as made:
        file = (folder or Path(made)) / "rated.json"
        file.write_text(text, encoding="utf-8")
        return corpus(read([file]), personas_of(training.LISTENERS))


def test_readers_of_a_half_minute_are_taken_together() -> None:
    found = data()
    assert [persona.id for persona in found.personas] == ["genz", "tradies", "academic", "surfer", "teenager"]
    assert found.ratings.shape == (24, 5)
    assert found.ratings[0].tolist() == [2.5, 1, 4, 3, 2]
    assert len(set(found.shows.tolist())) == 6


def test_whole_shows_are_left_out() -> None:
    shows = data().shows
    where = folds(shows)
    assert all(len(set(where[shows == show].tolist())) == 1 for show in shows)
    assert set(where.tolist()) == set(range(5))


def test_the_same_data_gives_the_same_files_bit_for_bit() -> None:
    first, again = training.learn(data()), training.learn(_corpus(json.dumps(rated())))
    assert first == again
    assert json.loads(first[0])["data"]["half_minutes"] == 24


def test_what_is_written_predicts_what_was_learnt() -> None:
    found, known = data(), basis(data())
    everything, everyone = np.ones(24, dtype=np.bool_), np.ones(5, dtype=np.bool_)
    learnt = fit(found, known, everything, everyone)
    text, arrays = package.written(learnt, found.phrases, {})
    stored = package.parse(json.loads(text), arrays)
    panel = panel_of(found.phrases, stored)
    lean = np.concatenate([predict(heard, panel, stored).lean for heard in found.heard])
    expected = predicted(found, known, learnt, everything, everyone, everyone)
    np.testing.assert_allclose(lean, expected, atol=2e-3)
    assert panel.kinds == (package.RATED,) * 5


def test_a_left_out_show_and_persona_are_not_seen() -> None:
    """Other ratings of what is left out change nothing in what is said of it."""
    found, known = data(), basis(data())
    before = left_out(found, known)
    changed = found.ratings.copy()
    hidden = before.fold == 0
    changed[hidden] = 6 - changed[hidden]
    after = left_out(replace(found, ratings=changed), known)
    np.testing.assert_array_equal(before.known[hidden], after.known[hidden])
    np.testing.assert_array_equal(before.unmet[hidden], after.unmet[hidden])


def test_without_a_rated_file_it_says_what_it_needs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments in ([], ["nowhere.json"]):
        monkeypatch.setattr(sys, "argv", ["training", *arguments])
        assert training.main() == 2
        said = capsys.readouterr().err
        assert '"show", "previous", "text" and "ratings"' in said
        assert package.notes()["data"]["fingerprint"] in said
    assert "There is no file nowhere.json." in said


def test_the_benchmark_reports_on_it() -> None:
    text = judgement.report(data(), ("genz", "tradies", "academic"))
    assert "## Shows left out, shipped personas" in text
    assert "## Shows and personas left out, others with few or none" in text
    assert "| always 3 |" in text
    assert "95 % intervals over shows" in text
    assert "## Topic and tone" in text


def test_the_shipped_files_are_those_that_notice_names() -> None:
    import hashlib

    notice = (FOLDER.parents[2] / "NOTICE").read_text(encoding="utf-8")
    for name in (MODEL, TOKENIZER):
        assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() in notice


def test_the_shipped_parameters_say_what_they_were_learnt_from() -> None:
    noted = package.notes()["data"]
    assert noted["half_minutes"] >= 4_000
    assert len(noted["personas"]) >= 24
    card = (FOLDER / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert noted["fingerprint"] in card


def test_the_command_runs() -> None:
    command = [sys.executable, "-m", "soniclayer.evaluators.builtin.training"]
    done = subprocess.run(command, cwd=FOLDER.parents[2], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "nothing was written" in done.stderr


def test_written_lines_are_learnt_from_and_never_left_out() -> None:
    lines = read_lines(training.LINES)[:40]
    with_lines = corpus((*data().rated, *lines), data().personas)
    assert with_lines.talk.sum() == 24
    assert len(with_lines.rated) == 64
    where = folds(with_lines.shows)
    assert set(where[~with_lines.talk].tolist()) == {-1}
    assert set(where[with_lines.talk].tolist()) == set(range(5))
    known = basis(with_lines)
    np.testing.assert_allclose(known.space.text_mean, basis(data()).space.text_mean)
    everyone = np.ones(5, dtype=np.bool_)
    fit(with_lines, known, np.ones(64, dtype=np.bool_), everyone)
    found = left_out(with_lines, known)
    assert np.isnan(found.known[24:]).all()
    assert not np.isnan(found.known[:24]).any()
