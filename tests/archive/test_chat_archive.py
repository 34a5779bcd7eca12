"""An archive judged by a chat model, against a server that is told how to behave."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from soniclayer.archive import command
from soniclayer.errors import SettingsError
from soniclayer.phrasing import plural
from tests.archive.shows import SEGMENTS, ask_stub, make_shows
from tests.stub_server import Stub, random_faults

SHOWS = 12
PERSONAS = ("genz", "tradies")
CALLS = SHOWS * (SEGMENTS * len(PERSONAS) + 1)  # the segments of a show are classified in one call
COST = 100 + 20 * 2  # of a call, in millionths: the server says 100 and 20 tokens
Archive = Callable[..., int]


@pytest.fixture
def archive(folder: Path, stub: Stub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Archive:
    """Runs the command over twelve shows, in a home of its own."""
    ask_stub(stub, monkeypatch)
    make_shows(tmp_path / "in", SHOWS)

    def run(*options: str, personas: tuple[str, ...] = PERSONAS) -> int:
        told = [str(tmp_path / "in"), "--output", str(tmp_path / "out"), "--only", ",".join(personas)]
        return command.main([*told, "--evaluator", "chat", *options], argparse.ArgumentParser, "soniclayer")

    return run


def whole_shows(tmp_path: Path) -> list[str]:
    found = [json.loads(path.read_bytes()) for path in (tmp_path / "out" / "shows").glob("*.json")]
    cells = {
        each["transcript"]["name"]: [cell for segment in each["segments"] for cell in segment["feedback"].values()]
        for each in found
    }
    return [name for name, of_show in cells.items() if all("score" in cell for cell in of_show)]


def test_refusals_of_a_busy_server_cost_no_cell(archive: Archive, stub: Stub, tmp_path: Path) -> None:
    stub.fault = random_faults(0.2, ("429",))
    assert archive("--yes") == 0
    assert len(whole_shows(tmp_path)) == SHOWS
    assert sum(stub.answered.values()) == CALLS, "every question is answered once"
    refused = sum(call.fault == "429" for call in stub.calls)
    assert refused > 0
    calls = len(stub.calls)
    assert archive() == 0, "there is nothing to agree to"
    assert len(stub.calls) == calls
    assert archive("--yes", personas=(*PERSONAS, "parents")) == 0
    assert sum(stub.answered.values()) == CALLS + SHOWS * SEGMENTS, "the new persona's cells alone"


def test_a_budget_holds_over_all_shows_and_the_rest_is_done_later(
    archive: Archive, stub: Stub, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    limit = CALLS * COST / 2 / 1_000_000
    assert archive("--yes", "--max-cost", str(limit)) == 1
    told = capfd.readouterr().err
    assert f"The limit of {limit:g} in money is reached" in told
    reached = len(list((tmp_path / "out" / "shows").iterdir()))
    assert f"{plural(SHOWS - reached, 'show')} not reached." in told
    paid = len(stub.calls)
    assert 0 < paid * COST / 1_000_000 <= limit
    assert list((tmp_path / "out" / "shows").iterdir()), "what was answered stands in the results"
    assert len(whole_shows(tmp_path)) < SHOWS
    assert archive("--yes") == 0
    assert len(whole_shows(tmp_path)) == SHOWS
    assert len(stub.calls) == sum(stub.answered.values()) == CALLS, "no answer is paid twice"


def test_answers_that_are_kept_are_not_paid_again_for_another_output(
    archive: Archive, stub: Stub, tmp_path: Path
) -> None:
    assert archive("--yes") == 0
    assert archive("--yes", "--output", str(tmp_path / "other")) == 0
    assert len(stub.calls) == CALLS
    assert len(list((tmp_path / "other" / "shows").iterdir())) == SHOWS


def test_the_price_is_told_and_agreed_to_before_the_first_call(
    archive: Archive, stub: Stub, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SettingsError, match="Say --yes"):
        archive()
    assert f"12 shows: {CALLS} calls, about $0.0" in capfd.readouterr().err
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdin.readline", lambda: "n\n", raising=False)
    assert archive() == 1
    assert not stub.calls


@pytest.mark.parametrize("amount", ["nan", "inf", "-1", "much"])
def test_a_limit_that_is_no_amount_is_refused(
    archive: Archive, amount: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        archive("--yes", f"--max-cost={amount}")
    assert "is not an amount of money" in capfd.readouterr().err


def test_a_limit_without_prices_is_refused(archive: Archive, stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SONICLAYER_PRICE_INPUT")
    monkeypatch.delenv("SONICLAYER_PRICE_OUTPUT")
    with pytest.raises(SettingsError, match="SONICLAYER_PRICE_INPUT"):
        archive("--yes", "--max-cost", "1")
    assert not stub.calls


def test_a_server_that_is_not_set_up_is_told_before_anything_is_estimated(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SONICLAYER_MODEL")
    with pytest.raises(SettingsError, match="No chat model is named"):
        archive()
    assert not capfd.readouterr().err


def test_a_server_that_refuses_the_key_is_asked_about_few_shows(
    archive: Archive, stub: Stub, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    stub.fault = lambda call: "401"
    assert archive("--yes") == 2
    assert not whole_shows(tmp_path)
    assert "not reached." in capfd.readouterr().err
