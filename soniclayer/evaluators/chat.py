"""A chat evaluator as the settings want it. Apart from `chain.py` so that only who needs LangChain loads it."""

from __future__ import annotations

from soniclayer.bill import Budget, Price
from soniclayer.endpoint import Endpoint
from soniclayer.evaluators import Store
from soniclayer.evaluators.chain import ChatEvaluator
from soniclayer.settings import Settings


def chat_evaluator(endpoint: Endpoint, model: str, settings: Settings, *, store: Store, show: str) -> ChatEvaluator:
    """An evaluator for one run of the show, within the limits of the settings."""
    return ChatEvaluator(endpoint, model, store=store, show=show, samples=settings.samples, budget=budget(settings))


def budget(settings: Settings) -> Budget:
    """The limits of one run, and what tokens cost."""
    return Budget(max_calls=settings.max_calls, max_cost=settings.max_cost, price=price(settings))


def price(settings: Settings) -> Price:
    """What tokens cost; nothing where no price is set."""
    return Price(settings.price_input or 0.0, settings.price_output or 0.0)
