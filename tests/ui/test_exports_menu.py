from __future__ import annotations

from dataclasses import replace

import pytest

from soniclayer.transcript import parse
from soniclayer.ui.exports_menu import stem

SHOW = parse("show.vtt", b"WEBVTT\n\n00:00.000 --> 00:05.000\nGood morning.\n")


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("show.vtt", "show"),
        ("show.en.vtt", "show"),
        ("The drive, 6.30", "The drive, 6.30"),
        ("AC/DC special: live.srt", "AC-DC special- live"),
        ("No. 5", "No. 5"),
        ("..", "transcript"),
        ("", "transcript"),
    ],
)
def test_a_show_gives_its_name_to_its_files(name: str, file: str) -> None:
    assert stem(replace(SHOW, name=name)) == file
