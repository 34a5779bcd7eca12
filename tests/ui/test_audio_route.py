"""The routes of audio, over real HTTP: byte ranges, conditions, uploads, and nothing that was not registered."""

from __future__ import annotations

import http.client
import threading
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import streamlit as st
import uvicorn
from starlette.applications import Starlette

from soniclayer import audio
from soniclayer.audio import named
from soniclayer.source import Source
from soniclayer.ui import audio_route
from soniclayer.ui.addresses import new_token
from soniclayer.ui.audio_store import address, audio_of, put, ticket
from soniclayer.ui.library import library

DATA = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(range(256)) * 400
THREE_HOURS = 3 * 3600 * 128_000 // 8  # bytes, at 128 kbit/s


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Site:
    port: int

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): text for name, text in headers.items()})
            answer = connection.getresponse()
            return Answer(answer.status, {name.lower(): text for name, text in answer.getheaders()}, answer.read())
        finally:
            connection.close()


def _serve() -> Iterator[Site]:
    app = Starlette(routes=audio_route.routes())
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, ws="none", log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield Site(server.servers[0].sockets[0].getsockname()[1])
    server.should_exit = True
    thread.join(10)


@pytest.fixture(autouse=True)
def _shows() -> None:
    for name in ("friday", "long"):
        library().put(name, Source(f"{name}.vtt", b"WEBVTT"))


@pytest.fixture
def site() -> Iterator[Site]:
    yield from _serve()


@pytest.fixture
def show(tmp_path: Path) -> str:
    """The address of a show's audio."""
    path = tmp_path / "friday.wav"
    path.write_bytes(DATA)
    registered = named(str(path), new_token())
    put("friday", registered)
    return address(registered.token)


def test_the_whole_and_its_head(site: Site, show: str) -> None:
    whole = site.ask("GET", show)
    assert (whole.status, whole.body) == (200, DATA)
    assert whole.headers["content-type"] == "audio/wav"
    assert whole.headers["accept-ranges"] == "bytes"
    assert whole.headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in whole.headers
    head = site.ask("HEAD", show)
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == str(len(DATA))


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("0-", 0, None), ("100-199", 100, 200), ("5000-", 5000, None), ("-10", -10, None), ("100-999999999", 100, None)],
)
def test_a_range(site: Site, show: str, asked: str, start: int, end: int | None) -> None:
    part = site.ask("GET", show, Range=f"bytes={asked}")
    assert (part.status, part.body) == (206, DATA[start:end])
    first = start if start >= 0 else len(DATA) + start
    assert part.headers["content-range"] == f"bytes {first}-{first + len(part.body) - 1}/{len(DATA)}"
    assert part.headers["content-length"] == str(len(part.body))
    head = site.ask("HEAD", show, Range=f"bytes={asked}")
    assert (head.status, head.body, head.headers["content-range"]) == (206, b"", part.headers["content-range"])


def test_a_range_beyond_the_end(site: Site, show: str) -> None:
    answer = site.ask("GET", show, Range=f"bytes={len(DATA)}-")
    assert answer.status == 416
    assert answer.headers["content-range"] == f"bytes */{len(DATA)}"


def test_a_range_of_what_was_there_before_gets_the_whole(site: Site, show: str) -> None:
    etag = site.ask("HEAD", show).headers["etag"]
    assert site.ask("GET", show, Range="bytes=1-2", If_Range=etag).status == 206
    assert site.ask("GET", show, Range="bytes=1-2", If_Range='"older"').status == 200


def test_what_the_browser_has_is_not_sent_again(site: Site, show: str, tmp_path: Path) -> None:
    etag = site.ask("HEAD", show).headers["etag"]
    for has in (etag, f"W/{etag}", f'"x", {etag}'):
        again = site.ask("GET", show, If_None_Match=has)
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", etag)
    (tmp_path / "friday.wav").write_bytes(DATA + b"more")
    assert site.ask("GET", show, If_None_Match=etag).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/audio/{wrong}",
        "/audio/",
        "/audio/../friday.wav",
        "/audio/%2e%2e%2ffriday.wav",
        "/audio/{here}",
        "/audio/{dots}",
    ],
)
def test_an_address_that_is_no_token_leads_nowhere(site: Site, show: str, tmp_path: Path, path: str) -> None:
    dots = str(tmp_path / "friday.wav").replace("/", "%2f")
    answer = site.ask("GET", path.format(wrong="0" * 32, here=dots, dots=f"..%2f..{dots}"))
    assert answer.status == 404
    assert b"WAVE" not in answer.body


def test_what_is_gone_or_became_something_else_is_not_served(site: Site, show: str, tmp_path: Path) -> None:
    path = tmp_path / "friday.wav"
    secret = tmp_path / "secret.wav"
    secret.write_bytes(DATA + b"secret")
    path.unlink()
    gone = site.ask("GET", show)
    assert (gone.status, gone.body) == (
        404,
        f"There is no file {path}. Put it back there, or name where it is now.".encode(),
    )
    path.symlink_to(secret)
    assert site.ask("GET", show).status == 404
    path.unlink()
    path.write_text("words")
    assert site.ask("GET", show).status == 404


