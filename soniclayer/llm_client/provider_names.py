"""Providers with a protocol of their own, by the prefix of a model's name: these and no others.

`anthropic:claude-…` is a model of Anthropic's; `mistral:7b` is one of Ollama's.
"""

from __future__ import annotations

PROVIDERS = ("anthropic", "google_genai", "bedrock_converse")


def provider_of(model: str) -> str:
    """The provider that a model's name begins with, or "" for a model of an OpenAI-compatible server."""
    prefix, colon, name = model.partition(":")
    return prefix if colon and name and prefix in PROVIDERS else ""
