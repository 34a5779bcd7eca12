"""data/judgement.tsv -> the labelled lines that benchmarks and tests go by."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from soniclayer.feedback import Tone, Topic

FILE = Path(__file__).parent / "data" / "judgement.tsv"
SIDES = {"-": -1, "0": 0, "+": 1}


@dataclass(frozen=True, slots=True)
class Line:
    """One labelled line.

    Attributes:
        part: "tune", "report", "learn" or "others"; see data/README.md.
        topic, also: what it is about; `also` is a second topic that is as right, or None.
        tone: how it sounds.
        reactions: persona id -> -1 displeased, 0 cold, 1 pleased.
        trait: "plain", "segment" (half a minute), what makes it hard ("irony", "gentle"...), or "".
        text: the words.
    """

    part: str
    topic: Topic
    also: Topic | None
    tone: Tone
    reactions: dict[str, int]
    trait: str
    text: str


def read_lines(*parts: str, file: Path = FILE) -> tuple[Line, ...]:
    """The lines of these parts, or of all."""
    with file.open(encoding="utf-8", newline="") as rows:
        lines = tuple(_line(row) for row in csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE))
    return tuple(line for line in lines if not parts or line.part in parts)


def _line(row: dict[str, str]) -> Line:
    return Line(
        part=row["part"],
        topic=Topic(row["topic"]),
        also=Topic(row["also"]) if row["also"] else None,
        tone=Tone(row["tone"]),
        reactions={reaction[:-1]: SIDES[reaction[-1]] for reaction in row["reactions"].split()},
        trait=row["trait"],
        text=row["text"],
    )
