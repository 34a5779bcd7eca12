"""Rated talk: half minutes of shows, and what readers in the role of each persona gave them."""

from __future__ import annotations

import csv
import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from soniclayer.evaluators.builtin.encoder import Heard, encoder, pack
from soniclayer.evaluators.builtin.features import Array, Phrases, gather, phrases_of
from soniclayer.feedback import Tone, Topic
from soniclayer.personas import Persona, load

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

THREADS = 2
WRITTEN = ""
TAUGHT = ("tune", "learn")
LINE_RATINGS = {"+": 4.2, "0": 2.8, "-": 1.8}
LINE_WEIGHT = 1.6  # of a written line beside a half minute of talk


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reader said of a half minute. `second` is a topic that is as right, or None."""

    topic: Topic
    second: Topic | None
    tone: Tone
    scores: dict[str, float]


@dataclass(frozen=True, slots=True)
class Rated:
    """A rated half minute: `before` is what was said just before it; `show` is WRITTEN for a written line."""

    show: str
    before: str
    text: str
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Corpus:
    """Rated talk as the model hears it.

    Attributes:
        rated: the half minutes.
        heard: the same, as vectors.
        personas: those that any reader played.
        phrases: theirs.
        ratings: mean over readers, shape (rated, personas); NaN where nobody played that persona.
        fingerprint: of the words, the ratings and the personas.
    """

    rated: tuple[Rated, ...]
    heard: tuple[Heard, ...]
    personas: tuple[Persona, ...]
    phrases: Phrases
    ratings: Array
    fingerprint: str

    @property
    def talk(self) -> NDArray[np.bool_]:
        """Which are half minutes of shows; the others are written lines: learnt from, never reported on."""
        return np.array([each.show != WRITTEN for each in self.rated])

    @property
    def weight(self) -> Array:
        """How much each counts."""
        return np.where(self.talk, 1.0, LINE_WEIGHT)

    @property
    def shows(self) -> NDArray[np.str_]:
        """The show of every half minute."""
        return np.array([each.show for each in self.rated])


def read(files: Iterable[Path]) -> tuple[Rated, ...]:
    """The half minutes of JSON files, each a list of objects.

    An object has `show`, `text`, optionally `previous`, and `ratings`: per reader an object with `topic`, `topic2`
    ("" for none), `tone` and a score from 1 to 5 by persona id.

    Raises:
        OSError: a file cannot be read.
        ValueError, KeyError: a file is not of this form.
    """
    rows = [row for file in files for row in json.loads(file.read_text(encoding="utf-8"))]
    return tuple(
        Rated(row["show"], row.get("previous") or "", row["text"], tuple(map(_reading, row["ratings"])))
        for row in rows
    )


def read_lines(file: Path) -> tuple[Rated, ...]:
    """Written lines: of a TSV file as benchmarks/data/README.md describes it, the parts TAUGHT.

    Rated talk hardly has some topics (the weather), and says many things in one breath.
    """
    with file.open(encoding="utf-8", newline="") as rows:
        read = csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE)
        taught = [row for row in read if row["part"] in TAUGHT]
    return tuple(Rated(WRITTEN, "", row["text"], (_reaction(row),)) for row in taught)


def corpus(rated: tuple[Rated, ...], personas: Iterable[Persona], kept: Path | None = None) -> Corpus:
    """Hear everything: 25 ms per half minute on two cores.

    kept: a file for the vectors, written where it is not there; for whoever tries things.
    """
    scored = {key for each in rated for reading in each.readings for key in reading.scores}
    listeners = tuple(persona for persona in personas if persona.id in scored)
    vectors = {text: encoder().phrase(text) for persona in listeners for kind in phrases_of(persona) for text in kind}
    heard = _hear(rated, kept)
    said = [place for place, each in enumerate(heard) if each.spans]
    rows = tuple(rated[place] for place in said)
    return Corpus(
        rows,
        tuple(heard[place] for place in said),
        listeners,
        gather(listeners, vectors),
        _ratings(rows, listeners),
        _fingerprint(rows, listeners),
    )


def personas_of(files: Iterable[Path]) -> tuple[Persona, ...]:
    """The personas of these files, in order. Raises RegistryError."""
    return tuple(persona for file in files for persona in load(file).values())


def _reading(row: dict[str, Any]) -> Reading:
    scores: dict[str, float] = {
        key: int(value) for key, value in row.items() if key not in ("topic", "topic2", "tone")
    }
    second = Topic(row["topic2"]) if row.get("topic2") else None
    return Reading(Topic(row["topic"]), second, Tone(row["tone"]), scores)


def _reaction(row: dict[str, str]) -> Reading:
    scores: dict[str, float] = {reaction[:-1]: LINE_RATINGS[reaction[-1]] for reaction in row["reactions"].split()}
    return Reading(Topic(row["topic"]), Topic(row["also"]) if row["also"] else None, Tone(row["tone"]), scores)


def _hear(rated: tuple[Rated, ...], kept: Path | None) -> list[Heard]:
    if kept is not None and kept.exists():
        lines = kept.read_text(encoding="ascii").splitlines()
        return [encoder().unpack(each.text, line) for each, line in zip(rated, lines, strict=True)]
    with ThreadPoolExecutor(THREADS) as threads:
        heard = list(threads.map(lambda each: encoder().hear(each.text, each.before), rated))
    if kept is not None:
        kept.write_text("\n".join(map(pack, heard)), encoding="ascii")
    return heard


def _ratings(rated: tuple[Rated, ...], personas: tuple[Persona, ...]) -> Array:
    ratings = np.full((len(rated), len(personas)), np.nan)
    for row, each in zip(ratings, rated, strict=True):
        for place, persona in enumerate(personas):
            given = [reading.scores[persona.id] for reading in each.readings if persona.id in reading.scores]
            if given:
                row[place] = sum(given) / len(given)
    return ratings


def _fingerprint(rated: tuple[Rated, ...], personas: tuple[Persona, ...]) -> str:
    digest = hashlib.sha256()
    for each in rated:
        digest.update(repr((each.show, each.before, each.text, each.readings)).encode())
    for persona in personas:
        digest.update(repr((persona.id, phrases_of(persona))).encode())
    return digest.hexdigest()
