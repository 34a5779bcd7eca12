"""Clearing kept answers, all or those of one show: how many there are, forgetting them, and bringing them back.

What is cleared lies in a folder of its own until it is brought back (`undo_clear`) or forgotten for good
(`forget_cleared`). Each of these knows a clearing by the name it was given.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from typing import TYPE_CHECKING

from soniclayer import cache
from soniclayer.kept_files import FILE_MODE, FOLDER_MODE, STORAGES, UseList, folder, listed, private_folder, use_lists

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

BY_HAND = "by hand"
"""Name of the clearing that the page's settings offer."""


def stored() -> tuple[int, int]:
    """How many answers lie on disk, and their bytes."""
    try:
        with os.scandir(folder()) as files:
            sizes = [file.stat().st_size for file in files if _is_answer(file.name)]
    except OSError:
        return 0, 0  # nothing has been kept yet, or somebody is clearing
    return len(sizes), sum(sizes)


def stored_of(show: str) -> int:
    """How many answers on disk are a show's alone; one that another show uses too is not among them.

    show: as it was named to `cache.stores_of`. Answers kept by version 0.1.0 are a show's once it was evaluated
        again, which pays nothing.
    """
    return sum(name.startswith(cache.ANSWERS) for name in _only_of(show))


def clear_until_undone(show: str | None = None, *, name: str = BY_HAND) -> int:
    """Forget answers, in memory and on disk; returns how many. `undo_clear` brings them back.

    show: forget what is this show's alone (see `stored_of`), and what was worked out from its words; None for
        everything.
    name: of this clearing; an earlier one of that name can no longer be undone.
    """
    forget_cleared(name)
    if show is None:
        files, lists = _answers(folder()), use_lists()
    else:
        files = [folder() / f"{each}.memo" for each in _only_of(show)]
        lists = [UseList(show).file]
    answers = [file for file in files if file.name.startswith(cache.ANSWERS)]
    if answers:
        aside = _aside(name)
        aside.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        for file in (*answers, *lists):
            with contextlib.suppress(FileNotFoundError):
                file.replace(aside / file.name)
    if show is None:
        cache.forget_all()
    for file in files:
        STORAGES.delete(file.stem)
    for file in lists:
        file.unlink(missing_ok=True)
    return len(answers)


def undo_clear(name: str = BY_HAND) -> int:
    """Bring back what `clear_until_undone` forgot; returns how many. An answer given since then stays."""
    files, home = _answers(_aside(name)), private_folder()
    for file in files:
        if not (home / file.name).exists():
            file.replace(home / file.name)
    for uses in _aside(name).glob("*.uses"):
        with open(home / uses.name, "ab") as whole:
            whole.write(uses.read_bytes())
        (home / uses.name).chmod(FILE_MODE)
    forget_cleared(name)
    return len(files)


def cleared(name: str = BY_HAND) -> int:
    """How many answers `undo_clear` would bring back."""
    return len(_answers(_aside(name)))


def forget_cleared(name: str = BY_HAND) -> None:
    """From now on a clearing cannot be undone, as when the next run begins."""
    aside = _aside(name)
    with contextlib.suppress(OSError):
        for file in aside.iterdir():
            file.unlink(missing_ok=True)
        aside.rmdir()


def forget(show: str) -> None:
    """Forget a show's answers for good; as `clear_until_undone`, without a way back."""
    name = f"deleted {show}"
    clear_until_undone(show, name=name)
    forget_cleared(name)


def _answers(where: Path) -> list[Path]:
    return sorted(file for file in where.iterdir() if _is_answer(file.name)) if where.is_dir() else []


def _is_answer(name: str) -> bool:
    # Streamlit names the files so, and offers no other way to tell them apart.
    return name.startswith(f"{cache.ANSWERS}-") and name.endswith(".memo")


def _only_of(show: str) -> Iterable[str]:
    """Names of the files on disk that this show uses and no other does."""
    own = UseList(show).file
    names = listed(own)
    for other in use_lists():
        if other != own:
            names -= listed(other)
    return [name for name in sorted(names) if (folder() / f"{name}.memo").exists()]


def _aside(name: str) -> Path:
    digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return folder().with_name("cache-cleared") / digest
