from __future__ import annotations

import os

import pytest

from soniclayer.errors import SettingsError
from soniclayer.settings import read
from tests.conftest import ROOT


@pytest.fixture(autouse=True)
def _silent_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("OPENAI_", "SONICLAYER_")):
            monkeypatch.delenv(name)


def test_without_anything_set_there_is_no_chat_model() -> None:
    settings = read()
    assert not settings.chat_configured
    assert (settings.base_url, settings.model, settings.concurrency) == (None, "", 32)
    assert settings.personas == ROOT / "personas.toml"


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("OPENAI_BASE_URL", " http://localhost:1234/v1/ ")
    monkeypatch.setenv("SONICLAYER_MODEL", "m")
    monkeypatch.setenv("SONICLAYER_CONCURRENCY", "8")
    settings = read()
    assert settings.chat_configured
    assert settings.api_key is not None
    assert settings.api_key.get_secret_value() == "sk-secret"
    assert (settings.base_url, settings.model, settings.concurrency) == ("http://localhost:1234/v1", "m", 8)
    assert "sk-secret" not in repr(settings)


def test_secrets_fill_in_where_the_environment_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONICLAYER_MODEL", "from-environment")
    monkeypatch.setenv("OPENAI_BASE_URL", "")
    settings = read({"SONICLAYER_MODEL": "x", "OPENAI_BASE_URL": "http://a/v1", "unrelated": {"a": 1}})
    assert (settings.model, settings.base_url) == ("from-environment", "http://a/v1")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("SONICLAYER_CONCURRENCY", "many", "SONICLAYER_CONCURRENCY: Input should be a valid integer"),
        ("SONICLAYER_CONCURRENCY", "0", "SONICLAYER_CONCURRENCY: Input should be greater than or equal to 1"),
        ("OPENAI_BASE_URL", "localhost:1234", "OPENAI_BASE_URL: must be a web address"),
        ("OPENAI_BASE_URL", "http://", "OPENAI_BASE_URL: must be a web address"),
        ("SONICLAYER_MAX_COST", "3", "SONICLAYER_MAX_COST: needs SONICLAYER_PRICE_INPUT"),
        ("SONICLAYER_PRICE_INPUT", "-1", "SONICLAYER_PRICE_INPUT: Input should be greater than or equal to 0"),
        ("SONICLAYER_SAMPLES", "0", "SONICLAYER_SAMPLES: Input should be greater than or equal to 1"),
        ("SONICLAYER_HEADERS", "X-Team: radio", "SONICLAYER_HEADERS: must be a JSON object"),
        ("SONICLAYER_HEADERS", '{"X\\n": "a"}', "SONICLAYER_HEADERS: must be names and values that HTTP can send"),
        ("SONICLAYER_EXTRA_BODY", "[1]", "SONICLAYER_EXTRA_BODY: must be a JSON object"),
        ("SONICLAYER_TIMEOUT", "0", "SONICLAYER_TIMEOUT: Input should be greater than or equal to 1"),
        ("SONICLAYER_MAX_MB", "inf", "SONICLAYER_MAX_MB: Input should be a valid integer"),
    ],
)
def test_a_bad_value_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=message) as caught:
        read()
    assert "sk-secret" not in str(caught.value)


def test_addresses_are_stripped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", " https://host/v1/ ")
    assert read().base_url == "https://host/v1"


def test_what_a_gateway_wants_is_read_as_json_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONICLAYER_HEADERS", '{"X-Team": "very-secret"}')
    settings = read({"SONICLAYER_EXTRA_BODY": '{"reasoning_effort": "low", "temperature": null}'})
    assert settings.headers == {"X-Team": "very-secret"}
    assert settings.extra_body == {"reasoning_effort": "low", "temperature": None}
    assert "very-secret" not in repr(settings)


def test_a_model_of_another_provider_needs_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONICLAYER_MODEL", "anthropic:claude-x")
    assert read().chat_configured
    assert read().provider == "anthropic"
    monkeypatch.setenv("SONICLAYER_MODEL", "mistral:7b")
    assert not read().chat_configured
