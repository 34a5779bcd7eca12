"""The page and the library: what is on the page is kept, and a kept show is opened without evaluating anything."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from soniclayer import cache
from soniclayer.evaluators.builtin.evaluator import BuiltinEvaluator
from soniclayer.exports.json_file import to_json
from soniclayer.insights.selection import Selection, select
from soniclayer.insights.verdict import Insight
from soniclayer.library import FILE, UNDO_S
from soniclayer.records import restore
from soniclayer.source import Source
from soniclayer.transcript import parse
from soniclayer.ui.launch import PAGE
from soniclayer.ui.library import PageLibrary, library
from soniclayer.ui.state import Place
from tests.library.contents import unpacked_rows
from tests.stub_server import Stub
from tests.ui.page_driver import VTT, captions, cards, choose, has, open_menu, opened, settle, texts, upload


def written() -> PageLibrary:
    """The library, once all that was on its way has been written."""
    library().later(lambda: None).result(timeout=20)
    return library()


def restart() -> None:
    """End everything the process has in memory, as when the server starts anew."""
    written()
    cache.engine().close()
    st.cache_resource.clear()


def recents(app: AppTest) -> list[str]:
    return [button.label for button in app.button if str(button.key).startswith("recent-")]


def show_of(app: AppTest) -> str:
    place: Place = app.session_state["soniclayer"].place
    return place.show


def open_recent(app: AppTest, number: int = 0) -> AppTest:
    keys = [str(button.key) for button in app.button if str(button.key).startswith("recent-")]
    app.button(key=keys[number]).click().run()
    assert not app.exception
    return app


def refuse_to_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on nothing may be judged."""

    async def refuse(*_: object) -> None:
        raise AssertionError("it was evaluated again")

    monkeypatch.setattr(BuiltinEvaluator, "evaluate", refuse)


def test_a_show_is_kept_without_a_press_and_listed_with_what_is_known_of_it() -> None:
    settle(upload(opened(), "friday.vtt", VTT))
    kept = written().kept
    (row,) = kept.shows.recent(9)
    (run,) = kept.runs.of([row.id])
    assert (row.name, row.duration_s, run.answered, run.state) == ("friday.vtt", 65.0, 8 * 2, "finished")
    app = opened()
    assert recents(app) == ["friday.vtt"]
    said = " ".join(texts(app))
    for word in ("today", "1\\:05", "Built-in", "Tradies "):
        assert word in said


def test_after_a_restart_a_show_opens_from_the_list_and_by_its_link_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = settle(upload(opened(), "friday.vtt", VTT))
    before, show = cards(app), show_of(app)
    restart()
    refuse_to_judge(monkeypatch)
    assert cards(choose(open_recent(opened()), "view", "cards")) == before
    restart()
    link = AppTest.from_file(str(PAGE), default_timeout=20)
    link.query_params["show"] = show
    link.query_params["view"] = "cards"
    assert cards(link.run()) == before


