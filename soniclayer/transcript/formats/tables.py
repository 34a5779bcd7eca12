"""CSV, TSV and the tables of Word files: which column is what, by its heading or else by its values."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from functools import cache

from soniclayer.errors import TranscriptError
from soniclayer.transcript.formats.stamped import is_chat
from soniclayer.transcript.model import Cue
from soniclayer.transcript.reading import Reading
from soniclayer.transcript.text import count, line_numbers, one_line
from soniclayer.transcript.times import guess_unit, milliseconds
from soniclayer.transcript.words import are_words, joined_words

Row = Sequence[str]

_HEADINGS = {
    "text": """
        text transcript transcription content contents sentence caption captions subtitle subtitles dialogue
        dialog utterance speech spokentext body words word line lines texte texto untertitel transkript
        segment transcripttext subtitletext message
    """,
    "start": """
        start starttime starttimes startsec startseconds startms startmilliseconds begin begintime in intime
        from time timestamp timestamps timecode timecodein tcin incue offset anfang beginn debut inicio
        startzeit tstart cuestart startsecs starttimecode timein startinseconds
    """,
    "end": """
        end endtime endtimes endsec endseconds endms endmilliseconds stop stoptime out outtime to
        timecodeout tcout outcue finish ende fin endzeit tend cueend endsecs endtimecode timeout
        endinseconds
    """,
    "length": "duration dur length durationsec durationms dauer duree duracion",
    "speaker": """
        speaker speakers speakername speakerlabel speakerid name who voice participant person actor
        character sprecher locuteur hablante orador interlocuteur role
    """,
    "other": "n no nr id index number num row confidence score notes language file filename cue segmentid channel",
}
_ROLE_OF = {name: role for role, names in _HEADINGS.items() for name in names.split()}
_TOKEN_TABLE = frozenset(["lemma", "upos", "xpos", "pos", "deprel", "postag"])
_PREVIEW = 20
_MANY_LINES = 40  # a cell with more lines than this means that a quotation mark was never closed


def is_table(text: str) -> bool:
    """Whether the first lines are rows with a text column, by headings or by values that are times."""
    head = text[:16_384].split("\n")[: _PREVIEW * 2]
    sample = "\n".join(head[:-1] if len(head) > 1 and len(text) > 16_384 else head)
    if sum(1 for line in head if is_chat(line)) > 2:
        return False
    separator = _separator(sample)
    if separator is not None and any(map(_lists_tokens, _rows(sample, separator)[:5])):
        return True
    return separator is not None and find_columns(_rows(sample, separator), pairs=separator == "\t") is not None


def read_table(text: str) -> Reading:
    """CSV, or any of its relatives with tabs, semicolons or bars.

    Raises:
        TranscriptError: no column holds the spoken text.
    """
    whisper = read_whisper_tsv(text)
    if whisper is not None:
        return whisper
    separator = _separator(text[:16_384])
    rows = _rows(text, separator) if separator else []
    notes = []
    if any(cell.count("\n") > _MANY_LINES for row in rows for cell in row):
        rows = [line.split(separator or ",") for line in text.split("\n") if line.strip()]
        notes.append("The quotation marks do not match, so they were read as text.")
    reading = from_rows(rows, "TSV table" if separator == "\t" else "CSV table", pairs=separator == "\t")
    reading.notes[:0] = notes
    return reading


def from_rows(rows: Sequence[Row], name: str, *, pairs: bool = True) -> Reading:
    """The cues of a table; pairs: see `find_columns`.

    Raises:
        TranscriptError: no column holds the spoken text, or the table lists tokens.
    """
    if any(map(_lists_tokens, rows[:5])):
        raise TranscriptError(
            "This is a table of words with their grammar, not a transcript. Export that as SRT, VTT or TXT."
        )
    columns = find_columns(rows, pairs=pairs)
    if columns is None:
        raise TranscriptError(
            "No column of this table is known to hold the spoken text. Name the columns start, end, speaker and text."
        )
    heading, roles, units = columns
    reading = Reading(name, [])
    body = _whole_rows(
        [row for row in rows[heading:] if any(cell.strip() for cell in row)], roles, heading, reading.notes
    )
    if heading > 1:
        reading.notes.append(f"{count(heading - 1, 'row')} above the headings left out: {_first(rows[0])}.")
    units = _known_units(body, roles, units)
    cues = [_cue(row, roles, units) for row in body]
    reading.cues = joined_words(cues) if are_words(cues) else cues
    reading.timed = "start" in roles
    reading.labelled = any(cue.speaker for cue in cues)
    return reading


def _whole_rows(rows: Sequence[Row], roles: dict[str, int], heading: int, notes: list[str]) -> list[list[str]]:
    """Rows that have a text: separators inside an unquoted text and lines broken off from it are put back."""
    text, width = roles["text"], max(roles.values()) + 1
    usual = Counter(map(len, rows)).most_common(1)[0][0] if rows else width
    result: list[list[str]] = []
    short: list[int] = []
    for number, row in enumerate(rows, heading + 1):
        if len(row) <= text and not heading and result:
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
    return len(_TOKEN_TABLE & {_plain(cell) for cell in row}) > 0


def _first(row: Row) -> str:
    return f"“{one_line(' '.join(row))[:60]}”"


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


def _rows(text: str, separator: str) -> list[list[str]]:
    """The rows of a table; without quoting where a cell would be longer than cells can be."""
    lines = [line + "\n" for line in text.split("\n")]
    if separator == "\t" and not re.match(r'[^\n]{0,200}\t"', text):
        return [line.rstrip("\n").split("\t") for line in lines if line.strip()]  # TSV does not quote
    try:
        return [row for row in csv.reader(lines, delimiter=separator, skipinitialspace=True) if row]
    except csv.Error:
        return [line.rstrip("\n").split(separator) for line in lines if line.strip()]


def _plain(cell: str) -> str:
    return re.sub(r"[^\w]|[\d_]", "", re.sub(r"[(\[].{0,30}", "", cell[:80]).lower())


@cache
def _unit(heading: str) -> float:
    """Milliseconds per unit that a heading says, or 0."""
    low = heading.lower()
    if re.search(r"(?<![a-z])ms\b|milli|(?<=[a-z])ms$|_ms\b", low):
        return 1.0
    return 1000.0 if re.search(r"sec|\(s\)|\[s\]|_s$", low) else 0.0


_Columns = tuple[int, dict[str, int], dict[str, float]]


def find_columns(rows: Sequence[Row], *, pairs: bool = True) -> _Columns | None:
    """(index of the first row of data, column of each role, unit of each role), or None for what is no transcript.

    pairs: two columns without headings may be a number or a name, and what is said; too often wrong with commas.
    """
    for number, row in enumerate(rows[:5]):
        roles: dict[str, int] = {}
        for column, cell in enumerate(row):
            role = _ROLE_OF.get(_plain(cell), "")
            if role and role not in roles:
                roles[role] = column
        if "text" in roles and len(roles) > 1:
            return number + 1, roles, {role: _unit(row[column]) for role, column in roles.items()}
    return _by_values(rows[:_PREVIEW]) or (_pairs(rows[:_PREVIEW]) if pairs else None)


def _by_values(rows: Sequence[Row]) -> _Columns | None:
    """No headings: the column with the most words is the text, one or two that are all times are start and end."""
    width = min(map(len, rows), default=0)
    if width < 2 or len(rows) < 3:
        return None
    columns = [[row[i] for row in rows] for i in range(width)]
    text = max(range(width), key=lambda i: sum(map(len, columns[i])))
    times = [i for i in range(width) if i != text and _are_times(columns[i])]
    if not times or not any(char.isalpha() for cell in columns[text] for char in cell):
        return None
    roles = {"text": text, "start": times[0]}
    if len(times) > 1:
        roles["end"] = times[1]
    names = [i for i in range(width) if i not in (text, *times) and len(set(columns[i])) <= max(2, len(rows) // 2)]
    if names and any(char.isalpha() for cell in columns[names[0]] for char in cell):
        roles["speaker"] = names[0]
    return 0, roles, dict.fromkeys(roles, 0.0)


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
    times = [milliseconds(cell) for cell in cells]
    known = [time for time in times if time is not None]
    if len(known) < len(times) or known != sorted(known) or len(set(known)) < 2:
        return False
    return known != list(range(known[0], known[0] + 1000 * len(known), 1000)) or any(":" in cell for cell in cells)


def _known_units(body: Sequence[Row], roles: dict[str, int], units: dict[str, float]) -> dict[str, float]:
    """Units of start, end and length; where the headings do not say, by how fast somebody would have to speak."""
    columns = [roles[role] for role in ("start", "end") if role in roles]
    values = [row[column] for row in body for column in columns if column < len(row)]
    words = sum(row[roles["text"]].count(" ") + 1 for row in body)
    guessed = max(units.get("start", 0.0), units.get("end", 0.0)) or guess_unit(values, words)
    return {role: units.get(role, 0.0) or guessed for role in ("start", "end", "length")}


def _cue(row: Row, roles: dict[str, int], units: dict[str, float]) -> Cue:
    cells = {role: row[column].strip() for role, column in roles.items() if column < len(row)}
    start, end = (milliseconds(cells.get(role), units[role]) for role in ("start", "end"))
    length = milliseconds(cells.get("length"), units["length"])
    if end is None and start is not None and length is not None:
        end = start + length
    return Cue(start, end, cells["text"], one_line(cells.get("speaker", "")).rstrip(":"))


def read_whisper_tsv(text: str) -> Reading | None:
    """Whisper's TSV: `start`, `end` in whole milliseconds and `text`, in which quotation marks are just marks."""
    lines = text.lstrip().split("\n")
    if [cell.strip() for cell in lines[0].split("\t")] != ["start", "end", "text"]:
        return None
    rows = [line.split("\t", 2) for line in lines[1:] if line.strip()]
    unit = 1000.0 if any("." in cell for row in rows[:_PREVIEW] for cell in row[:2]) else 1.0
    cues: list[Cue] = []
    bad: list[int] = []
    for number, row in enumerate(rows, 2):
        start, end = (milliseconds(cell, unit) for cell in (*row[:2], "", "")[:2])
        if len(row) < 3 or start is None:
            bad.append(number)
        if len(row) < 3 and cues:  # a line break inside a text
            last = cues[-1]
            cues[-1] = Cue(last.start_ms, last.end_ms, f"{last.text} {' '.join(row)}", "")
        else:
            cues.append(Cue(start, end, row[-1]))
    notes = [f"Lines without three columns joined to the line before: {line_numbers(bad)}."] if bad else []
    return Reading("Whisper TSV", cues, notes)
