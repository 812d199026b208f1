"""How much of one channel is in the other, by correlating their samples.

Conventions: samples are float32 `[channels, n]` at 8 kHz. A correlation is normalised, its absolute
value is meant, 0-1: polarity and gain do not count. A lag is in seconds, positive where channel 1
(or the channel that is leaked into) comes later. Only some seconds of a call are looked at, so an
hour costs no more than ten minutes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

RATE_HZ = 8000
LAG_S = 0.05  # two legs of one recorder are no further apart
WINDOW_S = 2.0
WINDOWS = 40  # the loudest of evenly placed ones
SEGMENT = 2048  # 256 ms: some syllables, during which one speaker dominates
SEGMENTS = 240
DOMINANT_DB = 6.0
ECHO_LAG_S = 0.5  # an echo through a network is later than a leak in the recorder
FEWEST = 8  # segments; with fewer the median is chance
SAME_MIX = 0.9  # fake stereo of 16 made calls reads .96-1.00, clean calls up to .02
UNEQUAL_DB = 20.0  # no recorder copies a channel at a tenth of its amplitude
SILENT_POWER = 1e-9  # -90 dB re full scale: a recorder's own zero


@dataclass(frozen=True, slots=True)
class Likeness:
    """The best correlation, the lag at which it was found, and how much louder the second channel is."""

    correlation: float
    lag_s: float
    gain_db: float = 0.0


def likeness(samples: np.ndarray) -> Likeness:
    """Largest correlation of the two channels within 50 ms, over the loud windows of the call.

    Two microphones of one call read below .05, the same mix on both channels above .9, one side
    mixed into the other in between. Silent or single channels read 0.
    """
    if np.ndim(samples) != 2 or len(samples) != 2:
        return Likeness(0.0, 0.0)
    left, right = _loud_windows(samples)
    near, far = (float(np.square(part, dtype=np.float64).mean()) if part.size else 0.0 for part in (left, right))
    if min(near, far) < SILENT_POWER:
        return Likeness(0.0, 0.0)
    curve = _cross(left, right, round(LAG_S * RATE_HZ)).sum(axis=0) / (left.size * np.sqrt(near * far))
    best = int(np.abs(curve).argmax())
    lag_s = (best - len(curve) // 2) / RATE_HZ
    return Likeness(min(1.0, float(abs(curve[best]))), lag_s, 10 * float(np.log10(far / near)))


def same_mix(samples: np.ndarray) -> bool:
    """Do both channels carry the same sound, at whatever gain, polarity and delay?

    A channel more than 20 dB below the other is rather a dead one that hears the other.
    """
    like = likeness(samples)
    return like.correlation > SAME_MIX and abs(like.gain_db) < UNEQUAL_DB


def crosstalk(samples: np.ndarray, source: int) -> Likeness:
    """How closely the other channel follows `source` (0 or 1) while `source` dominates it by 6 dB.

    The median over segments of 256 ms of the correlation at one lag for the whole call, up to half a
    second: an echo through a network comes that late. Two clean channels read below .1, a leak at
    -20 dB .5-.9, at -40 dB through mu-law .2-.6.
    """
    near, far = _dominated(samples, source)
    if len(near) < FEWEST:
        return Likeness(0.0, 0.0)
    size = 1 << (far.shape[1] + SEGMENT).bit_length() - 1
    product = np.fft.rfft(far, size) * np.conj(np.fft.rfft(near, size))
    lags = far.shape[1] - SEGMENT + 1
    curves = np.fft.irfft(product, size)[:, :lags]
    total = np.cumsum(np.pad(np.square(far), ((0, 0), (1, 0))), axis=1)
    power = (total[:, SEGMENT:] - total[:, :-SEGMENT])[:, :lags] * np.square(near).sum(axis=1, keepdims=True)
    curves /= np.sqrt(np.maximum(power, 1e-12))
    best = int(np.abs(curves.sum(axis=0)).argmax())
    return Likeness(min(1.0, float(np.median(np.abs(curves[:, best])))), best / RATE_HZ - LAG_S)


def _loud_windows(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Evenly placed windows, the loudest half of them, without their means, each `[windows, width]`."""
    width = min(samples.shape[1], round(WINDOW_S * RATE_HZ))
    if not width:
        return samples[:, :0].reshape(2, 0, 1)
    starts = np.unique(np.linspace(0, samples.shape[1] - width, 2 * WINDOWS).astype(int))
    cut = np.stack([samples[:, start : start + width] for start in starts], axis=1)
    cut = cut - cut.mean(axis=2, keepdims=True)
    power = np.square(cut).mean(axis=2)
    loud = (power / np.maximum(power.max(axis=1, keepdims=True), 1e-20)).max(axis=0)
    return cut[:, np.argsort(-loud, kind="stable")[:WINDOWS]]


def _dominated(samples: np.ndarray, source: int) -> tuple[np.ndarray, np.ndarray]:
    """Segments in which the source dominates, and what the other channel has from 50 ms before to 0.5 s after."""
    early, late = round(LAG_S * RATE_HZ), round(ECHO_LAG_S * RATE_HZ)
    wide = SEGMENT + early + late
    if samples.shape[1] < wide:
        return np.zeros((0, SEGMENT)), np.zeros((0, wide))
    near = sliding_window_view(samples[source], SEGMENT)[early : samples.shape[1] - wide + early + 1 : SEGMENT]
    far = sliding_window_view(samples[1 - source], wide)[::SEGMENT]
    loudness = np.einsum("ij,ij->i", near, near) / SEGMENT
    heard = far[:, early : early + SEGMENT]
    leak = np.einsum("ij,ij->i", heard, heard) / SEGMENT
    good = (loudness > 0.1 * np.percentile(loudness, 95)) & (leak > SILENT_POWER)
    good = np.flatnonzero(good & (loudness > 10 ** (DOMINANT_DB / 10) * leak))
    good = good[:: len(good) // SEGMENTS + 1]
    return tuple(cut - cut.mean(axis=1, keepdims=True) for cut in (near[good], far[good]))


def _cross(first: np.ndarray, second: np.ndarray, reach: int) -> np.ndarray:
    """Correlation of each row of `first` with that of `second` at lags -reach to reach, `[rows, lags]`."""
    width = first.shape[1]
    size = 1 << (width + reach).bit_length()
    product = np.conj(np.fft.rfft(first, size)) * np.fft.rfft(second, size)
    lags = np.fft.irfft(product, size)
    reach = min(reach, width - 1)
    return np.concatenate([lags[:, size - reach :], lags[:, : reach + 1]], axis=1)
