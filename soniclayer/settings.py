"""Environment and secrets -> Settings."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from soniclayer.errors import SettingsError
from soniclayer.llm_client.auth import server_url
from soniclayer.llm_client.provider_names import provider_of
from soniclayer.shipped import data_folder, personas_path

if TYPE_CHECKING:
    from collections.abc import Mapping

Money = Annotated[float, Field(ge=0, allow_inf_nan=False)]


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
        data: SONICLAYER_DATA, folder of the library of shows; by default the platform's folder for such data.
        archive: SONICLAYER_ARCHIVE, folder of the results of an archive that the page shows as well, or None.
        max_mb: SONICLAYER_MAX_MB, largest transcript that is read, in MB of 1,048,576 bytes.
        keep_mb: SONICLAYER_KEEP_MB, how much of uploaded shows the process keeps, in MB of 1,048,576 bytes.
        samples: SONICLAYER_SAMPLES, answers asked of a chat model for each cell, 1 to 9.
        price_input, price_output: SONICLAYER_PRICE_INPUT and _OUTPUT, money per million tokens, or None if unknown.
        price_cached: SONICLAYER_PRICE_CACHED, the same for input from the prompt cache; None: as input.
        max_calls: SONICLAYER_MAX_CALLS, chat calls for one show after which its runs stop, or None for no limit.
        max_cost: SONICLAYER_MAX_COST, money for one show after which its runs stop; needs the prices.
        timeout_s: SONICLAYER_TIMEOUT, seconds that one call may take once the server can be expected to begin.
        headers: SONICLAYER_HEADERS, a JSON object of HTTP headers sent to the chat server; may hold secrets.
        extra_body: SONICLAYER_EXTRA_BODY, a JSON object sent beside our own parameters; null takes one out.
        thrifty: SONICLAYER_THRIFTY, ask a persona about several segments in one call.
        locked: SONICLAYER_LOCKED, others may open the page: server, key, calls in flight and Clear are the owner's.
    """

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True, populate_by_name=True)

    api_key: Annotated[SecretStr | None, Field(validation_alias=_named("OPENAI_API_KEY"))] = None
    base_url: Annotated[str | None, Field(validation_alias=_named("OPENAI_BASE_URL"))] = None
    model: Annotated[str, Field(validation_alias=_named("SONICLAYER_MODEL"))] = ""
    concurrency: Annotated[int, Field(ge=1, le=1000, validation_alias=_named("SONICLAYER_CONCURRENCY"))] = 32
    personas: Annotated[Path, Field(default_factory=personas_path, validation_alias=_named("SONICLAYER_PERSONAS"))]
    data: Annotated[Path, Field(default_factory=data_folder, validation_alias=_named("SONICLAYER_DATA"))]
    archive: Annotated[Path | None, Field(validation_alias=_named("SONICLAYER_ARCHIVE"))] = None
    max_mb: Annotated[int, Field(ge=1, le=1000, validation_alias=_named("SONICLAYER_MAX_MB"))] = 25
    keep_mb: Annotated[int, Field(ge=1, le=100_000, validation_alias=_named("SONICLAYER_KEEP_MB"))] = 256
    samples: Annotated[int, Field(ge=1, le=9, validation_alias=_named("SONICLAYER_SAMPLES"))] = 1
    price_input: Annotated[Money | None, Field(validation_alias=_named("SONICLAYER_PRICE_INPUT"))] = None
    price_output: Annotated[Money | None, Field(validation_alias=_named("SONICLAYER_PRICE_OUTPUT"))] = None
    price_cached: Annotated[Money | None, Field(validation_alias=_named("SONICLAYER_PRICE_CACHED"))] = None
    max_calls: Annotated[int | None, Field(ge=1, validation_alias=_named("SONICLAYER_MAX_CALLS"))] = None
    max_cost: Annotated[Money | None, Field(validation_alias=_named("SONICLAYER_MAX_COST"))] = None
    timeout_s: Annotated[float, Field(ge=1, le=86_400, validation_alias=_named("SONICLAYER_TIMEOUT"))] = 120.0
    headers: Annotated[
        dict[str, str],
        NoDecode,
        Field(repr=False, default_factory=dict, validation_alias=_named("SONICLAYER_HEADERS")),
    ]
    extra_body: Annotated[
        dict[str, Any],
        NoDecode,
        Field(repr=False, default_factory=dict, validation_alias=_named("SONICLAYER_EXTRA_BODY")),
    ]
    thrifty: Annotated[bool, Field(validation_alias=_named("SONICLAYER_THRIFTY"))] = False
    locked: Annotated[bool, Field(validation_alias=_named("SONICLAYER_LOCKED"))] = False

    @property
    def max_bytes(self) -> int:
        """`max_mb` in bytes."""
        return self.max_mb * 1024 * 1024

    @model_validator(mode="after")
    def _priced(self) -> Settings:
        if self.max_cost is not None and self.price_input is None and self.price_output is None:
            raise ValueError("SONICLAYER_MAX_COST: needs SONICLAYER_PRICE_INPUT and SONICLAYER_PRICE_OUTPUT")
        return self

    @field_validator("headers", "extra_body", mode="before")
    @classmethod
    def _from_json(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            found = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise ValueError('must be a JSON object such as {"name": "value"}') from error
        if not isinstance(found, dict):
            raise ValueError('must be a JSON object such as {"name": "value"}')
        return found

    @field_validator("headers")
    @classmethod
    def _sendable(cls, value: dict[str, str]) -> dict[str, str]:
        for name, text in value.items():
            if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_|~-]+", name) or not (text.isascii() and text.isprintable()):
                raise ValueError("must be names and values that HTTP can send")
        return value

    @field_validator("base_url")
    @classmethod
    def _web_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            server_url(value)
        except SettingsError as error:
            raise ValueError("must be a web address such as http://localhost:11434/v1") from error
        return value.strip().rstrip("/")

    def cost(self, input_tokens: int, output_tokens: int, cached_tokens: int = 0) -> float | None:
        """Money for these tokens, in the currency of the prices that are set; None where no price is."""
        if self.price_input is None and self.price_output is None:
            return None
        price_input = self.price_input or 0.0
        cached = price_input if self.price_cached is None else self.price_cached
        fresh = (input_tokens - cached_tokens) * price_input + cached_tokens * cached
        return (fresh + output_tokens * (self.price_output or 0.0)) / 1_000_000

    def chosen(
        self,
        *,
        base_url: str | None = None,
        api_key: SecretStr | None = None,
        model: str = "",
        concurrency: int | None = None,
        timeout_s: float | None = None,
        thrifty: bool | None = None,
    ) -> Settings:
        """These settings with what was chosen on the page; where it is locked, only model and thrifty mode count.

        A key of the environment goes only to the server it was set up with, never to an address typed on the page.
        """
        changes: dict[str, object] = {"model": model or self.model}
        if thrifty is not None:
            changes["thrifty"] = thrifty
        if not self.locked:
            own = (base_url or "").strip().rstrip("/") == (self.base_url or "")
            changes["base_url"] = (base_url or "").strip() or None
            changes["api_key"] = api_key or (self.api_key if own else None)
            changes["headers"] = self.headers if own else {}
            changes["concurrency"] = concurrency or self.concurrency
            changes["timeout_s"] = timeout_s or self.timeout_s
        return self.model_copy(update=changes)

    @property
    def chat_configured(self) -> bool:
        """A chat model can be reached with what is set, without anything typed on the page."""
        return self.api_key is not None or self.base_url is not None or bool(self.provider)

    @property
    def provider(self) -> str:
        """The provider that the model's name begins with, or "" for a model of an OpenAI-compatible server."""
        return provider_of(self.model)


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
        where = f"{first['loc'][0]}: ".upper() if first["loc"] else ""
        reason = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{where}{reason}. Correct it and start SonicLayer again.") from error
