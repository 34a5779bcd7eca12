"""The cores of this machine, and who takes them."""

from __future__ import annotations

import os


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):  # Linux
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def one_thread() -> None:
    """Have numpy use one thread in this process, if it is not imported yet, and in those that it starts.

    The products here are small: a second thread waits for the next one at full load, and takes away the core that the
    sentence encoder's own threads need.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
