"""A model server for tests: OpenAI's /v1/chat/completions and /v1/models over real HTTP, with latency and faults.

In a test:    with serving(latency_s=0.2) as stub: ... stub.url, stub.calls, stub.peak
As a script:  python tests/stub_server.py --port 0 --latency 0.2 [--fault-rate 0.2 --faults 429,500,reset] [--forget]
              prints its address; GET /stats counts, POST /reset forgets, GET /calls lists the questions.

Answers are valid for the two schemas of soniclayer.evaluators.chat.prompts and depend on nothing but the request.
"""

from __future__ import annotations

import argparse
import asyncio
import email.utils
import hashlib
import json
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

TOPICS = ("Sports", "Food", "Politics", "Weather & Climate", "Entertainment")
TONES = ("Informative", "Humorous", "Serious", "Casual / Conversational")
MODELS = ("stub-large", "stub-small")
NO_CALL = 1 << 62  # a number that no call reaches


@dataclass(frozen=True)
class Call:
    """One request as received.

    Attributes:
        number: 0-based, in order of arrival.
        digest: equal for equal messages.
        fault: name of the fault it met, or "".
    """

    number: int
    digest: str
    body: dict[str, Any]
    headers: dict[str, str]
    fault: str = ""

    @property
    def text(self) -> str:
        """All messages in one string."""
        return "\n".join(str(message["content"]) for message in self.body["messages"])

    @property
    def output(self) -> str:
        """The output format asked for."""
        return str(self.body.get("response_format", {}).get("type", "text"))


Fault = Callable[[Call], str]
"""Names the fault a call meets, or "" for none; see FAULTS."""


def answer(call: Call) -> dict[str, Any]:
    """The deterministic answer to a request."""
    luck = int(call.digest[:8], 16)
    asked = str(call.body["messages"][0]["content"])
    one = _feedback if '"score"' in asked else _classification
    if '"answers"' not in asked:
        said = re.findall(r"<said-([0-9a-f]+)>\n(.*?)\n</said-\1>", call.text, re.DOTALL)
        return one(luck, said[-1][1].split() if said else [])
    ((_, said),) = re.findall(r"<said-([0-9a-f]+)>\n(.*?)\n</said-\1>", call.text, re.DOTALL)
    parts = re.split(r"(?m)^(?=\[[0-9a-f]{6}\])", said)[1:]
    about = [part[1:7] for part in parts]
    words = [part.partition("\n")[2].rpartition(":\n")[2].split() for part in parts]
    return {"answers": [{"code": code, **one(luck + at, words[at])} for at, code in enumerate(about)]}


def _classification(luck: int, words: list[str]) -> dict[str, Any]:
    return {"topic": TOPICS[luck % len(TOPICS)], "tone": TONES[luck % len(TONES)]}


def _feedback(luck: int, words: list[str]) -> dict[str, Any]:
    return {
        "rationale": "It is the kind of thing I listen for.",
        "quotes": [" ".join(words[:3])] if words else [],
        "opinion": "I would keep listening.",
        "score": 1 + luck % 5,
        "confidence": round(0.5 + luck % 50 / 100, 2),
        "note": "",
    }


def completion(content: str | None, **changes: Any) -> dict[str, Any]:
    """A chat completion around a text. changes: `finish_reason`, `refusal`."""
    return {
        "id": "chatcmpl-stub",
        "object": "chat.completion",
        "created": 0,
        "model": MODELS[0],
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": content, "refusal": changes.get("refusal")},
                "finish_reason": changes.get("finish_reason", "stop"),
            }
        ],
        "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
    }


def streamed(whole: dict[str, Any]) -> web.Response:
    """A chat completion as Server-Sent Events of a few characters each."""
    content = whole["choices"][0]["message"]["content"]
    deltas = [{"role": "assistant"}, *({"content": content[at : at + 7]} for at in range(0, len(content), 7))]
    events: list[dict[str, Any]] = [{"choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": whole["usage"]})
    lines = [f"data: {json.dumps(event)}\n\n" for event in events]
    return web.Response(text=": begun\n\n" + "".join(lines) + "data: [DONE]\n\n", content_type="text/event-stream")


