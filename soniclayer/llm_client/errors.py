"""The errors of one HTTP exchange with a model server, and whether asking again may help.

RequestError               one exchange gave no usable reply
├── UnreachableError       no connection could be made
├── ConnectionLostError    the connection broke off before the whole reply was there
├── RequestTimeoutError    the whole reply was not there in time
├── InvalidResponseError   the reply is not that of a model server
├── ResponseTooLargeError  the reply is larger than any answer
└── MovedError             the same request has to be sent once more, elsewhere or with another header

What an HTTP status and a server's words mean is decided in `refusals`.
"""

from __future__ import annotations

from enum import Enum, auto

from soniclayer.errors import AnswerError

LONGEST_WAIT_S = 120.0
"""A server that asks for more is not waited for."""


class Retry(Enum):
    """Whether the same question may be put again."""

    NEVER = auto()
    ONCE = auto()  # the server answered with rubbish, or not in time
    TRANSIENT = auto()  # transient failure: 5xx, or the connection was reset
    THROTTLED = auto()  # rate limit or overload


class RequestError(AnswerError):
    """An exchange without a usable reply.

    Attributes:
        retry: whether to ask again.
        status: HTTP status, or 0 where none came.
        words: what the server said about it, with its codes and without the key; "" where nothing.
        wait_s: how long the server asks to be left alone, in seconds; 0.0 where it does not say.
        stops: as long as nothing has been answered, this says that nothing will be.
    """

    def __init__(
        self,
        message: str,
        *,
        kind: str,
        retry: Retry,
        status: int = 0,
        words: str = "",
        wait_s: float = 0.0,
        stops: bool = False,
    ) -> None:
        super().__init__(message, kind=kind)
        self.retry = retry
        self.status = status
        self.words = words
        self.wait_s = wait_s
        self.stops = stops


class UnreachableError(RequestError):
    """No connection could be made."""

    def __init__(self, address: str, reason: str, *, retry: Retry) -> None:
        super().__init__(
            f"Nothing answers at {address} ({reason}). "
            "Check that the model server runs and that this is its address (under Settings, or OPENAI_BASE_URL).",
            kind="unreachable",
            retry=retry,
        )


class ConnectionLostError(RequestError):
    """The connection broke off before the whole reply was there."""

    def __init__(self) -> None:
        super().__init__(
            "The connection to the model server broke off. Retry; if it keeps happening, look at the server.",
            kind="connection lost",
            retry=Retry.TRANSIENT,
        )


class RequestTimeoutError(RequestError):
    """The whole reply was not there in time."""

    def __init__(self, after_s: float) -> None:
        super().__init__(
            f"The model server did not answer within {after_s:g} seconds. "
            "Retry, raise SONICLAYER_TIMEOUT, lower SONICLAYER_CONCURRENCY, or choose a faster model.",
            kind="time-out",
            retry=Retry.ONCE,
        )


class InvalidResponseError(RequestError):
    """The reply is not that of a model server."""

    def __init__(self, address: str, what: str) -> None:
        super().__init__(
            f"The reply of {address} is {what}, not that of a chat model. "
            "Retry; if it stays so, check the server's address (under Settings, or OPENAI_BASE_URL): "
            "it usually ends in /v1.",
            kind="broken reply",
            retry=Retry.ONCE,
            stops=True,
        )


class ResponseTooLargeError(RequestError):
    """The reply is larger than any answer."""

    def __init__(self) -> None:
        super().__init__(
            "The model server's reply is larger than 1 MB and was not read. Choose another model or server.",
            kind="reply too large",
            retry=Retry.NEVER,
        )


class MovedError(RequestError):
    """The server told where or how it wants to be asked; the same request can be sent again, put right."""

    def __init__(self) -> None:
        super().__init__(
            "The model server keeps sending on. Check its address (under Settings, or OPENAI_BASE_URL).",
            kind="redirect",
            retry=Retry.ONCE,
        )
