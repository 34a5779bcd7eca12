"""Files that come with the package, wherever it was installed from."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def shipped(name: str, checkout: str = "") -> Path:
    """The path of a file in `soniclayer/data`.

    checkout: where it stands in a checkout or an editable install, relative to the repository, if not there; a wheel
        carries a copy in `soniclayer/data`.
    """
    path = PACKAGE / "data" / name
    return path if path.exists() or not checkout else PACKAGE.parent / checkout


def personas_path() -> Path:
    """The personas file to use where none is named: `personas.toml` of the current folder, else the shipped one."""
    own = Path("personas.toml")
    return own.resolve() if own.is_file() else shipped("personas.toml", "personas.toml")
