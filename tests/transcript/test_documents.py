"""Word files, and files that are no text at all."""

from __future__ import annotations

import io
import zipfile

import pytest

from soniclayer.errors import TranscriptError
from tests.transcript.parsed import lines, note, read, said

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def docx(body: str, **parts: bytes) -> bytes:
    """A Word file around a body, with more parts by name (`__` for `/`)."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>')
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return file.getvalue()


def paragraph(*texts: str) -> str:
    runs = "".join(f"<w:r><w:t>{text}</w:t></w:r>" for text in texts).replace("|", "</w:t><w:br/><w:t>")
    return f"<w:p>{runs}</w:p>"


def table(*rows: tuple[str, ...]) -> str:
    cells = ("".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows)
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>"


def test_word_paragraphs_of_otter() -> None:
    source = docx(
        paragraph("Ann Lee  0:05") + paragraph("Good ", "morning.") + paragraph("Bo  1:02") + paragraph("Bye.")
    )
    assert lines(source) == [(5000, None, "Ann Lee", "Good morning."), (62_000, None, "Bo", "Bye.")]
    assert read(source).format == "Word document"


def test_word_paragraphs_of_teams() -> None:
    source = docx(paragraph("Ann Lee   0:05|Good morning.") + paragraph("Bo   1:02|Bye."))
    assert lines(source) == [(5000, None, "Ann Lee", "Good morning."), (62_000, None, "Bo", "Bye.")]


def test_word_around_an_srt_file() -> None:
    rows = ["1", "00:00:01,000 --&gt; 00:00:02,000", "One.", "", "2", "00:00:02,000 --&gt; 00:00:03,000", "Two."]
    assert lines(docx("".join(map(paragraph, rows)))) == [(1000, 2000, "", "One."), (2000, 3000, "", "Two.")]


def test_word_with_the_transcript_in_a_table() -> None:
    facts = table(("Job", "call.wav"), ("Language", "en-US"), ("Format", "wav"))
    spoken = table(
        ("Start", "Dur.", "Speaker", "", "Transcription"),
        ("0:00:01.0", "1.5s", "Ann", "", "Good morning."),
        ("0:00:02.5", "1.5s", "Bo", "", "Bye then."),
    )
    source = docx(paragraph("A report about a call. " * 9) + facts + spoken)
    assert lines(source) == [(1000, 2500, "Ann", "Good morning."), (2500, 4000, "Bo", "Bye then.")]
    assert note(read(source), "in a table")


def test_word_without_deleted_text_and_doubled_boxes() -> None:
    fallback = '<mc:Fallback xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
    source = docx(
        "<w:p><w:del><w:r><w:delText>not</w:delText></w:r></w:del><w:r><w:t>said</w:t></w:r>"
        f"{fallback}<w:r><w:t>said</w:t></w:r></mc:Fallback></w:p>"
    )
    assert said(source) == [("", "said")]


def other_zip(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return file.getvalue()


BOMB = docx(paragraph("x"), word__media__a=b"\0" * 40_000_000)
DOCTYPE = docx('<!DOCTYPE x [<!ENTITY a "b">]>' + paragraph("x"))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        pytest.param(BOMB, "unpacks to far more", id="bomb"),
        pytest.param(docx("<w:p>" * 2_000_000), "unpacks to far more", id="bomb in the text"),
        pytest.param(DOCTYPE, "document type", id="entities"),
        pytest.param(docx(paragraph("x"))[:200], "damaged", id="cut off"),
        pytest.param(docx("<w:p>"), "damaged", id="not well-formed"),
        pytest.param(docx(""), "no words", id="empty"),
        pytest.param(other_zip("xl/workbook.xml"), "Excel", id="xlsx"),
        pytest.param(other_zip("content.xml", "mimetype"), "OpenDocument", id="odt"),
        pytest.param(other_zip("Index/Document.iwa"), "Pages", id="pages"),
        pytest.param(other_zip("a.srt"), "ZIP archive", id="zip"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "PNG", id="png"),
        pytest.param(b"%PDF-1.7\n1 0 obj", "PDF", id="pdf"),
        pytest.param(b"{\\rtf1\\ansi Hello}", "RTF", id="rtf"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 60, "old Office", id="doc"),
        pytest.param(
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 60 + "EncryptedPackage".encode("utf-16-le"),
            "password",
            id="locked",
        ),
        pytest.param(b"ID3\x04\0\0\0\0\0\0", "MP3", id="mp3"),
        pytest.param(b"\xff\xfb\x90\x64\0\0\0", "audio", id="mp3 frames"),
        pytest.param(b"RIFF\0\0\0\0WAVEfmt ", "WAV", id="wav"),
        pytest.param(b"\0\0\0\x20ftypM4A \0\0", "MPEG-4", id="m4a"),
        pytest.param(b"OggS\0\x02\0\0", "Ogg", id="ogg"),
        pytest.param(b"\x1f\x8b\x08\0\0\0\0\0", "gzip", id="gzip"),
        pytest.param(bytes(range(256)) * 40, "not text|no words|not a transcript", id="all bytes"),
        pytest.param(b"", "empty", id="nothing"),
        pytest.param(b"\xef\xbb\xbf \r\n\t\n", "empty", id="blanks"),
    ],
)
def test_refusals(source: bytes, message: str) -> None:
    with pytest.raises(TranscriptError, match=message):
        read(source)


def test_encrypted_zip_is_refused() -> None:
    source = bytearray(docx(paragraph("x")))
    source[6] |= 1  # the flag of the first entry
    directory = source.index(b"PK\x01\x02")
    source[directory + 8] |= 1
    with pytest.raises(TranscriptError, match="password"):
        read(bytes(source))


@pytest.mark.parametrize("source", [b"BM is a brand.", b"MZ and ID3 are letters.", b"GIF8 OggS fLaC"])
def test_letters_are_no_signature(source: bytes) -> None:
    assert read(source).format == "Plain text"
