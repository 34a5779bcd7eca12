"""Text -> vectors, by all-MiniLM-L6-v2 on onnxruntime.

A segment is heard in one pass, after the last words of what was said before it; the vector of a sentence is the mean
over its tokens. How a thing is said shows in the middle layers, what it is about in the last, so one of each is kept.
`model.onnx` is the published file; its fourth layer becomes an output by a few bytes added while loading: ONNX files
are protocol buffers, and those merge where they are joined.
"""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from soniclayer.evaluators.builtin.text import Span, sentences, without_noise

if TYPE_CHECKING:
    from collections.abc import Sequence

Vectors = NDArray[np.float32]

MODEL, TOKENIZER = "model.onnx", "tokenizer.json"
WIDTH = 384
LAYERS = ("layer_norm_8", "last_hidden_state")
"""The fourth of six layers, and the last."""

EARLY, LAST = 0, 1
"""Places in LAYERS."""

BEFORE_WORDS = 40
"""How much of what was said before is heard with a segment."""

MOST_TOKENS = 512
"""What the model can take; what is longer is not heard to its end."""

_START, _END = 101, 102


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """A segment as it was heard.

    Attributes:
        text: as given.
        spans: its sentences; none where nothing is said.
        tokens: how many tokens each sentence has, shape (sentences,).
        vectors: mean over the tokens of each sentence, shape (sentences, LAYERS, WIDTH).
    """

    text: str
    spans: tuple[Span, ...]
    tokens: Vectors
    vectors: Vectors


class Encoder:
    """The model. Safe to call from several threads at once; a call uses one core."""

    def __init__(self) -> None:
        folder = files(__package__)
        self._tokenizer = Tokenizer.from_str(folder.joinpath(TOKENIZER).read_text(encoding="utf-8"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        # Set before the import: the library would write a device id into the home folder, and send usage data.
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        model = folder.joinpath(MODEL).read_bytes() + _output(LAYERS[EARLY])
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def hear(self, text: str, before: str = "") -> Heard:
        """A segment, after the end of what was said before it. About 0.3 ms of CPU per token, 35 ms in all."""
        spans, said, context = self._pieces(text, before)
        if not spans:
            return _heard(text, (), [], [])
        spoken = [token for tokens in said for token in tokens]
        states = self._states([_START, *context, *spoken, _END])[:, 1 + len(context) : -1]
        vectors, first = [], 0
        for tokens in said:
            vectors.append(states[:, first : first + len(tokens)].mean(axis=1))
            first += len(tokens)
        return _heard(text, spans, [len(tokens) for tokens in said], vectors)

    def unpack(self, text: str, kept: str) -> Heard:
        """What `hear` gave for this text, from what `pack` made of it. Raises ValueError where that cannot be."""
        spans, said, _ = self._pieces(text, "")
        raw = np.frombuffer(base64.b85decode(kept), dtype=np.float16)
        return _heard(text, spans, [len(tokens) for tokens in said], raw.reshape(len(spans), len(LAYERS), WIDTH))

    def phrase(self, text: str) -> Vectors:
        """A short text alone, shape (LAYERS, WIDTH). About 2.5 ms of CPU."""
        states = self._states([_START, *self._tokens(text)[: MOST_TOKENS - 2], _END])
        return _rounded(states.mean(axis=1))

    def _pieces(self, text: str, before: str) -> tuple[tuple[Span, ...], list[list[int]], list[int]]:
        """The sentences that are heard, their tokens, and those of what was said before."""
        speech = without_noise(text)
        spans, said, room = [], [], MOST_TOKENS - 2
        for span in sentences(speech):
            tokens = self._tokens(speech[span.start : span.end])[:room]
            if tokens:
                spans.append(span)
                said.append(tokens)
                room -= len(tokens)
        context = self._tokens(" ".join(without_noise(before).split()[-BEFORE_WORDS:])) if before else []
        # Context is a help, not the matter: a long segment is heard without.
        room -= MOST_TOKENS // 2
        return tuple(spans), said, context[-room:] if room > 0 else []

    def _tokens(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def _states(self, row: list[int]) -> Vectors:
        """Hidden states, shape (LAYERS, tokens, WIDTH). One text at a time: in a batch rounding would differ."""
        ids = np.array([row], dtype=np.int64)
        given = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        return np.concatenate(self._session.run(list(LAYERS), given))


def pack(heard: Heard) -> str:
    """The vectors as text, to be kept: 2 kB per sentence."""
    return base64.b85encode(heard.vectors.astype(np.float16).tobytes()).decode("ascii")


@lru_cache(maxsize=1)
def encoder() -> Encoder:
    """The process's one Encoder; the first call reads 23 MB and takes about 0.3 s."""
    return Encoder()


def _heard(
    text: str, spans: tuple[Span, ...], tokens: list[int], vectors: Sequence[Vectors] | NDArray[np.float16]
) -> Heard:
    rows = np.asarray(vectors, dtype=np.float32).reshape(len(spans), len(LAYERS), WIDTH)
    return Heard(text, spans, np.array(tokens, dtype=np.float32), _rounded(rows))


def _rounded(vectors: NDArray[np.floating[Any]]) -> Vectors:
    """As they are kept: a vector read back is the one that was computed."""
    return np.asarray(vectors.astype(np.float16), dtype=np.float32)


def _output(name: str) -> bytes:
    """Field 7 (graph) of an ONNX model holding field 12 (output), a value of this name."""
    value = b"\x0a" + bytes([len(name)]) + name.encode("ascii")
    output = b"\x62" + bytes([len(value)]) + value
    return b"\x3a" + bytes([len(output)]) + output
