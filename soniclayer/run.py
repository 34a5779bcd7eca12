"""One evaluation of one transcript: every segment judged by every persona, and classified.

Where classifying is instant it comes first. Where it is a call (`TogetherEvaluator`) it runs beside, several segments
at a time, and no persona waits for it. A run lives in the engine's event loop. Other threads only read its results,
which grow cell by cell, and call `stop`. A cell (segment x persona) ends as Feedback or as Failure; a cell that was
not reached has neither.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from typing import TYPE_CHECKING

from soniclayer.errors import AnswerError, FatalError, NotJudgedError
from soniclayer.evaluators.base import Evaluator, TogetherEvaluator, Usage
from soniclayer.evaluators.grouping import groups, width
from soniclayer.feedback import Classification, Failure, Feedback
from soniclayer.progress import Pace
from soniclayer.progress import Progress as Progress
from soniclayer.progress import State as State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from soniclayer.personas import Persona
    from soniclayer.segments import Segment

log = logging.getLogger(__name__)

Cell = tuple[int, str]
"""Segment index and persona id."""

UNKNOWN = Classification()


class Run:
    """One evaluation of one transcript.

    Attributes:
        segments, personas, evaluator: what is judged, by whom, and how.
        evaluator_id: of the evaluator's row in its table, or "" where none is known.
        classifications: by segment index, once known; topic and tone None where classifying failed.
        unclassified: by segment index, why a segment could not be classified.
        results: Feedback by cell.
        failures: Failure by cell.
        not_judged: by segment index, why the evaluator passes a segment over; such a segment has no cells.
        fatal: why the run broke off as a whole, or "".
        state: where the run stands.
        spent: what its results had cost before it was read back, by persona id, and under "" for classification.
        on_end: called in the loop whenever it has ended or stopped; must not take long.
    """

    def __init__(
        self, segments: Sequence[Segment], personas: Sequence[Persona], evaluator: Evaluator, *, in_flight: int = 64
    ) -> None:
        """`in_flight` is how many calls the evaluator can make at once; it opens enough segments for them."""
        self.segments = tuple(segments)
        self._spoken = tuple(segment for segment in self.segments if segment.speech)
        self.personas = tuple(personas)
        self.evaluator = evaluator
        self.evaluator_id = ""
        self._begun = asyncio.Event()  # the first segment's personas are being asked
        self._beside = evaluator if isinstance(evaluator, TogetherEvaluator) else None
        self.classifications: dict[int, Classification] = {}
        self.unclassified: dict[int, Failure] = {}
        self.results: dict[Cell, Feedback] = {}
        self.failures: dict[Cell, Failure] = {}
        self.not_judged: dict[int, str] = {}
        self.fatal = ""
        self.state = State.WAITING
        self.spent: dict[str, Usage] = {}
        self.on_end: Callable[[Run], object] = lambda run: None
        self._stopping = False
        self._group: asyncio.TaskGroup | None = None
        self._width = width(in_flight, len(self.personas), evaluator)
        self._task: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pace = Pace()
        self._asked: set[Cell] | None = set()  # what was asked for so far; None once that is all

    @property
    def total(self) -> int:
        """Number of cells; a segment in which nothing is said, or that is not judged, has none."""
        judged = sum(segment.index not in self.not_judged for segment in self._spoken)
        return judged * len(self.personas)

    @property
    def nothing_judged(self) -> str:
        """Why the evaluator passed over every segment, in one sentence; "" where it judged any."""
        reasons = Counter(self.not_judged.get(segment.index, "") for segment in self._spoken)
        if not reasons or reasons[""]:
            return ""
        return max(reasons, key=lambda reason: reasons[reason])

    @property
    def usage(self) -> Mapping[str, Usage]:
        """What the results have cost so far, by persona id, and under "" for classification."""
        now = self.evaluator.usage
        if not self.spent:
            return now
        return {who: self.spent.get(who, Usage()) + now.get(who, Usage()) for who in {**self.spent, **now}}

    @property
    def progress(self) -> Progress:
        """The run at this moment."""
        done, failed = len(self.results), len(self.failures)
        total = self.total if self._asked is None else len(self._asked)
        return Progress(
            self.state,
            done,
            failed,
            total,
            self._pace.eta_s(total - done - failed) if self.state is State.RUNNING else None,
        )

    @property
    def complete(self) -> bool:
        """Every cell has feedback."""
        return len(self.results) == self.total

    def stop(self) -> None:
        """End the run from any thread: no new calls, those in flight cancelled, everything answered kept."""
        if self.state in (State.WAITING, State.RUNNING):
            self._stopping = True  # seen by a task that has not begun yet
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._cancel)

    async def execute(self, only: frozenset[Cell] | None = None) -> None:
        """Answer every cell that has no feedback yet, or those of them in `only`, in listening order."""
        begun = time.monotonic()
        self._task, self._loop = asyncio.current_task(), asyncio.get_running_loop()
        self.fatal, self.state = "", State.RUNNING
        self._note_asked(only)
        self._pace = Pace()
        for cell in list(self.failures):
            if only is None or cell in only:
                del self.failures[cell]
        try:
            if not self._stopping:
                await self._answer(only)
            self.state = State.STOPPED if self._stopping else State.FINISHED
        except asyncio.CancelledError:
            self.state = State.STOPPED
        except BaseExceptionGroup as group:
            fatal, defects = group.split(FatalError)
            if defects is not None:
                raise defects from group
            self.fatal = str(_first(fatal))
            self.state = State.BROKEN
        finally:
            if self.state is State.RUNNING:  # a defect, not a Failure: let it out, but never look alive
                self.state = State.BROKEN
                self.fatal = "SonicLayer met an error of its own; its log has the details. Evaluate again."
            self._task, self._group, self._stopping = None, None, False
            self._log(time.monotonic() - begun)
            self.on_end(self)

    def rejoin(self, only: frozenset[Cell]) -> None:
        """While the run is under way, inside its loop: ask again what has failed of `only`."""
        group, failed = self._group, self.failures.keys() & only
        for segment in self._spoken:
            again = [persona for persona in self.personas if (segment.index, persona.id) in failed]
            if again and group is not None:
                question = self._judge((segment,), again)
                try:
                    group.create_task(question)
                except RuntimeError:  # the last answer came in just now; the failure stays, with its retry
                    question.close()
                    return
                for persona in again:
                    del self.failures[segment.index, persona.id]

    async def _answer(self, only: frozenset[Cell] | None) -> None:
        room = asyncio.Semaphore(self._width)
        async with asyncio.TaskGroup() as self._group:
            self._begun.clear()
            if self._beside is not None:
                self._group.create_task(self._classify_beside(self._beside, only))
            nothing_open = True
            for segments, personas in groups(self.evaluator, self._spoken, lambda each: self._missing(each, only)):
                nothing_open = False
                await room.acquire()
                task = self._group.create_task(self._judge(segments, personas))
                task.add_done_callback(lambda _: room.release())
            if nothing_open:
                self._begun.set()

    def _missing(self, segment: Segment, only: frozenset[Cell] | None) -> list[Persona]:
        if segment.index in self.not_judged:
            return []
        return [persona for persona in self.personas if self._is_open((segment.index, persona.id), only)]

    def _note_asked(self, only: frozenset[Cell] | None) -> None:
        if only is None:
            self._asked = None
        elif self._asked is not None:
            spoken = {segment.index for segment in self._spoken}
            self._asked |= {cell for cell in only if cell[0] in spoken}

    def _is_open(self, cell: Cell, only: frozenset[Cell] | None) -> bool:
        return cell not in self.results and (only is None or cell in only)

    async def _judge(self, segments: Sequence[Segment], personas: Sequence[Persona]) -> None:
        """These personas' reactions to these segments."""
        evaluator = self._beside
        if evaluator is None:
            (segment,) = segments
            known = await self._classified(segment)
            if segment.index not in self.not_judged:
                await self._cells(segment, personas, known)
            return
        hints = {segment.index: await evaluator.hint(segment) for segment in segments}
        asyncio.get_running_loop().call_soon(self._begun.set)
        if len(segments) == 1:
            await self._cells(segments[0], personas, hints[segments[0].index])
            return
        async with asyncio.TaskGroup() as group:
            for persona in personas:
                group.create_task(self._together(evaluator, persona, segments, hints))

    async def _cells(self, segment: Segment, personas: Sequence[Persona], known: Classification) -> None:
        async with asyncio.TaskGroup() as group:
            for persona in personas:
                group.create_task(self._cell(segment, persona, known))

    async def _classified(self, segment: Segment) -> Classification:
        """Topic and tone of a segment, where personas wait for them."""
        known = self.classifications.get(segment.index)
        if known is None or segment.index in self.unclassified:
            try:
                known = await self.evaluator.classify(segment)
            except NotJudgedError as error:
                self.not_judged[segment.index] = str(error)
                known = UNKNOWN
            except AnswerError as error:
                self._classify_as(segment.index, error)
                return UNKNOWN
            self._classify_as(segment.index, known)
        return known

    async def _classify_beside(self, evaluator: TogetherEvaluator, only: frozenset[Cell] | None) -> None:
        """Topic and tone of all segments that have none, for headlines and filters; no persona waits for them."""
        asked = {index for index, _ in only} if only is not None else None
        missing = [
            segment
            for segment in self._spoken
            if (segment.index not in self.classifications or segment.index in self.unclassified)
            and (asked is None or segment.index in asked)
        ]
        size = evaluator.classified_together
        await self._begun.wait()  # the first cards come first, on a server that takes one call at a time too
        async with asyncio.TaskGroup() as group:
            for begin in range(0, len(missing), size):
                group.create_task(self._classify(evaluator, missing[begin : begin + size]))

    async def _classify(self, evaluator: TogetherEvaluator, segments: Sequence[Segment]) -> None:
        for index, outcome in (await evaluator.classify_together(segments)).items():
            self._classify_as(index, outcome)

    def _classify_as(self, index: int, outcome: Classification | AnswerError) -> None:
        if isinstance(outcome, AnswerError):
            self.classifications[index] = UNKNOWN
            self.unclassified[index] = Failure(str(outcome), outcome.kind)
        else:
            self.classifications[index] = outcome
            self.unclassified.pop(index, None)

    async def _cell(self, segment: Segment, persona: Persona, classification: Classification) -> None:
        try:
            self._settle((segment.index, persona.id), await self.evaluator.evaluate(persona, segment, classification))
        except AnswerError as error:
            self._settle((segment.index, persona.id), error)

    async def _together(
        self,
        evaluator: TogetherEvaluator,
        persona: Persona,
        segments: Sequence[Segment],
        hints: Mapping[int, Classification],
    ) -> None:
        for index, outcome in (await evaluator.evaluate_together(persona, segments, hints)).items():
            self._settle((index, persona.id), outcome)

    def _settle(self, cell: Cell, outcome: Feedback | AnswerError) -> None:
        if isinstance(outcome, AnswerError):
            self.failures[cell] = Failure(str(outcome), outcome.kind)
        else:
            self.results[cell] = outcome
        self._pace.settled()

    def _log(self, seconds: float) -> None:
        """One line of figures per execution; no word of the transcript, no key."""
        spent = self.usage.values()
        log.info(
            "run state=%s segments=%d personas=%d answered=%d failed=%d seconds=%.2f calls=%d cached=%d "
            "input_tokens=%d output_tokens=%d",
            self.state,
            len(self.segments),
            len(self.personas),
            len(self.results),
            len(self.failures),
            seconds,
            sum(usage.calls for usage in spent),
            sum(usage.cached for usage in spent),
            sum(usage.input_tokens for usage in spent),
            sum(usage.output_tokens for usage in spent),
        )

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()


def _first(error: BaseException | None) -> BaseException | None:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
