"""How far an archive is, on stderr: shows, cells, shows a minute, time left, money."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

from soniclayer.evaluators.base import Usage
from soniclayer.phrasing import money

if TYPE_CHECKING:
    from types import TracebackType

    from soniclayer.archive.evaluation import Tally
    from soniclayer.settings import Settings


SPEED_S = 600.0
"""So far back the speed is measured: a show may take a minute."""


class Bar:
    """`with Bar(settings, title) as bar:`; silent where nobody watches."""

    def __init__(self, settings: Settings, title: str) -> None:
        # A tenth of a second that `--help` need not wait for.
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        console = Console(stderr=True)
        self._settings = settings
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("files"),
            TextColumn("{task.fields[told]}", markup=False),
            TimeRemainingColumn(),
            console=console,
            speed_estimate_period=SPEED_S,
            disable=not console.is_terminal,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._progress.add_task(title, total=None, told="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def show(self, tally: Tally, under_way: tuple[int, Usage] = (0, Usage())) -> None:
        """Draw it anew; under_way: see `executors.Executor`."""
        cells, usage = tally.cells + under_way[0], tally.spent + under_way[1]
        told = [f"{cells:,} cells"] if cells else []
        if tally.judged:
            told.append(f"{per_minute(tally):.1f} shows/min")
        cost = self._settings.cost(usage.input_tokens, usage.output_tokens, usage.cached_tokens)
        if usage.calls and cost is not None:
            told.append(money(cost))
        self._progress.update(self._task, completed=tally.settled, total=tally.files, told=" · ".join(told))


def per_minute(tally: Tally) -> float:
    """Shows judged in a minute, since the start."""
    return 60 * tally.judged / max(time.monotonic() - tally.begun, 0.001)
