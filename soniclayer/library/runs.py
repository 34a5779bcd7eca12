"""The runs of the library: what was judged, by whom, and all of the results."""

from __future__ import annotations

import json
import zlib
from dataclasses import asdict
from statistics import fmean
from typing import TYPE_CHECKING, Any

from soniclayer.errors import RecordError
from soniclayer.evaluators.base import Usage
from soniclayer.library.rows import Mean, RunRow
from soniclayer.library.shows import clean
from soniclayer.progress import State
from soniclayer.records import Record, from_bytes, to_bytes

if TYPE_CHECKING:
    from collections.abc import Collection

    from soniclayer.library.database import Database

LISTED = """id, show, reading, identity, personas, evaluator, name, model, state, answered, failed, means, usage,
    cost, saved"""


class Runs:
    """Every method raises LibraryError where the file cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(
        self, show: str, kept: Record, *, reading: str, identity: str, personas: str, cost: float | None = None
    ) -> None:
        """Keep a run; in place of the one of the same show, reading, evaluator and personas, unless that has more.

        Nothing happens where the show is gone.
        """
        packed = zlib.compress(to_bytes(kept))
        answered, failed = (sum(map(len, cells.values())) for cells in (kept.results, kept.failures))
        usage = sum(kept.usage.values(), start=Usage())
        values = {
            "show": show,
            "reading": reading,
            "identity": identity,
            "personas": personas,
            "evaluator": kept.evaluator,
            "name": clean(kept.evaluator_name),
            "model": clean(kept.model),
            "state": str(kept.state),
            "answered": answered,
            "failed": failed,
            "means": json.dumps([_mean(kept, position) for position in range(len(kept.personas))]),
            "usage": json.dumps(asdict(usage)),
            "cost": cost,
            "saved": kept.when,
            "record": packed,
        }
        names = ", ".join(values)
        with self._database.write() as connection:
            connection.execute(
                f"INSERT INTO runs ({names}) SELECT {', '.join(f':{name}' for name in values)}"
                " WHERE EXISTS (SELECT 1 FROM shows WHERE id = :show)"
                " ON CONFLICT (show, reading, identity, personas) DO UPDATE"
                f" SET {', '.join(f'{name} = excluded.{name}' for name in values)}"
                " WHERE excluded.answered >= runs.answered",
                values,
            )

    def of(self, shows: Collection[str]) -> list[RunRow]:
        """The runs of these shows, the latest first."""
        marks = ", ".join("?" * len(shows))
        rows = self._database.rows(
            f"SELECT {LISTED} FROM runs WHERE show IN ({marks}) ORDER BY saved DESC, id DESC", tuple(shows)
        )
        return [_row(row) for row in rows]

    def judged(self) -> tuple[list[str], dict[str, tuple[str, tuple[float | None, ...]]]]:
        """(names of personas, by show who judged it and the means of these personas), of all shows at once.

        For a library all of whose shows were judged by the same personas, as those of an archive are.
        """
        last = self._database.row("SELECT means FROM runs ORDER BY id DESC LIMIT 1")
        if last is None:
            return [], {}
        names = [name for _, name, _, _ in json.loads(last[0])]
        means = "".join(f", json_extract(means, '$[{position}][3]')" for position in range(len(names)))
        rows = self._database.rows(f"SELECT show, coalesce(nullif(model, ''), name){means} FROM runs")
        return names, {row[0]: (row[1], tuple(row)[2:]) for row in rows}

    def find(self, show: str, *, reading: str, identity: str, personas: str) -> RunRow | None:
        """The run of a show in this reading, by this evaluator and these personas, if there is one."""
        row = self._database.row(
            f"SELECT {LISTED} FROM runs WHERE show = ? AND reading = ? AND identity = ? AND personas = ?",
            (show, reading, identity, personas),
        )
        return None if row is None else _row(row)

    def record(self, run: int) -> Record:
        """All of a run.

        Raises:
            RecordError: there is no such run, or what is kept of it cannot be read.
        """
        row = self._database.row("SELECT record FROM runs WHERE id = ?", (run,))
        if row is None:
            raise RecordError("These results are not kept any more. Evaluate the show again.")
        try:
            return from_bytes(zlib.decompress(row[0]))
        except zlib.error as error:
            raise RecordError(f"Kept results cannot be read: {error}. Evaluate the show again.") from error

    def drop(self, run: int) -> None:
        """Forget a run."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM runs WHERE id = ?", (run,))


def _mean(kept: Record, position: int) -> tuple[str, str, str, float | None]:
    persona = kept.personas[position]
    values = [feedback.value for feedback in kept.results.get(persona.id, {}).values()]
    return persona.id, persona.display_name, persona.emoji, round(fmean(values), 3) if values else None


def _row(row: Any) -> RunRow:
    values = dict(row)
    values["state"] = State(values["state"])
    values["means"] = tuple(Mean(*each) for each in json.loads(values["means"]))
    values["usage"] = Usage(**json.loads(values["usage"]))
    return RunRow(**values)
