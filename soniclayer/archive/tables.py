"""An archive as tables: one row per show, one per cell, and one per file that was not evaluated."""

from __future__ import annotations

import csv
import hashlib
import io
from typing import TYPE_CHECKING, Any

from soniclayer.errors import SettingsError
from soniclayer.exports.plain import harmless
from soniclayer.records import restore
from soniclayer.results import COLUMNS, rows
from soniclayer.terminal import put_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

    from soniclayer.archive.folder import Skipped
    from soniclayer.archive.output import Entry, Output
    from soniclayer.settings import Settings

SHOW_COLUMNS = (
    *("file", "show", "name", "format", "duration_s", "speakers", "segments", "not_judged", "cells", "judged"),
    *("failed", "complete", "mean", "calls", "cached", "input_tokens", "output_tokens", "cost", "why"),
)
MOST_ROWS = 50_000  # cells in memory at once while they are written
BASIS = b"soniclayer"  # where a table says of what it was made
_TYPES = {"int64": "int64", "Int64": "int64", "float64": "float64", "str": "string"}


def write_tables(output: Output, shows: Mapping[str, str], skipped: Sequence[Skipped], settings: Settings) -> None:
    """Write `shows.csv`, `cells.parquet` and `report.csv`.

    shows: by content, the file each was found in.

    Raises:
        SettingsError: one cannot be written.
    """
    entries = [output.entries[content] for content, _ in sorted(shows.items(), key=lambda item: item[1])]
    put_file(output.folder / "shows.csv", shows_csv(entries, settings))
    put_file(output.folder / "report.csv", _csv(("file", "reason"), ((each.file, each.reason) for each in skipped)))
    _write_cells(output, entries)


def shows_csv(entries: Sequence[Entry], settings: Settings) -> bytes:
    """One line per show: `SHOW_COLUMNS`, and the mean of each persona; UTF-8 with BOM, as spreadsheets want it."""
    personas = list(dict.fromkeys(who for entry in entries for who in entry.facts.means))
    heading = (*SHOW_COLUMNS, *(f"mean_{who}" for who in personas))
    return _csv(heading, (_show(entry, personas, settings) for entry in entries))


def _show(entry: Entry, personas: Sequence[str], settings: Settings) -> Sequence[object]:
    facts, used = entry.facts, entry.facts.usage
    cost = settings.cost(used.input_tokens, used.output_tokens, used.cached_tokens)
    return (
        *(entry.file, entry.content, facts.name, facts.format, facts.duration_s, facts.speakers),
        *(facts.segments, facts.not_judged, facts.cells, facts.judged, facts.failed, facts.complete),
        *(_rounded(facts.mean), used.calls, used.cached, used.input_tokens, used.output_tokens, cost, facts.why),
        *(_rounded(facts.means.get(who)) for who in personas),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _csv(heading: Sequence[str], lines: Iterable[Sequence[object]]) -> bytes:
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(heading)
    writer.writerows([harmless(value) if isinstance(value, str) else value for value in line] for line in lines)
    return target.getvalue().encode("utf-8-sig")


def _write_cells(output: Output, entries: Sequence[Entry]) -> None:
    """`cells.parquet`: columns `show`, `file`, then `results.COLUMNS`; left as it is where nothing has changed."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    target = output.folder / "cells.parquet"
    digest = hashlib.blake2b(digest_size=16)
    for entry in entries:
        digest.update(repr(entry).encode("utf-8", "replace"))
    basis = digest.hexdigest().encode()
    if target.is_file() and _basis(target) == basis:
        return
    part = target.with_name("cells.parquet.part")
    schema = _schema().with_metadata({BASIS: basis})
    try:
        with pq.ParquetWriter(part, schema, compression="zstd") as writer:
            for batch in _batches(output, entries):
                writer.write_table(pa.Table.from_pylist(batch, schema=schema))
        part.replace(target)
    except OSError as error:
        raise SettingsError(f"{target} cannot be written: {error}. Make room, and run again.") from error
    finally:
        part.unlink(missing_ok=True)


def _schema() -> pa.Schema:
    import pyarrow as pa

    named = {"show": "str", "file": "str", **COLUMNS}
    return pa.schema([(name, pa.type_for_alias(_TYPES[kind])) for name, kind in named.items()])


def _basis(path: Path) -> bytes:
    """Of what a table was made; b"" where it cannot be told."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return (pq.read_schema(path).metadata or {}).get(BASIS, b"")  # type: ignore[no-any-return]
    except (pa.ArrowInvalid, OSError):
        return b""


def _batches(output: Output, entries: Sequence[Entry]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for entry in entries:
        batch += _cells(output, entry)
        if len(batch) >= MOST_ROWS:
            yield batch
            batch = []
    yield batch


def _cells(output: Output, entry: Entry) -> Iterator[dict[str, Any]]:
    for row in rows(restore(output.record(entry.content)[1])):
        yield {"show": entry.content, "file": entry.file, **dict(zip(COLUMNS, row, strict=True))}
