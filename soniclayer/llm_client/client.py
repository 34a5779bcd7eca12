"""One OpenAI-compatible server: its limit on calls in flight, what it understands, and what its refusals teach.

Everything here is shared by all runs that use the server and belongs to one event loop. It speaks HTTP through
aiohttp itself, because the openai client and its models cost several times the CPU of the rest of a call.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from soniclayer.errors import FatalError
from soniclayer.llm_client.capabilities import Capabilities
from soniclayer.llm_client.connection import Connection, Reply
from soniclayer.llm_client.errors import (
    LONGEST_WAIT_S,
    MovedError,
    RequestError,
    RequestTimeoutError,
    Retry,
)
from soniclayer.llm_client.explanations import read_error
from soniclayer.llm_client.gate import Gate
from soniclayer.llm_client.limiter import Limiter, Queue, Slot, Traffic
from soniclayer.llm_client.network import is_local
from soniclayer.llm_client.refusals import refusal
from soniclayer.llm_client.responses import Completion, read_completion, read_models
from soniclayer.llm_client.waits import quotas

if TYPE_CHECKING:
    from soniclayer.llm_client.auth import Secret

log = logging.getLogger(__name__)

Sending = Callable[[], AbstractContextManager[None]]

PAUSE_AFTER_FATAL_S = 0.05
"""After an error that ends a run no call starts for so long, lest the run's next ones go out before it has ended."""
COLD_FACTOR = 2.5
"""How many time-outs the first call to a model is given: a local server loads the model from disk for it."""
MAX_FORMS = 12
"""How many forms of one request are tried."""


@dataclass(slots=True)
class _Model:
    """What is known of one model.

    Attributes:
        gate: open once it has answered.
        answered: it has.
        stops: how often something came that says that it never will.
        last: the form in which it answered last; where another schema begins.
        schemas: what is known of each schema.
    """

    gate: Gate
    answered: bool = False
    stops: int = 0
    last: Capabilities | None = None
    schemas: dict[str, _Schema] = field(default_factory=dict)


@dataclass(slots=True)
class _Schema:
    """What is known of one schema with one model.

    Attributes:
        gate: open once a form was understood.
        understood: the form that was.
        given_up: words of refusals that no other form helped against.
    """

    gate: Gate = field(default_factory=lambda: Gate(until_answered=False))
    understood: Capabilities | None = None
    given_up: set[str] = field(default_factory=set)