def error(status: int, message: str, code: str | None = None, **headers: str) -> web.Response:
    """An error as OpenAI words it; in header names, _ stands for -."""
    body = {"error": {"message": message, "type": "error", "code": code}}
    return web.json_response(body, status=status, headers={k.replace("_", "-"): v for k, v in headers.items()})


def _changed(call: Call, **fields: Any) -> web.Response:
    return web.json_response(completion(json.dumps(changed(answer(call), fields))))


def changed(said: dict[str, Any], fields: dict[str, Any]) -> dict[str, Any]:
    """An answer with other fields; of an answer to several questions, each of them."""
    if "answers" in said:
        return {"answers": [{**each, **fields} for each in said["answers"]]}
    return {**said, **fields}


def _date(seconds_ahead: float) -> str:
    return email.utils.formatdate(time.time() + seconds_ahead, usegmt=True)


SPANISH = {"puntuacion": 4, "opinion_es": "Bien", "razon": "Me gusta", "confianza": 0.8, "tema": "Deportes"}

REPLIES: dict[str, Callable[[Call], web.Response]] = {
    "400": lambda call: error(400, "Bad request."),
    "context": lambda call: error(
        400, "This model's maximum context length is 512 tokens.", "context_length_exceeded"
    ),
    "401": lambda call: error(401, f"Incorrect API key provided: {call.headers.get('Authorization', '')[7:]}."),
    "403": lambda call: error(403, "Not allowed."),
    "404": lambda call: error(404, f"The model `{call.body.get('model')}` does not exist.", "model_not_found"),
    "408": lambda call: error(408, "Request timeout."),
    "409": lambda call: error(409, "Conflict."),
    "413": lambda call: error(413, "Payload too large."),
    "422": lambda call: error(422, "Unprocessable."),
    "429": lambda call: error(429, "Rate limit reached."),
    "429-seconds": lambda call: error(429, "Rate limit reached.", Retry_After="1"),
    "429-date": lambda call: error(429, "Rate limit reached.", Retry_After=_date(2)),
    "429-reset": lambda call: error(
        429, "Rate limit reached.", x_ratelimit_remaining_requests="0", x_ratelimit_reset_requests="500ms"
    ),
    "429-hour": lambda call: error(429, "Daily limit reached.", Retry_After="3600"),
    "429-quota": lambda call: error(429, "You exceeded your current quota.", "insufficient_quota"),
    "500": lambda call: error(500, "The server had an error."),
    "502": lambda call: web.Response(status=502, text="<html>Bad gateway</html>", content_type="text/html"),
    "503": lambda call: error(503, "Overloaded."),
    "503-seconds": lambda call: error(503, "Loading model.", Retry_After="1"),
    "529": lambda call: error(529, "Overloaded."),
    "empty": lambda call: web.Response(body=b"", content_type="application/json"),
    "html": lambda call: web.Response(text="<html><body>Please log in</body></html>", content_type="text/html"),
    "truncated": lambda call: web.Response(
        body=json.dumps(completion(json.dumps(answer(call))))[:150].encode(), content_type="application/json"
    ),
    "truncated-content": lambda call: web.json_response(completion(json.dumps(answer(call))[:30])),
    "not-json": lambda call: web.json_response(completion("I rather liked it, to be honest.")),
    "empty-content": lambda call: web.json_response(completion("")),
    "null-content": lambda call: web.json_response(completion(None)),
    "no-choices": lambda call: web.json_response({**completion(""), "choices": []}),
    "schema": lambda call: web.json_response(completion(json.dumps({"verdict": "fine"}))),
    "range": lambda call: _changed(call, score=7, topic="Gossip"),
    "word-score": lambda call: _changed(call, score="great", topic="great"),
    "language": lambda call: web.json_response(completion(json.dumps(SPANISH))),
    "quotes": lambda call: _changed(call, quotes=["nobody ever said this"]),
    "think": lambda call: web.json_response(
        completion(f'<think>Perhaps {{"score": 9}}?</think>\nSure:\n```json\n{json.dumps(answer(call))}\n```\nDone.')
    ),
    "length": lambda call: web.json_response(completion(json.dumps(answer(call))[:40], finish_reason="length")),
    "unsaid": lambda call: web.json_response(
        {**completion("", finish_reason="length"), "usage": {"completion_tokens": 3000}}
    ),
    "refusal": lambda call: web.json_response(completion(None, refusal="I cannot help with that.")),
    "filter": lambda call: web.json_response(completion("", finish_reason="content_filter")),
    "huge": lambda call: web.json_response(completion("x" * 10_000_000)),
    "redirect": lambda call: web.Response(status=307, headers={"Location": "http://localhost:9/v1/chat/completions"}),
}
SAYING = "say "
"""A fault "say X" is a refusal (400) that the server explains with X."""

