"""What the library hands out: one frozen row per thing that is kept. Times are seconds since 1970 (UTC)."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from soniclayer.evaluators.base import Usage
    from soniclayer.progress import State

_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_. ]?(0[1-9]|1[0-2])[-_. ]?(0[1-9]|[12]\d|3[01])(?!\d)")

IMPORTED = "imported"
"""Identity of the evaluator of results that came in from elsewhere: from a file, or with an archive."""


@dataclass(frozen=True, slots=True)
class ShowRow:
    """A show in the list.

    Attributes:
        id: what the address of the page carries.
        name: to show; of the file, until it was renamed.
        tag: the programme it belongs to, or "".
        facts: format, length, segments and speakers in one line; "" until it was read.
        duration_s: length in seconds; 0 until it was read.
        created, opened: when it came in, and when it was last looked at.
        found: of a search, some words around what was found; else "".
    """

    id: str
    name: str
    tag: str
    facts: str
    duration_s: float
    created: float
    opened: float
    found: str = ""

    @property
    def when(self) -> float:
        """When the show was: the date in its name, year first, else when it came in."""
        named = date_in(self.name)
        return self.created if named is None else named


def date_in(name: str) -> float | None:
    """The day that is written in the name of a show, year first, as its first second; None where there is none."""
    if named := _DATE.search(name):
        with suppress(ValueError):  # the 31st of June
            return datetime(*map(int, named.groups())).timestamp()  # type: ignore[arg-type]
    return None


@dataclass(frozen=True, slots=True)
class Mean:
    """How a persona took a whole show: the mean of its values, 1.0 to 5.0, or None where it judged nothing."""

    persona: str
    name: str
    emoji: str
    mean: float | None


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run of a show, without its results.

    Attributes:
        id: to ask for its record by.
        show: id of its show.
        reading: digest of the file and of how it was read.
        identity: of the evaluator and its settings.
        personas: fingerprint of the personas file.
        evaluator: id of the evaluator's row in its table.
        name, model: as `Evaluator` has them.
        state: where it stands.
        answered, failed: numbers of cells.
        means: one per persona.
        usage: of all of it together.
        cost: money, where the prices were known.
        saved: when it was last written.
    """

    id: int
    show: str
    reading: str
    identity: str
    personas: str
    evaluator: str
    name: str
    model: str
    state: State
    answered: int
    failed: int
    means: tuple[Mean, ...]
    usage: Usage
    cost: float | None
    saved: float
