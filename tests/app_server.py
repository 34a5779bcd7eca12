"""The app as a user starts it: `streamlit run` in a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

START_S = 60.0

_OWN_SETTINGS = ("OPENAI_", "SONICLAYER_", "STREAMLIT_")


class AppServer:
    """One Streamlit server that can be started, killed and started again at the same address.

    Attributes:
        url: address of the page; the same over restarts, so that an open page connects again.
        cwd: directory that the server runs in.
        home: its HOME; Streamlit keeps its disk cache there, and SonicLayer its library.
        log: file that holds everything the server has printed, over all restarts.

    `command` starts it in place of `streamlit run` with `script`; it takes Streamlit's options.
    """

    def __init__(
        self,
        log: Path,
        *,
        home: Path,
        cwd: Path,
        script: str = "app.py",
        env: Mapping[str, str] | None = None,
        flags: Sequence[str] = (),
        command: Sequence[str] = (),
    ) -> None:
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.cwd = cwd
        self.home = home
        self.log = log
        self._command = [*(command or (sys.executable, "-m", "streamlit", "run", script))]
        self._command += [f"--server.port={port}", "--server.headless=true", *flags]
        if not command:
            self._command += ["--server.address=127.0.0.1", "--browser.gatherUsageStats=false"]
        own = {"HOME": str(home), "SONICLAYER_DATA": str(home / "soniclayer-data"), "PYTHONUNBUFFERED": "1"}
        self._env = _clean_environment() | own | dict(env or {})
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Process id. Raises AssertionError when the server is not running."""
        assert self._process is not None, f"The server is not running.\n{self.output()}"
        return self._process.pid

    def start(self) -> None:
        """Start the server and wait until it is healthy.

        Raises:
            AssertionError: it ended or was not healthy in time; carries the log.
        """
        assert self._process is None, "The server is running already."
        self.home.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            # A session of its own makes a process group, so that children die with the server.
            self._process = subprocess.Popen(
                self._command,
                cwd=self.cwd,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._wait_until_healthy()
        except BaseException:
            self.kill()
            raise

    def kill(self) -> None:
        """End the whole process group at once, as `kill -9` does. Does nothing when it is not running."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def output(self) -> str:
        """Everything printed so far."""
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    def _wait_until_healthy(self) -> None:
        assert self._process is not None
        opener = build_opener(ProxyHandler({}))
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            if (code := self._process.poll()) is not None:
                raise AssertionError(f"The server ended with exit code {code} while starting.\n{self.output()}")
            try:
                with opener.open(f"{self.url}/_stcore/health", timeout=5) as response:
                    if response.status == 200:
                        return
            except (URLError, ConnectionError, TimeoutError):
                pass
            time.sleep(0.05)
        raise AssertionError(f"The server was not healthy within {START_S:.0f} s.\n{self.output()}")


def _clean_environment() -> dict[str, str]:
    """The environment without anything that would make a test call a paid service or depend on the developer."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_OWN_SETTINGS)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
