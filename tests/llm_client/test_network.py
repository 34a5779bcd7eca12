"""The way to a server: proxies, redirects, TLS, pasted addresses, cold models, slow queues, other headers."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from aiohttp import web
from yarl import URL

from soniclayer.errors import AnswerError, FatalError, SettingsError
from soniclayer.llm_client.deadline import Deadlines
from soniclayer.llm_client.errors import ConnectionLostError
from soniclayer.llm_client.network import is_local, proxy_for, tls_context
from tests.llm_client.test_client import ask, open_endpoint
from tests.stub_server import Call, Stub

NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@asynccontextmanager
async def proxy(behaviour: str, to: URL | None = None) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A proxy that passes plain requests on to `to`, or answers everything with one status line; and what it got."""
    heads: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                heads.append(head)
                length = next(
                    (
                        int(line.split(b":")[1])
                        for line in head.split(b"\r\n")
                        if line.lower().startswith(b"content-l")
                    ),
                    0,
                )
                body = await reader.readexactly(length)
                if to is None:
                    writer.write(f"HTTP/1.1 {behaviour}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
                    break
                there, back = await asyncio.open_connection(to.host, to.port)
                first, rest = head.split(b"\r\n", 1)
                method, target, version = first.split(b" ")
                path = URL(target.decode()).raw_path_qs.encode()
                back.write(b" ".join((method, path, version)) + b"\r\nConnection: close\r\n" + rest + body)
                writer.write(await there.read())
                back.close()
                break
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}", heads
    finally:
        server.close()


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("scheme", ["http://", ""])
async def test_a_proxy_is_taken_from_the_environment_as_curl_does(
    stub: Stub, monkeypatch: pytest.MonkeyPatch, name: str, scheme: str
) -> None:
    async with proxy("", to=URL(stub.url)) as (address, heads):
        monkeypatch.setenv(name, scheme + address)
        async with open_endpoint("http://model.example/v1") as endpoint:
            await ask(endpoint)
        assert heads[0].startswith(b"POST http://model.example/v1/chat/completions")


async def test_user_and_password_in_a_proxys_address_are_sent_to_it(
    stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with proxy("", to=URL(stub.url)) as (address, heads):
        monkeypatch.setenv("HTTP_PROXY", f"http://me:pass@{address}")
        async with open_endpoint("http://model.example/v1") as endpoint:
            await ask(endpoint)
        assert b"Proxy-Authorization: Basic bWU6cGFzcw==" in heads[0]


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    ("answer", "shown"), [("407 Proxy Authentication Required", "wants a password"), ("403 Forbidden", "403")]
)
async def test_a_proxy_that_refuses_is_named_after_one_call(
    monkeypatch: pytest.MonkeyPatch, scheme: str, answer: str, shown: str
) -> None:
    async with proxy(answer) as (address, heads):
        monkeypatch.setenv(f"{scheme}_proxy", address)
        async with open_endpoint(f"{scheme}://model.example/v1") as endpoint:
            with pytest.raises((FatalError, AnswerError), match=shown) as caught:
                await ask(endpoint)
        assert scheme == "http" or "proxy" in str(caught.value)
        assert len(heads) == 1


async def test_a_proxy_that_does_not_answer_is_named_with_its_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "127.0.0.1:9")
    async with open_endpoint("https://model.example/v1") as endpoint:
        with pytest.raises(AnswerError, match=r"proxy does not: .*HTTPS_PROXY"):
            await ask(endpoint)


@pytest.mark.parametrize(
    ("no_proxy", "url", "exempt"),
    [
        ("localhost,.internal", "http://llm.internal/v1", True),
        ("internal", "http://llm.internal/v1", True),
        ("*.internal", "http://llm.internal/v1", True),
        ("ternal", "http://llm.internal/v1", False),
        ("llm.internal:8000", "http://llm.internal:8000/v1", True),
        ("llm.internal:8000", "http://llm.internal:8001/v1", False),
        ("10.0.0.0/8", "http://10.1.2.3/v1", True),
        ("10.0.0.0/8 192.168.0.0/16", "http://192.168.7.7/v1", True),
        ("10.0.0.0/8", "http://11.1.2.3/v1", False),
        ("::1", "http://[::1]:11434/v1", True),
        ("*", "http://anything/v1", True),
        ("", "http://anything/v1", False),
    ],
)
def test_hosts_are_exempt_as_no_proxy_says(no_proxy: str, url: str, exempt: bool) -> None:
    given = {"http_proxy": "proxy:3128", "NO_PROXY": no_proxy}
    assert proxy_for(URL(url), given) == (None if exempt else URL("http://proxy:3128"))


