"""Memory over a long day: show after show in one process, whose garbage is not collected after every rerun."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from soniclayer.engine import KEPT
from tests.agent_api import FLAG, Visitor

if TYPE_CHECKING:
    from tests.conftest import StartServer

SHOWS = int(os.environ.get("SOAK_SHOWS", "40"))
SEGMENTS = int(os.environ.get("SOAK_SEGMENTS", "360"))  # of half a minute: three hours
MOST_MB = 600.0  # 380 with everything loaded, half of it the sentence encoder, and 5 for every run that is kept
MOST_MB_MORE = 25.0  # once the engine has forgotten a run for every new one
WORDS_A_SEGMENT = 75  # of ordinary talk in half a minute
TALK = (
    "the footy final went down to the wire and the whole town was out in the rain for it",
    "interest rates are up again and small businesses say that the margin is nearly gone",
    "slow roasted lamb with rosemary and potatoes done in the pan juices, that is the whole recipe",
    "the council wants to close the pool over winter and parents are not happy about that at all",
    "a new phone costs more than my first car did, and it does not even come with a charger",
    "and that was the single everybody has on repeat this week, we will be right back after the news",
)


def _show(number: int) -> str:
    """Three hours of talk, the same words in an order that no other show has."""
    luck = random.Random(number)
    lines = ["WEBVTT"]
    for start in range(0, 30 * SEGMENTS, 30):
        words = " ".join(luck.sample(TALK, len(TALK))).split()
        luck.shuffle(words)
        lines += ["", f"{_clock(start)} --> {_clock(start + 30)}", " ".join(words[:WORDS_A_SEGMENT]) + "."]
    return "\n".join(lines)


def _clock(second: int) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}.000"


def _resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    (line,) = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(line.split()[1]) / 1024


@pytest.mark.soak
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_forty_shows_of_three_hours_leave_memory_bounded(streamlit_server: StartServer) -> None:
    server = streamlit_server(flags=(FLAG,))
    visitor = Visitor(server.url)
    used = []
    for number in range(SHOWS):
        visitor.act(widget_state={"paste": _show(number)}, trigger={"key": "use-paste"})
        visitor.wait_until_gone("stop")
        assert f"{SEGMENTS} segments" in visitor.text()
        used.append(_resident_mb(server.pid))
        print(f"show {number + 1}: {used[-1]:.0f} MB")
    assert max(used) < MOST_MB, used
    assert max(used[KEPT:], default=0.0) - max(used[:KEPT]) < MOST_MB_MORE, used
