"""Where a run stands."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from enum import StrEnum

RATE_WINDOW = 256  # cells over which the speed is measured


class State(StrEnum):
    """Where a run stands."""

    WAITING = "waiting"
    RUNNING = "running"
    STOPPED = "stopped"
    BROKEN = "broken"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Progress:
    """A run at one moment.

    Attributes:
        state: where the run stands.
        done: cells with feedback.
        failed: cells that failed.
        total: cells in all.
        eta_s: seconds until the end at the present speed, or None while unknown.
    """

    state: State
    done: int
    failed: int
    total: int
    eta_s: float | None

    @property
    def share(self) -> float:
        """Settled cells over all, 0.0 to 1.0."""
        return (self.done + self.failed) / self.total if self.total else 1.0


class Pace:
    """How fast cells are settled."""

    def __init__(self) -> None:
        self._settled: deque[float] = deque(maxlen=RATE_WINDOW)

    def settled(self) -> None:
        """A cell was, just now."""
        self._settled.append(time.monotonic())

    def eta_s(self, left: int) -> float | None:
        """Seconds until so many cells more are settled at the present speed; None while unknown."""
        if len(self._settled) < 2:
            return None
        return left * (time.monotonic() - self._settled[0]) / len(self._settled)
