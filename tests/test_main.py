"""`python -m soniclayer` as a script would use it: a process, its files and its exit status."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from soniclayer import personas
from tests.conftest import ROOT
from tests.stub_server import Stub

IDS = tuple(personas.load(ROOT / "personas.toml"))
SAMPLE = ROOT / "soniclayer" / "data" / "breakfast_show.vtt"
REAL = ("vtt/zoom_acde_2026-03-26_233.vtt", "srt/buzzcast_buzzsprout.srt", "txt/twiml544_plain.txt")


@pytest.fixture
def run(tmp_path: Path) -> Any:
    """Runs the command in a home of its own, without settings from outside."""

    def run(*arguments: object, stdin: bytes = b"", **settings: str) -> subprocess.CompletedProcess[bytes]:
        environment = {
            key: value for key, value in os.environ.items() if not key.startswith(("OPENAI_", "SONICLAYER_"))
        }
        environment |= {"HOME": str(tmp_path), **settings}
        command = [sys.executable, "-m", "soniclayer", *map(str, arguments)]
        return subprocess.run(command, cwd=ROOT, env=environment, input=stdin, capture_output=True, timeout=120)

    return run


def check(document: dict[str, Any], ids: tuple[str, ...] = IDS) -> None:
    """The document is whole: every cell has a score from 1 to 5, times rise, the summary adds up."""
    assert document["schema"] == "soniclayer/1"
    assert [persona["id"] for persona in document["personas"]] == list(ids)
    end = 0.0
    for index, segment in enumerate(document["segments"]):
        assert segment["index"] == index
        assert end <= segment["start"] <= segment["end"]
        end = segment["end"]
        assert segment["text"].strip()
        assert list(segment["feedback"]) == list(ids)
        for cell in segment["feedback"].values():
            assert cell["score"] in {1, 2, 3, 4, 5}
            assert 0 <= cell["confidence"] <= 1
            assert cell["opinion"]
            assert cell["rationale"] or cell["score"] == 3, "no reason is given where none is seen"
    for key in ids:
        summary = document["summary"][key]
        assert summary["evaluated"] == len(document["segments"]) == sum(summary["distribution"].values())
        assert summary["failed"] == 0


def test_the_sample_is_evaluated_by_every_persona(run: Any) -> None:
    done = run(SAMPLE)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    check(document)
    assert 23 <= len(document["segments"]) <= 28
    basis = {"confidence_basis": "such calls are right"}
    assert document["evaluator"] == {"id": "builtin", "name": "Built-in (no language model)", "model": ""} | basis
    assert document["usage"] == {"calls": 0, "cached": 0, "input_tokens": 0, "output_tokens": 0}
    assert not done.stderr


@pytest.mark.parametrize("file", REAL)
def test_real_files_are_evaluated_by_every_persona(run: Any, shared: Path, file: str) -> None:
    done = run(shared / "samples" / file)
    assert done.returncode == 0, done.stderr
    check(json.loads(done.stdout))


def test_standard_input_chosen_personas_and_another_personas_file(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    blocks = [f'[personas.{key}]\ndisplay_name = "{key}"\ndescription = "D"\nlikes = ["footy"]\n' for key in "abc"]
    file.write_text("\n".join(blocks))
    done = run("-", "--personas", file, "--only", "c, a", "--segment-seconds", "60", stdin=SAMPLE.read_bytes())
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    check(document, ("a", "c"))
    assert 9 <= len(document["segments"]) <= 15


def test_the_ending_of_the_output_chooses_the_format(run: Any, tmp_path: Path) -> None:
    done = run(SAMPLE, "--only", "genz", "--output", tmp_path / "out.CSV")
    assert done.returncode == 0, done.stderr
    assert not done.stdout
    with (tmp_path / "out.CSV").open(newline="", encoding="utf-8-sig") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["persona"] for row in rows} == {"genz"}
    assert all(row["score"] in {"1", "2", "3", "4", "5"} for row in rows)
    assert not list(tmp_path.glob("*.part"))


def test_a_report_and_markers_are_written_beside_each_other(run: Any, tmp_path: Path) -> None:
    done = run(
        SAMPLE, "--only", "genz", "--report", tmp_path / "show.html", "--markers", tmp_path / "show.reaper.csv"
    )
    assert done.returncode == 0, done.stderr
    assert not done.stdout
    assert '<h2 id="h-verdict">Verdict</h2>' in (tmp_path / "show.html").read_text(encoding="utf-8")
    with (tmp_path / "show.reaper.csv").open(newline="", encoding="utf-8") as lines:
        assert next(csv.reader(lines)) == ["#", "Name", "Start", "End", "Length", "Color"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["show.html", "show.reaper.csv"]


def test_what_cannot_be_written_leaves_no_part_and_the_old_file_as_it_was(run: Any, tmp_path: Path) -> None:
    (tmp_path / "show.html").mkdir()
    done = run(SAMPLE, "--only", "genz", "--report", tmp_path / "show.html")
    assert done.returncode == 2
    assert f"{tmp_path / 'show.html'} cannot be written" in done.stderr.decode()
    assert [path.name for path in tmp_path.iterdir()] == ["show.html"]


def test_a_message_does_not_act_on_the_terminal(run: Any) -> None:
    done = run("none\x1b[31m\u202e.vtt")
    assert done.returncode == 2
    assert done.stderr.decode().startswith("none[31m.vtt cannot be read")


def chat(stub: Stub) -> dict[str, str]:
    return {"OPENAI_BASE_URL": stub.url, "SONICLAYER_MODEL": "stub-small"}


def test_a_chat_model_is_asked_once_for_everything_and_never_again(run: Any, stub: Stub) -> None:
    first = run(SAMPLE, "--only", "genz,tradies", "--evaluator", "chat", **chat(stub))
    assert first.returncode == 0, first.stderr
    document = json.loads(first.stdout)
    check(document, ("genz", "tradies"))
    basis = {"confidence_basis": "stated by the model"}
    assert document["evaluator"] == {"id": "chat", "name": "Chat model", "model": "stub-small"} | basis
    calls = 2 * len(document["segments"]) + -(-len(document["segments"]) // 8)  # topics come eight to a call
    answers = 3 * len(document["segments"])
    assert document["usage"]["calls"] == len(stub.calls) == calls
    assert document["usage"]["input_tokens"] > 0
    again = json.loads(run(SAMPLE, "--only", "genz,tradies", "--evaluator", "chat", **chat(stub)).stdout)
    assert len(stub.calls) == calls
    assert again["usage"] == {"calls": 0, "cached": answers, "input_tokens": 0, "output_tokens": 0}
    assert again["segments"] == document["segments"]


def test_some_failures_exit_with_1_and_still_write_the_rest(run: Any, stub: Stub, tmp_path: Path) -> None:
    stub.fault = lambda call: "schema" if call.text.count("left sock is wet") else ""
    done = run(SAMPLE, "--only", "tradies", "--evaluator", "chat", "--output", tmp_path / "out.json", **chat(stub))
    assert done.returncode == 1
    document = json.loads((tmp_path / "out.json").read_text())
    cells = [segment["feedback"]["tradies"] for segment in document["segments"]]
    failed = [cell for cell in cells if "error" in cell]
    assert 0 < len(failed) < len(cells)
    assert all(cell.keys() == {"error", "kind"} for cell in failed)
    assert document["summary"]["tradies"]["failed"] == len(failed)
    assert f"{len(failed)} of {len(cells)} cells have no feedback" in done.stderr.decode()


BAD = [
    # arguments, settings, part of the one line
    (["none.vtt"], {}, "none.vtt cannot be read: No such file"),
    ([SAMPLE, "--personas", "none.toml"], {}, "none.toml cannot be read: No such file"),
    ([SAMPLE, "--only", "nobody"], {}, "no persona “nobody”"),
    ([SAMPLE, "--segment-seconds", "0"], {}, "--segment-seconds"),
    ([SAMPLE, "--segment-seconds", "nan"], {}, "--segment-seconds"),
    ([SAMPLE, "--output", "x.pdf"], {}, "x.pdf must end in .html, .md, .xlsx, .csv, .json"),
    ([SAMPLE, "--report", "x.json"], {}, "x.json must end in .html or .md"),
    ([SAMPLE, "--markers", "x.csv"], {}, "x.csv must end in .txt, .reaper.csv, .premiere.csv"),
    ([SAMPLE, "--report", "x.md", "--output", "x.md"], {}, "--report: x.md is named twice"),
    ([SAMPLE, "--output", SAMPLE], {}, "is named twice"),
    (["--report", "x.html"], {}, "--report needs a FILE"),
    ([SAMPLE, "--output", "/nowhere/x.json"], {}, "cannot be written"),
    ([SAMPLE, "--evaluator", "oracle"], {}, "--evaluator"),
    ([SAMPLE, "--evaluator", "chat"], {}, "OPENAI_API_KEY"),
    ([SAMPLE, "--evaluator", "chat"], {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}, "SONICLAYER_MODEL"),
    (
        [SAMPLE, "--evaluator", "chat", "--model", "m"],
        {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"},
        "OPENAI_BASE_URL",
    ),
    ([SAMPLE], {"SONICLAYER_CONCURRENCY": "x"}, "SONICLAYER_CONCURRENCY"),
    ([ROOT / "LICENSE.png"], {}, "cannot be read"),
    (["--only", "genz"], {}, "--only needs a FILE"),
    (["--segment-seconds", "60"], {}, "--segment-seconds needs a FILE"),
    ([SAMPLE, "--server.port", "8600"], {}, "--server.port is an option of the page"),
    (["init", "here"], {}, "unrecognized arguments: here"),
    (["init"], {}, "personas.toml is in this folder already"),
]


@pytest.mark.parametrize(("arguments", "settings", "message"), BAD)
def test_bad_input_or_configuration_exits_with_2_and_one_clear_line(
    run: Any, arguments: list[object], settings: dict[str, str], message: str
) -> None:
    done = run(*arguments, **settings)
    assert done.returncode == 2
    assert not done.stdout
    (line,) = done.stderr.decode().splitlines()
    assert message in line


def test_a_file_that_is_no_transcript_exits_with_2(run: Any) -> None:
    done = run("-", stdin=b"\x89PNG\r\n\x1a\n" + bytes(500))
    assert done.returncode == 2
    (line,) = done.stderr.decode().splitlines()
    assert "transcript" in line


def test_a_bad_key_exits_with_2_and_is_not_repeated(run: Any, stub: Stub) -> None:
    stub.keys = ("right",)
    done = run(SAMPLE, "--evaluator", "chat", OPENAI_API_KEY="sk-wrong-one", **chat(stub))
    assert done.returncode == 2
    assert b"OPENAI_API_KEY" in done.stderr
    assert b"sk-wrong" not in done.stderr


def test_ctrl_c_leaves_no_traceback_and_keeps_what_was_answered(stub: Stub, tmp_path: Path) -> None:
    stub.latency_s = 0.1
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("OPENAI_", "SONICLAYER_"))}
    environment |= {"HOME": str(tmp_path), "SONICLAYER_CONCURRENCY": "2", **chat(stub)}
    command = [sys.executable, "-m", "soniclayer", str(SAMPLE), "--only", "genz,tradies", "--evaluator", "chat"]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Whatever started the tests in the background may have them ignore Ctrl-C, and their children with them.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    while len(stub.calls) < 10:
        time.sleep(0.05)
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=20)
    assert process.returncode == 130
    assert told.decode().strip() == "Stopped. Every answer of a chat model is kept; run again to ask only the rest."
    answered = sum(stub.answered.values())
    stub.latency_s = 0
    again = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=60)
    assert json.loads(again.stdout)["usage"]["cached"] >= answered - 1


def test_what_a_server_says_reaches_the_terminal_as_words_only(run: Any, stub: Stub) -> None:
    stub.fault = lambda call: "say \x1b]0;owned\x07 No models loaded \x1b[31m"
    done = run(SAMPLE, "--evaluator", "chat", **chat(stub))
    assert done.returncode == 2
    assert b"No models loaded" in done.stderr
    assert not set(b"\x1b\x07") & set(done.stderr)


def test_thrifty_mode_takes_an_eighth_of_the_calls(run: Any, stub: Stub) -> None:
    done = run(SAMPLE, "--only", "genz", "--evaluator", "chat", "--thrifty", **chat(stub))
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    count = len(document["segments"])
    assert document["usage"]["calls"] == 2 + -(-(count - 2) // 8) + -(-count // 8)
    cells = [segment["feedback"]["genz"] for segment in document["segments"]]
    assert "judged_together" not in cells[0]
    assert cells[5]["judged_together"] == 8


def test_the_built_in_evaluator_leaves_nothing_in_the_home_folder_and_sends_nothing(run: Any, tmp_path: Path) -> None:
    assert run(SAMPLE, "--only", "genz").returncode == 0
    assert not list(tmp_path.rglob("*onnxruntime*")), "its usage data are switched off"
