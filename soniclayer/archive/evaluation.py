"""Every show of a folder, judged once: what is held and still true is passed over, what cannot be read is noted."""

from __future__ import annotations

import time
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from soniclayer.archive.folder import Found, Skipped, read
from soniclayer.archive.output import Basis, Entry, Output
from soniclayer.archive.work import Result, Task, estimate_show
from soniclayer.errors import FatalError, SonicLayerError, TranscriptError
from soniclayer.evaluators.base import Estimate, Usage
from soniclayer.exports.json_results import is_results
from soniclayer.exports.plain import plain
from soniclayer.source import content_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future

    from soniclayer.archive.executors import Executor
    from soniclayer.personas import Persona
    from soniclayer.settings import Settings

LOOK_S = 0.25
"""How often it is told how far things are."""
RESULTS = "Results that SonicLayer wrote, and no transcript."
DIED = "The process that judged it ended without a word, again and again. Is there enough memory?"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be judged, and by whom.

    Attributes:
        found: the files.
        personas, evaluator, target_s: as `work.Task` has them.
        basis: of the results that come of that.
        settings: of this run.
    """

    found: Sequence[Found]
    personas: tuple[Persona, ...]
    evaluator: str
    target_s: float
    basis: Basis
    settings: Settings


@dataclass(slots=True)
class Tally:
    """How far a run over an archive is.

    Attributes:
        files: that were found.
        settled: files that are done with, one way or another.
        shows: by content, the file that each was found in; of all that have results now.
        judged: shows judged in this run.
        held: shows whose results were there and still true.
        cells: cells judged in this run.
        spent: what they have cost.
        skipped: what was not evaluated.
        broken: how many of that for no fault of its own.
        fatal: why it ended before the last show, or "".
        unreached: shows that were left for that.
        begun: `time.monotonic()` at the start.
    """

    files: int
    settled: int = 0
    shows: dict[str, str] = field(default_factory=dict)
    judged: int = 0
    held: int = 0
    cells: int = 0
    spent: Usage = field(default_factory=Usage)
    skipped: list[Skipped] = field(default_factory=list)
    broken: int = 0
    fatal: str = ""
    unreached: int = 0
    begun: float = field(default_factory=time.monotonic)

    def skip(self, file: str, reason: str) -> None:
        """Note that a file was not evaluated."""
        self.skipped.append(Skipped(file, reason))
        self.settled += 1


def estimate(plan: Plan, output: Output, look: Callable[[Tally], object]) -> tuple[Estimate, int]:
    """What the shows that are not held will ask for if no answer is kept, and how many they are; judges nothing."""
    tally, whole, shows = Tally(len(plan.found)), Estimate(0, 0, 0), 0
    for _, task in _tasks(plan, output, tally):
        try:
            show = estimate_show(task, plan.settings)
        except TranscriptError:  # is noted when it is judged
            continue
        finally:
            tally.settled += 1
            look(tally)
        shows += bool(show.calls)
        whole = Estimate(
            whole.calls + show.calls,
            whole.input_tokens + show.input_tokens,
            whole.output_tokens + show.output_tokens,
        )
    return whole, shows


class Evaluation:
    """One run over an archive."""

    def __init__(self, plan: Plan, output: Output, executor: Executor, tally: Tally) -> None:
        """`tally` is kept up to date."""
        self._plan, self._output, self._executor, self.tally = plan, output, executor, tally

    def run(self, look: Callable[[Tally], object]) -> None:
        """Judge every show; `look` is called now and then. What was judged by then is kept, however it ends.

        Raises:
            SettingsError: the evaluator is not set up, or something cannot be written.
            FatalError: the processes of the executor die, whatever they judge.
        """
        tasks = _tasks(self._plan, self._output, self.tally)
        pending: dict[Future[Result], tuple[str, Task]] = {}
        bereft: list[tuple[str, Task]] = []  # of processes that died
        self._fill(pending, tasks)
        while pending:
            done, _ = wait(pending, timeout=LOOK_S, return_when=FIRST_COMPLETED)
            for future in done:
                file, task = pending.pop(future)
                if isinstance(future.exception(), BrokenExecutor):
                    bereft.append((file, task))
                else:
                    self._settle(file, future)
            look(self.tally)
            if not bereft:
                self._fill(pending, tasks)
            elif not pending:
                self._retry(bereft)
                bereft.clear()
                self._fill(pending, tasks)
        self.tally.unreached += sum(1 for _ in tasks)  # those that are held count as such

    def _fill(self, pending: dict[Future[Result], tuple[str, Task]], tasks: Iterator[tuple[str, Task]]) -> None:
        while len(pending) < self._executor.width and not self.tally.fatal:
            file, task = next(tasks, (None, None))
            if file is None or task is None:
                return
            pending[self._executor.submit(task)] = (file, task)

    def _retry(self, bereft: Sequence[tuple[str, Task]]) -> None:
        """Judge again what was under way when a process died, one at a time: then it is known whose fault it is."""
        died = 0
        for file, task in bereft:
            future = self._executor.submit(task)
            wait([future])
            died += isinstance(future.exception(), BrokenExecutor)
            self._settle(file, future)
        if died > 1 and died == len(bereft):
            raise FatalError(f"Whatever show is judged, {DIED[0].lower()}{DIED[1:]}")

    def _settle(self, file: str, future: Future[Result]) -> None:
        error = future.exception()
        if error is None:
            self._keep(file, future.result())
        elif isinstance(error, TranscriptError):
            self.tally.skip(file, str(error))
        elif isinstance(error, SonicLayerError):
            raise error
        elif isinstance(error, BrokenExecutor):
            self.tally.broken += 1
            self.tally.skip(file, DIED)
        else:  # a defect; of ten thousand shows the others are judged all the same
            while isinstance(error, BaseExceptionGroup):
                error = error.exceptions[0]
            self.tally.broken += 1
            self.tally.skip(file, f"SonicLayer met an error of its own: {type(error).__name__}: {error}. Report it.")

    def _keep(self, file: str, result: Result) -> None:
        tally = self.tally
        tally.fatal = tally.fatal or result.fatal
        tally.settled += 1
        tally.cells += result.judged
        tally.spent += result.spent
        if result.fatal and not result.facts.judged:
            tally.unreached += 1
            return
        self._output.put(Entry(result.content, file, self._plan.basis, result.facts), result.show)
        tally.shows[result.content] = file
        tally.judged += 1


def _tasks(plan: Plan, output: Output, tally: Tally) -> Iterator[tuple[str, Task]]:
    """What there is to judge, file by file, read when it is wanted."""
    first: dict[str, str] = {}
    for found in plan.found:
        try:
            data = read(found.path, plan.settings.max_bytes)
        except TranscriptError as error:
            tally.skip(found.file, str(error))
            continue
        content = content_id(data)
        if is_results(data):
            tally.skip(found.file, RESULTS)
        elif content in first:
            tally.skip(found.file, f"The same content as {first[content]}, which is judged.")
        elif output.still_true(content, plan.basis):
            first[content] = tally.shows[content] = found.file
            output.seen(content, found.file)
            tally.held += 1
            tally.settled += 1
        else:
            first[content] = found.file
            kept = output.results(content, plan.basis)
            yield (
                found.file,
                Task(plain(found.path.name), data, content, plan.personas, plan.evaluator, plan.target_s, kept),
            )
