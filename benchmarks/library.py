"""How fast the library is when it is full, and how large.

Run `python -m benchmarks.library [SHOWS]`. Fills a library in a temporary folder with shows of three hours, each
judged by eight personas, and prints one table: medians of what the page does, and the size on disk per hour of show.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from soniclayer.feedback import Classification, Feedback, Tone, Topic
from soniclayer.insights.selection import Selection, select
from soniclayer.insights.verdict import Insight
from soniclayer.library import FILE, Library
from soniclayer.personas import load
from soniclayer.progress import State
from soniclayer.records import Record, restore
from soniclayer.segments import split
from soniclayer.source import Source
from soniclayer.transcript import parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from soniclayer.segments import Segment

HOURS = 3
CUE_S = 5
DIFFERENT = 8
ROUNDS = 15
KEY = ("builtin", "personas")


def captions(seed: int) -> bytes:
    """A WebVTT file of three hours whose words follow no pattern, drawn from as many as people use."""
    chance = random.Random(seed)
    words = ["".join(chance.choices("etaoinshrdlucmfwypvbgk", k=chance.randint(2, 9))) for _ in range(4_000)]
    lines = ["WEBVTT\n"]
    for start in range(0, HOURS * 3600, CUE_S):
        said = " ".join(chance.choices(words, k=14))
        lines.append(f"{_stamp(start)} --> {_stamp(start + CUE_S)}\n<v Kim>{said.capitalize()}.\n")
    return "\n".join(lines).encode()


def _stamp(second: int) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}.000"


def judged(name: str, segments: tuple[Segment, ...], seed: int) -> Record:
    """Feedback of eight personas on every segment, with opinions as long as real ones."""
    chance = random.Random(seed)
    personas = tuple(load().values())

    def feedback(segment: Segment) -> Feedback:
        score = chance.choice((3, 3, 3, 3, 2, 4, 5, 1))
        words = segment.text.split()
        opinion = f"{' '.join(chance.sample(words, 12))} holds me: “{' '.join(words[:9])}”."
        reason = " ".join(chance.sample(words, 20))
        return Feedback(
            score, opinion, reason, 0.7, quotes=(" ".join(words[:6]),), lean=round(chance.uniform(1, 5), 4)
        )

    return Record(
        name=name,
        evaluator="builtin",
        evaluator_name="Built-in",
        personas=personas,
        segments=segments,
        results={persona.id: {segment.index: feedback(segment) for segment in segments} for persona in personas},
        failures={},
        classifications={segment.index: Classification(Topic.SPORTS, Tone.CASUAL) for segment in segments},
        unclassified={},
        not_judged={},
        state=State.FINISHED,
        usage={},
        when=float(seed),
    )


def put(library: Library, number: int, data: bytes, segments: tuple[Segment, ...], kept: Record) -> None:
    """Put one in as the page does."""
    show = f"show-{number:05}"
    library.shows.put(show, Source(f"Breakfast {number}.vtt", data), when=number)
    words = "\n".join(segment.text for segment in segments) + f" quokka{number}"
    library.shows.describe(show, facts="WebVTT · 3:00:00", duration_s=HOURS * 3600.0, words=words)
    library.runs.put(show, replace(kept, when=float(number)), reading="r", identity=KEY[0], personas=KEY[1])


def fill(library: Library, shows: int) -> float:
    """Put in this many shows: some as the page does, and copies of their rows; returns the seconds of the former."""
    seconds = []
    for number in range(DIFFERENT):
        data = captions(number)
        segments = split(parse("show.vtt", data))
        kept = judged("show", segments, number)
        begun = time.perf_counter()
        put(library, number, data, segments, kept)
        seconds.append(time.perf_counter() - begun)
    with library._database.write() as connection:
        for number in range(DIFFERENT, shows):
            values = {"old": f"show-{number % DIFFERENT:05}", "new": f"show-{number:05}", "number": number}
            connection.execute(
                "INSERT INTO shows (id, name, content, source, options, facts, duration_s, created, opened)"
                " SELECT :new, 'Breakfast ' || :number || '.vtt', content || :number, source, options, facts,"
                " duration_s, :number, :number FROM shows WHERE id = :old",
                values,
            )
            connection.execute(
                "INSERT INTO runs SELECT NULL, :new, reading, identity, personas, evaluator, name, model, state,"
                " answered, failed, means, usage, cost, :number, record FROM runs WHERE show = :old",
                values,
            )
            connection.execute(
                "UPDATE search SET words = (SELECT words FROM search WHERE rowid = (SELECT key FROM shows WHERE id ="
                " :old)) || :number WHERE rowid = (SELECT key FROM shows WHERE id = :new)",
                values,
            )
    return statistics.median(seconds)


def opened(library: Library, number: int) -> None:
    """All that is done before a kept show can be drawn: its file read and cut, its run restored, and the verdict."""
    show = f"show-{number:05}"
    source = library.shows.source(show)
    row = library.runs.find(show, reading="r", identity=KEY[0], personas=KEY[1])
    assert source is not None
    assert row is not None
    segments = split(parse(source.name, source.data))
    run = restore(library.runs.record(row.id))
    assert run.segments == segments
    assert Insight(select(run, Selection())).verdict


def took(work: Callable[[int], object], rounds: int = ROUNDS) -> float:
    """Median of the seconds that `work` takes, of several rounds."""
    seconds = []
    for number in range(rounds):
        begun = time.perf_counter()
        work(number)
        seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds)


def main(shows: int) -> None:
    """Fill a library, measure, print."""
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder) / FILE)
        written = fill(library, shows)
        rows = [
            ("list the last ten with their runs", took(lambda n: _listed(library))),
            ("search a word that one show has", took(lambda n: library.shows.search(f"quokka{n % DIFFERENT}", 10))),
            ("search a word that all shows have", took(lambda n: library.shows.search("breakfast", 10))),
            ("search a letter that all shows have", took(lambda n: library.shows.search("a", 200))),
            ("list all, with the means of every persona", took(lambda n: _all(library, shows))),
            ("open one of three hours, up to the verdict", took(lambda n: opened(library, n * 37 % shows))),
            ("put one in, with its run", written),
            ("delete one, so that nothing is left on disk", took(lambda n: library.delete([f"show-{n:05}"]), 3)),
        ]
        size = library.size
        library.close()
    print(f"{shows:,} shows of {HOURS} hours, eight personas, {size / 1e6:,.0f} MB")
    print("| | seconds |\n| --- | ---: |")
    for name, seconds in rows:
        print(f"| {name} | {seconds:.3f} |")
    print(f"\n{size / (shows - 3) / HOURS / 1e3:,.0f} kB on disk per hour of show")


def _listed(library: Library) -> None:
    shown = library.shows.recent(10)
    library.runs.of([row.id for row in shown])


def _all(library: Library, shows: int) -> None:
    assert len(library.shows.recent(shows)) == len(library.runs.judged()[1])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)
