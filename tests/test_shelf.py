"""The shows of the process: found again by id, bounded by size."""

from __future__ import annotations

from dataclasses import replace

from soniclayer.shelf import Options, Shelf, Source


def test_equal_shows_have_one_id_and_another_reading_has_another() -> None:
    source = Source("a.vtt", b"words")
    assert source.id == Source("a.vtt", b"words").id
    others = [
        Source("b.vtt", b"words"),
        Source("a.vtt", b"other"),
        replace(source, options=Options(target_s=60)),
        replace(source, options=Options(names=(("Kim", "Kimberley"),))),
    ]
    assert len({source.id, *(other.id for other in others)}) == 5


def test_what_is_kept_is_found_and_what_is_not_is_not() -> None:
    shelf = Shelf(100)
    key = shelf.put(Source("a", b"1"))
    found = shelf.get(key)
    assert found is not None
    assert found.data == b"1"
    assert shelf.get("nothing") is None


def test_the_bound_is_of_bytes_and_what_was_looked_at_last_stays() -> None:
    shelf = Shelf(10)
    old, looked_at = shelf.put(Source("a", b"1234")), shelf.put(Source("b", b"5678"))
    assert shelf.get(old), "it is looked at again"
    newest = shelf.put(Source("c", b"90ab"))
    assert shelf.get(looked_at) is None
    assert shelf.get(old)
    assert shelf.get(newest)


def test_a_show_larger_than_the_bound_is_kept_while_it_is_the_newest() -> None:
    shelf = Shelf(3)
    key = shelf.put(Source("a", b"12345"))
    assert shelf.get(key)
    shelf.put(Source("b", b"1"))
    assert shelf.get(key) is None


def test_many_readings_of_one_file_count_its_bytes_once() -> None:
    shelf = Shelf(10)
    source = Source("a", b"12345678")
    keys = [shelf.put(replace(source, options=Options(target_s=target))) for target in (15, 30, 60)]
    assert all(shelf.get(key) for key in keys)
