"""The other side heard in a channel: echo, crosstalk, an open microphone in the same room.

Conventions: samples are float32 `[2, n]` at 8 kHz, levels dB re full scale in columns `[2, frames]` of 10 ms. A leak
is dB of own level re the other side's level while only the other side speaks: -20 means that it is heard 20 dB down.

Whether there is a leak, how loud and how late, the levels say (`features.gate`). Where there is one it is
subtracted (`cancel`), and a hop is the channel's own where more is left than a leak leaves by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from speechcoach.features import gate
from speechcoach.features.frames import HOP_S, Signal
from speechcoach.features.gate import Leak
from speechcoach.features.level import level_db, smooth

from . import cancel

__all__ = ["Leak", "Own", "own_parts"]

LEFT_SHARE = 0.9  # of the hops that are but leak leave less than what counts as left
OVER_FLOOR_DB = 6.0  # a leak under the noise says nothing about what cancelling leaves
TAIL_HOPS = 4  # the release of a leak
TAIL_DB = 2.0  # a hop
LEAST_HOPS = 30


@dataclass(frozen=True, slots=True, eq=False)
class Own:
    """A channel without the other side: samples, their levels, and how many dB of them no leak explains.

    `over_db` is the level over what a leak leaves at most times, infinite where there is no leak.
    """

    samples: np.ndarray
    level_db: np.ndarray
    over_db: np.ndarray
    leak: Leak | None

    @classmethod
    def whole(cls, samples: np.ndarray, level_db: np.ndarray) -> Own:
        """A channel that hears nothing of another."""
        return cls(samples, level_db, np.full(len(level_db), np.inf, np.float32), None)


def own_parts(samples: np.ndarray, level: np.ndarray, noise: np.ndarray, active: np.ndarray) -> list[Own]:
    """Each of two channels without the other; `level`, `noise` and `active` are `[2, frames]`."""
    keep, leaks = gate.own_hops(level, noise, active)
    return [
        Own.whole(samples[i], level[i]) if leak is None else _own(samples, level, noise, keep, i, leak)
        for i, leak in enumerate(leaks)
    ]


def _own(samples, level, noise, keep, channel: int, leak: Leak) -> Own:
    """The channel without the leak."""
    spoken = np.roll(keep[1 - channel], round(leak.delay_s / HOP_S))
    alone = ~keep[channel] & spoken
    foreign = cancel.leak_of(samples[channel], samples[1 - channel], alone, leak.delay_s)
    loud = alone & (level[channel] > noise[channel] + OVER_FLOOR_DB)
    if foreign is None or np.count_nonzero(loud) < LEAST_HOPS:
        return Own(samples[channel], level[channel], np.where(keep[channel], np.inf, -np.inf), leak)
    clean = samples[channel] - foreign
    left, gone = (level_db(Signal(wave))[: level.shape[1]] for wave in (clean, foreign))
    bound = _tail(smooth(gone))
    even = smooth(left)
    return Own(clean, left, even - bound - np.quantile((even - bound)[loud], LEFT_SHARE), leak)


def _tail(level: np.ndarray) -> np.ndarray:
    """The largest of the last few hops, each some dB softer."""
    found = level.copy()
    for shift in range(1, min(TAIL_HOPS, len(level) - 1) + 1):
        found[shift:] = np.maximum(found[shift:], level[:-shift] - np.float32(TAIL_DB * shift))
    return found
