"""The audio beside a transcript: which file it is, whether it can be played, and how to put it in step."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from soniclayer.errors import AudioError

if TYPE_CHECKING:
    from typing import BinaryIO

MOST_UPLOAD_MB = 200
HEAD_BYTES = 4096
TOO_LARGE = (
    f"is larger than {MOST_UPLOAD_MB} MB. Export it smaller (MP3 in mono at 64 kbit/s takes 29 MB an hour), "
    "or name its path on the computer that SonicLayer runs on."
)
KINDS_IN_WORDS = "MP3, M4A, WAV or OGG"


class Kind(NamedTuple):
    """A kind of audio that browsers play."""

    ending: str
    media_type: str


MP3, M4A = Kind("mp3", "audio/mpeg"), Kind("m4a", "audio/mp4")
WAV, OGG = Kind("wav", "audio/wav"), Kind("ogg", "audio/ogg")


@dataclass(frozen=True, slots=True)
class Audio:
    """An audio file that belongs to a show.

    Attributes:
        token: 32 hexadecimal digits, 128 random bits: what its web address has in place of a path.
        path: the file itself, absolute, no link on the way to it.
        name: what it is called, as data.
        copied: it was uploaded, lies in our own folder and goes with the show; else it is the user's own.
        offset_s: seconds of it before the transcript's 0:00; negative where it begins later than the transcript.
    """

    token: str
    path: Path
    name: str
    copied: bool = False
    offset_s: float = 0.0


def kind_of(head: bytes) -> Kind | None:
    """What a file is by its first HEAD_BYTES; None where it is no kind that is played."""
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return WAV
    if head[:4] == b"OggS":
        return OGG
    if head[4:8] == b"ftyp":
        return M4A
    frames = head.lstrip(b"\0")  # some encoders leave room for tags
    if frames[:3] == b"ID3":
        return MP3
    # A frame of MPEG audio: eleven bits set, and a layer other than 0, which would be AAC without a container.
    is_frame = len(frames) > 1 and frames[0] == 0xFF and frames[1] & 0xE0 == 0xE0 and frames[1] & 0x06
    return MP3 if is_frame else None


def read_kind(path: Path) -> Kind:
    """The kind of the audio file at this path.

    Raises:
        AudioError: there is no file, it cannot be read, or it is no audio that is played.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would be waited for
            raise AudioError(f"{path} is not a file. Name the audio file itself.")
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise AudioError(f"There is no file {path}. Put it back there, or name where it is now.") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL inside
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a path"
        raise AudioError(f"{path} cannot be read: {reason}. Name another file, or allow reading it.") from error
    kind = kind_of(head)
    if kind is None:
        raise AudioError(
            f"{path.name} is not {KINDS_IN_WORDS} audio. Export the show as one of these, and name that."
        )
    return kind


def named(text: str, token: str) -> Audio:
    """The audio file that somebody named by its path.

    text: as typed or pasted; quotes around it and a leading ~ are understood.

    Raises:
        AudioError: see `read_kind`; or the path is not a whole one.
    """
    typed = text.strip().strip("\"'")
    if not typed:
        raise AudioError("No path was given. Name an audio file, such as /shows/friday.mp3.")
    try:
        path = Path(typed).expanduser()
        if not path.is_absolute():
            raise AudioError(
                f"{typed} is only a part of a path. Give the whole of it, from the drive or the root on."
            )
        real = Path(os.path.realpath(path))
    except (RuntimeError, ValueError) as error:  # nobody's home; a NUL inside
        raise AudioError(f"{typed!r} is not a path. Name an audio file, such as /shows/friday.mp3.") from error
    read_kind(real)
    return Audio(token, real, path.name)


def playable(audio: Audio) -> Kind:
    """The kind of what can be played now.

    Raises:
        AudioError: the file is gone, has become a link to somewhere else, or is no audio any more.
    """
    if audio.copied and not os.path.exists(audio.path):  # `Path.exists` raises where it may not look
        raise AudioError(f"The copy of {audio.name} is gone from the data folder. Upload it again.")
    if Path(os.path.realpath(audio.path)) != audio.path:
        raise AudioError(f"{audio.path} leads to another file than it did. Name the audio file again.")
    return read_kind(audio.path)


def discard(audio: Audio) -> None:
    """Delete a copy that no show needs any more."""
    if audio.copied:
        with suppress(OSError):  # Windows does not delete what is being played; it is swept away another time
            audio.path.unlink(missing_ok=True)


class Copy:
    """An upload on its way to disk, a chunk at a time. Leaving the `with` without `finish` deletes what was written.

    Raises:
        AudioError: from every method, where the disk does not take it or it is no audio.
    """

    def __init__(self, folder: Path, token: str, name: str) -> None:
        self._token, self._name = token, name
        self._part = folder / f"{token}.part"
        self._size = 0
        self._file: BinaryIO | None = None

    def __enter__(self) -> Copy:
        try:
            self._part.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._part.open("xb")
        except OSError as error:
            raise self._not_written(error) from error
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
        self._part.unlink(missing_ok=True)

    def write(self, chunk: bytes) -> None:
        """Add to the file."""
        assert self._file is not None
        self._size += len(chunk)
        if self._size > MOST_UPLOAD_MB * 1_000_000:
            raise AudioError(f"{self._name} {TOO_LARGE}")
        try:
            self._file.write(chunk)
        except OSError as error:
            raise self._not_written(error) from error

    def finish(self) -> Audio:
        """The file in its place."""
        assert self._file is not None
        try:
            self._file.close()
            with self._part.open("rb") as file:
                kind = kind_of(file.read(HEAD_BYTES))
            if kind is None:
                raise AudioError(f"{self._name} is not {KINDS_IN_WORDS} audio. Export the show as one of these.")
            target = self._part.with_suffix(f".{kind.ending}")
            self._part.replace(target)
        except OSError as error:
            raise self._not_written(error) from error
        return Audio(self._token, Path(os.path.realpath(target)), self._name, copied=True)

    def _not_written(self, error: OSError) -> AudioError:
        return AudioError(
            f"{self._name} could not be kept in {self._part.parent}: {error.strerror}. Make room there, or name its "
            "path on the computer that SonicLayer runs on."
        )
