"""CSV, TSV and the tables of Word files: which column is what, by its heading or else by its values."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

from soniclayer.errors import TranscriptError
from soniclayer.transcript.formats import fields
from soniclayer.transcript.formats.stamped import is_chat
from soniclayer.transcript.formats.stamps import span
from soniclayer.transcript.reading import Reading
from soniclayer.transcript.text import count, line_numbers, one_line, plain

Row = Sequence[str]

_TOKEN_TABLE = frozenset(["lemma", "upos", "xpos", "pos", "deprel", "postag", "prepunctuation", "wertags"])
_CAPTION_MODES = frozenset(["POP", "RU2", "RU3", "RU4", "PAI", "TXT", "TLT", "ISDB", "DVB"])  # CCExtractor's column
_NUMBERED = re.compile(r"(?:marker|cue|clip|region)[ _]?\d{1,5}$", re.I)  # the name of a mark is nobody's
_SEPARATOR_LINE = re.compile(r'\A\s{0,9}"?sep=(.)"?[ \t]{0,9}\n', re.I)  # what Excel itself reads first
_ALIGNMENT = re.compile(r"\s{0,9}:?-{1,99}:?\s{0,9}")
_TWELVE_HOURS = re.compile(r"\d\s?[AP]\.?M", re.I)
_EMPHASIS = re.compile(r"(\*{1,3}|_{1,3}|`)(?=\S)([^\n]{1,400}?)(?<=\S)\1")
_PREVIEW = 20
_MANY_LINES = 40  # a cell with more lines than this means that a quotation mark was never closed


def is_table(text: str) -> bool:
    """Whether the first lines are rows with a text column, by headings or by values that are times."""
    text = _SEPARATOR_LINE.sub("", text, count=1)
    head = text[:16_384].split("\n")[: _PREVIEW * 2]
    sample = "\n".join(head[:-1] if len(head) > 1 and len(text) > 16_384 else head)
    if sum(1 for line in head if is_chat(line)) > 2:
        return False
    separator = _separator(sample)
    rows = _rows(sample, separator) if separator else []
    return any(map(_lists_tokens, rows[:5])) or find_columns(rows, pairs=separator == "\t") is not None


def read_table(text: str) -> Reading:
    """CSV, or any of its relatives with tabs, semicolons or bars."""
    text = _SEPARATOR_LINE.sub("", text, count=1)
    separator = _separator(text[:16_384])
    rows = _rows(text, separator) if separator else []
    notes = []
    if any(cell.count("\n") > _MANY_LINES for row in rows for cell in row):
        rows = _unquoted(text, separator or ",")
        notes.append("The quotation marks do not match, so they were read as text.")
    whisper = separator == "\t" and [cell.strip() for cell in rows[0]] == ["start", "end", "text"]
    unit = 1.0 if whisper and not any("." in cell for row in rows[1:_PREVIEW] for cell in row[:2]) else 0.0
    name = "Whisper TSV" if whisper else "TSV table" if separator == "\t" else "CSV table"
    if name == "CSV table" and _has_frame(text):
        name = "Markdown table"
    reading = from_rows(rows, name, unit, pairs=separator == "\t")
    reading.notes[:0] = notes
    return reading


def from_rows(rows: Sequence[Row], name: str, unit: float = 0.0, *, pairs: bool = True) -> Reading:
    """The cues of a table; unit: milliseconds that a number counts, 0 if not known; pairs: see `find_columns`."""
    if any(map(_lists_tokens, rows[:5])):
        raise TranscriptError(
            "This is a table of words with their grammar, not a transcript. Export that as SRT, VTT or TXT."
        )
    if (columns := find_columns(rows, pairs=pairs)) is None:
        raise TranscriptError(
            "No column of this table is known to hold the spoken text. Name the columns start, end, speaker and text."
        )
    heading, roles, units = columns
    reading = Reading(name, [])
    filled = [row for row in rows[heading:] if any(cell.strip() for cell in row)]
    body = _whole_rows(filled, roles, heading, reading.notes, unquoted=name == "Whisper TSV")
    if heading > 1:
        reading.notes.append(
            f"{count(heading - 1, 'row')} above the headings left out: “{one_line(' '.join(rows[0]))[:60]}”."
        )
    found = []
    for row in body:
        cells = {role: row[column].strip() for role, column in roles.items() if column < len(row)}
        speaker = _NUMBERED.sub("", one_line(cells["speaker"]).rstrip(":")) if "speaker" in cells else ""
        times = {role: (cell, units[role]) for role, cell in cells.items() if role in ("start", "end", "length")}
        found.append(fields.Row(plain(cells["text"]), speaker, times=times))
    reading.cues = fields.cues_of(found, unit)
    reading.wall = any(_TWELVE_HOURS.search(str(row.times.get("start"))) for row in found[:1])
    reading.timed = "start" in roles
    reading.labelled = any(cue.speaker for cue in reading.cues)
    return reading


def _whole_rows(
    rows: Sequence[Row], roles: dict[str, int], heading: int, notes: list[str], *, unquoted: bool
) -> list[list[str]]:
    """Rows that have a text: separators inside an unquoted text and lines broken off from it are put back."""
    text, width = roles["text"], max(roles.values()) + 1
    usual = Counter(map(len, rows)).most_common(1)[0][0] if rows else width
    result: list[list[str]] = []
    short: list[int] = []
    for number, row in enumerate(rows, heading + 1):
        if result and len(row) <= text and (not heading or (unquoted and len(row) == 1)):
            result[-1][text] += "\n" + " ".join(row)
        elif len(row) <= text:
            short.append(number)
        elif len(row) > usual and text == usual - 1:
            result.append([*row[:text], ", ".join(cell.strip() for cell in row[text:])])
        else:
            result.append(list(row))
    if short:
        notes.append(f"Rows without a text left out: {line_numbers(short).replace('line', 'row')}.")
    return result


def _lists_tokens(row: Row) -> bool:
    """Whether these are the headings of a table of words with their grammar."""
    return not _TOKEN_TABLE.isdisjoint(map(fields.core_of, row))


def _separator(sample: str) -> str | None:
    """The separator that most lines hold, and hold equally often."""
    lines = [line for line in sample.split("\n") if line.strip()][: _PREVIEW * 2]
    best, best_share = None, 0.0
    for separator in "\t;|,":
        counts = [len(row) for row in _rows("\n".join(lines), separator)]
        usual = max(set(counts), key=counts.count, default=0)
        share = counts.count(usual) / len(counts) if usual > 1 else 0.0
        if share > best_share + 0.05:
            best, best_share = separator, share
    return best if best_share >= 0.5 else None


def _has_frame(text: str) -> bool:
    """Whether most lines begin and end with a bar, as in the tables of Markdown."""
    lines = [line.strip() for line in text[:16_384].split("\n") if line.strip()]
    return sum(1 for line in lines if len(line) > 2 and line[0] == line[-1] == "|") * 2 > len(lines)


def _framed_rows(text: str) -> list[list[str]]:
    rows = [re.split(r"(?<!\\)\|", line.strip().strip("|")) for line in text.split("\n") if line.strip()]
    return [
        [_EMPHASIS.sub(r"\2", cell.replace("\\|", "|").strip()) for cell in row]
        for row in rows
        if not all(map(_ALIGNMENT.fullmatch, row))
    ]


def _rows(text: str, separator: str) -> list[list[str]]:
    """The rows of a table; without quoting where a cell would be longer than cells can be."""
    if separator == "|" and _has_frame(text):
        return _framed_rows(text)
    if separator != "\t" or re.match(r'[^\n]{0,200}\t"', text):  # TSV does not quote
        lines = (line + "\n" for line in text.split("\n"))
        with suppress(csv.Error):
            return [row for row in csv.reader(lines, delimiter=separator, skipinitialspace=True) if row]
    return _unquoted(text, separator)


def _unquoted(text: str, separator: str) -> list[list[str]]:
    return [line.split(separator) for line in text.split("\n") if line.strip()]


_Columns = tuple[int, dict[str, int], dict[str, float]]


def find_columns(rows: Sequence[Row], *, pairs: bool = True) -> _Columns | None:
    """(index of the first row of data, column of each role, unit of each role), or None for what is no transcript.

    pairs: two columns without headings may be a number or a name, and what is said; too often wrong with commas.
    """
    for number, row in enumerate(rows[:5]):
        roles: dict[str, int] = {}
        meanings = [fields.field_of(cell) for cell in row]
        for column, meaning in enumerate(meanings):
            if meaning.role and _better(meaning, meanings, roles.get(meaning.role), rows, column):
                roles[meaning.role] = column
        if "text" in roles and len(roles) > 1:
            return number + 1, roles, {role: meanings[column].unit for role, column in roles.items()}
    # From the second row on: the first may hold headings that nobody knows.
    return _by_values(rows, 0) or _by_values(rows, 1) or (_pairs(rows[:_PREVIEW]) if pairs else None)


def _better(
    meaning: fields.Field, meanings: list[fields.Field], taken: int | None, rows: Sequence[Row], column: int
) -> bool:
    """Whether a column fits its role better than the one taken for it; a column of texts that is empty does not."""
    if taken is None:
        return True
    if meaning.role == "text":
        filled = [sum(1 for row in rows[:_PREVIEW] if i < len(row) and row[i].strip()) for i in (taken, column)]
        if min(filled) * 2 < max(filled):
            return filled[1] > filled[0]
    return meaning.rank < meanings[taken].rank


def _by_values(rows: Sequence[Row], first: int) -> _Columns | None:
    """No headings: the column with the most words is the text, one or two that are all times are start and end."""
    rows = rows[first:_PREVIEW]
    width = min(map(len, rows), default=0)
    if width < 2 or len(rows) < 2:
        return None
    columns = [[row[i] for row in rows] for i in range(width)]
    text = max(range(width), key=lambda i: sum(map(str.isalpha, "".join(columns[i]))))
    times = [i for i in range(width) if i != text and _are_times(columns[i])]
    if not times or len(times) + len(rows) < 4 or not any(char.isalpha() for cell in columns[text] for char in cell):
        return None
    roles = {"text": text, "start": times[0]}
    if len(times) > 1:
        roles["end"] = times[1]
    names = [i for i in range(width) if i not in (text, *times) and len(set(columns[i])) <= max(2, len(rows) // 2)]
    names = [i for i in names if not set(columns[i]) <= _CAPTION_MODES]
    if names and any(char.isalpha() for cell in columns[names[0]] for char in cell):
        roles["speaker"] = names[0]
    return first, roles, dict.fromkeys(roles, 0.0)


def _pairs(rows: Sequence[Row]) -> _Columns | None:
    """Two columns: numbers that count the rows, or a few names; and a text."""
    if len(rows) < 3 or any(len(row) != 2 for row in rows) or not any(" " in row[1].strip() for row in rows):
        return None
    firsts = [row[0].strip() for row in rows]
    if all(first.isdecimal() for first in firsts) and len(set(firsts)) == len(firsts):
        return 0, {"text": 1}, {}
    named = len(set(firsts)) * 2 <= len(firsts) and all(any(map(str.isalpha, first)) for first in firsts)
    return (0, {"text": 1, "speaker": 0}, {}) if named and max(map(len, firsts)) <= 60 else None


def _are_times(cells: Sequence[str]) -> bool:
    """Whether all are times that go forward, and more than row numbers."""
    times = [span(cell)[0] for cell in cells]
    known = [time for time in times if time is not None]
    if len(known) < len(times) or known != sorted(known) or len(set(known)) < 2:
        return False
    return known != list(range(known[0], known[0] + 1000 * len(known), 1000)) or any(":" in cell for cell in cells)
