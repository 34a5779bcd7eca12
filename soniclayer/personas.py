"""personas.toml -> Registry: who listens.

The file holds one `[personas.<id>]` block per persona; `display_name` and `description` are required.
Adding a block adds a persona: nothing else in the program knows any persona by name.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator
from typing_extensions import override

from soniclayer.errors import RegistryError
from soniclayer.shipped import personas_path

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]

ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
DEFAULT_RUBRIC = {
    1: "switches off",
    2: "mind wanders, may switch off",
    3: "neither pleased nor bothered",
    4: "keeps listening with interest",
    5: "loves it and would share it",
}


@dataclass(frozen=True, slots=True)
class Persona:
    """One kind of listener.

    Attributes:
        id: key of the block in personas.toml.
        display_name, emoji, description: how the persona is shown.
        system: the role a chat model plays, in the second person.
        prompt: the question put to the persona about every segment, plain text without placeholders.
        likes, dislikes: what pleases and displeases, each a short phrase.
        rubric: for every score from 1 to 5, what it means to this persona.
        weight: share in the consensus score, relative to the other personas; 0 leaves the persona out of it.
        group: name of the group it is chosen with on the page, or ""; no answer depends on it.
    """

    id: str
    display_name: str
    emoji: str
    description: str
    system: str
    prompt: str
    likes: tuple[str, ...]
    dislikes: tuple[str, ...]
    rubric: tuple[tuple[int, str], ...]
    weight: float
    group: str = ""


def groups(personas: Iterable[Persona]) -> dict[str, tuple[str, ...]]:
    """The ids of each group's personas, groups and personas in the order of the file; nothing where none has one."""
    found: dict[str, list[str]] = {}
    for persona in personas:
        if persona.group:
            found.setdefault(persona.group, []).append(persona.id)
    return {name: tuple(ids) for name, ids in found.items()}


class Registry(Mapping[str, Persona]):
    """Every persona by id, in the order of the file."""

    def __init__(self, personas: tuple[Persona, ...], fingerprint: str) -> None:
        self._personas = {persona.id: persona for persona in personas}
        self.fingerprint = fingerprint

    @override
    def __getitem__(self, key: str) -> Persona:
        return self._personas[key]

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._personas)

    @override
    def __len__(self) -> int:
        return len(self._personas)

    def only(self, ids: tuple[str, ...]) -> tuple[Persona, ...]:
        """The personas with these ids, in the order of the file.

        Raises:
            RegistryError: an id is not in the file; the message lists those that are.
        """
        for wanted in ids:
            if wanted not in self._personas:
                known = ", ".join(self._personas)
                raise RegistryError(f"There is no persona “{wanted}”. Known personas: {known}.", persona=wanted)
        return tuple(persona for key, persona in self._personas.items() if key in ids)


class _Block(BaseModel):
    """One `[personas.<id>]` block as written."""

    model_config = ConfigDict(extra="forbid", strict=True)

    display_name: Text
    description: Text
    emoji: Annotated[str, StringConstraints(strip_whitespace=True, max_length=16)] = "👤"
    system: Text | None = None
    prompt: Text = "How do you react to this segment?"
    likes: list[Text] = []
    dislikes: list[Text] = []
    rubric: dict[str, Text] = {}
    weight: Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False, strict=False)] = 1.0
    group: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] = ""

    @field_validator("weight", mode="before")
    @classmethod
    def _number(cls, value: Any) -> Any:
        if isinstance(value, bool | str):
            raise ValueError("Input should be a number")
        return value

    @field_validator("rubric")
    @classmethod
    def _scores(cls, rubric: dict[str, str]) -> dict[str, str]:
        for key in rubric:
            if key not in {"1", "2", "3", "4", "5"}:
                raise ValueError(f"scores are 1 to 5, not {key}")
        return rubric

    def persona(self, key: str) -> Persona:
        system = self.system or f"You are {self.display_name}, a member of the audience. {self.description}"
        rubric = {score: self.rubric.get(str(score), phrase) for score, phrase in DEFAULT_RUBRIC.items()}
        return Persona(
            id=key,
            display_name=self.display_name,
            emoji=self.emoji or "👤",
            description=self.description,
            system=system,
            prompt=self.prompt,
            likes=tuple(self.likes),
            dislikes=tuple(self.dislikes),
            rubric=tuple(rubric.items()),
            weight=self.weight,
            group=self.group,
        )


def load(path: Path | str | None = None) -> Registry:
    """Read a personas file; by default `personas.toml` of the current folder, else the shipped one.

    Raises:
        RegistryError: the file is missing, is not TOML, or a block is wrong; names line, persona and field.
    """
    path = personas_path() if path is None else Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RegistryError(
            f"{path.name} cannot be read: {error.strerror}. Restore the file or name another."
        ) from error
    return parse(data, name=path.name)


