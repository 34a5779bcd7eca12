"""The benchmark over ordinary talk, on the sample show."""

from __future__ import annotations

import sys

import pytest

from benchmarks import ordinary


def test_it_prints_what_share_of_the_sample_show_gets_each_score(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["ordinary"])
    ordinary.main()
    *table, _, cost = capsys.readouterr().out.splitlines()
    rows = [[column.strip() for column in line.strip("|").split("|")] for line in table[2:]]
    assert rows[-1][:2] == ["**all**", str(24 * (len(rows) - 1))]
    for _, cells, *shares in rows:
        assert int(cells)
        assert sum(int(share.removesuffix("%")) for share in shares) == pytest.approx(100, abs=3)
    assert cost.split()[1:3] == ["ms", "of"]
