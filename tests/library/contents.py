"""What a library's file holds, every row decoded."""

from __future__ import annotations

import sqlite3
import zlib
from pathlib import Path


def unpacked_rows(path: Path) -> list[str]:
    """Every value of every table, unpacked, in small letters."""
    connection = sqlite3.connect(path)
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = [
        _unpacked(value).decode("utf-8", "replace").lower()
        for name in names
        for row in connection.execute(f'SELECT * FROM "{name}"')
        for value in row
    ]
    connection.close()
    return found


def _unpacked(value: object) -> bytes:
    data = value if isinstance(value, bytes) else str(value).encode()
    try:
        return zlib.decompress(data)
    except zlib.error:
        return data
