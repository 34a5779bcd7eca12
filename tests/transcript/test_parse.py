"""parse() as a whole: the choice of format, repairs, the import report."""

from __future__ import annotations

import dataclasses

import pytest

from soniclayer.errors import TranscriptError
from soniclayer.transcript import Cue, Transcript, format_names, parse, rename_speakers
from tests.transcript.parsed import note, read

VTT = b"WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>One.\n\n00:02.000 --> 00:03.000\n<v Bo>Two.\n"
SOURCES = {
    "WebVTT": VTT,
    "SubRip (SRT)": b"1\n00:00:01,000 --> 00:00:02,000\nOne.\n",
    "JSON": b'{"segments": [{"start": 1.0, "end": 2.0, "text": "One."}]}',
    "HTML": b"<cite>Ann:</cite><p>One.</p>",
    "XML": b'<transcript><text start="1" dur="1">One.</text></transcript>',
    "ASS/SSA": b"[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,Default,Ann,0,0,0,,One.\n",
    "LRC": b"[00:01.00]One.\n[00:02.00]Two.\n",
    "SBV": b"0:00:01.000,0:00:02.000\nOne.\n",
    "SAMI": b"<SAMI><BODY><SYNC Start=1000><P Class=EN>One.</BODY></SAMI>",
    "MicroDVD, MPL2": b"{25}{50}One.\n{75}{90}Two.\n",
    "STM, CTM, TextGrid, CHAT": b"show 1 ann 0.50 3.70 one two\nshow 1 bo 3.90 6.00 three\n",
    "Table (CSV, TSV)": b"start,end,text\n1,2,One.\n",
    "Markdown": b"---\ntitle: x\n---\nOne.\n",
    "Timed text": b"[00:01] One.\n[00:02] Two.\n",
    "Plain text": b"One.\n",
}


@pytest.mark.parametrize("chosen", SOURCES)
def test_a_chosen_format_reads_what_the_guess_reads(chosen: str) -> None:
    assert parse("x", SOURCES[chosen], format=chosen) == parse("x", SOURCES[chosen])


def test_every_format_can_be_chosen() -> None:
    assert set(format_names()) == {*SOURCES, "Word document"}


@pytest.mark.parametrize("chosen", sorted({*format_names()} - {"Plain text", "Markdown", "HTML"}))
def test_a_chosen_format_that_does_not_fit_is_refused(chosen: str) -> None:
    with pytest.raises(TranscriptError, match=r"\w+ \w+"):
        parse("x", b"These are only words.\nAnd some more.\n", format=chosen)


def test_a_format_nobody_knows() -> None:
    with pytest.raises(TranscriptError, match="WebVTT"):
        parse("x", VTT, format="mp3")


def test_the_name_says_nothing() -> None:
    transcript = parse("audio.mp3", VTT)
    assert (transcript.name, transcript.format) == ("audio.mp3", "WebVTT")


def test_too_big() -> None:
    with pytest.raises(TranscriptError, match="bytes, more than the 50 that"):
        parse("x", VTT, max_bytes=50)
    assert parse("x", VTT, max_bytes=len(VTT))


def test_the_report_begins_with_a_summary() -> None:
    assert read(VTT).notes == ("Read as WebVTT in utf-8: 2 cues, 0:00:03 long, 2 speakers.",)


def test_broadcast_timecode_is_rebased() -> None:
    transcript = read("10:00:03,000 --> 10:00:05,000\nOne.\n\n10:00:06,000 --> 10:00:07,000\nTwo.\n")
    assert [(cue.start_ms, cue.end_ms) for cue in transcript.cues] == [(0, 2000), (3000, 4000)]
    assert "10:00:03" in note(transcript, "timecode")


def test_a_late_start_within_the_hour_stays() -> None:
    assert read("00:59:00,000 --> 00:59:05,000\nOne.\n").cues[0].start_ms == 59 * 60_000


def test_times_that_are_wrong_are_repaired_and_reported() -> None:
    transcript = read(
        "00:00:05,000 --> 00:00:02,000\nBackward.\n\n00:00:01,000 --> 00:00:02,000\nLate in the file.\n\n"
        "-00:00:09,000 --> 00:00:03,000\nNegative.\n\n00:00:06,000 --> 999999:00:00,000\nEndless.\n"
    )
    assert [(cue.start_ms, cue.end_ms) for cue in transcript.cues] == [
        (5000, None),
        (1000, 2000),
        (0, 3000),
        (6000, None),
    ]
    assert note(transcript, "far longer").startswith("1 caption")
    assert note(transcript, "ended before").startswith("1 caption")
    assert note(transcript, "out of order").startswith("2 captions")


def test_starts_without_ends_are_reported() -> None:
    assert note(read("[00:01] One.\n[00:02] Two.\n"), "not when it ends")


def test_a_long_song_keeps_its_time() -> None:
    assert read("00:00:00,000 --> 00:03:00,000\n[Music]\n").cues[0].end_ms == 180_000


def test_a_recogniser_that_got_stuck_is_reported() -> None:
    source = "".join(f"00:00:0{i},000 --> 00:00:0{i + 1},000\nThank you.\n\n" for i in range(8))
    transcript = read(source + "00:00:10,000 --> 00:00:11,000\nBye.\n")
    assert len(transcript.cues) == 9
    assert "8 times" in note(transcript, "in a row")


def test_renaming_flows_through_and_leaves_the_rest() -> None:
    transcript = read(VTT)
    renamed = rename_speakers(transcript, {"Ann": " Annette ", "Bo": " ", "Nobody": "X"})
    assert renamed.speakers == ("Annette", "Bo")
    assert dataclasses.replace(renamed, cues=transcript.cues) == transcript
    assert rename_speakers(transcript, {}) is transcript


def test_two_labels_can_become_one_speaker() -> None:
    assert rename_speakers(read(VTT), {"Bo": "Ann"}).speakers == ("Ann",)


def test_transcripts_are_values() -> None:
    assert Transcript("x", "y", (Cue(0, None, "a", "A"), Cue(None, None, "b"))).duration_s == 0.0
