"""A small net that hears pitch in noise: which pitch, and is it voice.

Conventions: a row is a hop that is looked at; pitch bins are a quarter of a semitone apart from
55 Hz on. The answers are logits: of one pitch against another, and of voice against none.

The net sees the magnitudes of a hop and three levels, and the same of six hops around it (20, 40
and 80 ms before and after). A hop that is not looked at says nothing. Its weights are data;
`train/pitch_net.py` is their recipe.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

CONTEXT = (-8, -4, -2, 0, 2, 4, 8)  # hops
REACH = max(CONTEXT)
BINS_PER_OCTAVE = 48
LOWEST_HZ = 55.0
BINS = 156
LEVELS = 3
LEVEL_SCALE_DB = 20.0


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """Three layers, float32 `[in, out]`, and what is added to each."""

    first: np.ndarray
    first_bias: np.ndarray
    second: np.ndarray
    second_bias: np.ndarray
    third: np.ndarray
    third_bias: np.ndarray


@cache
def weights() -> Weights:
    """The shipped weights."""
    with (files(__package__) / "weights" / "pitch.npz").open("rb") as stream, np.load(stream) as stored:
        return Weights(*(np.ascontiguousarray(stored[name], np.float32) for name in Weights.__slots__))


def levels(level_db: np.ndarray, floor_db: np.ndarray, loud_db: float) -> np.ndarray:
    """What a hop's level says, `[hops, 3]`: under the loud hops, over the floor, and the distance of the two."""
    under = np.clip((level_db - loud_db) / LEVEL_SCALE_DB, -3, 1)
    over = np.clip((level_db - floor_db) / LEVEL_SCALE_DB, -1, 3)
    span = np.clip((loud_db - floor_db) / LEVEL_SCALE_DB, 0, 3)
    return np.stack([under, over, span], axis=1).astype(np.float32)


def answer(rows: np.ndarray, hops: np.ndarray, asked: slice) -> tuple[np.ndarray, np.ndarray]:
    """Logits of the pitch bins `[asked, 156]` and of voice `[asked]`.

    `rows` is `[n, bins + 3]` for the hops in `hops` (ascending); `asked` are the rows to answer for,
    the others are there for context only.
    """
    known = weights()
    first = np.zeros((len(rows) + 1, known.first.shape[1]), np.float32)  # the last: a hop that is not looked at
    said = first[:-1]
    np.matmul(rows, known.first, out=said)
    said += known.first_bias
    np.maximum(said, 0, out=said)
    second = first[_around(hops, asked)].reshape(asked.stop - asked.start, -1) @ known.second
    second += known.second_bias
    np.maximum(second, 0, out=second)
    third = second @ known.third
    third += known.third_bias
    return third[:, :BINS], third[:, BINS]


def _around(hops: np.ndarray, asked: slice) -> np.ndarray:
    """Row of each context hop of each asked row, `[asked, contexts]`; the row after the last where there is none."""
    first = hops[0]
    row_of = np.full(int(hops[-1] - first) + 2 * REACH + 1, len(hops), np.intp)
    place = hops - first + REACH
    row_of[place] = np.arange(len(hops))
    return row_of[place[asked, None] + np.array(CONTEXT)]
