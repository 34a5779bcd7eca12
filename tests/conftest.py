"""Fixtures for tests of the whole app: a server, a browser, a copy of the project, the shared files."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from soniclayer import cache
from tests.app_server import AppServer
from tests.fakes import new_process
from tests.stub_server import Stub, serving

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from playwright.sync_api import Browser, Page, Playwright

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
PARTS = ("app.py", "personas.toml", "soniclayer", ".streamlit")

CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM_ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # The page must work without a network: no name but this machine's resolves.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)
PAGE_TIMEOUT_MS = 60_000  # for a busy machine: it is waited out only where a test fails


SELDOM = ("soak", "model")  # markers of tests that `.ci/slow` runs


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", action="store_true", help="also run the tests that only .ci/slow runs")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--soak"):
        return
    left_out = [item for item in items if any(item.get_closest_marker(marker) for marker in SELDOM)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(autouse=True)
def _data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test writes into the library of whoever runs it."""
    monkeypatch.setenv("SONICLAYER_DATA", str(tmp_path / "data"))


@pytest.fixture(autouse=True)
def _own_main(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest leaves its script as `__main__`, which a process that a later test spawns would run."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of kept answers in a home of the test's own, with disk storage as inside a Streamlit server."""
    monkeypatch.setenv("HOME", str(tmp_path))
    new_process(monkeypatch)
    yield tmp_path / ".streamlit" / "cache"
    cache.forget_all()


@pytest.fixture
def stub() -> Iterator[Stub]:
    """A model server that answers everything at once, and does as it is told."""
    with serving() as stub:
        yield stub


class StartServer(Protocol):
    """Starts a server and waits until it is healthy. It is killed when the test ends.

    Args:
        script: what `streamlit run` runs, relative to `cwd`.
        cwd: directory to run in; the test's copy of the project if not given.
        home: HOME; pass an earlier server's to keep its disk cache, else it is new and empty.
        env: environment variables to add. OPENAI_*, SONICLAYER_* and STREAMLIT_* are not inherited.
        flags: further command line flags, such as "--server.maxUploadSize=1".
        command: in place of `streamlit run` with `script`; takes Streamlit's options.
    """

    def __call__(
        self,
        *,
        script: str = "app.py",
        cwd: Path | None = None,
        home: Path | None = None,
        env: Mapping[str, str] | None = None,
        flags: Sequence[str] = (),
        command: Sequence[str] = (),
    ) -> AppServer: ...


@pytest.fixture
def shared() -> Path:
    """The folder of real transcripts beside the repository; skips where there is none."""
    if not SHARED.is_dir():
        pytest.skip("there is no folder ../shared beside the repository")
    return SHARED


def copy_project(target: Path) -> Path:
    """Make the folder `target` a copy of everything the app runs on, without secrets."""
    target.mkdir()
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, target / part, ignore=shutil.ignore_patterns("secrets.toml"))
        elif source.exists():
            shutil.copy2(source, target / part)
    return target


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of everything the app runs on, for the test to edit; without secrets."""
    return copy_project(tmp_path / "project")


@pytest.fixture
def streamlit_server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StartServer]:
    """Starts servers; ends them all after the test and prints their logs, which pytest shows if the test failed."""
    numbers = count(1)
    with ExitStack() as servers:

        def start(
            *,
            script: str = "app.py",
            cwd: Path | None = None,
            home: Path | None = None,
            env: Mapping[str, str] | None = None,
            flags: Sequence[str] = (),
            command: Sequence[str] = (),
        ) -> AppServer:
            number = next(numbers)
            server = AppServer(
                tmp_path / f"server-{number}.log",
                home=home or tmp_path / f"home-{number}",
                cwd=cwd or request.getfixturevalue("project"),
                script=script,
                env=env,
                flags=flags,
                command=command,
            )
            servers.callback(lambda: print(f"--- server {number}, {server.url} ---\n{server.output()}"))
            servers.callback(server.kill)
            server.start()
            return server

        yield start


def executable() -> str | None:
    """The Chromium of this machine."""
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def chromium(playwright: Playwright) -> Browser:
    """It, started without a window."""
    return playwright.chromium.launch(executable_path=executable(), args=list(CHROMIUM_ARGS))


# Playwright's synchronous API marks its event loop as running between its calls, so `asyncio.run` fails in the
# same thread for as long as it lives. Module scope ends it before the next module's tests start.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium, one for all tests of a module. Keep `asyncio.run` out of modules that use it."""
    if executable() is None:
        refuse: Callable[[str], object] = pytest.fail if os.environ.get("CI") else pytest.skip
        refuse(f"no Chromium on this machine: none of {', '.join(CHROMIUM_NAMES)} is on the PATH")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PAGE_TIMEOUT_MS)

    with sync_playwright() as playwright:
        started = chromium(playwright)
        try:
            yield started
        finally:
            started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty tab with no cookies; prints its errors and its last text, which pytest shows if the test failed."""
    context = browser.new_context(viewport={"width": 1280, "height": 1600}, locale="en-AU")
    context.set_default_timeout(PAGE_TIMEOUT_MS)
    tab = context.new_page()
    tab.on("pageerror", lambda error: print("--- error in the page ---", error, error.stack, sep="\n"))
    tab.on("console", lambda line: print("---", line.type, line.text) if line.type == "error" else None)
    tab.on("crash", lambda _: print("--- the tab has crashed ---"))
    try:
        yield tab
        print(f"--- page {tab.url} ---\n{tab.inner_text('body')}")
    finally:
        context.close()
