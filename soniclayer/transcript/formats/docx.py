"""Word documents: the text of paragraphs, and of tables, which is where some services put the transcript."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from soniclayer.errors import TranscriptError
from soniclayer.transcript.formats.tables import find_columns, from_rows
from soniclayer.transcript.formats.xml_files import outermost, parse_xml
from soniclayer.transcript.text import count

if TYPE_CHECKING:
    from collections.abc import Callable

    from soniclayer.transcript.reading import Reading

Element = ElementTree.Element
_DOCUMENT = "word/document.xml"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SPACES = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n"}
_STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_MAX_RATIO = 25  # Word files pack to a tenth of their size, bombs to a thousandth
_SPARE_BYTES = 1_000_000
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)

_ARCHIVE = "a ZIP archive. Unpack it and upload the transcript that is inside."
_OTHERS = (
    ("Index/Document.iwa", "a Pages document", "In Pages choose Export to, Word, and upload that file."),
    ("content.xml", "an OpenDocument file", "Save it as Word (.docx) or plain text, and upload that."),
    ("xl/workbook.xml", "an Excel workbook", "Save the sheet as CSV and upload that."),
    ("ppt/presentation.xml", "a PowerPoint presentation", "Copy the transcript out of it, and paste or upload it."),
    ("META-INF/container.xml", "an e-book", "Copy the transcript out of it, and paste or upload it."),
)


def read_docx(data: bytes, read: Callable[[str], Reading]) -> Reading:
    """The transcript in a Word document; `read` reads its text, which can be anything that text files are.

    Raises:
        TranscriptError: it is another kind of ZIP file, damaged, encrypted, or unpacks to more than it may.
    """
    source = _document(data).decode("utf-8", errors="replace")
    body = parse_xml(source.replace(_STRICT, _W[1:-1])).find(f"{_W}body")
    lines: list[str] = []
    tables: list[list[list[str]]] = []
    for block in outermost(body, "p", "tbl") if body is not None else ():  # those in content controls too
        if block.tag == f"{_W}tbl":
            tables.append([[_text(cell) for cell in outermost(row, "tc")] for row in outermost(block, "tr")])
            lines.extend("\t".join(filter(None, row)) for row in tables[-1])
        else:
            lines.extend(_text(block).split("\n"))
    reading = _table(lines, tables) or read("\n".join(lines))
    reading.format = "Word document"
    return reading


def _table(lines: list[str], tables: list[list[list[str]]]) -> Reading | None:
    """The transcript, if one of the tables holds it."""
    if not (spoken := [rows for rows in tables if find_columns(rows) is not None]):
        return None
    reading = from_rows(max(spoken, key=lambda rows: sum(len(cell) for row in rows for cell in row)), "Word document")
    kept = sum(len(cue.text.split()) + len(cue.speaker.split()) for cue in reading.cues)
    others = sum(len(line.split()) for line in lines) - kept
    if others > 20:
        reading.notes.append(f"The transcript is in a table; about {count(others, 'word')} around it left out.")
    return reading


def _document(data: bytes) -> bytes:
    """The bytes of the main part, never more than a real document would unpack to."""
    limit = _SPARE_BYTES + _MAX_RATIO * len(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            names = {info.filename for info in infos}
            if _DOCUMENT not in names:
                found = (
                    f"{what}, not a transcript that can be read. {how}"
                    for name, what, how in _OTHERS
                    if name in names
                )
                raise TranscriptError(f"This is {next(found, _ARCHIVE)}")
            if sum(info.file_size for info in infos) > limit:
                raise TranscriptError(
                    "This Word file unpacks to far more than a document holds, so it is not opened. "
                    "Save the transcript again as .docx or .txt."
                )
            with archive.open(_DOCUMENT) as part:
                content = part.read(limit + 1)
    except _UNREADABLE as error:
        locked = "password" in str(error) or "encrypted" in str(error)
        reason = "is locked with a password" if locked else "is damaged"
        raise TranscriptError(f"This Word file {reason}. Save it again without a password, or as .txt.") from error
    if len(content) > limit:
        raise TranscriptError("This Word file unpacks to far more than it says, so it is not opened.")
    return content


def _text(block: Element) -> str:
    """The words of a paragraph or cell; deleted text and the second version of text boxes are not there."""
    pieces: list[str] = []
    stack = [block]
    while stack:
        element = stack.pop()
        if element.tag == f"{_W}t":
            pieces.append(element.text or "")
        elif element.tag in _SPACES:
            pieces.append(_SPACES[element.tag])
        elif element.tag != _FALLBACK:
            if element.tag == f"{_W}p" and pieces:
                pieces.append("\n")
            stack.extend(reversed(element))
    return "".join(pieces)
