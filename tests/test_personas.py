from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soniclayer.errors import RegistryError
from soniclayer.personas import DEFAULT_RUBRIC, groups, load, parse

MINIMAL = b"""
[personas.surfers]
display_name = "Surfers"
description = "Up before dawn."
"""


def test_two_fields_make_a_persona_and_the_rest_has_defaults() -> None:
    (surfers,) = parse(MINIMAL).values()
    assert (surfers.id, surfers.display_name, surfers.description) == ("surfers", "Surfers", "Up before dawn.")
    assert surfers.emoji == "👤"
    assert "Surfers" in surfers.system
    assert "Up before dawn." in surfers.system
    assert surfers.prompt
    assert surfers.likes == surfers.dislikes == ()
    assert dict(surfers.rubric) == DEFAULT_RUBRIC
    assert surfers.weight == 1.0
    assert surfers.group == ""


def test_every_field_is_read() -> None:
    registry = parse(
        MINIMAL
        + b"""
emoji = "X"
system = "You surf."
prompt = "Stoked?"
likes = ["waves", " dawn "]
dislikes = ["crowds"]
weight = 2
rubric = { 1 = "paddles out", 5 = "stoked" }

[personas.other]
display_name = "Other"
description = "Somebody else."
"""
    )
    assert list(registry) == ["surfers", "other"]
    surfers = registry["surfers"]
    assert (surfers.emoji, surfers.system, surfers.prompt, surfers.weight) == ("X", "You surf.", "Stoked?", 2.0)
    assert (surfers.likes, surfers.dislikes) == (("waves", "dawn"), ("crowds",))
    assert dict(surfers.rubric) == {**DEFAULT_RUBRIC, 1: "paddles out", 5: "stoked"}


def test_a_group_has_its_personas_in_the_order_of_the_file() -> None:
    blocks = "".join(
        f'[personas.{key}]\ndisplay_name = "{key}"\ndescription = "Somebody."\n{group}\n'
        for key, group in (("a", 'group = " Core "'), ("b", ""), ("c", 'group = "Wanted"'), ("d", 'group = "Core"'))
    )
    assert groups(parse(blocks.encode()).values()) == {"Core": ("a", "d"), "Wanted": ("c",)}
    assert groups(parse(MINIMAL).values()) == {}


def test_the_fingerprint_follows_the_content() -> None:
    assert parse(MINIMAL).fingerprint == parse(MINIMAL).fingerprint
    assert parse(MINIMAL).fingerprint != parse(MINIMAL + b"weight = 2").fingerprint


def test_only_keeps_the_files_order_and_names_an_unknown_id() -> None:
    registry = parse(MINIMAL + MINIMAL.replace(b"surfers", b"others"))
    assert [p.id for p in registry.only(("others", "surfers"))] == ["surfers", "others"]
    with pytest.raises(RegistryError, match=r"no persona “nobody”.*surfers, others"):
        registry.only(("nobody",))


BROKEN = [
    # content, line, persona, field, part of the message
    (MINIMAL + b"weight = \n", 5, "surfers", "weight", "not valid TOML"),
    (MINIMAL + b'likes = ["waves"\ndislikes = ["x"]\n', 6, "surfers", "dislikes", "not valid TOML"),
    (b'[personas.a]\ndescription = "D"\n', 1, "a", "display_name", "is missing; add it"),
    (MINIMAL + b'\n[personas.b]\ndisplay_name = "B"\n', 6, "b", "description", "is missing"),
    (MINIMAL + b'colour = "blue"\n', 5, "surfers", "colour", "is not a known field; known fields: display_name"),
    (MINIMAL + b'likes = "waves"\n', 5, "surfers", "likes", "should be a valid list"),
    (MINIMAL + b"likes = [1]\n", 5, "surfers", "likes", "should be a valid string"),
    (MINIMAL + b"weight = -1\n", 5, "surfers", "weight", "should be greater than or equal to 0"),
    (MINIMAL + b"weight = nan\n", 5, "surfers", "weight", "finite number"),
    (MINIMAL + b'weight = "2"\n', 5, "surfers", "weight", "should be a number"),
    (MINIMAL + b'rubric = { 6 = "wow" }\n', 5, "surfers", "rubric", "scores are 1 to 5, not 6"),
    (MINIMAL + b'[personas.surfers.rubric]\n9 = "wow"\n', 5, "surfers", "rubric", "scores are 1 to 5, not 9"),
    (MINIMAL.replace(b'"Surfers"', b'" "'), 3, "surfers", "display_name", "at least 1 character"),
    (b'[personas."a b"]\ndisplay_name = "B"\n', 1, "a b", "", "letters, digits, - and _"),
    (b'[persona.a]\ndisplay_name = "A"\n', 1, "", "persona", "[personas.<id>]"),
    (b"personas = 3\n", None, "", "", "holds no [personas.<id>] block"),
    (b"", None, "", "", "holds no [personas.<id>] block"),
    (b'[personas]\na = "x"\n', 2, "", "a", "must be a block of its own"),
    (b'[personas.a]\ndisplay_name = "\xff"\n', 2, "", "", "Save the file as UTF-8"),
    (MINIMAL + MINIMAL, 6, "surfers", "", "not valid TOML"),
]


@pytest.mark.parametrize(("content", "line", "persona", "field", "message"), BROKEN)
def test_what_is_wrong_is_named(content: bytes, line: int | None, persona: str, field: str, message: str) -> None:
    with pytest.raises(RegistryError) as caught:
        parse(content, name="mine.toml")
    error = caught.value
    assert (error.line, error.persona, error.field) == (line, persona, field)
    assert message in str(error)
    assert str(error).startswith("mine.toml")
    if line is not None:
        assert f"line {line}" in str(error)
    assert "\n" not in str(error)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match=r"none\.toml cannot be read: No such file"):
        load(tmp_path / "none.toml")


def test_windows_line_ends_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    path = tmp_path / "personas.toml"
    path.write_bytes(b"\xef\xbb\xbf" + MINIMAL.replace(b"\n", b"\r\n"))
    assert list(load(path)) == ["surfers"]


@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: MINIMAL + text.encode("utf-8", "replace")))
def test_any_bytes_give_a_registry_or_a_registry_error(data: bytes) -> None:
    with contextlib.suppress(RegistryError):
        assert len(parse(data)) > 0


@pytest.mark.parametrize(
    "absurd",
    [
        b"x = " + b"[" * 5000 + b"]" * 5000,
        b"x = " + b"{a = " * 3000 + b"1" + b"}" * 3000,
        b"weight = " + b"9" * 10_000,
        b'"' + b"a." * 5000 + b'" = 1',
    ],
)
def test_absurd_toml_is_an_error_with_a_place(absurd: bytes) -> None:
    with pytest.raises(RegistryError) as caught:
        parse(MINIMAL + absurd + b"\n", name="mine.toml")
    assert str(caught.value).startswith("mine.toml, line ")
