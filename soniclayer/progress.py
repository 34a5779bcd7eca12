"""Where a run stands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
