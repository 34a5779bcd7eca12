from __future__ import annotations

import asyncio
import resource
from pathlib import Path

import pytest

from soniclayer import cache, clearing, kept_files
from soniclayer.errors import AnswerError
from tests.fakes import new_process


class Model:
    """Counts how often it is asked."""

    def __init__(self, answer: str = "yes") -> None:
        self.calls = 0
        self.answer = answer

    async def __call__(self) -> str:
        self.calls += 1
        await asyncio.sleep(0.01)
        if self.answer == "boom":
            raise AnswerError("boom")
        return self.answer


def test_an_answer_is_given_once_and_survives_a_restart(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = Model()
    assert asyncio.run(cache.store("q", model)) == "yes"
    assert asyncio.run(cache.store("q", model)) == "yes"
    new_process(monkeypatch)
    assert asyncio.run(cache.store("q", model)) == "yes"
    assert model.calls == 1
    assert asyncio.run(cache.store("another q", model)) == "yes"
    assert model.calls == 2


async def test_equal_questions_at_the_same_time_are_one_call(folder: Path) -> None:
    model = Model()
    assert await asyncio.gather(*(cache.store("q", model) for _ in range(20))) == ["yes"] * 20
    assert model.calls == 1


def test_an_exception_is_never_kept(folder: Path) -> None:
    model = Model("boom")
    with pytest.raises(AnswerError):
        asyncio.run(cache.store("q", model))
    assert clearing.stored() == (0, 0)
    model.answer = "yes"
    assert asyncio.run(cache.store("q", model)) == "yes"


async def test_a_waiting_caller_asks_again_when_the_first_is_cancelled(folder: Path) -> None:
    model = Model()
    first = asyncio.create_task(cache.store("q", model))
    second = asyncio.create_task(cache.store("q", model))
    await asyncio.sleep(0.001)
    first.cancel()
    assert await second == "yes"


@pytest.mark.parametrize("left", [b"", b"\x80\x05\x95", b"garbage"])
def test_half_a_file_left_by_a_killed_process_is_asked_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch, left: bytes
) -> None:
    model = Model()
    asyncio.run(cache.store("q", model))
    (file,) = folder.iterdir()
    file.write_bytes(left)
    new_process(monkeypatch)
    assert asyncio.run(cache.store("q", model)) == "yes"
    assert model.calls == 2
    new_process(monkeypatch)
    assert asyncio.run(cache.store("q", model)) == "yes"
    assert model.calls == 2


def test_an_answer_that_cannot_be_written_is_used_all_the_same(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model = Model()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))  # every write fails, as on a full disk
    try:
        assert asyncio.run(cache.store("q", model)) == "yes"
        assert asyncio.run(cache.store("q", model)) == "yes"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert model.calls == 1
    assert "could not be written to disk" in caplog.text


def test_a_store_that_cannot_be_read_at_all_is_done_without(folder: Path) -> None:
    folder.parent.mkdir(parents=True)
    folder.write_text("a file where the folder should be")
    model = Model()
    assert asyncio.run(cache.store("q", model)) == "yes"
    assert model.calls == 1
    folder.unlink()


def test_what_is_stored_is_counted_and_cleared(folder: Path) -> None:
    assert clearing.stored() == (0, 0)
    for question in ("a", "b", "c"):
        asyncio.run(cache.store(question, Model("x" * 1000)))
    (folder / "somebody-elses.memo").write_bytes(b"x" * 5000)
    count, size = clearing.stored()
    assert count == 3
    assert 3000 < size < 6000
    clearing.clear_until_undone()
    clearing.forget_cleared()
    assert clearing.stored() == (0, 0)
    model = Model()
    asyncio.run(cache.store("a", model))
    assert model.calls == 1


def test_folder_and_files_are_their_owners_alone(folder: Path) -> None:
    folder.mkdir(parents=True, mode=0o755)
    asyncio.run(cache.store("q", Model()))
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [file.stat().st_mode & 0o777 for file in folder.iterdir()] == [0o600]


def test_a_file_that_names_code_to_run_is_not_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asyncio.run(cache.store("q", Model()))
    (file,) = folder.iterdir()
    file.write_bytes(b"cos\nsystem\n(S'touch " + str(folder / "pwned").encode() + b"'\ntR.")
    new_process(monkeypatch)
    assert asyncio.run(cache.store("q", Model("again"))) == "again"
    assert not (folder / "pwned").exists()


def test_memory_holds_so_many_answers_and_the_disk_all(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_files, "MOST_IN_MEMORY", 3)
    new_process(monkeypatch)
    model = Model()
    for number in range(5):
        asyncio.run(cache.store(f"q{number}", model))
        asyncio.run(cache.store(f"q{number}", model))
    assert asyncio.run(cache.store("q0", model)) == "yes"
    assert model.calls == 5, "the first is read from disk again"
    for file in folder.glob("*.memo"):
        file.unlink()
    for number in (0, 3, 4, 1):
        asyncio.run(cache.store(f"q{number}", model))
    assert model.calls == 6, "the three used last are in memory"
