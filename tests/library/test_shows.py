"""Shows: kept whole, listed, searched, renamed, deleted and brought back."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from soniclayer.audio import Audio
from soniclayer.library import ORPHAN_S, UNDO_S, Library, shows
from soniclayer.source import Options, Source

READ = Options(format="WebVTT", encoding="cp1252", target_s=60, names=(("KIM", "Kim"), ("LEE", "Lee “L”")))


def describe(library: Library, show: str, words: str) -> None:
    library.shows.describe(show, facts="WebVTT · 1:00", duration_s=60.0, words=words)


def test_a_show_comes_back_as_it_was_given(library: Library) -> None:
    source = Source("Frühstück 27. Nov.vtt", bytes(range(256)) * 9, READ)
    library.shows.put("one", source)
    assert library.shows.source("one") == source
    assert library.shows.source("two") is None


def test_the_list_has_the_latest_first_with_what_was_understood(library: Library) -> None:
    for number, show in enumerate(("a", "b", "c")):
        library.shows.put(show, Source(f"{show}.vtt", show.encode()), when=number)
    library.shows.looked_at("a", when=9)
    describe(library, "a", "hello")
    assert [row.id for row in library.shows.recent(10)] == ["a", "c", "b"]
    assert [row.id for row in library.shows.recent(1, offset=1)] == ["c"]
    assert [row.id for row in library.shows.recent(9, only=("b", "c", "x"))] == ["c", "b"]
    assert library.shows.recent(9, only=()) == []
    first = library.shows.recent(1)[0]
    assert (first.name, first.facts, first.duration_s, first.created) == ("a.vtt", "WebVTT · 1:00", 60.0, 0)
    assert library.shows.get("a") == first
    assert library.shows.count() == 3


def test_a_show_that_is_put_again_stays_as_it_is(library: Library, friday: str) -> None:
    library.shows.rename(friday, "Breakfast")
    library.shows.read_as(friday, READ)
    library.shows.put(friday, Source("Friday.vtt", b"WEBVTT"), when=5)
    row, source = library.shows.get(friday), library.shows.source(friday)
    assert row is not None
    assert source is not None
    assert (row.name, row.opened, source.options) == ("Breakfast", 5, READ)


def test_search_finds_names_and_words_and_the_beginnings_of_words(library: Library, friday: str) -> None:
    library.shows.put("other", Source("Footy special.vtt", b"x"))
    describe(library, friday, "The café talked about the footy in the rain, and then about lamb.")
    describe(library, "other", "Nothing but tennis.")
    assert [row.id for row in library.shows.search("footy", 9)] == ["other", "friday"], "the name counts for more"
    assert [row.id for row in library.shows.search("foot rai", 9)] == ["friday"]
    assert [row.id for row in library.shows.search("CAFE", 9)] == ["friday"]
    assert "lamb" in library.shows.search("lamb", 9)[0].found
    assert library.shows.search("footy", 9, only=("other",))[0].id == "other"
    assert library.shows.search("hockey", 9) == []
    library.shows.rename(friday, "Hockey")
    assert [row.id for row in library.shows.search("hockey", 9)] == ["friday"]


@pytest.mark.parametrize(
    "text", ["", "  ", '"', "'; DROP TABLE shows; --", "a* OR", "NEAR(", "\0", "words:x", "^", "-"]
)
def test_no_search_is_an_error(library: Library, friday: str, text: str) -> None:
    describe(library, friday, "nothing of that")
    assert library.shows.search(text, 9) == []


def test_programmes(library: Library, friday: str) -> None:
    library.shows.put("other", Source("Other.vtt", b"x"))
    library.shows.tag(friday, " Breakfast ")
    assert library.shows.tags() == ["Breakfast"]
    row = library.shows.get(friday)
    assert row is not None
    assert row.tag == "Breakfast"


def test_what_is_removed_is_out_of_sight_until_it_is_brought_back(library: Library, friday: str) -> None:
    describe(library, friday, "footy")
    library.shows.remove(friday, when=100)
    assert (library.shows.get(friday), library.shows.source(friday), library.shows.count()) == (None, None, 0)
    assert library.shows.search("footy", 9) == []
    assert library.delete_removed(now=100 + UNDO_S) == []
    library.shows.bring_back(friday)
    assert library.shows.search("footy", 9)[0].id == friday


def test_what_is_removed_goes_for_good_after_the_time_to_undo_it(library: Library, friday: str) -> None:
    library.shows.put("twin", Source("Saturday.vtt", b"WEBVTT"))
    library.shows.remove(friday, when=100)
    assert library.delete_removed(now=101 + UNDO_S) == [], "another show has the same file"
    library.shows.bring_back(friday)
    assert library.shows.get(friday) is None
    library.shows.remove("twin", when=100)
    assert library.delete_removed(now=101 + UNDO_S) == [Source("Friday.vtt", b"WEBVTT").content]


def test_a_removed_show_that_is_put_again_begins_afresh(library: Library, friday: str) -> None:
    library.reviews.add(friday, words="d", start_ms=0, persona="ann", score=1, reason="")
    library.shows.remove(friday)
    library.shows.put(friday, Source("Friday.vtt", b"WEBVTT"))
    assert library.shows.get(friday) is not None
    assert library.reviews.list(friday) == []


def test_names_that_utf_8_cannot_hold_are_kept_with_question_marks(library: Library) -> None:
    library.shows.put("odd", Source("a\ud800b.vtt", b"x", Options(names=(("\udfff", "K"),))))
    source = library.shows.source("odd")
    assert source is not None
    assert (source.name, source.options.names) == ("a?b.vtt", (("?", "K"),))


def test_delete_takes_the_librarys_own_sound_file_with_it(library: Library, friday: str, tmp_path: Path) -> None:
    own, foreign = tmp_path / "own.mp3", tmp_path / "foreign.mp3"
    own.write_bytes(b"x")
    foreign.write_bytes(b"x")
    library.shows.put("other", Source("Other.vtt", b"x"))
    library.audio.put(friday, Audio("1", own, "own.mp3", copied=True))
    library.audio.put("other", Audio("2", foreign, "foreign.mp3"))
    library.delete([friday, "other"])
    assert (own.exists(), foreign.exists()) == (False, True)


def test_a_copy_of_audio_that_no_show_has_is_swept_away_an_hour_later(tmp_path: Path) -> None:
    with closing(Library(tmp_path / "library.sqlite3")) as library:
        library.sweep()  # there is no folder yet
        folder = library.audio_folder
        assert folder is not None
        folder.mkdir()
        used, orphan = folder / "used.mp3", folder / "orphan.mp3"
        for path in (used, orphan):
            path.write_bytes(b"x")
        library.shows.put("friday", Source("Friday.vtt", b"x"))
        library.audio.put("friday", Audio("1", used, "used.mp3", copied=True))
        library.sweep()
        assert orphan.exists()  # its upload may not have ended
        library.sweep(now=time.time() + ORPHAN_S + 60)
        assert list(folder.iterdir()) == [used]


def test_the_reading_does_not_depend_on_the_name() -> None:
    source = Source("a.vtt", b"words")
    assert source.reading == replace(source, name="b.vtt").reading
    assert source.reading != replace(source, options=READ).reading


def test_a_show_moves_to_another_library_with_all_that_belongs_to_it(library: Library, friday: str) -> None:
    describe(library, friday, "slow roasted lamb")
    library.shows.tag(friday, "Breakfast")
    review = library.reviews.add(friday, words="d", start_ms=0, persona="ann", score=1, reason="No.", when=1)
    library.edits.put(friday, words="d", start_ms=0, text="x", when=1)
    library.audio.put(friday, Audio("1", Path("/a.mp3"), "a.mp3", copied=True))
    row, edits, audio = library.shows.get(friday), library.edits.list(friday), library.audio.get(friday)
    other = Library(None)
    library.move(friday, other)
    assert library.shows.get(friday) is None
    assert (other.shows.get(friday), other.edits.list(friday), other.audio.get(friday)) == (row, edits, audio)
    assert [replace(each, id=review.id) for each in other.reviews.list(friday)] == [review]
    assert [found.id for found in other.shows.search("lamb", 9)] == [friday]
    other.close()


@pytest.mark.parametrize(
    ("words", "excerpt"),
    [
        ("fox", "… the quick brown big foxes jump over it all, as foxes do. …"),
        ("cafe", "Café — and then the quick brown big …"),
        ("THEN", "Café — and then the quick brown big foxes jump over …"),
        ("owl", ""),
        ("ox", ""),
        ("c++ over", "… brown big foxes jump over it all, as foxes do. İ The …"),
    ],
)
def test_an_excerpt_has_some_words_around_what_was_found(words: str, excerpt: str) -> None:
    text = "Café — and then the quick brown big foxes jump over it all, as foxes do. İ The end."
    assert shows.excerpt(text, words.split()) == excerpt


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("Breakfast 2026-11-27.vtt", (2026, 11, 27)),
        ("drive_20240229.srt", (2024, 2, 29)),
        ("2026.06.31 late.vtt", None),
        ("Breakfast 27-11-2026.vtt", None),
        ("call 020261127.vtt", None),
    ],
)
def test_a_show_was_on_the_day_in_its_name_else_when_it_came_in(
    name: str, day: tuple[int, int, int] | None, library: Library
) -> None:
    library.shows.put("a", Source(name, b"WEBVTT"), when=5)
    row = library.shows.get("a")
    assert row is not None
    assert row.when == (5 if day is None else datetime(*day).timestamp())
