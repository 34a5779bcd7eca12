"""Bounds on the time of this process's own, so that a busy machine is no failure."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

TRACED = 10
"""How many times longer code may take under a tracer, such as coverage's."""


@contextmanager
def cpu_within(seconds: float) -> Iterator[None]:
    """What the block does takes less than this many seconds of CPU."""
    begin = time.process_time()
    yield
    assert time.process_time() - begin < seconds * (1 if sys.gettrace() is None else TRACED)
