"""SonicLayer: a focus group for a transcript.

    from soniclayer import evaluate, load_personas, parse, split

Each name loads its part of the package at first use (PEP 562), so that parsing does not wait for an evaluator.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from soniclayer.personas import load as load_personas
    from soniclayer.run import Run
    from soniclayer.segments import split
    from soniclayer.session import evaluate, evaluate_async
    from soniclayer.transcript import parse

__version__ = "0.1.0"
__all__ = ["Run", "__version__", "evaluate", "evaluate_async", "load_personas", "parse", "split"]

_HOMES = {
    "Run": ("soniclayer.run", "Run"),
    "evaluate": ("soniclayer.session", "evaluate"),
    "evaluate_async": ("soniclayer.session", "evaluate_async"),
    "load_personas": ("soniclayer.personas", "load"),
    "parse": ("soniclayer.transcript", "parse"),
    "split": ("soniclayer.segments", "split"),
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _HOMES[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted(__all__)
