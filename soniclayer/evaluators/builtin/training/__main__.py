"""Learn the built-in evaluator's parameters from rated talk and write them.

    python -m soniclayer.evaluators.builtin.training RATED.json [MORE.json ...]

The same files, on the same kind of processor and with the same versions of numpy and onnxruntime, give the shipped
parameters bit for bit. Rated files hold other people's words and are not part of the project; what one looks like is
said in training/corpus.py. Takes some ten minutes on two cores.
"""

from __future__ import annotations

import argparse
import io
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from soniclayer.evaluators.builtin import parameters as package
from soniclayer.evaluators.builtin.classifiers import TONES, TOPICS
from soniclayer.evaluators.builtin.training.calibrate import calibrations, left_out
from soniclayer.evaluators.builtin.training.corpus import Corpus, corpus, personas_of, read, read_lines
from soniclayer.evaluators.builtin.training.fit import basis, fit
from soniclayer.shipped import shipped

FOLDER = Path(package.__file__).parent
LISTENERS = (shipped("personas.toml", "personas.toml"), Path(__file__).parent / "personas.toml")
LINES = FOLDER.parents[2] / "benchmarks" / "data" / "judgement.tsv"
UNKNOWN = (0.22, 0.2)
"""Least share of a topic, and of a tone, that is named: below it one in four is right."""

NEEDED = """No rated talk was given, so nothing was learnt and nothing was written.
Name one or more JSON files of rated half minutes: lists of objects with "show", "previous", "text" and "ratings", one
object per reader with "topic", "topic2", "tone" and a score from 1 to 5 by persona id.
The shipped parameters were learnt from {count} half minutes of {shows} shows, fingerprint {fingerprint}."""


def learn(data: Corpus) -> tuple[str, bytes]:
    """The contents of parameters.json and parameters.npz."""
    known = basis(data)
    texts, personas = np.ones(len(data.rated), dtype=np.bool_), np.ones(len(data.personas), dtype=np.bool_)
    learnt = fit(data, known, texts, personas)
    learnt = package.replaced(learnt, calibrations(data, known, left_out(data, known), texts), UNKNOWN)
    notes = {
        "data": {
            "fingerprint": data.fingerprint,
            "half_minutes": int(data.talk.sum()),
            "lines": int((~data.talk).sum()),
            "shows": len(set(data.shows[data.talk].tolist())),
            "ratings": int((~np.isnan(data.ratings[data.talk])).sum()),
            "personas": [persona.id for persona in data.personas],
        },
        "topics": [topic.value for topic in TOPICS],
        "tones": [tone.value for tone in TONES],
    }
    text, arrays = package.written(learnt, data.phrases, notes)
    return text, archive(arrays)


def archive(arrays: dict[str, Any]) -> bytes:
    """An .npz file of these arrays whose bytes depend on nothing else: numpy's own has the time in it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name, array in sorted(arrays.items()):
            entry = io.BytesIO()
            np.lib.format.write_array(entry, np.asarray(array, order="C"), version=(1, 0), allow_pickle=False)
            file.writestr(zipfile.ZipInfo(f"{name}.npy"), entry.getvalue(), zipfile.ZIP_DEFLATED, 9)
    return packed.getvalue()


def needed() -> str:
    """What to say where there is no rated file."""
    data = package.notes()["data"]
    return NEEDED.format(count=data["half_minutes"], shows=data["shows"], fingerprint=data["fingerprint"])


def main() -> int:
    """Parse the command line, learn, write; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rated", nargs="*", type=Path, help="JSON files of rated half minutes")
    parser.add_argument("--personas", nargs="*", type=Path, default=LISTENERS, help="whom readers played")
    parser.add_argument("--lines", type=Path, default=LINES, help="written lines with topics, from a checkout")
    parser.add_argument("--output", type=Path, default=FOLDER, help="folder to write to; default: the package's")
    parser.add_argument("--vectors", type=Path, help="keep vectors in this file, to try things faster")
    arguments = parser.parse_args()
    missing = [str(file) for file in (*arguments.rated, arguments.lines) if not file.is_file()]
    if missing or not arguments.rated:
        print("\n".join([*(f"There is no file {file}." for file in missing), needed()]), file=sys.stderr)
        return 2
    text, packed = learn(
        corpus(
            (*read(arguments.rated), *read_lines(arguments.lines)), personas_of(arguments.personas), arguments.vectors
        )
    )
    (arguments.output / package.SCALARS).write_text(text, encoding="utf-8")
    (arguments.output / package.ARRAYS).write_bytes(packed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
