"""How fast a transcript is read and cut, side by side with the caption libraries people use.

Run `python -m benchmarks.parsing`. Prints one table: for a 3-hour show and for 50,000 cues, as SRT, WebVTT and
Whisper JSON, the median time to parse and to split, the peak of memory over the size of the file, and what each
library takes only to parse. The libraries are optional: `pip install webvtt-py srt pysubs2`.
"""

from __future__ import annotations

import importlib
import json
import random
import statistics
import time
import tracemalloc
from functools import partial
from io import StringIO
from typing import TYPE_CHECKING

from soniclayer.segments import split
from soniclayer.transcript import parse

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 7
VOCABULARY = """
the and so well today weather people think really going back know about time something morning coffee listen always
however because great little house river music footy market council rain traffic school weekend caller song next
"""
WORDS = VOCABULARY.split()
LIBRARIES = ("webvtt", "srt", "pysubs2")


def main() -> None:
    """Print the table."""
    shows = {"3 hours": show(3_600), "50,000 cues": show(50_000)}
    print(f"{'show':<12} {'format':<13} {'file':>8} {'parse':>9} {'split':>9} {'memory':>8}", end="")
    print("".join(f"{name:>16}" for name in LIBRARIES))
    for title, cues in shows.items():
        for name, text in (("SRT", srt(cues)), ("WebVTT", vtt(cues)), ("Whisper JSON", whisper(cues))):
            row(title, name, text)
    print(
        "Times are medians of", ROUNDS, "rounds; a library's time is its parsing alone, as a ratio to parse + split."
    )


def row(title: str, name: str, text: str) -> None:
    """Measures everything in turn, round by round, so that a busy machine slows all alike."""
    data = text.encode()
    readers = {library: reader(library, name) for library in LIBRARIES}
    transcript = parse("show", data)
    times: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        times.setdefault("parse", []).append(seconds(lambda: parse("show", data)))
        times.setdefault("split", []).append(seconds(lambda: split(transcript)))
        for library, read in readers.items():
            if read is not None:
                times.setdefault(library, []).append(seconds(partial(read, text)))
    medians = {key: statistics.median(values) for key, values in times.items()}
    ours = medians["parse"] + medians["split"]
    print(f"{title:<12} {name:<13} {len(data) / 1e6:>5.2f} MB", end="")
    print(f" {medians['parse'] * 1e3:>6.0f} ms {medians['split'] * 1e3:>6.0f} ms {memory(data):>6.1f} x", end="")
    for library in LIBRARIES:
        print(f"{cell(medians.get(library), ours, library, name):>16}", end="")
    print(flush=True)


def cell(median: float | None, ours: float, library: str, name: str) -> str:
    """How long a library takes for a format, and how many times as long as this one."""
    if median is not None:
        return f"{median * 1e3:.0f} ms ({median / ours:.1f})"
    return "-" if can_read(library, name) is None else "not installed"


def seconds(call: Callable[[], object]) -> float:
    """How long a call takes."""
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def memory(data: bytes) -> float:
    """The peak of what parse and split allocate, in multiples of the file's size."""
    tracemalloc.start()
    split(parse("show", data))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / len(data)


def can_read(library: str, name: str) -> str | None:
    """The library's own name for a format, or None where it does not read it."""
    formats = {
        ("webvtt", "WebVTT"): "vtt",
        ("srt", "SRT"): "srt",
        ("pysubs2", "SRT"): "srt",
        ("pysubs2", "WebVTT"): "vtt",
    }
    return formats.get((library, name))


def reader(library: str, name: str) -> Callable[[str], object] | None:
    """A function that parses a text with the library; None where it cannot or is not installed."""
    kind = can_read(library, name)
    if kind is None:
        return None
    try:
        module = importlib.import_module(library)
    except ModuleNotFoundError:
        return None
    if library == "webvtt":
        return lambda text: list(module.from_buffer(StringIO(text)))
    if library == "srt":
        return lambda text: list(module.parse(text))
    return lambda text: module.SSAFile.from_string(text, format_=kind)


Row = tuple[int, int, str]


def show(size: int) -> list[Row]:
    """Cues of about three seconds, two speakers, sentences of about ten words; the same at every run."""
    dice = random.Random(size)
    cues, now, said = [], 0, 0
    for number in range(size):
        length = dice.randint(2_000, 4_000)
        words = []
        for _ in range(max(1, length * 26 // 10_000)):
            said += 1
            end = said > 4 and dice.random() < 0.12
            words.append(dice.choice(WORDS) + ("." if end else ""))
            said = 0 if end else said
        name = dice.choice(("Ann Lee: ", "Bo: ")) if number % 7 == 0 else ""
        cues.append((now, now + length, name + " ".join(words)))
        now += length + dice.choice((0, 0, 0, 200, 900))
    return cues


def clock(ms: int, mark: str) -> str:
    """Milliseconds as h:mm:ss with this decimal mark."""
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1_000 % 60:02}{mark}{ms % 1_000:03}"


def srt(cues: list[Row]) -> str:
    """The show as SRT."""
    return "".join(f"{i}\n{clock(a, ',')} --> {clock(b, ',')}\n{text}\n\n" for i, (a, b, text) in enumerate(cues, 1))


def vtt(cues: list[Row]) -> str:
    """The show as WebVTT."""
    return "WEBVTT\n\n" + "".join(f"{clock(a, '.')} --> {clock(b, '.')}\n{text}\n\n" for a, b, text in cues)


def whisper(cues: list[Row]) -> str:
    """The show as Whisper's JSON."""
    return json.dumps(
        {
            "language": "en",
            "segments": [{"start": a / 1000, "end": b / 1000, "text": " " + text} for a, b, text in cues],
        }
    )


if __name__ == "__main__":
    main()