BROKEN_CONNECTIONS = ("reset", "reset-body", "stall", "trickle")
FAULTS = (*REPLIES, *BROKEN_CONNECTIONS)


@dataclass
class Stub:
    """The server's state; change it while it runs.

    Attributes:
        latency_s: seconds from a request to its answer, or a function of the call.
        fault: names the fault each call meets.
        respond: the response to a call, in place of all else; None for the usual one.
        outputs: response formats that are understood; others are refused with 400.
        unknown: parameters that are refused with 400 ("temperature").
        keys: keys that are accepted; empty means that none is asked for.
        fields: put into every good answer, in place of what it would say or beside it.
        headers: added to every good answer.
        held_from: calls from this number on, 0-based, wait for their answer until it is raised.
        recording: whether every request is kept in `calls`; benchmarks have too many of them.
        calls: every chat request received.
        received: how many there were.
        answered: digests of the questions that were answered well, with how often.
        in_flight, peak: chat requests under way now, and the most there were.
        abandoned: requests whose sender went away before the answer.
    """

    latency_s: float | Callable[[Call], float] = 0.0
    fault: Fault = lambda call: ""
    respond: Callable[[Call], web.Response | None] = lambda call: None
    outputs: tuple[str, ...] = ("json_schema", "json_object", "text")
    unknown: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    fields: Callable[[Call], dict[str, Any]] = lambda call: {}
    headers: dict[str, str] = field(default_factory=dict)
    held_from: int = NO_CALL
    recording: bool = True
    calls: list[Call] = field(default_factory=list)
    received: int = 0
    answered: Counter[str] = field(default_factory=Counter)
    in_flight: int = 0
    peak: int = 0
    abandoned: int = 0
    url: str = ""

    def reset(self) -> None:
        """Forget all calls."""
        self.calls.clear()
        self.answered.clear()
        self.received = self.peak = self.abandoned = 0

    def stats(self) -> dict[str, int]:
        """Counts: calls, distinct questions answered, answers beyond the first to a question, peak, abandoned."""
        return {
            "calls": self.received,
            "answered": len(self.answered),
            "repeated": sum(self.answered.values()) - len(self.answered),
            "peak": self.peak,
            "abandoned": self.abandoned,
        }

    def app(self) -> web.Application:
        app = web.Application(client_max_size=1 << 24)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/stats", self._stats)
        app.router.add_get("/calls", self._calls)
        app.router.add_post("/reset", self._reset)
        return app

    async def _models(self, request: web.Request) -> web.Response:
        if not self._allowed(request):
            return error(401, "Incorrect API key provided.")
        return web.json_response({"object": "list", "data": [{"id": name, "object": "model"} for name in MODELS]})

    async def _stats(self, request: web.Request) -> web.Response:
        return web.json_response(self.stats())

    async def _calls(self, request: web.Request) -> web.Response:
        return web.json_response([{"digest": call.digest, "text": call.text} for call in self.calls])

    async def _reset(self, request: web.Request) -> web.Response:
        self.reset()
        return web.json_response({})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        digest = hashlib.blake2b(json.dumps(body["messages"]).encode(), digest_size=16).hexdigest()
        call = Call(self.received, digest, body, dict(request.headers))
        call = Call(call.number, digest, body, call.headers, self.fault(call))
        self.received += 1
        if self.recording:
            self.calls.append(call)
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        try:
            return await self._reply(request, call)
        except asyncio.CancelledError:
            self.abandoned += 1
            raise
        finally:
            self.in_flight -= 1

    async def _reply(self, request: web.Request, call: Call) -> web.StreamResponse:
        if not self._allowed(request):
            return REPLIES["401"](call)
        if call.output not in self.outputs:
            return error(400, f"'response_format' of type '{call.output}' is not supported.")
        for name in self.unknown:
            if name in call.body:
                return error(400, f"Unsupported parameter: '{name}'.")
        await asyncio.sleep(self.latency_s(call) if callable(self.latency_s) else self.latency_s)
        while call.number >= self.held_from:
            await asyncio.sleep(0.01)
        if (response := self.respond(call)) is not None:
            return response
        if call.fault in REPLIES:
            return REPLIES[call.fault](call)
        if call.fault.startswith(SAYING):
            return error(400, call.fault.removeprefix(SAYING))
        if call.fault:
            return await self._break(request, call)
        self.answered[call.digest] += 1
        said = changed(answer(call), self.fields(call))
        if call.body.get("stream"):
            return streamed(completion(json.dumps(said)))
        return web.json_response(completion(json.dumps(said)), headers=self.headers)

    def _allowed(self, request: web.Request) -> bool:
        return not self.keys or request.headers.get("Authorization", "").removeprefix("Bearer ") in self.keys

    async def _break(self, request: web.Request, call: Call) -> web.StreamResponse:
        assert request.transport is not None
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        body = json.dumps(completion(json.dumps(answer(call)))).encode()
        if call.fault == "reset":
            request.transport.abort()
            return response
        if call.fault == "stall":
            await asyncio.sleep(3600)
        response.content_length = len(body)
        await response.prepare(request)
        if call.fault == "reset-body":
            await response.write(body[:40])
            request.transport.abort()
            return response
        for byte in body:  # trickle
            await response.write(bytes([byte]))
            await asyncio.sleep(0.5)
        return response


