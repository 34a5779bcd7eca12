from __future__ import annotations

import csv
import json
import os
import sys
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pyarrow.parquet as pq
import pytest
from typing_extensions import override

from soniclayer import settings
from soniclayer.archive import tables
from soniclayer.archive.evaluation import DIED, RESULTS, Evaluation
from soniclayer.archive.output import Output
from soniclayer.archive.work import Result, Task, evaluate_show
from soniclayer.errors import FatalError, SettingsError
from soniclayer.results import COLUMNS
from tests.archive.shows import CELLS, LISTENERS, SEGMENTS, InThread, evaluated, make_shows, plan_of
from tests.fakes import persona


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return tmp_path / "in"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def documents(out: Path) -> dict[str, dict[str, object]]:
    """By the name of the show's file."""
    found = [json.loads(path.read_bytes()) for path in (out / "shows").glob("*.json")]
    return {each["transcript"]["name"]: each for each in found}


def test_every_show_is_judged_once_and_never_again(here: Path, out: Path) -> None:
    paths = make_shows(here, 12)
    tally, tasks = evaluated(here, out)
    assert (tally.judged, tally.held, tally.cells) == (12, 0, 12 * CELLS)
    assert len(tasks) == 12
    assert documents(out).keys() == {path.name for path in paths}
    again, tasks = evaluated(here, out)
    assert (again.judged, again.held, tasks) == (0, 12, [])
    assert again.shows == tally.shows


def test_a_renamed_or_moved_file_costs_nothing(here: Path, out: Path) -> None:
    paths = make_shows(here, 3)
    evaluated(here, out)
    (here / "new").mkdir()
    paths[0].rename(here / "new" / "another name.txt")
    tally, tasks = evaluated(here, out)
    assert (tally.held, tasks) == (3, [])
    assert "new/another name.txt" in tally.shows.values()


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there are no such names here")
def test_a_show_whose_name_is_no_text_is_held_too(here: Path, out: Path) -> None:
    make_shows(here, 1)[0].rename(here / os.fsdecode(b"caf\xe9.vtt"))
    evaluated(here, out)
    tally, tasks = evaluated(here, out)
    assert (tally.held, tasks) == (1, [])
    with Output(out) as output:
        tables.write_tables(output, tally.shows, tally.skipped, settings.read())
    assert "caf\N{REPLACEMENT CHARACTER}.vtt" in (out / "shows.csv").read_text(encoding="utf-8-sig")


def test_a_changed_persona_redoes_its_own_cells_alone(here: Path, out: Path) -> None:
    make_shows(here, 3)
    evaluated(here, out)
    before = documents(out)
    changed = replace(LISTENERS[1], likes=("the footy",), description="Lives for the footy.")
    tally, tasks = evaluated(here, out, (LISTENERS[0], changed, persona("new")))
    assert (tally.judged, tally.cells) == (3, 3 * 2 * SEGMENTS), "the changed persona's and the new one's"
    assert all(task.kept for task in tasks)
    for name, document in documents(out).items():
        for was, now in zip(before[name]["segments"], document["segments"], strict=True):  # type: ignore[call-overload]
            assert now["feedback"].keys() == {"kim", "lee", "new"}
            assert now["feedback"]["kim"] == was["feedback"]["kim"]
    whole, _ = evaluated(here, out.with_name("fresh"), (LISTENERS[0], changed, persona("new")))
    assert whole.cells == 3 * 3 * SEGMENTS
    fresh = documents(out.with_name("fresh"))
    assert {name: each["segments"] for name, each in documents(out).items()} == {
        name: each["segments"] for name, each in fresh.items()
    }


def test_another_name_of_a_persona_is_shown_and_judges_nothing_anew(here: Path, out: Path) -> None:
    make_shows(here, 2)
    evaluated(here, out)
    tally, _ = evaluated(here, out, (replace(LISTENERS[0], display_name="Kimberley"), LISTENERS[1]))
    assert (tally.judged, tally.cells) == (2, 0)
    assert all(each["personas"][0]["display_name"] == "Kimberley" for each in documents(out).values())  # type: ignore[index]


def test_results_that_are_gone_or_damaged_are_made_again(here: Path, out: Path) -> None:
    make_shows(here, 3)
    evaluated(here, out)
    before = documents(out)
    gone, damaged, _ = sorted((out / "shows").glob("*.json"))
    gone.unlink()
    damaged.write_bytes(b'{"schema": "soniclayer/1"}')
    tally, _ = evaluated(here, out, tuple(replace(each, weight=2.0) for each in LISTENERS))
    assert tally.cells == 2 * CELLS, "those of the third are taken over"
    assert {name: each["summary"] for name, each in documents(out).items()} == {
        name: each["summary"] for name, each in before.items()
    }


