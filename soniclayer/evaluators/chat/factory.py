"""A chat evaluator as the settings want it. Only making one loads LangChain."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from soniclayer.errors import SettingsError
from soniclayer.evaluators.chat.budget import Budget, Price
from soniclayer.llm_client.client import Endpoint

if TYPE_CHECKING:
    from soniclayer.evaluators.base import Context, Evaluator, Shared
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
        endpoint(settings, context.shared),
        settings.model,
        store=context.store,
        show=context.show,
        samples=settings.samples,
        budget=budget(settings),
    )


def endpoint(settings: Settings, shared: Shared) -> Endpoint:
    """The process's one client of the server and key in the settings. Raises SettingsError."""
    return shared(
        server_key(settings),
        lambda: Endpoint(settings.base_url, settings.api_key, concurrency=settings.concurrency),
    )


def identity(settings: Settings) -> str:
    """What tells the answers of two settings apart, without the key itself; "" where no model is named."""
    return f"{server_key(settings)} {settings.model} {settings.samples}" if settings.model else ""


def server_key(settings: Settings) -> str:
    """What tells two servers or keys apart, without the key itself."""
    secret = settings.api_key.get_secret_value() if settings.api_key else ""
    digest = hashlib.blake2b(f"{settings.base_url or None}\n{secret}".encode(), digest_size=16).hexdigest()
    return f"endpoint {digest}"


def budget(settings: Settings) -> Budget:
    """The limits of one run, and what tokens cost; nothing where no price is set."""
    price = Price(settings.price_input or 0.0, settings.price_output or 0.0)
    return Budget(max_calls=settings.max_calls, max_cost=settings.max_cost, price=price)
