"""The personas that ship: what every user meets first."""

from __future__ import annotations

from pathlib import Path

import pytest

from soniclayer.personas import Registry, load

SHIPPED = {
    "genz",
    "advertiser",
    "business_owner",
    "stay_at_home_mum",
    "tradies",
    "parents",
    "regional",
    "academic",
}


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load(Path(__file__).parent.parent / "personas.toml")


def test_the_promised_personas_are_there(registry: Registry) -> None:
    assert set(registry) >= SHIPPED


@pytest.mark.parametrize("key", sorted(SHIPPED))
def test_a_persona_is_written_with_care(registry: Registry, key: str) -> None:
    persona = registry[key]
    assert 12 <= len(persona.likes) <= 25
    assert 12 <= len(persona.dislikes) <= 25
    assert len(set(persona.likes) | set(persona.dislikes)) == len(persona.likes) + len(persona.dislikes)
    assert all(len(phrase.split()) <= 12 for phrase in persona.likes + persona.dislikes)
    assert persona.system.startswith("You are ")
    assert [score for score, _ in persona.rubric] == [1, 2, 3, 4, 5]
    assert len({phrase for _, phrase in persona.rubric}) == 5
    assert persona.weight > 0


def test_no_two_personas_look_alike(registry: Registry) -> None:
    assert len({persona.display_name for persona in registry.values()}) == len(registry)
    assert len({persona.emoji for persona in registry.values()}) == len(registry)