def parse(data: bytes, *, name: str = "personas.toml") -> Registry:
    """The Registry that the bytes of a personas.toml describe. Raises RegistryError as `load` does."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise RegistryError(f"{name}, line {line}: not UTF-8 text. Save the file as UTF-8.", line=line) from error
    try:
        document = tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(name, text, error) from error
    except (RecursionError, ValueError, OverflowError) as error:  # nested a thousand deep, or a number without end
        line = _deepest_line(text)
        raise RegistryError(
            f"{name}, line {line}: too deep or too large to be read. Simplify it.", line=line
        ) from error
    blocks = document.pop("personas", {})
    if document:
        key = next(iter(document))
        raise _field_error(name, text, "", key, "is not known at the top; put it in a [personas.<id>] block")
    if not isinstance(blocks, dict) or not blocks:
        raise RegistryError(f"{name} holds no [personas.<id>] block. Add at least one persona.")
    personas = tuple(_persona(name, text, key, block) for key, block in blocks.items())
    return Registry(personas, hashlib.blake2b(data, digest_size=16).hexdigest())


def _deepest_line(text: str) -> int:
    """1-based number of the line with the most brackets or digits: what a parser gives up on."""
    lines = text.splitlines() or [""]
    weights = [max(line.count("[") + line.count("{"), len(line) // 4) for line in lines]
    return weights.index(max(weights)) + 1


def _persona(name: str, text: str, key: str, block: object) -> Persona:
    if not ID.fullmatch(key):
        raise _field_error(name, text, key, "", "has an id with other characters than letters, digits, - and _")
    if not isinstance(block, dict):
        raise _field_error(name, text, "", key, "must be a block of its own, headed [personas.<id>]")
    try:
        return _Block.model_validate(block).persona(key)
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0]) if first["loc"] else ""
        raise _field_error(name, text, key, field, _in_words(first["type"], first["msg"])) from error


def _in_words(kind: str, message: str) -> str:
    if kind == "missing":
        return "is missing; add it"
    if kind == "extra_forbidden":
        known = ", ".join(_Block.model_fields)
        return f"is not a known field; known fields: {known}"
    return message.removeprefix("Value error, ").removeprefix("Input ")


def _syntax_error(name: str, text: str, error: tomllib.TOMLDecodeError) -> RegistryError:
    # tomllib names the position only inside its message on Python below 3.14.
    found = re.search(r"\(at line (\d+), column \d+\)", str(error))
    line = int(found.group(1)) if found else text.count("\n") + 1
    persona = _block_at(text, line)
    lines = text.splitlines()
    field = lines[line - 1].partition("=")[0].strip() if 0 < line <= len(lines) and "=" in lines[line - 1] else ""
    reason = re.sub(r" \(at .*\)$", "", str(error))
    where = _where(name, line, persona, field)
    return RegistryError(f"{where}: not valid TOML ({reason}).", line=line, persona=persona, field=field)


def _field_error(name: str, text: str, persona: str, field: str, reason: str) -> RegistryError:
    line = _line_of(text, persona, field)
    return RegistryError(f"{_where(name, line, persona, field)} {reason}.", line=line, persona=persona, field=field)


def _where(name: str, line: int | None, persona: str, field: str) -> str:
    parts = [name]
    if line is not None:
        parts.append(f"line {line}")
    if persona:
        parts.append(f"persona “{persona}”")
    if field:
        parts.append(f"field “{field}”")
    return ", ".join(parts)


_HEADER = re.compile(r"""\s*\[\s*personas\s*\.\s*["']?([^\]"'.]+?)["']?\s*(?:\.[^\]]*)?\]""")


def _block_at(text: str, line: int) -> str:
    """Id of the persona whose block the 1-based line lies in, or ""."""
    current = ""
    for content in text.splitlines()[:line]:
        if header := _HEADER.match(content):
            current = header.group(1)
    return current


def _line_of(text: str, persona: str, field: str) -> int | None:
    """1-based line of a field, else of its persona's header, else None.

    tomllib keeps no positions, so the text is searched; a field set in an unusual notation
    (dotted keys, inline tables) is answered with the line of its block.
    """
    header_line: int | None = None
    current = ""
    for number, content in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(content):
            current = header.group(1)
            if current == persona and header_line is None:
                header_line = number
            if current == persona and field and re.search(rf"\.\s*{re.escape(field)}\s*\]", content):
                return number
        elif field and current == persona and re.match(rf"""\s*\[?["']?{re.escape(field)}["']?\s*[=.\]]""", content):
            return number
    return header_line