def test_a_page_below_a_path_serves_below_it_too(show: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = st.get_option("server.baseUrlPath")
    st.config.set_option("server.baseUrlPath", "/desk/")
    try:
        below = address(show.rpartition("/")[2])
        assert below == f"/desk{show}"
        for site in _serve():
            assert site.ask("GET", below, Range="bytes=0-3").body == b"RIFF"
            assert site.ask("GET", show).status == 404
    finally:
        st.config.set_option("server.baseUrlPath", before)


def test_three_hours_do_not_pass_through_memory(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "three hours.mp3"
    with path.open("wb") as file:
        file.write(b"ID3")
        file.truncate(THREE_HOURS)  # sparse
    registered = named(str(path), new_token())
    put("long", registered)
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    tracemalloc.start()
    try:
        connection.request("GET", address(registered.token), headers={"Range": "bytes=0-"})
        answer, got = connection.getresponse(), 0
        while chunk := answer.read(1 << 20):
            got += len(chunk)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        connection.close()
    assert (answer.status, got) == (206, THREE_HOURS)
    assert peak < 8_000_000  # the reader's own megabyte, and what waits in the sockets


def test_an_upload_becomes_the_audio_of_its_show(site: Site, tmp_path: Path) -> None:
    wanted = ticket("friday")
    answer = site.ask("PUT", address(wanted), DATA, X_File_Name="L%C3%A9a%20%3Cb%3E.wav")
    assert (answer.status, answer.body) == (204, b"")
    kept = audio_of("friday")
    assert kept is not None
    assert (kept.name, kept.copied, kept.path.parent) == ("Léa <b>.wav", True, tmp_path / "data" / "audio")
    assert kept.token != wanted
    assert site.ask("GET", address(kept.token)).body == DATA
    assert ticket("friday") == wanted


def test_an_upload_that_cannot_be_taken_says_why(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = address(ticket("friday"))
    refused = site.ask("PUT", wanted, b"words", X_File_Name="words.mp3")
    assert refused.status == 422
    assert refused.body.decode() == "words.mp3 is not MP3, M4A, WAV or OGG audio. Export the show as one of these."
    monkeypatch.setattr(audio, "MOST_UPLOAD_MB", 0.0001)
    assert b"larger than 200 MB" in site.ask("PUT", wanted, b"RIFF0000WAVE" + bytes(200)).body
    assert site.ask("PUT", address("0" * 32), DATA).status == 404
    assert site.ask("POST", wanted, DATA).status == 405
    assert audio_of("friday") is None
    assert not list((tmp_path / "data" / "audio").iterdir())


def test_an_upload_passes_to_disk_in_pieces(site: Site, tmp_path: Path) -> None:
    size = 60_000_000
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    tracemalloc.start()
    try:
        connection.putrequest("PUT", address(ticket("long")))
        connection.putheader("Content-Length", str(size))
        connection.endheaders()
        connection.send(b"ID3" + bytes(999_997))
        for _ in range(size // 1_000_000 - 1):
            connection.send(bytes(1_000_000))
        assert connection.getresponse().status == 204
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        connection.close()
    kept = audio_of("long")
    assert kept is not None
    assert kept.path.stat().st_size == size
    assert peak < 8_000_000


def test_a_copy_goes_with_its_show_and_a_file_of_the_users_stays(site: Site, show: str, tmp_path: Path) -> None:
    own = audio_of("friday")
    assert own is not None
    wanted = address(ticket("friday"))
    copies = tmp_path / "data" / "audio"
    for _ in range(2):  # a second upload replaces the first
        assert site.ask("PUT", wanted, DATA, X_File_Name="a.wav").status == 204
        assert len(list(copies.iterdir())) == 1
    kept = audio_of("friday")
    assert kept is not None
    library().remove("friday")
    assert site.ask("GET", address(kept.token)).status == 404
    library().purge(time.time() + 100)
    assert not list(copies.iterdir())
    assert own.path.exists()
    assert site.ask("PUT", wanted, DATA).status == 404
    assert not list(copies.iterdir())


def test_a_copy_for_a_show_that_is_not_kept_goes_with_the_server(site: Site, show: str, tmp_path: Path) -> None:
    assert site.ask("PUT", address(ticket("friday")), DATA, X_File_Name="a.wav").status == 204
    library().keep("friday", "", kept=False)
    kept = audio_of("friday")
    assert kept is not None
    assert kept.path.exists()
    st.cache_resource.clear()
    assert not kept.path.exists()


def test_a_new_server_serves_it_at_the_same_address(site: Site, show: str) -> None:
    st.cache_resource.clear()
    assert site.ask("GET", show, Range="bytes=0-3").body == b"RIFF"
