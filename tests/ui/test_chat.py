"""A chat model: planned, asked, stopped, retried, paid, explained."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from soniclayer import clearing
from soniclayer.llm_client import discovery
from soniclayer.ui.text import SCORES
from tests.stub_server import Stub, serving
from tests.ui.page_driver import SURFERS, VTT, captions, cards, choose, open_view, opened, settle, texts, upload


def test_a_chat_model_is_asked_only_after_a_press_on_evaluate(chat: Stub) -> None:
    app = upload(opened(), "morning.vtt", VTT)
    plan = " ".join(texts(app.main))
    assert "2 segments × 1 persona: up to 3 calls" in plan
    assert "tokens" in plan
    assert not cards(app)
    assert not chat.calls
    app.button(key="evaluate").click().run()
    settle(app)
    assert set(cards(app)) == {(0, "genz"), (1, "genz")}
    assert len(chat.calls) == 3
    assert any("stub-small" in line and "3 calls" in line for line in texts(app.main))


def test_the_models_on_offer_are_listed(chat: Stub) -> None:
    app = upload(opened(), "morning.vtt", VTT)
    assert app.selectbox(key="model").options == ["stub-small", "stub-large"]


def test_a_model_is_chosen_once_there_is_an_address_that_offers_some(
    stub: Stub, personas_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    app = upload(opened(), "morning.vtt", VTT)
    assert app.selectbox(key="model").value is None
    app.text_input(key="base_url").set_value(stub.url).run()
    assert app.selectbox(key="model").value == "stub-large"


def test_calls_in_flight_can_be_set_in_the_settings(chat: Stub) -> None:
    chat.latency_s = 0.05
    app = upload(opened(), "long.vtt", captions(10))
    app.number_input(key="concurrency").set_value(3).run()
    app.button(key="evaluate").click().run()
    settle(app)
    assert chat.peak == 3


@pytest.mark.parametrize(("samples", "basis"), [("1", "stated by the model"), ("3", "agreement of 3 answers")])
def test_a_card_says_what_its_confidence_is(
    chat: Stub, monkeypatch: pytest.MonkeyPatch, samples: str, basis: str
) -> None:
    monkeypatch.setenv("SONICLAYER_SAMPLES", samples)
    app = upload(opened(), "morning.vtt", VTT)
    app.button(key="evaluate").click().run()
    settle(app)
    assert cards(app)
    assert all(any(f"% sure, {basis}" in line for line in lines) for lines in cards(app).values())


def test_a_new_persona_asks_first_and_costs_only_its_own_calls(chat: Stub, personas_file: Path) -> None:
    app = upload(opened(), "morning.vtt", VTT)
    app.button(key="evaluate").click().run()
    settle(app)
    assert len(chat.calls) == 3
    personas_file.write_text(personas_file.read_text() + SURFERS)
    settle(app)
    assert any(line == "Surfers is new: 2 calls." for line in texts(app.main))
    assert any("% sure" in line for line in cards(app)[0, "genz"]), "the others go on being shown"
    assert any("Not evaluated" in line for line in cards(app)[0, "surfers"])
    assert len(chat.calls) == 3
    app.button(key="evaluate").click().run()
    settle(app)
    assert set(cards(app)) == {(index, who) for index in range(2) for who in ("genz", "surfers")}
    assert any("% sure" in line for line in cards(app)[0, "surfers"])
    assert len(chat.calls) == 5


def test_saving_the_personas_ten_times_spends_nothing(chat: Stub, personas_file: Path) -> None:
    app = upload(opened(), "morning.vtt", VTT)
    app.button(key="evaluate").click().run()
    settle(app)
    for number in range(10):
        personas_file.write_text(personas_file.read_text() + SURFERS.replace("surfers", f"surfers{number}"))
        settle(app)
    assert len(chat.calls) == 3


def test_a_locked_page_shows_no_address_and_no_key_and_uses_the_environments(
    chat: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SONICLAYER_LOCKED", "1")
    app = upload(opened(), "morning.vtt", VTT)
    assert not {"base_url", "api_key"} & {str(field.key) for field in app.text_input}
    assert not [toggle for toggle in app.toggle if toggle.key == "clear-asks"]
    app.button(key="evaluate").click().run()
    settle(app)
    assert len(chat.calls) == 3


def test_a_local_server_is_offered_and_used_with_one_press(
    monkeypatch: pytest.MonkeyPatch, personas_file: Path
) -> None:
    with serving() as stub:
        port = int(stub.url.rpartition(":")[2].partition("/")[0])
        monkeypatch.setattr(discovery, "PORTS", {port: "Ollama"})
        app = choose(upload(opened(), "morning.vtt", VTT), "evaluator", "chat")
        app.button(key=f"use {stub.url}").click().run()
        app.button(key="evaluate").click().run()
        settle(app)
        assert {call.body["model"] for call in stub.calls} == {"stub-large"}


def test_a_clearing_is_asked_about_and_can_be_undone(chat: Stub) -> None:
    app = upload(opened(), "morning.vtt", VTT)
    app.button(key="evaluate").click().run()
    settle(app)
    app.toggle(key="clear-asks").set_value(True).run()
    assert any("Forget 4 kept answers about morning.vtt?" in line for line in texts(app.main))
    app.button(key="clear").click().run()
    assert not app.exception
    assert clearing.stored() == (0, 0)
    app.button(key="undo-clear").click().run()
    assert not app.exception
    assert clearing.stored()[0] == 4
    assert not [button for button in app.button if button.key == "undo-clear"]


def test_one_show_is_cleared_or_all(chat: Stub) -> None:
    app = upload(opened(), "morning.vtt", VTT)
    app.button(key="evaluate").click().run()
    settle(app)
    upload(app, "long.vtt", captions(3))
    app.button(key="evaluate").click().run()
    settle(app)
    kept = clearing.stored()[0]
    app.toggle(key="clear-asks").set_value(True).run()
    app.button(key="clear").click().run()
    assert kept > clearing.stored()[0] == 4, "those of the first show stay"
    app.segmented_control(key="clear-which").set_value("Of all shows").run()
    assert any("Forget 4 kept answers?" in line for line in texts(app.main))
    app.button(key="clear").click().run()
    assert clearing.stored() == (0, 0)
    assert clearing.cleared() == 4


def test_a_failed_card_says_why_carries_no_score_and_can_be_retried(chat: Stub) -> None:
    chat.fault = lambda call: "schema" if '"score"' in str(call.body["messages"][0]["content"]) else ""
    app = upload(opened(), "morning.vtt", VTT)
    app.button(key="evaluate").click().run()
    settle(app)
    assert len(cards(app)) == 2
    for lines in cards(app).values():
        assert any("No reaction" in line for line in lines)
        assert not any(word.word in line for line in lines for word in SCORES.values())
    assert any("2 of 2 reactions failed" in line for line in texts(app.main))
    chat.fault = lambda call: ""
    app.button(key="retry-1-genz").click().run()
    settle(app)
    assert not any("No reaction" in line for line in cards(app)[1, "genz"])
    assert any("No reaction" in line for line in cards(app)[0, "genz"])
    app.button(key="retry-failed").click().run()
    settle(app)
    assert not any("reactions failed" in line for line in texts(app.main))


def test_stop_keeps_what_is_answered_and_the_rest_can_be_evaluated(chat: Stub) -> None:
    chat.latency_s = 0.1
    app = upload(opened(), "long.vtt", captions(100))
    app.button(key="evaluate").click().run()
    assert app.button(key="stop")
    app.button(key="stop").click().run()
    settle(app)
    assert any("Everything answered is kept" in line for line in texts(app.main))
    asked = len(chat.calls)
    assert asked < 113
    time.sleep(0.3)
    assert len(chat.calls) == asked
    chat.latency_s = 0
    app.button(key="evaluate").click().run()
    settle(app)
    assert len([call for call in chat.calls if "You are" in call.text]) >= 100
    again = sum(chat.answered.values()) - len(chat.answered)
    assert again <= 32, "only what was in flight when it stopped may be asked again"


def test_a_refused_key_stops_the_run_with_one_message_that_names_the_setting(chat: Stub) -> None:
    chat.keys = ("the-right-one",)
    app = upload(opened(), "morning.vtt", VTT)
    app.button(key="evaluate").click().run()
    settle(app)
    (error,) = app.error
    assert "OPENAI_API_KEY" in error.value
    assert not any("No reaction" in line for lines in cards(app).values() for line in lines)


def test_a_typed_key_is_sent_and_never_shown_or_kept(chat: Stub, tmp_path: Path) -> None:
    chat.keys = ("sk-typed-secret",)
    app = upload(opened(), "morning.vtt", VTT)
    app.text_input(key="api_key").set_value("sk-typed-secret").run()
    app.button(key="evaluate").click().run()
    settle(app)
    assert set(cards(app)) == {(0, "genz"), (1, "genz")}
    assert not any("sk-typed" in line for line in texts(app.main) + texts(app.sidebar))
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or b"sk-typed" not in path.read_bytes()


def test_the_environments_key_is_not_sent_to_an_address_typed_in_the_page(
    chat: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-from-environment")
    with serving() as other:
        app = upload(opened(), "morning.vtt", VTT)
        app.text_input(key="base_url").set_value(other.url).run()
        app.button(key="evaluate").click().run()
        settle(app)
        assert other.calls
        assert not any("sk-from-environment" in str(call.headers) for call in other.calls)


def test_an_unreachable_server_is_named_with_the_setting_to_change(
    monkeypatch: pytest.MonkeyPatch, personas_file: Path
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("SONICLAYER_MODEL", "m")
    app = upload(opened(), "morning.vtt", VTT)
    app.button(key="evaluate").click().run()
    settle(app)
    assert "OPENAI_BASE_URL" in app.error[0].value


def test_the_bill_shows_tokens_and_money_per_persona(chat: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONICLAYER_PRICE_INPUT", "10")
    monkeypatch.setenv("SONICLAYER_PRICE_OUTPUT", "100")
    app = upload(opened(), "morning.vtt", VTT)
    assert any("about $" in line or "under $" in line for line in texts(app.main))
    app.button(key="evaluate").click().run()
    settle(app)
    (table,) = [table.value for table in app.dataframe if "Tokens in" in table.value.columns]
    assert table["For"].tolist() == ["Topic and tone", "Gen Z"]
    assert table["Calls"].tolist() == [1, 2]
    assert (table["Tokens in"] > 0).all()
    assert table["Money"].tolist() == pytest.approx((table["Tokens in"] * 10 + table["Tokens out"] * 100) / 1e6)


def test_a_limit_on_calls_stops_the_run_and_keeps_what_is_answered(
    chat: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SONICLAYER_MAX_CALLS", "9")
    monkeypatch.setenv("SONICLAYER_CONCURRENCY", "2")
    app = upload(opened(), "long.vtt", captions(50))
    app.button(key="evaluate").click().run()
    settle(app)
    assert len(chat.calls) == 9
    assert "SONICLAYER_MAX_CALLS" in app.error[0].value
    assert any("% sure" in line for lines in cards(app).values() for line in lines)


def test_two_evaluators_of_one_show_are_compared(chat: Stub) -> None:
    app = upload(opened(), "morning.vtt", VTT)
    app.button(key="evaluate").click().run()
    settle(app)
    open_view(app, "compare")
    assert any("nothing to compare with yet" in line for line in texts(app.main))
    settle(choose(app, "evaluator", "builtin"))
    (table,) = [table.value for table in app.dataframe if "Rise and fall together" in table.value.columns]
    assert table["Persona"].tolist() == ["👤 Gen Z"]
    assert table["Segments"].tolist() == [2]
    assert [box.options for box in app.selectbox if box.label == "Compare with"] == [
        ["This show by Chat model stub-small"]
    ]


def test_a_card_shows_the_prompt_and_the_answer_of_a_chat_model(chat: Stub) -> None:
    app = upload(opened(), "morning.vtt", VTT)
    app.button(key="evaluate").click().run()
    settle(app)
    app.session_state["why-0-genz"] = True
    app.run()
    assert not app.exception
    prompt, answer = [code.value for code in app.get_by_key("why-0-genz").code]
    assert "The footy final was a cracker" in prompt
    assert json.loads(answer)["opinion"] == "I would keep listening."
    assert len(chat.calls) == 3
