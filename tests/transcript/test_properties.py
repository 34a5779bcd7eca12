"""What is written is read back, and no bytes at all raise anything but TranscriptError, or take long."""

from __future__ import annotations

import html
import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soniclayer.errors import TranscriptError
from soniclayer.segments import split
from soniclayer.transcript import Cue, parse
from tests.timing import cpu_within

DATA = Path(__file__).parents[1] / "data"
unhurried = settings(deadline=None, max_examples=100)  # a busy machine is no failure

# --- round trips ---

VISIBLE = st.characters(
    categories=("L", "N", "P", "S", "M"), exclude_characters=":：[<>&{}\\|\u02d0\u0342", max_codepoint=0x2FFFF
)
WORD = st.text(VISIBLE, min_size=1, max_size=8).filter(lambda word: "->" not in word and word.isprintable())
PHRASE = st.lists(WORD, min_size=2, max_size=6).map(lambda words: "so " + " ".join(words))


@st.composite
def captions(draw: st.DrawFn) -> list[Cue]:
    """Cues as a tool would write them; the pauses keep them from looking like captions that roll."""
    named = draw(st.booleans())
    cues, now = [], draw(st.integers(0, 3_600_000))
    for text in draw(st.lists(PHRASE, min_size=2, max_size=8)):
        end = now + draw(st.integers(1, 10_000))
        cues.append(Cue(now, end, text, draw(st.sampled_from(["Ann Lee", "Bo"])) if named else ""))
        now = end + draw(st.integers(1_001, 7_200_000))
    return cues


def clock(ms: int, mark: str) -> str:
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1_000 % 60:02}{mark}{ms % 1_000:03}"


def as_srt(cues: Sequence[Cue]) -> str:
    blocks = (
        f"{i}\n{clock(cue.start_ms or 0, ',')} --> {clock(cue.end_ms or 0, ',')}\n"
        f"{cue.speaker + ': ' if cue.speaker else ''}{cue.text}\n"
        for i, cue in enumerate(cues, 1)
    )
    return "\n".join(blocks)


def as_vtt(cues: Sequence[Cue]) -> str:
    blocks = (
        f"{clock(cue.start_ms or 0, '.')} --> {clock(cue.end_ms or 0, '.')}\n"
        f"{f'<v {cue.speaker}>' if cue.speaker else ''}{html.escape(cue.text)}\n"
        for cue in cues
    )
    return "\n".join(["WEBVTT\n", *blocks])


def as_whisper(cues: Sequence[Cue]) -> str:
    segments = [
        {"start": (cue.start_ms or 0) / 1000, "end": (cue.end_ms or 0) / 1000, "text": f" {cue.text}"}
        | ({"speaker": cue.speaker} if cue.speaker else {})
        for cue in cues
    ]
    return json.dumps({"segments": segments, "language": "en"}, ensure_ascii=bool(len(cues) % 2))


def as_podcasting(cues: Sequence[Cue]) -> str:
    segments = [
        {"startTime": (cue.start_ms or 0) / 1000, "endTime": (cue.end_ms or 0) / 1000, "body": cue.text}
        | ({"speaker": cue.speaker} if cue.speaker else {})
        for cue in cues
    ]
    return json.dumps({"version": "1.0.0", "segments": segments})


@unhurried
@pytest.mark.parametrize("write", [as_srt, as_vtt, as_whisper, as_podcasting])
@given(cues=captions())
def test_what_is_written_is_read_back(write: Callable[[Sequence[Cue]], str], cues: list[Cue]) -> None:
    assert list(parse("show", write(cues).encode()).cues) == cues


@unhurried
@given(st.lists(st.text(st.sampled_from("ab1 .:,-[]()<>*#_&;'\"|\t"), max_size=30), min_size=1, max_size=12))
def test_plain_text_keeps_every_character(lines: list[str]) -> None:
    source = "\n".join(lines)
    try:
        transcript = parse("show", source.encode(), format="Plain text")
    except TranscriptError:
        assert not source.strip() or not any(line.strip().rstrip(":") for line in lines)
        return
    kept = "".join(cue.speaker + ":" + cue.text for cue in transcript.cues)
    assert set(source) - set(kept) <= set(" \t\n")
    names = len(transcript.speakers)
    assert names or "".join(source.split()) == "".join("".join(cue.text.split()) for cue in transcript.cues)