def test_a_chat_run_is_looked_at_after_a_restart_though_its_server_is_gone(
    chat: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = upload(opened(), "friday.vtt", VTT)
    before = cards(settle(app.button(key="evaluate").click().run()))
    asked = len(chat.calls)
    restart()
    for name in ("OPENAI_BASE_URL", "SONICLAYER_MODEL"):
        monkeypatch.delenv(name)
    app = open_recent(opened())
    assert app.session_state["soniclayer"].place.evaluator == "chat"
    assert cards(choose(app, "view", "cards")) == before
    assert any("stub-small" in line for line in texts(app.main))
    assert len(chat.calls) == asked


def test_a_stopped_run_goes_on_after_a_restart_with_what_it_has(chat: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONICLAYER_CONCURRENCY", "2")
    chat.latency_s = 0.5
    app = upload(opened(), "long.vtt", captions(40))
    app.button(key="evaluate").click().run()
    deadline = time.monotonic() + 20
    while not chat.answered and time.monotonic() < deadline:  # without any answer there is nothing to go on with
        time.sleep(0.05)
    app.button(key="stop").click().run()
    settle(app)
    restart()
    chat.latency_s = 0.0
    app = open_recent(opened())
    assert any("Evaluate the rest" in button.label for button in app.button)
    settle(app.button(key="evaluate").click().run())
    (run,) = written().kept.runs.of([show_of(app)])
    assert (run.answered, run.state) == (40, "finished")


def test_a_name_and_a_programme_stay(tmp_path: Path) -> None:
    app = open_menu(settle(upload(opened(), "friday.vtt", VTT)), "import")
    show = show_of(app)
    app.text_input(key=f"name {show}").set_value("Breakfast [1]").run()
    app.text_input(key=f"tag {show}").set_value("Mornings").run()
    row = written().kept.shows.get(show)
    assert row is not None
    assert (row.name, row.tag) == ("Breakfast [1]", "Mornings")
    assert cards(choose(app, "view", "cards"))
    assert recents(opened()) == ["Breakfast \\[1\\]"]


def delete(app: AppTest) -> None:
    open_menu(app, "import")
    show = show_of(app)
    choose(app, f"delete {show}", True)
    app.button(key="delete-show").click().run()
    assert not app.exception


def test_a_deleted_show_can_be_brought_back_for_a_minute() -> None:
    app = settle(upload(opened(), "friday.vtt", VTT))
    show = show_of(app)
    delete(app)
    assert recents(app) == []
    assert written().source(show) is None
    app.button(key=f"bring-back-{show}").click().run()
    assert cards(choose(app, "view", "cards"))


def test_a_deleted_show_goes_with_its_chat_answers_and_nothing_of_its_words_is_left(
    chat: Stub, tmp_path: Path
) -> None:
    app = opened()
    for word in ("quokka", "wombat"):
        cue = f"WEBVTT\n\n00:00.000 --> 00:20.000\nThe {word} ran off over the hills and nobody saw it.\n"
        upload(app, f"{word}.vtt", cue.encode())
        settle(app.button(key="evaluate").click().run())
    assert holding(tmp_path, "wombat")
    delete(app)
    written().purge(now=time.time() + UNDO_S + 1)
    written().close()
    assert not holding(tmp_path, "wombat")
    assert holding(tmp_path, "quokka")


def holding(folder: Path, word: str) -> list[str]:
    """Files under a folder that hold a word, plain, compressed, or in a table."""
    found = [str(file) for file in folder.rglob("*") if file.is_file() and word.encode() in file.read_bytes().lower()]
    return found + [str(row)[:80] for row in unpacked_rows(folder / "data" / FILE) if word in row]


def test_a_show_that_is_not_to_be_kept_is_in_memory_alone(chat: Stub, tmp_path: Path) -> None:
    app = upload(opened(), "friday.vtt", VTT)
    settle(app.button(key="evaluate").click().run())
    show = show_of(app)
    choose(open_menu(app, "import"), f"unkept {show}", True)
    written().later(lambda: None).result()
    assert not holding(tmp_path, "cracker")
    assert cards(app)
    settle(app.button(key="retry-failed").click().run() if has(app, "retry-failed") else app.run())
    assert recents(opened()) == [], "another session does not see it"
    assert not holding(tmp_path, "cracker")
    restart()
    assert "not kept here any more" in " ".join(box.value for box in visit(show).info)


def visit(show: str) -> AppTest:
    app = AppTest.from_file(str(PAGE), default_timeout=20)
    app.query_params["show"] = show
    return app.run()


def test_nobody_sees_the_shows_of_others_where_the_page_is_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONICLAYER_LOCKED", "1")
    app = settle(upload(opened(), "friday.vtt", VTT))
    show = show_of(app)
    assert len(show) == 32
    other = opened()
    assert recents(other) == []
    upload(other, "friday.vtt", VTT)
    assert show_of(other) != show, "the same file of somebody else is another show"
    assert cards(choose(visit(show), "view", "cards")), "whoever was sent the link sees it"


def test_a_damaged_library_is_said_and_the_page_goes_on(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / FILE).write_bytes(b"no database" * 999)
    app = upload(opened(), "friday.vtt", VTT)
    assert any("set aside" in box.value for box in app.warning)
    assert cards(settle(app))


def test_a_full_disk_is_said_and_the_page_goes_on_in_memory() -> None:
    opened()
    database = library().kept._database
    database._writer.execute(f"PRAGMA max_page_count = {database.row('PRAGMA page_count')[0]}")
    app = settle(upload(opened(), "long.vtt", VTT + b"\nNOTE " + os.urandom(50_000).hex().encode()))
    assert any("no room" in box.value for box in app.warning)
    assert cards(app)
    assert library().is_unkept(show_of(app))


def exported(app: AppTest) -> bytes:
    """The JSON export of the show that is open."""
    show = library().source(show_of(app))
    (row, *_) = written().kept.runs.of([show_of(app)])
    assert show is not None
    run = restore(library().kept.runs.record(row.id))
    return to_json(Insight(select(run, Selection())), parse(show.name, show.data))


def test_json_results_open_as_results_not_as_a_transcript(monkeypatch: pytest.MonkeyPatch) -> None:
    app = settle(upload(opened(), "friday.vtt", VTT))
    before, data = cards(app), exported(app)
    restart()
    refuse_to_judge(monkeypatch)
    app = upload(opened(), "friday.soniclayer.json", data)
    assert cards(app) == before
    restart()
    app = choose(open_recent(opened()), "view", "cards")
    assert cards(app) == before
    assert "read as they are" in " ".join(texts(open_menu(app, "import")))


def test_damaged_results_are_refused_in_words() -> None:
    app = settle(upload(opened(), "friday.vtt", VTT))
    data = exported(app).replace(b'"score": 3', b'"score": 9')
    app = upload(app, "broken.json", data)
    assert any("score" in box.value and "segment" in box.value for box in app.error)


def test_the_memory_holds_no_more_than_it_may(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    pages = PageLibrary(tmp_path / "file", 400_000, lambda content: None)
    assert "in memory" in pages.problem
    for number in range(8):
        pages.put(f"show {number}", Source(f"{number}.vtt", os.urandom(100_000)))
    assert pages.source("show 7") is not None
    assert pages.source("show 0") is None
    pages.close()
