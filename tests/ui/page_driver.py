"""What tests of the page do with it, and what they see on it, without a browser."""

from __future__ import annotations

import time
from typing import Any

from streamlit.testing.v1 import AppTest

from soniclayer import personas
from soniclayer.ui.launch import PAGE
from tests.conftest import ROOT

IDS = tuple(personas.load(ROOT / "personas.toml"))
VTT = b"""WEBVTT

00:00.000 --> 00:15.000
<v Kim>The footy final was a cracker and the pub was full, what a game that was for the whole town.

00:15.000 --> 00:32.000
<v Lee>And now the recipe: slow roasted lamb, rosemary, garlic, and potatoes done in the pan juices.

00:32.000 --> 01:05.000
<v Kim>Interest rates are up again, and small businesses say that the margin is nearly gone this year.
"""


SURFERS = '\n[personas.surfers]\ndisplay_name = "Surfers"\ndescription = "Wet."\nlikes = ["waves"]\n'


def opened() -> AppTest:
    app = AppTest.from_file(str(PAGE), default_timeout=20).run()
    assert not app.exception
    return app


def cards(app: AppTest) -> dict[tuple[int, str], list[str]]:
    """The cards on the page: what each one says, by segment index and persona id."""
    found = {}
    for index in range(500):
        for who in (*IDS, "surfers"):
            try:
                card = app.get_by_key(f"card-{index}-{who}")
            except KeyError:
                continue
            found[index, who] = texts(card)
    return found


def choose(app: AppTest, key: str, value: object) -> AppTest:
    """Set a widget that AppTest has no list for."""
    widget: Any = app.get_by_key(key)
    widget.set_value(value).run()
    assert not app.exception
    return app


def turn(app: AppTest, segment: int) -> AppTest:
    """Open the page of cards that begins with this segment."""
    return choose(app, pager(app).key, segment)


def pager(app: AppTest) -> Any:
    """The choice of a page of cards."""
    return by_label(app, "selectbox", "Part of the show")


def open_menu(app: AppTest, key: str) -> AppTest:
    """Open a menu whose contents are drawn when it is opened."""
    app.session_state[key] = True
    app.run()
    assert not app.exception
    return app


def texts(block: Any) -> list[str]:
    return [str(element.value) for kind in ("markdown", "text", "caption") for element in getattr(block, kind)]


def upload(app: AppTest, name: str, data: bytes, view: str = "cards") -> AppTest:
    """Upload a show and look at it in this view."""
    app.file_uploader(key="upload").upload(name, data).run()
    assert not app.exception
    return choose(app, "view", view) if has(app, "view") else app


def has(app: AppTest, key: str) -> bool:
    """Whether something of this key is on the page."""
    try:
        app.get_by_key(key)
    except KeyError:
        return False
    return True


def captions(count: int) -> bytes:
    """A WebVTT of `count` cues of 30 s, each a sentence: as many segments."""
    cues = [
        f"{start // 3600:02}:{start // 60 % 60:02}:{start % 60:02}.000 --> "
        f"{end // 3600:02}:{end // 60 % 60:02}:{end % 60:02}.000\n"
        f"Part {number} of the show talks about the weather on the coast and the footy at the weekend.\n"
        for number, start, end in ((number, 30 * number, 30 * number + 30) for number in range(count))
    ]
    return ("WEBVTT\n\n" + "\n".join(cues)).encode()


def by_label(app: AppTest, kind: str, label: str) -> Any:
    (widget,) = [widget for widget in getattr(app, kind) if widget.label == label]
    return widget


def open_view(app: AppTest, view: str) -> AppTest:
    return settle(choose(app, "view", view))


def settle(app: AppTest) -> AppTest:
    """Look again, as the page does twice a second, until the run has ended."""
    for _ in range(100):
        app.run()
        assert not app.exception
        if not [button for button in app.button if button.key == "stop"]:
            return app
        time.sleep(0.05)
    raise AssertionError("the run did not end")


def params(app: AppTest) -> dict[str, str]:
    return {name: str(value[0] if isinstance(value, list) else value) for name, value in app.query_params.items()}


def visit(told: dict[str, str]) -> AppTest:
    """A second browser on the same server, at this address."""
    app = AppTest.from_file(str(PAGE), default_timeout=20)
    for name, value in told.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app
