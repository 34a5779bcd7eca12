"""Text -> vectors, from the static word embeddings that ship inside the package wordllama."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file
from tokenizers import Tokenizer

Vector = NDArray[np.float32]
Vectors = NDArray[np.float32]

_TOKENIZER = "tokenizers/l2_supercat_tokenizer_config.json"
_WEIGHTS = "weights/l2_supercat_256.safetensors"


class Embedding:
    """One vector per word piece; a text is the mean of its pieces, scaled to length 1.

    The files are read without importing wordllama itself: its import takes 0.3 s and sets up the root logger.
    """

    def __init__(self, folder: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(folder / _TOKENIZER))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        # Half precision as stored: 16 MB rather than 32, and nothing to convert.
        self._weights = load_file(folder / _WEIGHTS)["embedding.weight"]

    def embed(self, texts: list[str]) -> Vectors:
        """One unit row per text, shape (len(texts), 256); a text without any word piece gives a row of zeros."""
        return unit(self._sums(texts))

    def embed_parts(self, parts: list[str]) -> tuple[Vectors, Vector]:
        """A unit row per part of a text, and one for the text as a whole."""
        sums = self._sums(parts)
        return unit(sums), unit(sums.sum(axis=0, keepdims=True))[0]

    def _sums(self, texts: list[str]) -> Vectors:
        rows = np.zeros((len(texts), self._weights.shape[1]), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            # One by one: a batch is handed to threads, which for a few sentences costs more than it saves.
            if pieces := self._tokenizer.encode(text, add_special_tokens=False).ids:
                row[:] = self._weights[pieces].sum(axis=0, dtype=np.float32)
        return rows


def unit(rows: Vectors) -> Vectors:
    """Every row scaled to length 1; rows of zeros stay."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    lengths[lengths == 0] = 1
    return np.asarray(rows / lengths, dtype=np.float32)


@lru_cache(maxsize=1)
def embedding() -> Embedding:
    """The process's one Embedding; the first call reads 16 MB and takes about 0.1 s."""
    spec = find_spec("wordllama")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("wordllama", name="wordllama")
    return Embedding(Path(spec.submodule_search_locations[0]))
