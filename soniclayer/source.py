"""A show as it comes in: a file, and how it is to be read."""

from __future__ import annotations

import hashlib
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
