"""The error tree: every error SonicLayer raises on purpose, and who sees it.

SonicLayerError           the base; `str(error)` is always fit for a user: what happened, where, what to do next
├── TranscriptError       the uploader: the file cannot be read as a transcript; shown under the upload box
├── AudioError            whoever adds audio to a show: the file cannot be played or kept; shown where it was named
├── RegistryError         whoever edits personas.toml: names line, persona and field; the last good personas stay
├── SettingsError         whoever starts the app: an environment variable or secret has a value that cannot be used
├── RecordError           whoever opens kept results: they are damaged, or not results
├── LibraryError          whoever uses the page: the library of shows cannot be used; the page goes on in memory
│   ├── LibraryFullError      the disk is full
│   └── LibraryDamagedError   its file is damaged, or no library; it is set aside, never overwritten
└── EvaluatorError        nobody directly: `run.py` turns it into what the page shows
    ├── AnswerError       one cell has no feedback; becomes a `Failure` on its card, with a retry
    ├── NotJudgedError    a segment is beyond this evaluator (another language); it is passed over, and nothing failed
    └── FatalError        no cell can succeed (bad key, no such model, unreachable); stops the run with one message
"""

from __future__ import annotations


class SonicLayerError(Exception):
    """Base of all errors meant for a user."""


class TranscriptError(SonicLayerError):
    """The given bytes cannot be read as a transcript."""


class AudioError(SonicLayerError):
    """The audio of a show cannot be played or kept."""


class RegistryError(SonicLayerError):
    """personas.toml cannot be used.

    Attributes:
        line: 1-based line in the file, or None where no line can be named.
        persona: id of the persona concerned, or "".
        field: dotted name of the field concerned, or "".
    """

    def __init__(self, message: str, *, line: int | None = None, persona: str = "", field: str = "") -> None:
        super().__init__(message)
        self.line = line
        self.persona = persona
        self.field = field


class SettingsError(SonicLayerError):
    """A setting has a value that cannot be used."""


class RecordError(SonicLayerError):
    """Kept results cannot be read back."""


class LibraryError(SonicLayerError):
    """The library of shows cannot be used."""


class LibraryFullError(LibraryError):
    """The disk has no room for more."""


class LibraryDamagedError(LibraryError):
    """The library's file is damaged, or is none."""


class EvaluatorError(SonicLayerError):
    """An evaluator could not answer."""


class AnswerError(EvaluatorError):
    """One question got no usable answer.

    Attributes:
        kind: a short, stable name of the reason, to group failures by ("time-out", "invalid answer"...).
    """

    def __init__(self, message: str, *, kind: str = "failed") -> None:
        super().__init__(message)
        self.kind = kind


class NotJudgedError(EvaluatorError):
    """A segment is not for this evaluator, however often it is asked; the message says why and stands for all alike.

    Attributes:
        language: the language it seems to be in.
    """

    def __init__(self, message: str, *, language: str = "") -> None:
        super().__init__(message)
        self.language = language


class FatalError(EvaluatorError):
    """No question of this run can be answered; the message names the setting to change."""
