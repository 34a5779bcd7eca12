"""Runs and the library: written when they end, and read back in place of being evaluated again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from soniclayer import cache
from soniclayer.errors import RecordError
from soniclayer.evaluators.kept import KeptEvaluator
from soniclayer.evaluators.registry import EVALUATORS, free_evaluator, preferred
from soniclayer.exports.json_results import read_results
from soniclayer.library import IMPORTED
from soniclayer.records import record, restore
from soniclayer.results import total_usage
from soniclayer.ui.library import library
from soniclayer.ui.state import digest, go

if TYPE_CHECKING:
    from collections.abc import Callable

    from soniclayer.library import Library, RunRow
    from soniclayer.personas import Registry
    from soniclayer.records import Record
    from soniclayer.run import Run
    from soniclayer.settings import Settings
    from soniclayer.source import Source
    from soniclayer.ui.settings_menu import Choice
    from soniclayer.ui.show import Show


def is_kept(run: Run) -> bool:
    """The run was read back, and nobody is there to go on with it."""
    return isinstance(run.evaluator, KeptEvaluator)


def keeper(show: Show, registry: Registry, choice: Choice) -> Callable[[Run], object]:
    """What writes a run of this show into the library when it ends: in the library's thread, so that nobody waits."""
    kept, name, reading = library(), show.transcript.name, show.source.reading
    fingerprint, settings = registry.fingerprint, choice.settings

    def write(run: Run) -> None:
        usage = total_usage(run)
        cost = settings.cost(usage.input_tokens, usage.output_tokens, usage.cached_tokens) if usage.calls else None
        kept.of(show.id).runs.put(
            show.id,
            record(run, name=name),
            reading=reading,
            identity=choice.identity,
            personas=fingerprint,
            cost=cost,
        )

    def later(run: Run) -> None:
        if run.results or run.not_judged:
            kept.later(lambda: write(run))

    return later


def find(show: Show, registry: Registry, choice: Choice, key: str, make: Callable[[], Run]) -> Run | None:
    """The kept run of this show by this evaluator and these personas, for the engine to go on with; None without one.

    key: the engine knows it by. make: a new run, whose evaluator goes on.
    """
    row = library().ask(
        show.id,
        lambda kept: kept.runs.find(
            show.id, reading=show.source.reading, identity=choice.identity, personas=registry.fingerprint
        ),
    )
    found = row and _record(show, row)
    if not found or found.segments != show.segments or found.personas != tuple(registry.values()):
        return None  # read, cut or asked otherwise by now
    run = restore(found, make().evaluator)
    run.on_end = keeper(show, registry, choice)
    return cache.engine().adopt(key, run)


def take_in(show: str, source: Source, settings: Settings) -> None:
    """Have the results in a JSON export be a run of its show, and look at them. What is damaged the page says."""
    try:
        results = read_results(source.data, when=time.time())
    except RecordError:
        return
    found = results.record

    def put(kept: Library) -> None:
        kept.runs.put(show, found, reading=source.reading, identity=IMPORTED, personas=IMPORTED)
        if not kept.reviews.list(show):  # else the file has been taken in before
            for review in results.reviews:
                kept.reviews.add(
                    show, words=review.words, start_ms=review.start_ms, persona=review.persona, score=review.score,
                    reason=review.reason, who=review.who, text=review.text, said=review.said,
                    evaluator=review.evaluator, when=review.made,
                )  # fmt: skip

    library().ask(show, put)
    shown_by = found.evaluator if found.evaluator in EVALUATORS else free_evaluator().id
    go(evaluator="" if shown_by == preferred(settings).id else shown_by)


def earlier(show: Show, choice: Choice) -> Run | None:
    """The last run by this kind of evaluator that was kept, whatever its model and personas; to look at only."""
    rows = library().ask(show.id, lambda kept: kept.runs.of([show.id])) or []
    fitting = [row for row in rows if row.reading == show.source.reading and _is_kind(row, choice.spec.id)]
    if not fitting or (choice.spec.starts_by_itself and fitting[0].identity != IMPORTED):
        return None
    row = fitting[0]
    key, run = _key(row), shown(row)
    if run is None and (found := _record(show, row)) is not None and found.segments == show.segments:
        run = cache.engine().adopt(key, restore(found))
    return run


def shown(row: RunRow) -> Run | None:
    """The run that was read back from this row to be looked at, if it was."""
    return cache.engine().find(_key(row))


def _key(row: RunRow) -> str:
    return digest("kept", row.show, str(row.id), str(row.saved))


def _is_kind(row: RunRow, evaluator: str) -> bool:
    """Whether a run is by this evaluator; results from elsewhere count as by the one that costs nothing."""
    return row.evaluator == evaluator or (row.evaluator not in EVALUATORS and evaluator == free_evaluator().id)


def _record(show: Show, row: RunRow) -> Record | None:
    """All of a kept run; None where it cannot be read, as if it were not there."""
    try:
        return library().ask(show.id, lambda kept: kept.runs.record(row.id))
    except RecordError:
        return None