def test_a_proxy_that_cannot_be_used_is_named_with_its_variable() -> None:
    with pytest.raises(SettingsError, match="ALL_PROXY names a socks5 proxy"):
        proxy_for(URL("http://x/v1"), {"ALL_PROXY": "socks5://127.0.0.1:1080"})


def test_http_proxy_is_not_believed_where_a_web_server_may_have_set_it() -> None:
    assert proxy_for(URL("http://x/v1"), {"HTTP_PROXY": "evil:1", "REQUEST_METHOD": "GET"}) is None


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_a_file_of_certificates_that_is_none_is_named_with_its_variable(tmp_path: Path, name: str) -> None:
    (tmp_path / "none.pem").write_text("no certificate")
    for path in ("none.pem", "missing.pem"):
        with pytest.raises(SettingsError, match=name):
            tls_context({name: str(tmp_path / path)})


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for localhost that nobody trusts, with its key in the same file."""
    path = tmp_path / "server.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(path), "-out", str(tmp_path / "cert.pem")]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("openssl cannot make a certificate here")
    path.write_text(path.read_text() + (tmp_path / "cert.pem").read_text())
    return path


@asynccontextmanager
async def over_tls(stub: Stub, certificate: Path) -> AsyncIterator[int]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    runner = web.AppRunner(stub.app())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    try:
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


async def test_an_untrusted_certificate_names_the_settings_and_a_trusted_one_is_taken(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with over_tls(Stub(), certificate) as port:
        async with open_endpoint(f"https://localhost:{port}/v1") as endpoint:
            with pytest.raises(FatalError, match="SSL_CERT_FILE or REQUESTS_CA_BUNDLE"):
                await ask(endpoint)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        async with open_endpoint(f"https://localhost:{port}/v1") as endpoint:
            await ask(endpoint)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
async def test_http_spoken_to_a_tls_port_says_so_after_two_calls(certificate: Path) -> None:
    async with over_tls(Stub(), certificate) as port, open_endpoint(f"http://localhost:{port}/v1") as endpoint:
        with pytest.raises(AnswerError, match="broke off"):
            await ask(endpoint)
        with pytest.raises(FatalError, match="https://"):
            await ask(endpoint)


async def test_https_spoken_to_a_plain_port_says_so(stub: Stub) -> None:
    async with open_endpoint(stub.url.replace("http://127.0.0.1", "https://localhost")) as endpoint:
        with pytest.raises(AnswerError, match="http://"):
            await ask(endpoint)


def moved(stub: Stub, target: Callable[[], str], status: int = 308) -> None:
    def respond(call: Call) -> web.Response | None:
        return web.Response(status=status, headers={"Location": target()}) if not call.number else None

    stub.respond = respond


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_within_the_server_is_followed_once_and_remembered(stub: Stub, status: int) -> None:
    moved(stub, lambda: f"{stub.url}/chat/completions?moved=1", status)
    async with open_endpoint(stub.url) as endpoint:
        await ask(endpoint, 1)
        await ask(endpoint, 2)
    assert len(stub.calls) == 3


async def test_a_server_that_sends_on_for_ever_is_given_up(stub: Stub) -> None:
    turns = iter(range(100))
    stub.respond = lambda call: web.Response(
        status=307, headers={"Location": f"{stub.url}/chat/completions?turn={next(turns)}"}
    )
    async with open_endpoint(stub.url) as endpoint:
        with pytest.raises(AnswerError, match="sends on to"):
            await ask(endpoint)
    assert len(stub.calls) < 8


@pytest.mark.parametrize("pasted", ["/models", "/chat/completions", "/chat/completions/", "/completions", "/"])
async def test_an_address_pasted_with_the_path_of_a_request_is_put_right(stub: Stub, pasted: str) -> None:
    async with open_endpoint(stub.url + pasted) as endpoint:
        await ask(endpoint)


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        (
            "https://r.openai.azure.com/openai/deployments/gpt/chat/completions?api-version=2024-06-01",
            "https://r.openai.azure.com/openai/deployments/gpt?api-version=2024-06-01",
        ),
        (
            "https://r.openai.azure.com/openai/deployments/gpt",
            "https://r.openai.azure.com/openai/deployments/gpt?api-version=2024-10-21",
        ),
        ("https://r.openai.azure.com", "https://r.openai.azure.com/openai/v1"),
    ],
)
async def test_an_azure_address_is_enough_for_azure(given: str, asked: str) -> None:
    async with open_endpoint(given) as endpoint:
        assert str(endpoint._connection.url) == asked
        assert endpoint._connection._credentials == {"api-key": "sk-very-secret"}


@pytest.mark.parametrize("name", ["api-key", "x-api-key"])
async def test_a_server_that_wants_the_key_in_another_header_gets_it_there(stub: Stub, name: str) -> None:
    def respond(call: Call) -> web.Response | None:
        if call.headers.get(name) == "sk-very-secret":
            return None
        body = {"error": {"message": f"Access denied: no {name} header."}}
        return web.json_response(body, status=401)

    stub.respond = respond
    async with open_endpoint(stub.url) as endpoint:
        await ask(endpoint, 1)
        await ask(endpoint, 2)
    assert len(stub.calls) == 3


async def test_headers_and_body_of_the_settings_are_sent(stub: Stub) -> None:
    extra = {"reasoning_effort": "low", "temperature": None}
    async with open_endpoint(stub.url, headers={"X-Team": "radio"}, extra_body=extra) as endpoint:
        await ask(endpoint)
    assert stub.calls[0].headers["X-Team"] == "radio"
    assert stub.calls[0].body["reasoning_effort"] == "low"
    assert "temperature" not in stub.calls[0].body


async def test_a_cold_model_is_waited_for_by_one_call_while_the_others_hold_back(stub: Stub) -> None:
    stub.latency_s = lambda call: 0.5 if not call.number else 0.0
    most = []
    stub.respond = lambda call: most.append(stub.in_flight)
    async with open_endpoint(stub.url, timeout_s=0.3) as endpoint:  # the first call may take 2.5 times as long
        await asyncio.gather(*(ask(endpoint, number) for number in range(8)))
    assert most[0] == 1
    assert len(stub.calls) == 8


async def test_a_model_that_never_loads_is_given_up_with_the_setting_named(stub: Stub) -> None:
    stub.latency_s = 30
    async with open_endpoint(stub.url, timeout_s=0.1) as endpoint:
        with pytest.raises(AnswerError, match=r"within 0.25 seconds.*SONICLAYER_TIMEOUT") as caught:
            await ask(endpoint)
        assert getattr(caught.value, "stops", False)
    assert len(stub.calls) == 1


async def test_a_server_that_answers_one_at_a_time_is_given_time_for_each(stub: Stub) -> None:
    async with open_endpoint(stub.url, timeout_s=0.4) as endpoint:
        await ask(endpoint)
        busy: list[float] = [time.monotonic()]

        def latency(call: Call) -> float:
            busy.append(max(busy[-1], time.monotonic()) + 0.2)
            return busy[-1] - time.monotonic()

        stub.latency_s = latency
        await asyncio.gather(*(ask(endpoint, number) for number in range(6)))  # the last after 1.2 s
    assert len(stub.calls) == 7


async def test_a_request_that_hangs_is_not_given_more_time_by_later_ones() -> None:
    deadlines = Deadlines()
    started = time.monotonic()

    async def hang() -> None:
        async with deadlines.limit(1, 0.2):
            for _ in range(10):
                await asyncio.sleep(0.05)
                deadlines.answered(2)

    with pytest.raises(TimeoutError):
        await hang()
    assert time.monotonic() - started < 0.4


async def test_a_request_that_is_given_up_gives_those_behind_it_time_once() -> None:
    deadlines = Deadlines()
    started, ended = time.monotonic(), {}

    async def hang(number: int) -> None:
        with suppress(TimeoutError):
            async with deadlines.limit(number, 0.3):
                await asyncio.sleep(5)
        ended[number] = time.monotonic() - started

    await asyncio.gather(*(hang(number) for number in range(4)))
    assert ended[0] < 0.5
    assert all(0.55 < ended[number] < 1.0 for number in (1, 2, 3))


async def test_a_time_out_halves_the_calls_in_flight(stub: Stub) -> None:
    async with open_endpoint(stub.url, timeout_s=0.2, concurrency=16) as endpoint:
        await ask(endpoint)
        stub.latency_s = 5
        with pytest.raises(AnswerError, match="did not answer"):
            await ask(endpoint, 1)
        assert endpoint.limit == 8
        assert endpoint.traffic.throttled


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://localhost:11434/v1", True),
        ("http://192.168.1.5:1234/v1", True),
        ("http://nas.local/v1", True),
        ("http://host.docker.internal:11434/v1", True),
        ("https://api.openai.com/v1", False),
        ("http://8.8.8.8/v1", False),
    ],
)
def test_a_local_server_is_recognised(url: str, local: bool) -> None:
    assert is_local(URL(url)) is local


async def test_a_connection_that_asyncio_takes_for_another_is_made_again(
    stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = type(asyncio.get_running_loop())

    async def connect(*_: object) -> None:
        raise RuntimeError("File descriptor 20 is used by transport <_SelectorSocketTransport fd=20>")

    with monkeypatch.context() as broken:
        broken.setattr(loop, "sock_connect", connect)
        async with open_endpoint(stub.url) as endpoint:
            with pytest.raises(ConnectionLostError):
                await ask(endpoint)
    async with open_endpoint(stub.url) as endpoint:
        await ask(endpoint)
