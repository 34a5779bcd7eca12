"""Environment and secrets -> Settings."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from soniclayer.errors import SettingsError

ROOT = Path(__file__).resolve().parent.parent


def _named(name: str) -> AliasChoices:
    return AliasChoices(name, name.lower())


class Settings(BaseSettings):
    """What the process was started with.

    Attributes:
        api_key: OPENAI_API_KEY; never shown, logged or stored.
        base_url: OPENAI_BASE_URL, the address up to and including /v1; None means OpenAI's own.
        model: SONICLAYER_MODEL, name of the chat model, or "" for none.
        concurrency: SONICLAYER_CONCURRENCY, chat calls in flight at once to begin with, 1 to 1,000.
        personas: SONICLAYER_PERSONAS, path of the personas file.
        max_mb: SONICLAYER_MAX_MB, largest transcript that is read, in MB of 1,048,576 bytes.
    """

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True, populate_by_name=True)

    api_key: Annotated[SecretStr | None, Field(validation_alias=_named("OPENAI_API_KEY"))] = None
    base_url: Annotated[str | None, Field(validation_alias=_named("OPENAI_BASE_URL"))] = None
    model: Annotated[str, Field(validation_alias=_named("SONICLAYER_MODEL"))] = ""
    concurrency: Annotated[int, Field(ge=1, le=1000, validation_alias=_named("SONICLAYER_CONCURRENCY"))] = 32
    personas: Annotated[Path, Field(validation_alias=_named("SONICLAYER_PERSONAS"))] = ROOT / "personas.toml"
    max_mb: Annotated[int, Field(ge=1, le=1000, validation_alias=_named("SONICLAYER_MAX_MB"))] = 25

    @property
    def max_bytes(self) -> int:
        """`max_mb` in bytes."""
        return self.max_mb * 1024 * 1024

    @field_validator("base_url")
    @classmethod
    def _web_address(cls, value: str | None) -> str | None:
        return None if value is None else web_address(value)

    @property
    def chat_configured(self) -> bool:
        """A chat model can be reached with what is set, without anything typed on the page."""
        return self.api_key is not None or self.base_url is not None


def web_address(value: str) -> str:
    """An endpoint's address as it is used: stripped, without a slash at the end.

    Raises:
        ValueError: it does not start with http:// or https:// and a host.
    """
    address = value.strip().rstrip("/")
    scheme, separator, rest = address.partition("://")
    if scheme.lower() not in {"http", "https"} or not separator or not rest.strip("/"):
        raise ValueError("must be a web address such as http://localhost:11434/v1")
    return address


def read(secrets: Mapping[str, object] | None = None) -> Settings:
    """Settings from the environment, and from `secrets` (name -> value) where the environment is silent.

    Raises:
        SettingsError: a value cannot be used; names the setting, never a key's value.
    """
    known = [
        field.validation_alias.choices[0]
        for field in Settings.model_fields.values()
        if isinstance(field.validation_alias, AliasChoices)
    ]
    given = {
        str(name): value for name, value in (secrets or {}).items() if name in known and not os.environ.get(str(name))
    }
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        name = str(first["loc"][0]).upper()
        reason = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{name}: {reason}. Correct it and start SonicLayer again.") from error