# --- any bytes ---

SEEDS = [
    as_srt([Cue(0, 1000, "So it is", "Ann"), Cue(1000, 2000, "and so on", "Bo")]).encode(),
    b"WEBVTT\n\nNOTE x\n\n1\n00:01.000 --> 00:02.000 align:start\n<v Ann>Hi <c>all</c> &amp; you\n\n"
    b"00:02.000 --> 00:03.000\nBye\n",
    b"Ann Lee  0:05  \nWelcome.\n\nBo  1:02  \nHi.\n\n[00:12] Ann: so\n[00:14] Bo: yes\n",
    b"---\ntranscript:\n- line: Hello\n  sec: 62\n  who: Ann\n---\n# Title\n**Ann:** Hi [00:12] there\n",
    b'start,end,speaker,text\n0,5,Ann,"Hi, you"\n5,9,Bo,Bye\n',
    b"<html><cite>Ann:</cite><time>0:00</time><p>Hi &amp; bye</p><!-- x --><script>1</script></html>",
    b'<tt xmlns="http://www.w3.org/ns/ttml"><body><div><p begin="1s" end="2s">Hi<br/>you</p></div></body></tt>',
    b"[Script Info]\n[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,Default,Ann,0,0,0,,{\\i1}Hi\\Nyou\n",
    b"[ar:x]\n[00:12.00]Line <00:12.50>one\n[00:17.20][00:01.50]Again\n",
    b"0:00:01.000,0:00:02.500\nHi[br]you\n",
    "1\n00:00:01,000 --> 00:00:02,000\nおはようございます。\n".encode("cp932"),
    "1\n00:00:01,000 --> 00:00:02,000\nnaïve café\n".encode("utf-16-le"),
    *(path.read_bytes() for folder in ("transcripts", "kinds") for path in sorted((DATA / folder).iterdir())),
]
UNITS = [
    *(
        "00:",
        "[",
        "<v ",
        "&amp;",
        "A: ",
        " ",
        "\n",
        "\t",
        ",",
        "-->",
        "**",
        "__",
        "1:00 ",
        "{\\c&H",
        "{",
        '"',
        "<p>",
        "<!--",
    ),
    *(
        "# ",
        "\\",
        "[00:12] ",
        "[00:12]\n",
        "Ann  0:05\n",
        "::",
        ";\n",
        "|",
        "\r\n",
        "a",
        "Ab: ",
        "&#1",
        "<time>0:00",
        "<c>",
    ),
    *(
        "<cite>",
        "你",
        "。",
        "\u0e01\u0e48",
        "\u200d",
        "\u202e",
        "\ufeff",
        "\x00",
        "é",
        "[Music]",
        "♪",
        ">> ",
        "'",
        "1,2,x\n",
    ),
    *(
        "0:0 --> 0:0\n",
        "00:00:01,000 --> 00:00:02,000\n",
        "Dialogue: 0,0:00:01.00,0:00:02.00,a,b,0,0,0,,x\n",
        "- line: a\n",
    ),
    *(
        '{"a":',
        '"text":"a b","start":1.5,',
        "[1,",
        '{"start":1.5,"text":"a b"},',
        "<a ",
        '<a b="',
        "<p begin='1s'>",
        "{\\p1",
    ),
]
NEWER = r"""
```~|~| a ~|---|\n~{1}{2}a\n~[1][2]a\n~<SYNC Start=1>~<p class=a>~[0.5s -> 1s] a\n~S_0 [0.5s - 1s]: a\n~
(A) b\n~A – b\n~Q. a\n~12:00 PM A: b\n~01/02/2026, ~,]~,}~{"text":"a","start":1}\n~["a b",~
*ADA:\ta 1_2\n~name = "a"\n~xmax = 2\ntext = "~a 1 b 0.5 1.5 c\n~0:01\n1 second\n~Ada Stone\n0:01\n~
00:00:01:00 00:00:02:00 ~01,249.0999~<v ->~1 "A" (1)\n~A\n00:01.000 --> 00:02.000\nb\n\n~
a started transcription\n~- a: b\n~### 0:01\n~*A:* b\n~<Sync time="1"/>~STONE, ADA: a\n~
Here is the transcript:\n~sep=;\n~a;b;c\n
"""
UNITS += NEWER.replace("\n", "").replace(r"\n", "\n").replace(r"\t", "\t").split("~")
HEADS = [
    "",
    "WEBVTT\n\n",
    "1\n00:00:01,000 --> 00:00:02,000\n",
    "{",
    "[",
    "<html>",
    "<?xml version='1.0'?>",
    "<tt>",
    "---\n",
]


