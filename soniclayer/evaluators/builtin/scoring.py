"""Segment x personas -> the mean rating that readers would give, and what it is made of.

The predictor is a Gaussian process made small: ridge regression on what a segment has to do with the persona's own
words (`features`), and on what it is like, shared between personas as far as their words are alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from soniclayer.evaluators.builtin.encoder import LAST, Heard
from soniclayer.evaluators.builtin.features import (
    KINDS,
    LIKENESSES,
    LIKES,
    OFFENCES,
    PER_KIND,
    Array,
    Phrases,
    for_likeness,
    in_space,
    joined,
    likenesses,
    offences,
    whole,
)
from soniclayer.evaluators.builtin.parameters import RATED, Listeners, Parameters, kind_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

PARTS = (*KINDS, "unsafe words", "talk like this")
"""What a prediction is made of, beside its start: the features of each kind, unsafe words that the persona minds, and
what such listeners make of such talk."""

SWORN = 2.2

_MET = 0.5  # as good as the same as a rated persona: a phrase added or two changed


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Panel:
    """Personas, ready to be asked.

    Attributes:
        phrases: theirs.
        wanted: the same, `for_likeness`.
        spaces: their phrases in the two learnt spaces.
        alike: their likeness to the rated personas, shape (rated, personas).
        kinds: of persona, as keys of `Parameters.calibrations`.
    """

    phrases: Phrases
    wanted: tuple[Array, Array]
    spaces: tuple[Array, ...]
    alike: Array
    kinds: tuple[str, ...]


def panel_of(phrases: Phrases, parameters: Parameters) -> Panel:
    """A panel of the personas whose phrases these are."""
    standard = parameters.space.phrases(phrases.vectors)
    told = joined(standard)
    spaces = tuple(
        (told @ axes - shift) * scale
        for axes, shift, scale in zip(parameters.axes, parameters.shifts, parameters.scales, strict=True)
    )
    alike = Listeners.of(phrases, parameters.space).alike(parameters.rated).T
    same = np.exp((alike - 1) / parameters.sameness)
    kinds = [
        RATED if met > _MET else kind_of(int(likes), int(dislikes))
        for met, (likes, dislikes, _) in zip(same.max(axis=0, initial=0), phrases.counts, strict=True)
    ]
    wanted = for_likeness(phrases.vectors, standard)
    return Panel(phrases, wanted, spaces, parameters.common + alike + parameters.same * same, tuple(kinds))


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """Predicted mean ratings.

    Attributes:
        lean: 1.0 to 5.0, shape (variants, personas).
        parts: what each of PARTS adds to the start, shape (variants, personas, PARTS).
        near: likeness as a whole to the nearest like, shape (variants, personas).
    """

    lean: Array
    parts: Array
    near: Array


def features(heard: Heard, kept: NDArray[np.bool_], panel: Panel, parameters: Parameters) -> Array:
    """The features of every variant and persona, shape (variants, personas, FEATURES), not standardised."""
    told = joined(parameters.space.texts(whole(heard, kept)))
    blocks = [likenesses(heard, kept, panel.phrases, panel.wanted, parameters.space)]
    blocks += [
        in_space(told @ axes, wanted, panel.phrases)
        for axes, wanted in zip(parameters.axes, panel.spaces, strict=True)
    ]
    present = np.broadcast_to((panel.phrases.counts > 0)[None, :, :, None], (*blocks[0].shape[:3], 1))
    about = np.concatenate([*blocks, present], axis=-1).reshape(len(kept), -1, PER_KIND * len(KINDS))
    return np.concatenate([about, offences(heard, kept, panel.phrases)], axis=-1)


def standardised(rows: Array, centre: Array, spread: Array) -> Array:
    """Features in units of their spread; those of a kind that a persona has none of are 0."""
    values = (rows - centre) / spread
    present = _by_kind(rows)[..., -1:] > 0
    values[..., :-OFFENCES] = (_by_kind(values) * present).reshape(*rows.shape[:-1], -1)
    return np.asarray(values)


def _by_kind(rows: Array) -> Array:
    return rows[..., :-OFFENCES].reshape(*rows.shape[:-1], len(KINDS), PER_KIND)


def capped(lean: Array, rows: Array) -> Array:
    """Where there is swearing that the persona minds, the leaning is no higher than SWORN.

    Of such cells of rated talk 95 % were rated below 3, however friendly the rest was.

    rows: the features, not standardised.
    """
    return np.where(rows[..., -OFFENCES] > 0, np.minimum(lean, SWORN), lean)


def predict(heard: Heard, panel: Panel, parameters: Parameters, kept: NDArray[np.bool_] | None = None) -> Prediction:
    """What readers would give on the mean, as each persona.

    kept: which sentences count, shape (variants, sentences), at least one in each variant; all of them by default.
    """
    counted = np.ones((1, len(heard.spans)), dtype=np.bool_) if kept is None else kept
    plain = features(heard, counted, panel, parameters)
    near = _by_kind(plain)[..., LIKES, LAST * LIKENESSES]
    rows = standardised(plain, parameters.centre, parameters.spread)
    weighted = rows * parameters.weights
    learnt = parameters.placed(whole(heard, counted)) @ parameters.opinions @ panel.alike
    about = _by_kind(weighted).sum(axis=-1)
    others = parameters.start + about.sum(axis=-1) + learnt
    lean = capped(others + weighted[..., -OFFENCES:].sum(axis=-1), plain)
    parts = np.concatenate([about, (lean - others)[..., None], learnt[..., None]], axis=-1)
    return Prediction(np.clip(lean, 1, 5), parts, near)
