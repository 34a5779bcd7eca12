"""Files that come with the package, wherever it was installed from, and where a user's own are."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
PERSONAS = "personas.toml"


def shipped(name: str, checkout: str = "") -> Path:
    """Path of a file in `soniclayer/data`.

    checkout: where it stands in a checkout or an editable install, relative to the repository, if not there; a wheel
        carries a copy in `soniclayer/data`.
    """
    path = PACKAGE / "data" / name
    return path if path.exists() or not checkout else PACKAGE.parent / checkout


def shipped_personas() -> Path:
    """Path of the personas file that comes with SonicLayer."""
    return shipped(PERSONAS, PERSONAS)


def personas_path() -> Path:
    """Path of the personas file where none is named: `personas.toml` of the current folder, else the shipped one."""
    own = Path(PERSONAS)
    return own.resolve() if own.is_file() else shipped_personas()


def data_folder() -> Path:
    """The folder of the library of shows where none is named: the platform's own for a user's data."""
    from platformdirs import user_data_path

    return user_data_path("SonicLayer", appauthor=False)


def is_own(path: Path) -> bool:
    """Whether a personas file is the user's to edit; the shipped one is so only inside a checkout's own folder."""
    return path != shipped_personas() or path.parent == Path.cwd()
