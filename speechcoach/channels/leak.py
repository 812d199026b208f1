"""The other side heard in a channel: echo, crosstalk, an open microphone in the same room.

Conventions: samples are float32 `[2, n]` at 8 kHz, levels dB re full scale in columns `[2, frames]` of 10 ms. A leak
is dB of own level re the other side's level while only the other side speaks: -20 means that it is heard 20 dB down.

Where there is a leak, how loud and how late, the samples say (`traces`). There it is subtracted (`cancel`), and a hop
is the channel's own where more is left than a leak leaves by itself. Each stretch has a path of its own, for a leak
may begin or grow in the middle of a call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from speechcoach.features import gate
from speechcoach.features.frames import HOP, HOP_S, Signal
from speechcoach.features.level import level_db, smooth
from speechcoach.records import Leakage

from . import cancel

LEFT_SHARE = 0.9  # of the hops that are but leak leave less than what counts as left
OVER_FLOOR_DB = 6.0  # a leak under the noise says nothing about what cancelling leaves
TAIL_HOPS = 4  # the release of a leak
TAIL_DB = 2.0  # a hop
LEAST_HOPS = 30
AROUND = 1000  # hops before and after a stretch: it is known to a window, and a leak explains only what is as soft
NOTHING_DB = np.float32(-200.0)


@dataclass(frozen=True, slots=True, eq=False)
class Own:
    """A channel without the other side: samples, their levels, and how many dB of them no leak explains.

    `over_db` is the level over what a leak leaves at most times, infinite where there is no leak.
    """

    samples: np.ndarray
    level_db: np.ndarray
    over_db: np.ndarray

    @classmethod
    def whole(cls, samples: np.ndarray, level_db: np.ndarray) -> Own:
        """A channel that hears nothing of another."""
        return cls(samples, level_db, np.full(len(level_db), np.inf, np.float32))


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch with what lies around it, in hops of the part at hand, and its leak."""

    start: int
    stop: int
    leak: gate.Leak

    @property
    def hops(self) -> slice:
        return slice(self.start, self.stop)


def own_parts(
    samples: np.ndarray, level: np.ndarray, noise: np.ndarray, leaks: Sequence[Sequence[Leakage]], start: int = 0
) -> list[Own]:
    """Each of two channels without the other; `level` and `noise` are `[2, frames]`, from hop `start` of the call.

    `leaks` are those of each channel, in seconds of the call.
    """
    pieces = [_pieces(found, start, level.shape[1]) for found in leaks]
    keep = _kept(level, noise, pieces)
    return [_cleared(samples, level, noise, keep, channel, pieces[channel]) for channel in (0, 1)]


def _pieces(leaks: Sequence[Leakage], start: int, count: int) -> list[_Piece]:
    """Of the stretches, what lies in the part."""
    found = []
    for leak in leaks:
        first = max(0, round(leak.start_s / HOP_S) - start - AROUND)
        last = min(count, round(leak.end_s / HOP_S) - start + AROUND)
        if first < last:
            found.append(_Piece(first, last, gate.Leak(leak.level_db, round(leak.delay_s / HOP_S) * HOP_S, 1.0)))
    return found


def _kept(level: np.ndarray, noise: np.ndarray, pieces: Sequence[Sequence[_Piece]]) -> np.ndarray:
    """Hops that are not merely the other side, bool `[2, frames]`."""
    keep = np.stack([_own_hops(level[i], level[1 - i], noise[i], pieces[i]) for i in (0, 1)])
    if all(pieces):  # what is but the echo of a voice does not come back as an echo again
        spoken = np.where(keep, level, NOTHING_DB)
        keep = np.stack([_own_hops(level[i], spoken[1 - i], noise[i], pieces[i]) for i in (0, 1)])
    return keep


def _own_hops(own: np.ndarray, other: np.ndarray, noise: np.ndarray, pieces: Sequence[_Piece]) -> np.ndarray:
    keep = np.ones(len(own), bool)
    for piece in pieces:
        hops = piece.hops
        keep[hops] &= gate.own_under(own[hops], other[hops], noise[hops], piece.leak)
    return keep


def _cleared(samples, level, noise, keep, channel: int, pieces: Sequence[_Piece]) -> Own:
    """The channel without its leaks, one after the other."""
    part = Own.whole(samples[channel], level[channel])
    if pieces:
        part = replace(part, samples=part.samples.copy(), level_db=part.level_db.copy())
    for piece in pieces:
        hops, waves = piece.hops, slice(piece.start * HOP, piece.stop * HOP)
        found = _own(part.samples[waves], samples[1 - channel, waves], level[channel, hops], noise[channel, hops],
                     keep[:, hops] if channel == 0 else keep[::-1, hops], piece.leak)  # fmt: skip
        part.samples[waves], part.level_db[hops] = found.samples, found.level_db
        part.over_db[hops] = np.minimum(part.over_db[hops], found.over_db)
    return part


def _own(
    own: np.ndarray, other: np.ndarray, level: np.ndarray, noise: np.ndarray, keep: np.ndarray, leak: gate.Leak
) -> Own:
    """A stretch of a channel without the leak; `keep` is that of the channel and of the other side."""
    spoken = np.roll(keep[1], round(leak.delay_s / HOP_S))
    alone = ~keep[0] & spoken
    foreign = cancel.leak_of(own, other, alone, leak.delay_s)
    loud = alone & (level > noise + OVER_FLOOR_DB)
    if foreign is None or np.count_nonzero(loud) < LEAST_HOPS:
        return Own(own, level, np.where(keep[0], np.inf, -np.inf))
    clean = own - foreign
    left, gone = (level_db(Signal(wave))[: len(level)] for wave in (clean, foreign))
    even = smooth(left)
    over = even - _tail(smooth(gone))
    return Own(clean, left, over - np.quantile(over[loud], LEFT_SHARE))


def _tail(level: np.ndarray) -> np.ndarray:
    """The largest of the last few hops, each some dB softer."""
    found = level.copy()
    for shift in range(1, min(TAIL_HOPS, len(level) - 1) + 1):
        found[shift:] = np.maximum(found[shift:], level[:-shift] - np.float32(TAIL_DB * shift))
    return found
