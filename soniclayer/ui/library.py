"""The library as the page uses it: on disk, in memory where that cannot be, and what is not to be kept beside it."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

import streamlit as st

from soniclayer import clearing, settings
from soniclayer.errors import LibraryDamagedError, LibraryError
from soniclayer.library import FILE, UNDO_S, Library, open_library
from soniclayer.ui.settings_menu import secrets

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from soniclayer.source import Source

log = logging.getLogger(__name__)

T = TypeVar("T")


class PageLibrary:
    """What all sessions of the process share. Every method may be called from any thread, and raises no LibraryError.

    Attributes:
        kept: the library on disk; in memory where the disk cannot be used.
        unkept: shows that are not to be kept, in memory.
        archive: the results of an archive, where the settings name one.
        archive_problem: why they cannot be shown, or "".
        problem: what is wrong with the library on disk, in words for the user, or "".
    """

    def __init__(
        self, folder: Path, memory_bytes: int, forget: Callable[[str], object], archive: Path | None = None
    ) -> None:
        """Open the library of a folder.

        archive: folder of the results of an archive.
        memory_bytes: how much of shows is in memory at most; the one not looked at for longest goes first.
        forget: deletes the kept answers about a file that is gone, by its digest (`Source.content`).
        """
        self._folder = folder
        self._memory_bytes = memory_bytes
        self._forget = forget
        self.kept, self.problem = open_library(folder)
        self.unkept = Library(None)
        self.archive, self.archive_problem = _open_archive(archive)
        self._lock = threading.Lock()
        self._timers: list[threading.Timer] = []
        self._writer = ThreadPoolExecutor(1, "soniclayer-library")
        self.later(self.purge)
        self.later(self.kept.sweep)

    def of(self, show: str) -> Library:
        """The library that a show is in. For what may raise LibraryError use `ask`."""
        if self.unkept.shows.get(show) is not None:
            return self.unkept
        return self.archive if self.archive is not None and self.is_archived(show) else self.kept

    def ask(self, show: str, work: Callable[[Library], T]) -> T | None:
        """What `work` returns of the library of a show; None where that fails, which the page then says."""
        try:
            return work(self.of(show))
        except LibraryError as error:
            self._note(error)
            return None

    def later(self, work: Callable[[], object]) -> Future[None]:
        """Do some writing soon, in the library's own thread, so that no page waits for the disk."""

        def written() -> None:
            try:
                work()
            except LibraryError as error:
                self._note(error)

        return self._writer.submit(written)

    def is_unkept(self, show: str) -> bool:
        """The show is in memory only."""
        return self.of(show).path is None

    def is_archived(self, show: str) -> bool:
        """The show is one of the archive's."""
        try:
            return self.archive is not None and self.archive.shows.get(show) is not None
        except LibraryError as error:
            self.archive, self.archive_problem = None, str(error)
            return False

    def keep(self, show: str, content: str, *, kept: bool) -> None:
        """Keep a show on disk, or only in memory, and then no answer about it either.

        content: digest of its file.
        """
        source, target = (self.unkept, self.kept) if kept else (self.kept, self.unkept)
        try:
            source.move(show, target)
        except LibraryError as error:
            self._note(error)
            return
        if not kept:
            self.later(lambda: self._forget_unless_kept(content))
            self._bound(self.unkept)

    def _forget_unless_kept(self, content: str) -> None:
        if content not in self.kept.shows.contents():
            self._forget(content)

    def put(self, show: str, source: Source) -> None:
        """Keep a show under an id; in memory where it cannot be kept on disk."""
        target = self.of(show)
        try:
            target.shows.put(show, source)
        except LibraryError as error:
            self._note(error)
            target = self.unkept
            target.shows.put(show, source)
        self._bound(target)

    def source(self, show: str) -> Source | None:
        """The file of a show, and how it is read; None where there is no such show."""
        return self.ask(show, lambda library: library.shows.source(show))

    def remove(self, show: str) -> None:
        """Delete a show; `bring_back` undoes it for `UNDO_S` seconds."""
        self.ask(show, lambda library: library.shows.remove(show))

        timer = threading.Timer(UNDO_S + 1, lambda: self.later(self.purge))
        timer.daemon = True
        self._timers.append(timer)
        timer.start()

    def purge(self, now: float | None = None) -> None:
        """Delete for good what was removed longer ago than `UNDO_S`, and the kept answers about it."""
        gone = [*self.kept.delete_removed(now=now), *self.unkept.delete_removed(now=now)]
        for content in gone:
            self._forget(content)

    def bring_back(self, show: str) -> None:
        """Undo `remove`."""
        for library in (self.kept, self.unkept):
            try:
                library.shows.bring_back(show)
            except LibraryError as error:
                self._note(error)

    def close(self) -> None:
        """Finish what is being written, and close the file."""
        for timer in self._timers:
            timer.cancel()
        self._writer.shutdown()
        shows = self.unkept.shows
        self.unkept.delete(
            [show.id for show in shows.recent(shows.count())]
        )  # with the audio that was copied for them
        self.kept.close()
        self.unkept.close()
        if self.archive is not None:
            self.archive.close()

    def _note(self, error: LibraryError) -> None:
        log.warning("The library cannot be used: %s", type(error).__name__)
        with self._lock:
            self.problem = str(error)
            if isinstance(error, LibraryDamagedError) and self.kept.path is not None:
                self.kept.close()
                self.kept, self.problem = open_library(self._folder, damage=error)

    def _bound(self, target: Library) -> None:
        """Have a library in memory take no more of it than it may."""
        while target.path is None and target.size > self._memory_bytes and (count := target.shows.count()) > 1:
            (oldest,) = target.shows.recent(1, offset=count - 1)
            target.delete([oldest.id])


@st.cache_resource(show_spinner=False, on_release=PageLibrary.close)
def library() -> PageLibrary:
    """The process's one library."""
    configuration = settings.read(secrets())
    memory = configuration.keep_mb * 1024 * 1024
    return PageLibrary(configuration.data, memory, clearing.forget, configuration.archive)


def _open_archive(folder: Path | None) -> tuple[Library | None, str]:
    if folder is None:
        return None, ""
    if not (folder / FILE).is_file():
        return (
            None,
            f"{folder} holds no results of an archive. Make them with: soniclayer archive FOLDER --output OUT",
        )
    try:
        return Library(folder / FILE), ""
    except LibraryError as error:
        return None, str(error)


def looked_at(show: str) -> None:
    """Have a show stand first among the recent ones, without waiting for the disk."""
    if not library().is_archived(show):
        shows = library().of(show).shows
        library().later(lambda: shows.looked_at(show))