@contextmanager
def serving(**settings: Any) -> Iterator[Stub]:
    """A stub in a thread of its own, on a free port. settings: attributes of Stub."""
    stub = Stub(**settings)
    loop = asyncio.new_event_loop()
    runner = web.AppRunner(stub.app(), handler_cancellation=True, shutdown_timeout=0.1)
    thread = threading.Thread(target=loop.run_forever, name="stub", daemon=True)
    thread.start()
    stub.url = f"http://127.0.0.1:{asyncio.run_coroutine_threadsafe(_listen(runner, 0), loop).result(10)}/v1"
    try:
        yield stub
    finally:
        asyncio.run_coroutine_threadsafe(_end(runner), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _listen(runner: web.AppRunner, port: int) -> int:
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, backlog=1024).start()
    return int(runner.addresses[0][1])


async def _end(runner: web.AppRunner) -> None:
    # asyncio loses a connection that is just being taken when its server closes; whichever test comes next finds it.
    await asyncio.sleep(0.02)
    await runner.cleanup()


def random_faults(rate: float, names: tuple[str, ...], seed: int = 0) -> Fault:
    """A share of all calls meets one of these faults, drawn reproducibly."""
    rng = random.Random(seed)
    return lambda call: rng.choice(names) if rng.random() < rate else ""


async def _serve(stub: Stub, port: int) -> None:
    runner = web.AppRunner(stub.app(), handler_cancellation=True, access_log=None)
    bound = await _listen(runner, port)
    print(f"http://127.0.0.1:{bound}/v1", flush=True)
    await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(description="A model server for tests and benchmarks.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds per answer")
    parser.add_argument("--jitter", type=float, default=0.0, help="seconds of random latency added to it")
    parser.add_argument("--fault-rate", type=float, default=0.0)
    parser.add_argument("--faults", default="429,500,503,reset,truncated,range", help="names, comma-separated")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--forget", action="store_true", help="count requests, but do not keep them for /calls")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    stub = Stub(
        latency_s=lambda call: options.latency + rng.random() * options.jitter,
        fault=random_faults(options.fault_rate, tuple(options.faults.split(",")), options.seed),
        recording=not options.forget,
    )
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(stub, options.port))


if __name__ == "__main__":
    main()
