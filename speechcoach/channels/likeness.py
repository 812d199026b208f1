"""How much of one channel is in the other, by correlating their samples.

Conventions: samples are float32 `[channels, n]` at 8 kHz. A correlation is normalised, its absolute
value is meant, 0-1: polarity and gain do not count. A lag is in seconds, positive where channel 1
comes later. Only some seconds of a call are looked at, so an
hour costs no more than ten minutes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

RATE_HZ = 8000
LAG_S = 0.05  # two legs of one recorder are no further apart
WINDOW = 15_984  # 2 s: with the lags it fills a transform of 16384
WINDOWS = 40  # the loudest of evenly placed ones
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


def _loud_windows(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Evenly placed windows, the loudest half of them, without their means, each `[windows, width]`."""
    width = min(samples.shape[1], WINDOW)
    if not width:
        return samples[:, :0].reshape(2, 0, 1)
    starts = np.unique(np.linspace(0, samples.shape[1] - width, 2 * WINDOWS).astype(int))
    cuts = [samples[:, start : start + width] for start in starts]
    power = np.array([np.einsum("ij,ij->i", cut, cut) for cut in cuts]).T - width * np.mean(cuts, axis=2).T ** 2
    loud = (power / np.maximum(power.max(axis=1, keepdims=True), 1e-20)).max(axis=0)
    cut = np.stack([cuts[place] for place in np.argsort(-loud, kind="stable")[:WINDOWS]], axis=1)
    return cut - cut.mean(axis=2, keepdims=True)


def _cross(first: np.ndarray, second: np.ndarray, reach: int) -> np.ndarray:
    """Correlation of each row of `first` with that of `second` at lags -reach to reach, `[rows, lags]`."""
    width = first.shape[1]
    size = 1 << (width + reach - 1).bit_length()
    product = np.conj(np.fft.rfft(first, size)) * np.fft.rfft(second, size)
    lags = np.fft.irfft(product, size)
    reach = min(reach, width - 1)
    return np.concatenate([lags[:, size - reach :], lags[:, : reach + 1]], axis=1)