def read_at_once(data: bytes) -> None:
    """parse and split; TranscriptError is an answer."""
    message = "an answer that is a transcript"
    with cpu_within(4):  # 50,000 lines take 1.4 s on a slow machine; what grows with their square takes minutes
        try:
            split(parse("show", data))
        except TranscriptError as error:
            message = str(error)
    assert 20 < len(message) < 500


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=3_000))
def test_any_bytes(data: bytes) -> None:
    read_at_once(data)


@settings(deadline=None, max_examples=250)
@given(st.sampled_from(SEEDS), st.integers(0, 2**32), st.integers(1, 30))
def test_damaged_files(source: bytes, seed: int, faults: int) -> None:
    dice, data = random.Random(seed), bytearray(source)
    for _ in range(faults):
        place = dice.randrange(len(data) + 1)
        if dice.random() < 0.4:
            data[place : place + dice.choice((1, 1, 8))] = dice.choice((b"", dice.randbytes(1)))
        else:
            data[place:place] = dice.choice(UNITS).encode() * dice.choice((1, 1, 3, 40))
    read_at_once(bytes(data))


@settings(deadline=None, max_examples=70)
@given(
    st.sampled_from(HEADS),
    st.lists(st.sampled_from(UNITS), min_size=1, max_size=3),
    st.sampled_from(["", "x", "}", "</p>"]),
)
def test_a_hundred_kilobytes_of_the_same(head: str, units: list[str], tail: str) -> None:
    unit = "".join(units)
    read_at_once((head + unit * (100_000 // len(unit.encode())) + tail).encode())


@pytest.mark.parametrize("step", range(len(UNITS)))
def test_a_hundred_kilobytes_of_one_thing(step: int) -> None:
    unit = UNITS[step].encode()
    read_at_once(unit * (100_000 // len(unit)))


def test_colons_in_place_of_the_settings_of_a_caption() -> None:
    read_at_once(f"00:00:01,000 --> 00:00:02,000 {':'.join(['a' * 15] * 12)} !\nWords\n".encode())


def test_an_arrow_far_into_a_line() -> None:
    read_at_once(f"00:00:01,000 --> 00:00:02,000\n{'word ' * 20}--> more\n".encode())


def nested(opening: str, middle: str, closing: str) -> str:
    deep = 100_000 // (len(opening) + len(closing))
    return opening * deep + middle + closing * deep


@pytest.mark.parametrize(
    "source",
    [
        nested("[", "", "]"),
        nested('{"a":', '{"text":"a b","start":1.5}', "}"),
        "<?xml version='1.0'?>" + nested("<a>", "x", "</a>"),
        "<tt>" + nested('<p begin="1s">', "x", "</p>") + "</tt>",
        "<?xml version='1.0'?><r>" + nested('<a start="1"><b>', "x", "</b></a>") + "</r>",
        "\n".join(f"Name{i}: hello there" for i in range(4_500)),
        "{" + ",".join(f'"k{i}":[{{"text":"a b","start":{i}}}]' for i in range(2_500)) + "}",
        '{"words":['
        + ",".join(['{"text":"a","start":1.5}'] * 1_800)
        + '],"paragraphs":['
        + ",".join(['{"start":1,"speaker":"a"}'] * 1_800)
        + "]}",
    ],
    ids=["arrays", "objects", "xml", "ttml", "timed xml", "names", "keys", "spans"],
)
def test_shapes_that_could_take_quadratic_time(source: str) -> None:
    read_at_once(source.encode())
