"""Small files in the formats of meetings, chat models, recognisers, editors and broadcasters, with what is right.

Those of tests/data/kinds are the project's own; the others are only there where their folder lies beside the project.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from soniclayer.errors import TranscriptError
from soniclayer.segments import split
from soniclayer.transcript import parse
from tests.conftest import ROOT, SHARED
from tests.transcript.comparing import differences

if TYPE_CHECKING:
    from pathlib import Path

KINDS = ROOT / "tests" / "data" / "kinds"
TABLES = (KINDS / "KINDS.tsv", SHARED / "cases" / "transcripts" / "CASES.tsv")
REFUSED_TOO = {"r09_rev_nlp.txt"}  # a table of tokens; CASES.tsv allows the refusal


def cases() -> list[tuple[Path, str]]:
    """(file, what is right) of every case; those of a folder that is not there are left out."""
    found = []
    for table in filter(lambda table: table.is_file(), TABLES):
        with table.open(encoding="utf-8", newline="") as source:
            rows = csv.DictReader(source, delimiter="\t", quoting=csv.QUOTE_NONE)
            found += [(table.parent / row["file"], row["right"]) for row in rows]
    return found


@pytest.mark.parametrize(("file", "right"), cases(), ids=lambda value: getattr(value, "name", "right"))
def test_cases(file: Path, right: str) -> None:
    """Each file is read right, or refused where it holds no words.

    Of the cases beside the project one is not read: r09_rev_nlp.txt, words with their grammar, is refused, as other
    tables of tokens are; its row says that this will do.
    """
    data = file.read_bytes()
    if right.startswith("refuse") or file.name in REFUSED_TOO:
        with pytest.raises(TranscriptError, match=r"Export|Open|Upload|Copy"):
            parse(file.name, data)
        return
    transcript = parse(file.name, data)
    assert not differences(transcript, right)
    spoken = sorted("".join("".join(cue.text for cue in transcript.cues).split()))
    assert sorted("".join("".join(segment.text for segment in split(transcript)).split())) == spoken
