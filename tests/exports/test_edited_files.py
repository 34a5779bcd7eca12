"""A show after its edits: files that say the same words, with the times moved up."""

from __future__ import annotations

import csv
import io

from soniclayer.edits import Edit, apply, sentences
from soniclayer.exports.edited_files import cuts_to_csv, cuts_to_edl, to_srt, to_text, to_vtt
from soniclayer.feedback import digest_of
from soniclayer.transcript import parse
from tests.exports.hostile import ALL, HARMFUL
from tests.insights.planted import segment

SHOW = (
    segment(0, "Good morning. We begin.", "Kim"),
    segment(1, "This goes. This stays.", "Lee"),
    segment(2, "The end.", "Kim"),
)
FIRST = sentences(SHOW[1])[0]
EDITED = apply(SHOW, [Edit("show", digest_of(SHOW[1].text), 30_000, None, ((FIRST.begin, FIRST.end),))])


def test_captions_are_read_back_with_the_times_moved_up() -> None:
    for name, data in (("x.vtt", to_vtt(EDITED)), ("x.srt", to_srt(EDITED))):
        read = parse(name, data)
        assert [cue.text for cue in read.cues] == ["Good morning.", "We begin.", "This stays.", "The end."]
        assert read.cues[-1].start_ms == 60_000 - EDITED.removed_ms
        assert {cue.speaker for cue in read.cues} == {"Kim", "Lee"}


def test_text_has_a_line_per_turn() -> None:
    assert to_text(EDITED).decode() == "Kim: Good morning. We begin.\nLee: This stays.\nKim: The end.\n"


def test_the_cuts_as_a_table_and_what_is_left_as_an_edit_decision_list() -> None:
    (row,) = csv.DictReader(io.StringIO(cuts_to_csv(EDITED).decode("utf-8-sig"), newline=""))
    assert (row["start"], row["words"], row["start_s"]) == ("0:30", "This goes.", "30.0")
    lines = cuts_to_edl(EDITED, "friday.vtt", 90_000).decode("ascii").split("\r\n")
    events = [line.split() for line in lines if line[:3].isdigit()]
    assert [event[4:] for event in events] == [
        ["00:00:00:00", "00:00:30:00", "00:00:00:00", "00:00:30:00"],
        ["00:00:43:16", "00:01:30:00", "00:00:30:00", "00:01:16:09"],
    ]
    assert "* Then cut: This goes." in lines


def test_hostile_words_and_names_do_nothing_in_any_of_them() -> None:
    show = tuple(segment(index, f"Good {text}. And {text}.", text) for index, text in enumerate(ALL))
    edited = apply(show, [Edit("show", digest_of(each.text), each.start_ms, None, ((0, 6),)) for each in show])
    assert edited.cuts
    for data in (to_vtt(edited), to_srt(edited), to_text(edited), cuts_to_csv(edited)):
        assert not HARMFUL & set(data.decode("utf-8-sig"))
    assert cuts_to_edl(edited, ALL[0], 1_000).isascii()
    rows = list(csv.reader(io.StringIO(cuts_to_csv(edited).decode("utf-8-sig"), newline="")))
    assert {len(row) for row in rows} == {6}
    struck = apply(show[1:2], [Edit("show", digest_of(show[1].text), 30_000, None, ((0, 5),))])
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))], struck
    assert "<script" not in to_vtt(edited).decode()
