"""CSV and TSV: which column is what, and what the numbers count."""

from __future__ import annotations

import pytest

from soniclayer.errors import TranscriptError
from tests.transcript.parsed import Line, lines, note, read

TALK: list[Line] = [(1000, 2500, "Ann", "Good morning."), (2500, 4000, "Bo", "Bye, then.")]
HELLO: list[Line] = [(start, end, "", text) for start, end, _, text in TALK]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param('start,end,speaker,text\n1,2.5,Ann,Good morning.\n2.5,4,Bo,"Bye, then."', TALK, id="seconds"),
        pytest.param(
            'start,end,text\n1000,2500,Good morning.\n2500,4000,"Bye, then."', HELLO, id="plain milliseconds"
        ),
        pytest.param(
            'Start (ms),End (ms),Text\n1000,2500,Good morning.\n2500,4000,"Bye, then."', HELLO, id="ms named"
        ),
        pytest.param(
            'Text;Sprecher;Ende;Anfang\nGood morning.;Ann;0:02,5;0:01\n"Bye, then.";Bo;0:04;0:02,5',
            TALK,
            id="German, reversed",
        ),
        pytest.param(
            "My show,,,\nspeaker,Timecode In,Timecode Out,Transcript\n"
            "Ann,00:00:01.000,00:00:02.500,Good morning.\n"
            'Bo,00:00:02.500,00:00:04.000,"Bye, then."',
            TALK,
            id="title above the headings",
        ),
        pytest.param(
            'N, In, Out, Text\r\n1,"1","2.5","Good\r\nmorning."\r\n2,"2.5","4","Bye, then."\r\n',
            HELLO,
            id="breaks in cells",
        ),
        pytest.param(
            "start,duration,text\n1.0,1.5,Good morning.\n2.5,1.5,Bye, then.", HELLO, id="unquoted comma at the end"
        ),
        pytest.param(
            "00:01.0\t00:02.5\tGood morning.\n00:02.5\t00:04.0\tBye, then.\n00:05.0\t00:06.0\tSo.",
            [*HELLO, (5000, 6000, "", "So.")],
            id="no headings",
        ),
        pytest.param("start\tend\ttext\n1000\t2500\tGood morning.\n2500\t4000\tBye, then.", HELLO, id="Whisper"),
        pytest.param(
            'start\tend\ttext\n0\t900\t"Well\n1000\t1100\tso" he said',
            [(0, 900, "", '"Well'), (1000, 1100, "", 'so" he said')],
            id="Whisper does not quote",
        ),
        pytest.param(
            "start\tend\ttext\n1.0\t2.5\tGood morning.\n2.5\t4.0\tBye, then.", HELLO, id="Whisper in seconds"
        ),
        pytest.param(
            "speaker,text\nAnn,Good morning.\nBo,Bye.",
            [(None, None, "Ann", "Good morning."), (None, None, "Bo", "Bye.")],
            id="no times",
        ),
        pytest.param(
            "0\tGood morning.\n1\tBye then.\n2\tSo.",
            [(None, None, "", t) for t in ("Good morning.", "Bye then.", "So.")],
            id="numbered sentences",
        ),
        pytest.param(
            "Ann\tGood morning.\nBo\tHey you.\nAnn\tSo.\nBo\tYes, so.",
            [
                (None, None, "Ann", "Good morning."),
                (None, None, "Bo", "Hey you."),
                (None, None, "Ann", "So."),
                (None, None, "Bo", "Yes, so."),
            ],
            id="names and words",
        ),
        pytest.param(
            'start,end,speaker,text\n0,5,Host,"=HYPERLINK(""http://x.example"",""y"")"\n'
            "5,9,\"=cmd|' /C calc'!A0\",@SUM(1+1)",
            [
                (0, 5000, "Host", '=HYPERLINK("http://x.example","y")'),
                (5000, 9000, "=cmd|' /C calc'!A0", "@SUM(1+1)"),
            ],
            id="formulas are words",
        ),
    ],
)
def test_tables(source: str, expected: list[Line]) -> None:
    assert lines(source) == expected


def test_overlapping_rows_keep_their_times() -> None:
    assert [row[:2] for row in lines("start,end,text\n13.02,14.13,There is a day.\n13.86,16.65,About ten years")] == [
        (13_020, 14_130),
        (13_860, 16_650),
    ]


def test_an_unclosed_quotation_mark_loses_nothing() -> None:
    rows = "".join(f"{i},{i + 1},word number {i}\n" for i in range(60))
    transcript = read(
        f'start,end,text\n{rows}60,61,"never closed\n' + "".join(f"{i},{i + 1},more {i}\n" for i in range(61, 120))
    )
    assert len(transcript.cues) == 120
    assert note(transcript, "quotation marks")


def test_rows_without_a_text_are_reported() -> None:
    assert "row 3" in note(read("start,end,text\n1,2,One two.\n3,4\n5,6,Three."), "without a text")


def test_commas_in_prose_make_no_table() -> None:
    transcript = read("Well, I went there\nThen, I came back\nSo, that is that\nAnd, here we are")
    assert (transcript.format, len(transcript.cues)) == ("Plain text", 4)


@pytest.mark.parametrize(
    "source",
    ["id\tform\tlemma\tupos\n1\tGood\tgood\tADJ\n2\tmorning\tmorning\tNOUN\n", "word,pos,start,text\nGood,ADJ,1,x\n"],
)
def test_token_tables_are_refused(source: str) -> None:
    with pytest.raises(TranscriptError, match="grammar"):
        read(source)
