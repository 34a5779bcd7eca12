"""Bytes of kept answers change: none breaks the show, none puts words into the model's mouth."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from soniclayer import cache
from soniclayer.run import Run
from tests.chat_evaluator import evaluator, open_endpoint
from tests.fakes import new_process, persona, segments
from tests.stub_server import Stub

CHANGES = 1000 if os.environ.get("CHANGES") == "all" else 120


async def test_no_changed_byte_breaks_a_show_or_shows_words_that_were_not_said(
    folder: Path, stub: Stub, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_endpoint(stub.url) as endpoint:
        first = Run(segments(3), [persona("a"), persona("b")], evaluator(endpoint, store=cache.store))
        await first.execute()
        asked = len(stub.calls)
        rng = random.Random(5)
        files = sorted(folder.iterdir())
        originals = {file: file.read_bytes() for file in files}
        spoilt = 0
        for _ in range(CHANGES):
            file = rng.choice(files)
            data = bytearray(originals[file])
            data[rng.randrange(len(data))] ^= rng.randrange(1, 256)
            file.write_bytes(data)
            new_process(monkeypatch)
            again = Run(segments(3), [persona("a"), persona("b")], evaluator(endpoint, store=cache.store))
            before = len(stub.calls)
            await again.execute()
            assert again.complete
            assert again.results == first.results
            assert again.classifications == first.classifications or len(stub.calls) > before
            spoilt += len(stub.calls) > before
            for extra in set(folder.iterdir()) - set(files):
                extra.unlink()
            for each, data_before in originals.items():
                each.write_bytes(data_before)
        assert len(stub.calls) - asked <= spoilt * 2
    assert "I would keep listening" not in caplog.text
