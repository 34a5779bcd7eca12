"""The library that an archive has in its folder, for the page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pytest

from soniclayer.archive.listing import write_library
from soniclayer.archive.output import Output
from soniclayer.library import FILE, Library
from soniclayer.source import content_id
from tests.archive.shows import LISTENERS, evaluated, make_shows, plan_of
from tests.fakes import persona

NAMES = ["2024/show 01.vtt", "2025/week 1/show 02.vtt", "show 00.vtt"]


def listed(folder: Path, out: Path, personas: tuple[object, ...] = LISTENERS) -> Library:
    evaluated(folder, out, personas)  # type: ignore[arg-type]
    found = plan_of(folder, out)[0].found
    with Output(out) as output:
        shows = {content_id(each.path.read_bytes()): each.file for each in found}
        write_library(output, shows, found)
    return Library(out / FILE)


def names(library: Library) -> Mapping[str, str]:
    try:
        return library.shows.names()
    finally:
        library.close()


def test_every_show_is_listed_found_by_its_words_and_has_its_run(tmp_path: Path) -> None:
    make_shows(tmp_path / "in", 3)
    library = listed(tmp_path / "in", tmp_path / "out")
    assert list(library.shows.names().values()) == NAMES
    assert {row.name for row in library.shows.search("part of", 10)} == set(NAMES), "in their words"
    (found,) = library.shows.search("week", 10)
    assert found.name == NAMES[1]
    assert found.facts.startswith("WebVTT · 1:00 · 2 segments")
    (run,) = library.runs.of([found.id])
    assert len(library.runs.record(run.id).results) == len(LISTENERS)
    library.close()


def test_what_has_changed_takes_the_place_of_what_was_and_reviews_stay(tmp_path: Path) -> None:
    paths = make_shows(tmp_path / "in", 3)
    library = listed(tmp_path / "in", tmp_path / "out")
    show = content_id(paths[0].read_bytes())
    library.reviews.add(show, words="w", start_ms=0, persona="kim", score=5, reason="", who="Ana")
    library.close()
    paths[1].unlink()
    paths[0].rename(tmp_path / "in" / "renamed.vtt")
    library = listed(tmp_path / "in", tmp_path / "out", (*LISTENERS, persona("max")))
    assert list(library.shows.names().values()) == ["2025/week 1/show 02.vtt", "renamed.vtt"]
    (run,) = library.runs.of([show])
    assert [mean.persona for mean in run.means] == ["kim", "lee", "max"]
    assert [review.who for review in library.reviews.list(show)] == ["Ana"]
    library.close()


def test_a_damaged_one_is_made_again(tmp_path: Path) -> None:
    make_shows(tmp_path / "in", 3)
    listed(tmp_path / "in", tmp_path / "out").close()
    for path in tmp_path.glob(f"out/{FILE}*"):
        path.write_bytes(b"no library" * 100)
    assert list(names(listed(tmp_path / "in", tmp_path / "out")).values()) == NAMES


@pytest.mark.parametrize(
    ("name", "date"),
    [
        ("Breakfast 2019-06-03.vtt", "2019-06-03"),
        ("20190603_breakfast.vtt", "2019-06-03"),
        ("breakfast 2019-06-31.vtt", ""),
        ("120190603.vtt", ""),
        ("2019/week 1.vtt", ""),
    ],
)
def test_a_show_is_of_the_day_in_its_name_or_of_its_file(tmp_path: Path, name: str, date: str) -> None:
    (path,) = make_shows(tmp_path / "in", 1)
    target = tmp_path / "in" / name
    target.parent.mkdir(exist_ok=True)
    path.rename(target)
    library = listed(tmp_path / "in", tmp_path / "out")
    (row,) = library.shows.recent(1)
    library.close()
    when = datetime.fromisoformat(date).timestamp() if date else target.stat().st_mtime
    assert row.created == pytest.approx(when)
