"""What every evaluation from a terminal can be told: who judges, how, and in pieces of what length."""

from __future__ import annotations

import argparse
from pathlib import Path

from soniclayer.evaluators.registry import EVALUATORS

SHORTEST_S, LONGEST_S = 5, 600  # target length of a segment


def add_evaluation(parser: argparse.ArgumentParser) -> None:
    """Add --personas, --only, --evaluator, --model, --thrifty and --segment-seconds."""
    parser.add_argument(
        "--personas", type=Path, metavar="FILE", help="personas file (default: personas.toml, else the shipped one)"
    )
    parser.add_argument("--only", type=_ids, default=(), metavar="ID,ID", help="ask only these personas")
    parser.add_argument(
        "--evaluator", choices=tuple(EVALUATORS), default=next(iter(EVALUATORS)), help="default: %(default)s"
    )
    parser.add_argument("--model", metavar="NAME", help="chat model (default: SONICLAYER_MODEL)")
    parser.add_argument("--thrifty", action="store_true", help="ask a chat model about several segments in one call")
    parser.add_argument(
        "--segment-seconds", type=_seconds, default=30.0, metavar="N", help="target length of a segment (default: 30)"
    )


def _ids(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not SHORTEST_S <= value <= LONGEST_S:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds from {SHORTEST_S} to {LONGEST_S}")
    return value
