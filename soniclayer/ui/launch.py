"""`soniclayer` without a file: Streamlit serves the page, whatever folder the command is given in."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from soniclayer.errors import SettingsError
from soniclayer.shipped import shipped

PAGE = Path(__file__).with_name("app.py")
SERVER = shipped("app.py", "app.py")  # serves the page, and the audio beside it
CONFIG = Path(".streamlit") / "config.toml"


def serve(options: Sequence[str] = ()) -> None:
    """Open the page; returns, or ends the process, when the server has ended.

    options: of `streamlit run`, such as `--server.port=8600`; they win over every file and variable.

    Raises:
        SettingsError: a configuration file of the user's is not valid TOML.
    """
    from streamlit.web.cli import main  # a command that opens no page need not wait for it

    own = [_read(folder / CONFIG) for folder in (Path.home(), Path.cwd())]
    defaults = default_options(_read(shipped("config.toml", str(CONFIG))), own, os.environ)
    main(["run", str(SERVER), *defaults, *options], prog_name="soniclayer")


def default_options(
    shipped_settings: Mapping[str, Any], own: Sequence[Mapping[str, Any]], environment: Mapping[str, str]
) -> list[str]:
    """Streamlit's options for those shipped settings that the user has not set.

    A folder without `.streamlit/` is to look like a checkout. Streamlit's options win over files and variables, so
    what the user's own files or variables say is left out. One word of the user's on the theme replaces it whole:
    of a mixture of two, nobody could say what it looks like.

    Args:
        shipped_settings: the shipped configuration, as TOML is read.
        own: the user's configuration files, likewise.
        environment: variables; Streamlit reads those that begin with STREAMLIT_.
    """
    taken = {name for settings in own for name, _ in _flat(settings)}
    taken |= {name for name, _ in _flat(shipped_settings) if _variable(name) in environment}
    themed = any(name.startswith("theme.") for name in taken) or any(
        name.startswith("STREAMLIT_THEME_") for name in environment
    )
    return [
        f"--{name}={_text(value)}"
        for name, value in _flat(shipped_settings)
        if name not in taken and not (themed and name.startswith("theme."))
    ]


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not valid TOML ({error}). Correct it, or move it away.") from error


def _flat(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _variable(name: str) -> str:
    """Name of the environment variable that Streamlit reads for an option."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return f"STREAMLIT_{snake.replace('.', '_').upper()}"
