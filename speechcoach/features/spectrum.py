"""The spectrum of a frame and how it repeats: what pitch, voicing and voice quality are read from.

Conventions: a frame is 45 ms (360 samples, Hann) around its hop. Bins are 20 Hz apart from 90 to
2350 Hz, what a telephone keeps of the lower harmonics and a little below, then a few up to 3400 Hz
that only say how bright the frame is. Magnitudes are shares: those of the lower bins of a frame sum to 1.

Both transforms are float32 matrix products over a block of frames, cheaper than an FFT because only
the bins and lags that matter are computed. The lag curve is the autocorrelation of the spectrally
compressed frame (Tolonen & Karjalainen 2000, IEEE Trans. Speech Audio Proc. 8), divided by that of
the window (Boersma 1993, IFA Proceedings 17).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .config import FeatureConfig
from .frames import RATE_HZ, Signal

WINDOW = 360  # 45 ms: nearly three periods at 60 Hz
HALF = WINDOW // 2
LOWER_HZ = 90.0 + 20.0 * np.arange(114)
UPPER_HZ = 2450.0 + 135.0 * np.arange(8)
BINS_HZ = np.concatenate([LOWER_HZ, UPPER_HZ])
LOWER = len(LOWER_HZ)
NOISE_FRAMES = 500  # quiet hops, evenly over the chapter, that the noise spectrum is the mean of
NOISE_REST = 0.02  # share of a bin's power that noise subtraction leaves, so that no bin is void
TINY = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """Constant matrices: half window x cos and x sin, `[180, bins]`; kernel `[lower bins, lags]`."""

    cos: np.ndarray
    sin: np.ndarray
    kernel: np.ndarray
    lags: np.ndarray


@lru_cache(maxsize=8)
def tables(config: FeatureConfig) -> Tables:
    """The matrices for one configuration."""
    offset = np.arange(HALF) - (HALF - 0.5)  # samples from the centre of the window: its first half
    window = 0.5 + 0.5 * np.cos(2 * np.pi * offset / WINDOW)
    angle = 2 * np.pi * np.outer(offset, BINS_HZ) / RATE_HZ
    shortest = int(np.ceil(RATE_HZ / config.f0_max_hz)) - 1  # one more on each side, to see that a peak is one
    longest = int(RATE_HZ / config.f0_min_hz) + 1
    lags = np.arange(shortest, longest + 1)
    # The magnitude spectrum of a Hann window is the transform of the window itself, not of its square.
    response = 0.5 + 0.5 * np.cos(2 * np.pi * lags / WINDOW)
    kernel = np.cos(2 * np.pi * np.outer(LOWER_HZ, lags) / RATE_HZ) / response
    made = (window[:, None] * np.cos(angle), window[:, None] * np.sin(angle), kernel, lags)
    return Tables(*(table.astype(np.float32) for table in made))


def power_spectrum(frames: np.ndarray, table: Tables) -> np.ndarray:
    """Power in the bins; float32 `[frames, 360]` -> `[frames, bins]`.

    Each frame is folded about its centre: the even half meets the cosines, the odd half the sines,
    which halves the products.
    """
    early, late = frames[:, :HALF], frames[:, : HALF - 1 : -1]
    power = (early + late) @ table.cos
    power *= power
    other = (early - late) @ table.sin
    other *= other
    power += other
    return power


def noise_spectrum(signal: Signal, quiet: np.ndarray, table: Tables) -> np.ndarray:
    """Mean power in each bin over some quiet hops, float32 `[bins]`; zero where no hop is quiet."""
    index = np.flatnonzero(quiet)
    index = index[:: len(index) // NOISE_FRAMES + 1]
    if not len(index):
        return np.zeros(len(BINS_HZ), np.float32)
    return power_spectrum(signal.windows(index, WINDOW), table).mean(axis=0)


def magnitudes(frames: np.ndarray, noise: np.ndarray, table: Tables, out: np.ndarray) -> None:
    """Write shares of the magnitude over the noise into `out` `[frames, bins]`; the lower bins of a row sum to 1.

    `frames` is float32 `[frames, 360]`, `noise` the mean power of noise in each bin.
    """
    power = power_spectrum(frames, table)
    if noise.any():
        least = power * np.float32(NOISE_REST)
        power -= noise
        np.maximum(power, least, out=power)
    np.sqrt(power, out=power)
    whole = power[:, :LOWER] @ np.ones(LOWER, np.float32)
    np.divide(power, whole[:, None] + np.float32(TINY), out=out)
