"""The shows of the process, bounded by their size: what an address in the browser leads to."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Options:
    """What the user decided about how a transcript is read; None leaves it to the guess.

    Attributes:
        format, encoding: in place of what was recognised.
        target_s: length of a segment to aim at, in seconds.
        names: (speaker in the file, name to show) for those renamed.
    """

    format: str | None = None
    encoding: str | None = None
    target_s: int = 30
    names: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A transcript as somebody gave it, and how it is to be read.

    Attributes:
        name: file name, as data.
        data: the bytes.
        options: how to read it.
        content: a digest of the bytes; worked out where it is not given.
    """

    name: str
    data: bytes = field(repr=False)
    options: Options = Options()
    content: str = ""

    def __post_init__(self) -> None:
        if not self.content:
            object.__setattr__(self, "content", content_id(self.data))

    @property
    def id(self) -> str:
        """A digest of all of it: equal for equal shows, whoever uploads them."""
        return _digest(f"{self.content}\n{self.name}\n{self.options}")

    @property
    def reading(self) -> str:
        """A digest of the bytes and of how they are read, whatever the show is called."""
        return _digest(f"{self.content}\n{self.options}")


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()


def content_id(data: bytes) -> str:
    """A digest of a transcript's bytes: tells shows apart, whatever they are called and however they are read."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


class Shelf:
    """Sources by id. Beyond the bound the one that was not looked at for longest goes, never the newest.

    Every method may be called from any thread.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._sources: OrderedDict[str, Source] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, source: Source) -> str:
        """Keep a source; returns its id."""
        key = source.id
        with self._lock:
            self._sources[key] = source
            self._sources.move_to_end(key)
            while len(self._sources) > 1 and self._size() > self._max_bytes:
                self._sources.popitem(last=False)
        return key

    def get(self, key: str) -> Source | None:
        """The source of this id, if it is still here."""
        with self._lock:
            if key in self._sources:
                self._sources.move_to_end(key)
            return self._sources.get(key)

    def _size(self) -> int:
        # The same bytes read in two ways are one object, and count once.
        return sum({id(source.data): len(source.data) for source in self._sources.values()}.values())
