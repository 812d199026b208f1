"""A small net that hears who is a voice: is this speech, and is this music or a tone.

Conventions: a row is a look of 20 ms (`bands`); answers are logits, four a look: speech in its first and second hop,
music or tone in its first and second hop. What lies before the start and after the end counts as zero.

Six layers of dilated convolutions over three looks each (van den Oord et al. 2016, arXiv:1609.03499; as gates of
speech Bai et al. 2018, arXiv:1803.01271), which see 1.3 s to each side, and means of the third layer over 2 and 10 s,
which tell babble and music from somebody near. Weights are data; `train/activity_net.py` is their recipe.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

DILATIONS = (1, 2, 4, 8, 16, 32)
POOLED = 2  # after this layer the means are taken
POOLS = (50, 250)  # looks to each side: 1 and 5 s
ANSWERS = 4
REACH = sum(DILATIONS) + max(POOLS)  # looks that an answer depends on, to each side
BLOCK = 2048  # looks at a time: what a layer reads and writes stays in the cache


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """Layers `[3 x in, out]` with what is added, the way of the means into the fourth layer, and the last layer."""

    layers: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]
    pool: np.ndarray
    out: np.ndarray
    out_bias: np.ndarray


@cache
def weights() -> Weights:
    """The shipped weights."""
    with (files(__package__) / "weights" / "activity.npz").open("rb") as stream, np.load(stream) as stored:
        return of(stored)


def of(stored) -> Weights:
    """Weights out of arrays by name."""

    def get(name: str) -> np.ndarray:
        return np.ascontiguousarray(stored[name], np.float32)

    count = range(len(DILATIONS))
    return Weights(
        tuple(get(f"layer{i}") for i in count),
        tuple(get(f"bias{i}") for i in count),
        get("pool"),
        get("out"),
        get("out_bias"),
    )


def answer(rows: np.ndarray, known: Weights | None = None) -> np.ndarray:
    """Logits, float32 `[looks, 4]`, for rows `[looks, columns]`."""
    known = known or weights()
    hidden = rows
    for place, dilation in enumerate(DILATIONS):
        fresh = _layer(hidden, known.layers[place], known.biases[place], dilation)
        if place == POOLED + 1:
            fresh += _means(hidden) @ known.pool
        if place:
            fresh += hidden
        hidden = np.maximum(fresh, 0, out=fresh)
    return hidden @ known.out + known.out_bias


def _layer(rows: np.ndarray, layer: np.ndarray, bias: np.ndarray, dilation: int) -> np.ndarray:
    """The look, and those `dilation` before and after it, through one layer."""
    width = rows.shape[1]
    before, here, after = layer[:width], layer[width : 2 * width], layer[2 * width :]
    made = rows @ here
    made += bias
    if len(rows) > dilation:
        made[dilation:] += rows[:-dilation] @ before
        made[:-dilation] += rows[dilation:] @ after
    return made


def _means(rows: np.ndarray) -> np.ndarray:
    """Means over the looks around, as far as there are any, `[looks, pools x columns]`."""
    total = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0, dtype=np.float64)])
    place = np.arange(len(rows))
    found = []
    for reach in POOLS:
        first, last = np.maximum(place - reach, 0), np.minimum(place + reach + 1, len(rows))
        found.append(((total[last] - total[first]) / (last - first)[:, None]).astype(np.float32))
    return np.concatenate(found, axis=1)
