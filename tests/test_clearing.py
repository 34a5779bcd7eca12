"""Kept answers are cleared, all or a show's own, and brought back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from soniclayer import cache, clearing, kept_files
from tests.fakes import new_process


def keep(question: str, *, show: str = "") -> bool:
    """Have the answer to a question, for a show; whether it had to be asked for."""
    asked = False

    async def ask() -> str:
        nonlocal asked
        asked = True
        return f"about {question}"

    store = cache.stores_of(show)[0] if show else cache.store
    assert asyncio.run(store(question, ask)) == f"about {question}"
    return asked


def test_a_clearing_can_be_undone_until_the_next_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for question in ("a", "b"):
        keep(question)
    assert clearing.clear_until_undone() == 2
    assert clearing.stored() == (0, 0)
    assert clearing.cleared() == 2
    assert keep("a")
    assert clearing.undo_clear() == 2
    new_process(monkeypatch)
    assert not keep("a"), "what was answered since then stays"
    assert not keep("b")
    clearing.clear_until_undone()
    clearing.forget_cleared()
    assert clearing.undo_clear() == 0


@pytest.mark.parametrize("restarted", [False, True])
def test_a_show_s_answers_are_cleared_but_what_another_uses_stays(
    folder: Path, monkeypatch: pytest.MonkeyPatch, restarted: bool
) -> None:
    for question in ("friday", "jingle"):
        assert keep(question, show="friday.srt")
    assert not keep("jingle", show="monday.srt"), "out of memory, and noted all the same"
    keep("monday", show="monday.srt")
    keep("from 0.1.0")
    if restarted:
        new_process(monkeypatch)
    assert clearing.stored_of("friday.srt") == 1
    assert clearing.clear_until_undone("friday.srt") == 1
    assert clearing.stored()[0] == 3
    assert not keep("jingle", show="monday.srt")
    assert not keep("from 0.1.0")
    assert keep("friday", show="friday.srt"), "neither memory nor disk has it"


def test_once_no_other_show_uses_it_an_answer_goes_with_its_show(folder: Path) -> None:
    for show in ("friday.srt", "monday.srt"):
        keep("jingle", show=show)
    assert clearing.clear_until_undone("friday.srt") == 0
    assert clearing.clear_until_undone("monday.srt") == 1
    assert clearing.stored() == (0, 0)


def test_a_cleared_show_comes_back_with_its_answers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for question in ("a", "b"):
        keep(question, show="friday.srt")
    clearing.clear_until_undone("friday.srt")
    keep("a", show="friday.srt")
    assert clearing.undo_clear() == 2
    new_process(monkeypatch)
    assert not keep("b")
    assert clearing.stored_of("friday.srt") == 2
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}


def test_clearings_of_different_names_are_undone_apart(folder: Path) -> None:
    for show in ("friday.srt", "monday.srt"):
        keep(show, show=show)
    clearing.clear_until_undone("friday.srt", name="deleted friday.srt")
    clearing.clear_until_undone("monday.srt")
    clearing.forget_cleared()
    assert clearing.undo_clear("deleted friday.srt") == 1
    assert clearing.stored_of("friday.srt") == 1
    assert clearing.stored_of("monday.srt") == 0


def test_after_a_clearing_for_good_nothing_is_left_on_disk(folder: Path) -> None:
    store, computed = cache.stores_of("friday.srt")

    async def words() -> str:
        return "what was said"

    asyncio.run(store("q", words))
    asyncio.run(computed("q", words))
    clearing.clear_until_undone("friday.srt")
    clearing.forget_cleared()
    assert not list(folder.iterdir())
    assert not [path for path in folder.with_name("cache-cleared").rglob("*") if path.is_file()]


def test_what_is_asked_again_after_a_clearing_is_the_show_s_again(folder: Path) -> None:
    store, _ = cache.stores_of("friday.srt")

    async def ask() -> str:
        return "yes"

    asyncio.run(store("q", ask))
    clearing.clear_until_undone("friday.srt")
    asyncio.run(store("q", ask))
    assert clearing.stored_of("friday.srt") == 1


def test_a_list_that_cannot_be_written_or_read_does_no_harm(folder: Path) -> None:
    keep("a")  # makes the folder
    uses = kept_files.UseList("friday.srt").file
    uses.mkdir()
    assert keep("b", show="friday.srt")
    assert clearing.stored_of("friday.srt") == 0
    uses.rmdir()
    uses.write_bytes(b"\xff../../etc/passwd\nabc\n")
    assert clearing.stored_of("friday.srt") == 0
