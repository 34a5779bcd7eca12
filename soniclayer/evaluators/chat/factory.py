"""A chat evaluator as the settings want it. Only making one loads LangChain."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from soniclayer.errors import SettingsError
from soniclayer.evaluators.chat.budget import Budget, Price, Spent
from soniclayer.evaluators.chat.providers import Provider
from soniclayer.llm_client.client import Endpoint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soniclayer.evaluators.base import Context, Evaluator, Shared
    from soniclayer.feedback import Classification
    from soniclayer.personas import Persona
    from soniclayer.segments import Segment
    from soniclayer.settings import Settings


def chat_evaluator(context: Context) -> Evaluator:
    """An evaluator for one run, within the limits of the settings.

    Raises:
        SettingsError: no server or no model is set; names the setting.
    """
    from soniclayer.evaluators.chat.evaluator import ChatEvaluator

    settings = context.settings
    if not settings.chat_configured:
        raise SettingsError("No chat model is set up. Set OPENAI_API_KEY, or OPENAI_BASE_URL for a local server.")
    if not settings.model:
        raise SettingsError("No chat model is named. Give --model NAME or set SONICLAYER_MODEL.")
    return ChatEvaluator(
        server(settings, context.shared),
        settings.model,
        store=context.store,
        show=context.show,
        samples=settings.samples,
        budget=budget(settings),
        spent=context.shared(f"spent {context.show_id}", Spent) if context.show_id else None,
        guess=_guess,
        thrifty=settings.thrifty,
    )


async def _guess(segment: Segment) -> Classification:
    """Topic and tone where the built-in evaluator has read the segment already; no call waits for a hint."""
    from soniclayer.evaluators.builtin.evaluator import guess

    return guess(segment)


def prepare(personas: Sequence[Persona]) -> None:
    """Load what the first call would wait for: LangChain."""
    import soniclayer.evaluators.chat.evaluator  # noqa: F401


def server(settings: Settings, shared: Shared) -> Endpoint | Provider:
    """The process's one client of the server or provider in the settings. Raises SettingsError."""
    name = settings.provider
    if not name:
        return endpoint(settings, shared)
    return shared(
        f"provider {name} {settings.timeout_s}",
        lambda: Provider(name, concurrency=settings.concurrency, timeout_s=settings.timeout_s),
    )


def endpoint(settings: Settings, shared: Shared) -> Endpoint:
    """The process's one client of the server and key in the settings. Raises SettingsError."""
    return shared(
        server_key(settings),
        lambda: Endpoint(
            settings.base_url,
            settings.api_key,
            concurrency=settings.concurrency,
            timeout_s=settings.timeout_s,
            headers=settings.headers,
            extra_body=settings.extra_body,
        ),
    )


def identity(settings: Settings) -> str:
    """What tells the answers of two settings apart, without the key itself; "" where no model is named."""
    if not settings.model:
        return ""
    thrifty = " thrifty" if settings.thrifty else ""
    return f"{server_key(settings)} {settings.model} {settings.samples}{thrifty}"


def server_key(settings: Settings) -> str:
    """What tells two servers, keys or ways to ask apart, without the key itself."""
    secret = settings.api_key.get_secret_value() if settings.api_key else ""
    asked = json.dumps([settings.headers, settings.extra_body, settings.timeout_s], sort_keys=True)
    given = f"{settings.base_url or None}\n{secret}\n{asked}"
    return f"endpoint {hashlib.blake2b(given.encode(), digest_size=16).hexdigest()}"


def budget(settings: Settings) -> Budget:
    """The limits of one show, and what tokens cost; nothing where no price is set."""
    price = Price(settings.price_input or 0.0, settings.price_output or 0.0, settings.price_cached)
    return Budget(max_calls=settings.max_calls, max_cost=settings.max_cost, price=price)
