"""A user of the running app without a browser, through Streamlit's agent API."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

FLAG = "--server.enableAgentApi=true"
TIMEOUT_S = 300.0  # for a busy machine


class Visitor:
    """One session. The server has to be started with FLAG.

    Attributes:
        page: the page as the last act left it, a tree of elements with their keys, types and properties.
    """

    def __init__(self, url: str) -> None:
        self._url = f"{url}/_stcore/agent/interact"
        self._session: dict[str, Any] = {}
        self.page: dict[str, Any] = {}
        self.act()

    def press(self, key: str) -> None:
        """Press the button of this key, and wait until the page is drawn."""
        self.act(trigger={"key": key})

    def act(self, **change: Any) -> None:
        """Change something (see the API's description at /_stcore/agent/openapi.json), or only look again."""
        body = json.dumps({**self._session, **change}).encode()
        request = Request(self._url, body, {"Content-Type": "application/json"})
        with build_opener(ProxyHandler({})).open(request, timeout=TIMEOUT_S) as response:
            self.page = json.load(response)
        assert self.page["status"] == "ready", self.page
        self._session = {"session_id": self.page["session_id"]}

    def buttons(self) -> set[str]:
        """Keys of everything that can be pressed or set now."""
        return {action["key"] for action in self.page["actions"]}

    def wait_until_gone(self, key: str) -> None:
        """Look again until nothing of this key can be pressed any more."""
        deadline = time.monotonic() + TIMEOUT_S
        while key in self.buttons():
            assert time.monotonic() < deadline, f"{key} is still there: {self.text()}"
            time.sleep(0.1)
            self.act()

    def text(self) -> str:
        """Everything the page says, one element a line."""
        return "\n".join(_texts(self.page["tree"]))


def _texts(node: dict[str, Any]) -> Iterator[str]:
    properties = node.get("props", {})
    yield from (str(properties[name]) for name in ("title", "body", "text", "label") if properties.get(name))
    for child in node.get("children", ()):
        yield from _texts(child)