def test_bad_files_are_named_and_end_nothing(here: Path, out: Path) -> None:
    paths = make_shows(here, 4)
    (here / "broken.docx").write_bytes(b"PK\x03\x04 and no more")
    (here / "empty.srt").write_bytes(b"")
    (here / "noise.bin").write_bytes(bytes(range(256)) * 4)
    (here / "zz copy.vtt").write_bytes(paths[0].read_bytes())
    evaluated(here, out.with_name("other"))
    results = next((out.with_name("other") / "shows").glob("*.json"))
    (here / "results.json").write_bytes(results.read_bytes())
    tally, _ = evaluated(here, out)
    reasons = {each.file: each.reason for each in tally.skipped}
    assert reasons.keys() == {"broken.docx", "empty.srt", "noise.bin", "results.json", "zz copy.vtt"}
    assert reasons["results.json"] == RESULTS
    assert reasons["zz copy.vtt"] == "The same content as show 00.vtt, which is judged."
    assert (tally.judged, tally.settled) == (4, tally.files)


def test_a_defect_and_a_process_that_dies_cost_one_show_each(here: Path, out: Path) -> None:
    class Unlucky(InThread):
        """Of the shows 1, 3 and 4 a process dies, the last one every time; with show 2 something is wrong."""

        died: ClassVar[set[str]] = set()

        @override
        def work(self, task: Task) -> Result:
            first = task.name not in self.died
            self.died.add(task.name)
            if (task.name in ("show 01.vtt", "show 03.vtt") and first) or task.name == "show 04.vtt":
                raise BrokenProcessPool("A process in the process pool was terminated abruptly.")
            if task.name == "show 02.vtt":
                raise ZeroDivisionError("division by zero")
            return evaluate_show(task)

    make_shows(here, 6)
    tally, _ = evaluated(here, out, executor=Unlucky())
    reasons = {each.file: each.reason for each in tally.skipped}
    assert reasons.pop("2024/show 04.vtt") == DIED
    (wrong,) = reasons.values()
    assert "ZeroDivisionError: division by zero" in wrong
    assert (tally.judged, tally.settled) == (4, 6)


def test_processes_that_die_of_every_show_end_the_run(here: Path, out: Path) -> None:
    class Dying(InThread):
        @override
        def work(self, task: Task) -> Result:
            raise BrokenProcessPool("A process in the process pool was terminated abruptly.")

    make_shows(here, 12)
    executor = Dying()
    with pytest.raises(FatalError, match="enough memory"):
        evaluated(here, out, executor=executor)
    assert len(executor.tasks) == 2 * InThread.width, "the other shows are not tried"


def test_two_runs_on_one_output_are_refused(out: Path) -> None:
    with Output(out), pytest.raises(SettingsError, match="Another run is writing into"), Output(out):
        pass
    with Output(out):
        pass


def test_half_a_line_in_the_index_costs_that_show_alone(here: Path, out: Path) -> None:
    make_shows(here, 3)
    evaluated(here, out)
    index = out / "index.jsonl"
    index.write_bytes(index.read_bytes()[:-40])
    tally, tasks = evaluated(here, out)
    assert (tally.held, len(tasks)) == (2, 1)


def test_the_tables_have_every_show_and_every_cell_once(here: Path, out: Path) -> None:
    make_shows(here, 5)
    (here / "=cmd().vtt").write_bytes((here / "show 00.vtt").read_bytes() + b"\n\nNOTE another\n")
    tally, _ = evaluated(here, out)
    used = settings.read().model_copy(update={"price_input": 1.0, "price_output": 1.0})
    with Output(out) as output:
        tables.write_tables(output, tally.shows, tally.skipped, used)
        with (out / "shows.csv").open(encoding="utf-8-sig", newline="") as file:
            shows = list(csv.DictReader(file))
        assert shows[0]["file"] == "2024/show 01.vtt"
        assert "'=cmd().vtt" in {show["file"] for show in shows}, "no spreadsheet runs it"
        assert all(show["judged"] == str(CELLS) and show["complete"] == "True" for show in shows)
        assert all(show["cost"] == "0.0" and 1 <= float(show["mean_kim"]) <= 5 for show in shows)
        cells = pq.read_table(out / "cells.parquet")
        assert cells.column_names == ["show", "file", *COLUMNS]
        keys = list(zip(*(cells[name].to_pylist() for name in ("show", "segment", "persona")), strict=True))
        assert len(keys) == len(set(keys)) == 6 * CELLS
        assert set(cells["score"].to_pylist()) <= {1, 2, 3, 4, 5}
        before = os.stat(out / "cells.parquet").st_mtime_ns
        tables.write_tables(output, tally.shows, tally.skipped, used)
        assert os.stat(out / "cells.parquet").st_mtime_ns == before, "nothing has changed"


def test_shows_are_read_when_they_are_wanted(here: Path, out: Path) -> None:
    make_shows(here, 12)
    plan, tally = plan_of(here, out)
    most = 0

    class Counting(InThread):
        @override
        def submit(self, task: Task) -> Future[Result]:
            nonlocal most
            most = max(most, len(self.tasks) - tally.settled)
            return super().submit(task)

    with Output(out) as output:
        executor = Counting()
        Evaluation(plan, output, executor, tally).run(lambda tally: None)
        executor.close()
    assert tally.judged == 12
    assert most <= InThread.width