class Endpoint:
    """A model server as all runs share it. Make one per address and key; use it in one event loop.

    Attributes:
        address: the server's address without user name, password and query: fit to be shown, logged and stored.
        extra_body: what is sent beside our own parameters, or in place of them; None takes one out.
    """

    def __init__(
        self,
        base_url: str | None,
        api_key: Secret | None = None,
        *,
        concurrency: int = 32,
        timeout_s: float = 120.0,
        connect_s: float = 10.0,
        headers: Mapping[str, str] | None = None,
        extra_body: Mapping[str, Any] | None = None,
        direct: bool = False,
    ) -> None:
        """concurrency: calls in flight at once to begin with, and at most.

        timeout_s: for one call, from when the server can be expected to begin (see `deadline`).
        connect_s: for a connection.
        headers: sent with every request.
        direct: whether proxies of the environment are passed over.

        Raises:
            SettingsError: the address or the key cannot be one.
        """
        self._connection = Connection(base_url, api_key, headers=headers or {}, connect_s=connect_s, direct=direct)
        url = self._connection.url
        self.address = str(url.with_query(None))
        self.extra_body = dict(extra_body or {})
        self._timeout_s = timeout_s
        self._list_timeout_s = 2 * connect_s
        self._limiter = Limiter(concurrency)
        self._models: dict[str, _Model] = {}
        self._until_answered = is_local(url)
        # Everybody but OpenAI knows the older name; several know only that.
        self._default = Capabilities() if url.host == "api.openai.com" else Capabilities(limit="max_tokens")

    @override
    def __repr__(self) -> str:
        return f"Endpoint({self.address!r})"

    @property
    def limit(self) -> int:
        """Calls that may be in flight now."""
        return self._limiter.limit

    @property
    def concurrency(self) -> int:
        """Calls that may be in flight at most."""
        return self._limiter.maximum

    @property
    def traffic(self) -> Traffic:
        """How many calls are in flight, and whether the server throttles; any thread may look."""
        return self._limiter.traffic

    async def resize(self, concurrency: int) -> None:
        """Change how many calls may be in flight at most, for all runs."""
        self._limiter.resize(concurrency)

    def queue(self) -> Queue:
        """One run's queue for slots."""
        return self._limiter.queue()

    async def models(self) -> list[str]:
        """Names of the models that the server offers, sorted.

        Raises:
            FatalError: the key is wrong or the address does not exist; names the setting.
            AnswerError: nothing answers, or it is not a list of models.
        """
        while True:
            try:
                reply = await self._send("GET", "models", None, self._list_timeout_s)
            except MovedError:
                continue
            return read_models(reply.body, self.address)

    async def complete(
        self, payload: Mapping[str, Any], schema: Mapping[str, Any], slot: Slot, sending: Sending
    ) -> Completion:
        """One chat completion.

        payload: the request in OpenAI's own terms, without `response_format`.
        schema: the `response_format` that asks for strict JSON.
        slot: held for as long as an HTTP request is in flight, and no longer: it is what calls wait for.
        sending: entered around every HTTP request, once there is a slot for it; may raise to forbid it.

        Raises:
            FatalError: no question can be answered here.
            RequestError: this one was not.
        """
        name = str(payload["model"])
        model = self._models.setdefault(name, _Model(Gate(until_answered=self._until_answered)))
        known = model.schemas.setdefault(str(schema["json_schema"]["name"]), _Schema())
        async with model.gate.turn() as first, known.gate.turn():
            reply = await self._complete(model, known, payload, schema, slot, sending, cold=first)
            model.answered = True
            model.gate.open()
            known.gate.open()
            return reply

    async def moves_on(self) -> None:
        """After a time-out: wait until the server can be expected to begin on what is sent now.

        It may still be at work on the request that was given up. Returns with its next answer to any, or after
        another time-out.
        """
        await self._connection.next_answer(self._timeout_s)

    async def close(self) -> None:
        """Close all connections."""
        await self._connection.close()

    async def _complete(
        self,
        model: _Model,
        known: _Schema,
        payload: Mapping[str, Any],
        schema: Mapping[str, Any],
        slot: Slot,
        sending: Sending,
        *,
        cold: bool,
    ) -> Completion:
        """A reply to the first form of the request that is understood."""
        form = known.understood or model.last or self._default
        tried: set[Capabilities] = set()
        while True:
            try:
                async with slot:
                    if not tried:  # while this call waited, another may have found out
                        form = known.understood or form
                    with sending():
                        reply = await self._ask(self._encoded(form, payload, schema), model, cold=cold)
            except MovedError:
                continue
            except RequestError as error:
                tried.add(form)
                other = next((each for each in self._others(known, form, error, payload) if each not in tried), None)
                if other is None or len(tried) >= MAX_FORMS or error.words in known.given_up:
                    if len(tried) > 1:
                        known.given_up.add(error.words)
                    raise
                form = other
            else:
                if tried or known.understood is None:
                    known.understood = model.last = form
                    log.info("output=%s limit=%s most=%s stream=%s", form.output, form.limit, form.most, form.stream)
                return reply

    def _encoded(self, form: Capabilities, payload: Mapping[str, Any], schema: Mapping[str, Any]) -> bytes:
        body = {**form.body(payload, schema), **self.extra_body}
        return json.dumps({name: value for name, value in body.items() if value is not None}).encode()

    async def _ask(self, asked: bytes, model: _Model, *, cold: bool) -> Completion:
        timeout_s = self._timeout_s * (COLD_FACTOR if cold else 1)
        try:
            reply = await self._send("POST", "chat/completions", asked, timeout_s)
            completion = read_completion(reply.body, self.address, self._connection.key)
        except FatalError:
            self._limiter.pause(PAUSE_AFTER_FATAL_S)
            raise
        except RequestError as error:
            if isinstance(error, RequestTimeoutError) and not model.answered:
                error.retry, error.stops = Retry.NEVER, True
            if error.stops and not model.answered:
                self._limiter.pause(PAUSE_AFTER_FATAL_S)
                model.stops += 1
                if model.stops > 1:
                    error.retry = Retry.NEVER
            raise
        self._limiter.succeeded()
        return completion

    def _others(
        self, known: _Schema, form: Capabilities, error: RequestError, payload: Mapping[str, Any]
    ) -> Iterator[Capabilities]:
        """Forms to try after a refusal: what another call found out meanwhile, what the words name, what may help."""
        about_form = error.kind in ("request refused", "too long") or error.status in (500, 501)
        if not about_form:
            return
        if known.understood is not None:
            yield known.understood
        limit = int(payload.get("max_completion_tokens") or 0)
        yield from form.after_refusal(error.status, error.words, limit)
        if known.understood is None:
            yield from form.after_unexplained_refusal(error.status, error.words)

    async def _send(self, method: str, path: str, payload: bytes | None, timeout_s: float) -> Reply:
        """A reply with status 200."""
        number = self._limiter.started
        try:
            reply = await self._connection.exchange(method, path, payload, timeout_s)
        except RequestTimeoutError:
            self._limiter.throttled(number, surely=True)
            raise
        if found := quotas(reply.headers):
            remaining, reset_s = min(found)
            self._limiter.quota(number, remaining, min(reset_s, LONGEST_WAIT_S))
        if reply.status == 200:
            return reply
        refused = refusal(reply.status, reply.headers, read_error(reply.body, self._connection.key))
        if isinstance(refused, RequestError) and refused.retry is Retry.THROTTLED:
            self._limiter.throttled(number, refused.wait_s)
        raise refused
