"""Which questions a process is asking, told to the other processes that keep their answers in the same place.

A claim is another name of a small file that names its holder. A holder lives as long as its process: it holds a lock,
which the operating system lets go of when the process ends, however it ends. Where nothing can be written every claim
is granted.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import time
import uuid
from pathlib import Path

from filelock import FileLock, Timeout

FOLDER_MODE, FILE_MODE = 0o700, 0o600
UNNAMED_S = 5.0
"""So long a claim without its holder's name counts: whoever made it is about to write the name."""
BEGIN_S = 10.0
"""So long a process that begins waits for others that are beginning."""
BELIEVED_S = 1.0
"""So long a holder that was seen alive is taken to be."""


class Claims:
    """The claims of this process in one folder, and those of others there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._place = str(folder)
        self._holder = uuid.uuid4().hex
        self._name = self._holder.encode()
        self._own = f"{self._place}/{self._holder}.holder"
        self._links = True
        self._lock: FileLock | None = None
        self._alive: dict[str, float] = {}  # by holder, until when it is taken to live

    def take(self, path: str) -> bool:
        """Claim a question, by the path of the file of its answer; False where a living process has claimed it."""
        if self._lock is None:
            try:
                self._begin()
            except (OSError, Timeout, NotImplementedError):
                return True
        claim = self._claim(path)
        for _ in range(2):
            try:
                self._make(claim)
            except FileExistsError:
                if self._held(claim):
                    return False
                self.release(path)
            except OSError:
                return True
            else:
                return True
        return False

    def release(self, path: str) -> None:
        """The question has been answered, or was given up."""
        with contextlib.suppress(OSError):
            os.unlink(self._claim(path))

    def _make(self, claim: str) -> None:
        """Raises FileExistsError where there is such a claim, OSError where nothing can be written."""
        if self._links:
            try:
                # No new file at every call: some file systems take ever longer where thousands come and go.
                os.link(self._own, claim)
            except FileExistsError:
                raise
            except OSError:
                self._links = False  # a disk on which a file has one name
            else:
                return
        opened = os.open(claim, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
        with contextlib.suppress(OSError):  # a full disk: the name is missing, and the claim soon over
            os.write(opened, self._name)
        os.close(opened)

    def _claim(self, path: str) -> str:
        return f"{self._place}/{os.path.basename(path)}"

    def _begin(self) -> None:
        """Hold the lock of this process, and tidy up after those that were killed."""
        if not self._folder.is_dir():
            self._folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        lock = self._folder / f"{self._holder}.process"
        made = FileLock(lock, timeout=0, mode=FILE_MODE, thread_local=False)
        # One at a time: between a lock's file being there and its being held, its process looks dead to the others.
        with FileLock(self._folder / "begin.lock", timeout=BEGIN_S, mode=FILE_MODE, thread_local=False):
            made.acquire()
            self._lock = made
            with contextlib.suppress(OSError):
                Path(self._own).write_bytes(self._name)
                os.chmod(self._own, FILE_MODE)
            for other in self._folder.glob("*.process"):
                self._lives(other.stem)
        atexit.register(self._end, lock)

    def _end(self, lock: Path) -> None:
        if self._lock is not None:
            self._lock.release(force=True)
        self._tidy(lock)

    def _tidy(self, lock: Path) -> None:
        """Take away what a process that is over has left."""
        for path in (lock, lock.with_suffix(".holder")):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)

    def _held(self, claim: str) -> bool:
        """Another process that lives holds the claim."""
        try:
            with open(claim, encoding="ascii", errors="replace") as file:
                holder, age_s = file.read(), time.time() - os.path.getmtime(claim)
        except OSError:
            return False
        if not holder.isalnum():
            return age_s < UNNAMED_S
        return holder != self._holder and self._lives(holder)

    def _lives(self, holder: str) -> bool:
        now = time.monotonic()
        if holder == self._holder or self._alive.get(holder, 0.0) > now:
            return True
        lock = self._folder / f"{holder}.process"
        if not lock.exists():
            return False
        try:
            with FileLock(lock, timeout=0, thread_local=False):
                pass
        except Timeout:
            self._alive[holder] = now + BELIEVED_S
            return True
        self._tidy(lock)
        return False
