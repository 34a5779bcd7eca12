"""A show as it comes in: what its ids depend on."""

from __future__ import annotations

from dataclasses import replace

from soniclayer.source import Options, Source


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
