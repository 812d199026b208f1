"""The other side's leak taken out of a channel: what a short filter makes of the other channel is subtracted.

Conventions: samples are float32 `[n]` at 8 kHz, masks bool `[hops]` of 10 ms, levels dB re full scale.

The filter is the least-squares one (Wiener 1949) over moments in which only the other side is heard. Through coders
that are not linear some of a leak remains; how much of it, relative to what was subtracted, those moments tell too.
"""

from __future__ import annotations

import numpy as np

from speechcoach.features.frames import HOP

TAPS = 320  # 40 ms: the path of a leak in a recorder or hybrid
LEAD = 80  # a delay is known to a hop: the filter begins that many samples before it
SEGMENT = 2048
SEGMENTS = 150  # the loudest
LEAST_SEGMENTS = 4  # a second
CLEAR = 0.85  # share of a segment's hops in which only the other side is heard
STIFF = 1e-3  # of the power, so that bands that the other side lacks are left alone
BLOCK = 8192  # of the filtering transform


def leak_of(own: np.ndarray, other: np.ndarray, alone: np.ndarray, delay_s: float) -> np.ndarray | None:
    """What of `own` is the other side, float32 `[n]`; None where too little of it is heard alone.

    `alone` are the hops in which only the other side is heard, `delay_s` how much later than in `other`.
    """
    late = _later(other, round(delay_s * 8000) - LEAD)
    path = _path(own, late, alone)
    return None if path is None else _filtered(late, path)


def _path(own: np.ndarray, late: np.ndarray, alone: np.ndarray) -> np.ndarray | None:
    """The filter from the delayed other side to the own channel, `[TAPS]`."""
    count = len(own) // SEGMENT
    share = np.add.reduceat(np.repeat(alone, HOP)[: count * SEGMENT].astype(np.float32), np.arange(count) * SEGMENT)
    heard = np.flatnonzero(share >= CLEAR * SEGMENT)
    heard = heard[heard > 0]
    if len(heard) < LEAST_SEGMENTS:
        return None
    power = np.array([np.dot(row, row) for row in (late[i * SEGMENT : (i + 1) * SEGMENT] for i in heard)])
    heard = heard[np.argsort(-power)[:SEGMENTS]]
    near = np.stack([own[i * SEGMENT : (i + 1) * SEGMENT] for i in heard])
    far = np.stack([late[i * SEGMENT - TAPS : (i + 1) * SEGMENT] for i in heard])
    size = 2 * SEGMENT
    spectrum = np.fft.rfft(far, size)
    auto = np.fft.irfft((np.abs(spectrum) ** 2).sum(axis=0), size)[:TAPS]
    padded = np.pad(near, ((0, 0), (TAPS, 0)))
    cross = np.fft.irfft((np.fft.rfft(padded, size) * np.conj(spectrum)).sum(axis=0), size)[:TAPS]
    place = np.arange(TAPS)
    matrix = auto[np.abs(place[:, None] - place)].astype(np.float64)
    matrix[place, place] += STIFF * auto[0] + 1e-12
    return np.linalg.solve(matrix, cross.astype(np.float64)).astype(np.float32)


def _filtered(wave: np.ndarray, path: np.ndarray) -> np.ndarray:
    """The wave through the filter, block by block."""
    step = BLOCK - TAPS
    spectrum = np.fft.rfft(path, BLOCK)
    found = np.empty(len(wave), np.float32)
    padded = np.pad(wave, (TAPS, 0))
    for start in range(0, len(wave), step):
        piece = np.fft.irfft(np.fft.rfft(padded[start : start + BLOCK], BLOCK) * spectrum, BLOCK)
        stop = min(start + step, len(wave))
        found[start:stop] = piece[TAPS : TAPS + stop - start]
    return found


def _later(wave: np.ndarray, samples: int) -> np.ndarray:
    """The wave moved later (earlier where negative), what comes in zero."""
    if samples >= 0:
        return np.pad(wave, (samples, 0))[: len(wave)]
    return np.pad(wave, (0, -samples))[-samples:]
