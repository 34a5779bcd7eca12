"""HTML and XML."""

from __future__ import annotations

import pytest

from soniclayer.errors import TranscriptError
from tests.transcript.parsed import Line, lines, note, read, said

HELLO: list[Line] = [(1000, 2500, "", "Good morning."), (2500, 4000, "", "Bye then.")]
TALK: list[Line] = [(1000, 2500, "Ann", "Good morning."), (2500, 4000, "Bo", "Bye then.")]
STARTS: list[Line] = [(0, None, "Ann", "Good morning."), (64_000, None, "Bo", "Bye & then.")]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param(
            "<cite>Ann:</cite>\n<time>0:00</time>\n<p>Good morning.</p>\n"
            "<cite>Bo:</cite><time>1:04</time><p>Bye &amp; then.</p>",
            STARTS,
            id="fragment",
        ),
        pytest.param(
            "<!-- saved from url=(0009)x -->\n<!DOCTYPE html><html><head><title>T</title>"
            "<style>p{}</style></head><body>"
            "<h1>Episode</h1><cite>Ann:</cite><p><time>00:00:00</time> Good morning.</p><p></p>"
            "<cite>Bo:</cite><p><time>01:04</time>Bye &amp; then.</p></body></html>",
            STARTS,
            id="page, times inside the paragraphs",
        ),
        pytest.param(
            "<p>Good morning.</p><cite>Bo:</cite><p>Bye</p><p>then.</p>",
            [(None, None, "", "Good morning."), (None, None, "Bo", "Bye"), (None, None, "Bo", "then.")],
            id="no times, first block without a name",
        ),
        pytest.param(
            "<p>0:05  </p>\n<p>Good morning.</p>\n<p></p>\n<p>0:12  </p>\n<p>Bye</p>\n<p>then.</p>\n"
            "<p>0:20</p><p>So.</p>",
            [(5000, None, "", "Good morning."), (12_000, None, "", "Bye then."), (20_000, None, "", "So.")],
            id="times as paragraphs",
        ),
        pytest.param(
            "<html><body><p><b>Ann:</b> Hi.</p><p><b>Bo:</b> Hey.</p><p>"
            "<b>Ann:</b> So<br>it goes.</p><p><b>Ann:</b> Yes.</p></body></html>",
            [
                (None, None, "Ann", "Hi."),
                (None, None, "Bo", "Hey."),
                (None, None, "Ann", "So"),
                (None, None, "Ann", "it goes."),
                (None, None, "Ann", "Yes."),
            ],
            id="names in bold",
        ),
    ],
)
def test_html(source: str, expected: list[Line]) -> None:
    assert lines(source) == expected


def test_headings_are_reported() -> None:
    assert "Episode 1" in note(read("<h1>Episode 1</h1><cite>Ann:</cite><p>Hi.</p>"), "1 heading")


def test_a_web_page_without_a_transcript_is_refused() -> None:
    with pytest.raises(TranscriptError, match="web page"):
        read("<!doctype html><html><nav>Home</nav><script>1</script><p>Buy our things today.</p></html>")


def test_broken_html_is_text() -> None:
    assert said('<p>a < b <cite>Ann:</cite> <p title="never closed>Hi</p><!-- open')[-2:] == [
        ("Ann", "Hi"),
        ("Ann", "open"),
    ]


TTML = (
    '<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttm="http://www.w3.org/ns/ttml#metadata" %s>'
    "<head>%s</head><body><div>%s</div></body></tt>"
)
WORD = '<span podcasts:unit="word" begin="%s" end="%s">%s</span>'
APPLE = (
    f'<p ttm:agent="SPEAKER_1">{WORD % ("1.0", "1.5", "Good")}{WORD % ("1.5", "2.500", "morning.")}</p><p '
    f'ttm:agent="SPEAKER_2">{WORD % ("1:02.5", "1:03.0", "Bye")}{WORD % ("1:03.0", "1:04.000", "then.")}</p>'
)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param(
            TTML % ('xmlns:podcasts="x"', "", APPLE),
            [(1000, 2500, "SPEAKER_1", "Good morning."), (62_500, 64_000, "SPEAKER_2", "Bye then.")],
            id="Apple",
        ),
        pytest.param(
            TTML
            % (
                "",
                "",
                '<p begin="00:00:01.000" end="2.5s">Good<br/>morning.</p>'
                '<p begin="2500ms" dur="1.5s">Bye <span>then</span>.</p>',
            ),
            HELLO,
            id="clock and units",
        ),
        pytest.param(
            TTML
            % (
                'xmlns:ttp="y" ttp:frameRate="20" ttp:tickRate="1000"',
                "",
                '<p begin="20f" end="00:00:02:10">Good morning.</p><p begin="2500t" end="4000t">Bye then.</p>',
            ),
            HELLO,
            id="frames and ticks",
        ),
        pytest.param(
            TTML
            % (
                "",
                '<metadata><ttm:agent xml:id="a"><ttm:name>Ann</ttm:name>'
                '</ttm:agent><ttm:agent xml:id="Bo"/></metadata>',
                '<p begin="1s" end="2.5s" ttm:agent="a">Good morning.</p>'
                '<p begin="2.5s" end="4s" ttm:agent="Bo">Bye then.</p>',
            ),
            TALK,
            id="agents",
        ),
        pytest.param(
            '<?xml version="1.0"?><timedtext format="3"><body><p t="1000" d="1500">'
            '<s>Good</s><s t="9"> morning.</s></p>'
            '<p t="1500" d="10" a="1">\n</p><p t="2500" d="1500">Bye&amp;#39;s then.</p>'
            "</body></timedtext>",
            [HELLO[0], (2500, 4000, "", "Bye's then.")],
            id="YouTube srv3",
        ),
        pytest.param(
            '<?xml version="1.0" encoding="utf-8" ?><transcript>'
            '<text start="1" dur="1.5">Good morning.</text>'
            '<text start="2.5" dur="1.5">Bye then.</text></transcript>',
            HELLO,
            id="YouTube srv1",
        ),
        pytest.param(
            '<pst:transcripts xmlns:pst="http://podlove.org/simple-transcripts"><pst:speech>'
            "<pst:speaker>Ann</pst:speaker>"
            '<pst:item start="00:00:01.000" end="00:00:02.500">Good morning.</pst:item>'
            "</pst:speech><pst:speech>"
            '<pst:speaker>Bo</pst:speaker><pst:item start="00:00:02.500" '
            'end="00:00:04.000">Bye then.</pst:item></pst:speech>'
            "</pst:transcripts>",
            TALK,
            id="Podlove",
        ),
        pytest.param(
            '<show><turn begin="1.0" end="2.5" speaker="Ann">Good morning.</turn>'
            '<turn begin="2.5" end="4" speaker="Bo">Bye'
            " then.</turn></show>",
            TALK,
            id="any other",
        ),
    ],
)
def test_xml(source: str, expected: list[Line]) -> None:
    assert lines(source) == expected


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            '<?xml version="1.0"?><!DOCTYPE tt [<!ENTITY a "lol">]><tt><body><p begin="1s">&a;</p></body></tt>',
            "document type",
        ),
        ("<?xml version='1.0'?>\n<tt><body>\n<p begin='1s'>cut", "damaged in line 3"),
        ("<?xml version='1.0'?><names><name>Ann</name></names>", "No element of this XML"),
        ("<?xml version='1.0'?><tt xmlns='http://www.w3.org/ns/ttml'><body/></tt>", "no words"),
    ],
)
def test_xml_refusals(source: str, message: str) -> None:
    with pytest.raises(TranscriptError, match=message):
        read(source)
