"""Fundamental frequency of each hop that is looked at: spectrum, autocorrelation, candidates, path.

Conventions: lags are samples at 8 kHz, F0 is Hz, NaN where a hop is unvoiced; the height of a peak
is 0-1, the share of the frame that repeats after that lag. Frames are 45 ms (360 samples, Hann).

The way: a magnitude spectrum of 114 bins, 20 Hz apart, 90-2350 Hz (what a telephone keeps of the
lower harmonics and a little below), with the mean noise taken off; its cosine transform is the
autocorrelation of the spectrally compressed frame (Tolonen & Karjalainen 2000, IEEE Trans. Speech
Audio Proc. 8), which is divided by that of the window (Boersma 1993, IFA Proceedings 17). Both
transforms are float32 matrix products over a block of frames: cheaper than an FFT, because only the
bins and lags that matter are computed. The best three peaks of each frame go to a path search.

`Candidates` is the one place where a trained estimator can take over: whatever fills it is searched
in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .config import FeatureConfig
from .frames import HOP_S, RATE_HZ, Signal, time_blocks
from .path import best_path

WINDOW = 360  # 45 ms: nearly three periods at 60 Hz
HALF = WINDOW // 2
BINS_HZ = 90.0 + 20.0 * np.arange(114)
LOW_HZ, HIGH_HZ = 930.0, 1530.0  # the tilt compares what is below the one with what is above the other
WINDOW_POWER = 0.7  # of the window's lag response; 1 lifts the noise at long lags as much as the voice
NOISE_FRAMES = 1000  # quiet hops, evenly over the call, that the noise spectrum is the mean of
NOISE_REST = 0.02  # share of a bin's power that noise subtraction leaves, so that no bin is void
PEAKS = 3
SUMS = 3  # columns of the kernel before its lags: all bins, low bins, high bins
TINY = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """What a hop could be. Float32, row = hop.

    `f0_hz` and `height` are `[hops, 3]`, highest peak first, height 0 where there is none; `level_db`
    `[hops]` is the hop's strength (any reference), `tilt_db` `[hops]` its low band over its high band.
    """

    f0_hz: np.ndarray
    height: np.ndarray
    level_db: np.ndarray
    tilt_db: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """Constant matrices: half window x cos and x sin, `[180, bins]`; kernel `[bins, 3 + lags]`."""

    cos: np.ndarray
    sin: np.ndarray
    kernel: np.ndarray
    lags: np.ndarray
    level_out: np.ndarray  # per lag: what turns the kernel's weighting into a level one


def track(signal: Signal, look: np.ndarray, config: FeatureConfig) -> tuple[np.ndarray, np.ndarray]:
    """F0 in Hz (NaN = unvoiced) and voicing 0-1 of every hop, both float32 `[frames]`.

    `look`, bool `[frames]`, says which hops are searched; the others are unvoiced, and are
    what the noise is like.
    """
    f0_hz = np.full(signal.frames, np.nan, np.float32)
    voicing = np.zeros(signal.frames, np.float32)
    index = np.flatnonzero(look)
    if len(index):
        noise = noise_spectrum(signal, ~look, tables(config))
        found = candidates(signal, index, noise, config)
        excess = height_over_threshold(found, config)
        f0_hz[index], voicing[index] = best_path(found.f0_hz, excess, index, config)
    return f0_hz, voicing


def height_over_threshold(found: Candidates, config: FeatureConfig) -> np.ndarray:
    """How far each peak stands above what voice needs at that level and tilt, float32 `[hops, 3]`."""
    below = np.maximum(np.percentile(found.level_db, 95) - found.level_db, 0)
    threshold = (
        config.voicing_threshold
        + config.voicing_per_level_db * below
        - config.voicing_per_tilt_db * np.minimum(found.tilt_db, config.tilt_most_db)
    )
    return np.where(found.height > 0, found.height - threshold[:, None], np.float32(-1))


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
    weight = response**-WINDOW_POWER * (lags / RATE_HZ * config.f0_max_hz) ** -config.octave_cost
    waves = weight * np.cos(2 * np.pi * np.outer(BINS_HZ, lags) / RATE_HZ)
    sums = np.stack([np.ones(len(BINS_HZ)), BINS_HZ < LOW_HZ, BINS_HZ >= HIGH_HZ], axis=1)
    made = (window[:, None] * np.cos(angle), window[:, None] * np.sin(angle), np.hstack([sums, waves]), lags)
    return Tables(*(table.astype(np.float32) for table in (*made, 1 / (weight * response))))


def power_spectrum(frames: np.ndarray, table: Tables) -> np.ndarray:
    """Power in the bins of 20 Hz; float32 `[frames, 360]` -> `[frames, bins]`.

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
    return power_spectrum(signal.scattered(index, WINDOW), table).mean(axis=0)


def candidates(signal: Signal, index: np.ndarray, noise: np.ndarray, config: FeatureConfig) -> Candidates:
    """The three best periods of each hop in `index` (ascending)."""
    table = tables(config)
    size = max(1, round(config.block_s / HOP_S))
    f0_hz, height = np.empty((2, len(index), PEAKS), np.float32)
    sums = np.empty((len(index), SUMS), np.float32)
    for cut in time_blocks(index, size):
        power = power_spectrum(signal.windows(index[cut], WINDOW), table)
        if noise.any():
            power = np.maximum(power - noise, NOISE_REST * power)
        product = np.sqrt(power, out=power) @ table.kernel
        sums[cut] = product[:, :SUMS]
        f0_hz[cut], height[cut] = _peaks(product[:, SUMS:], np.maximum(sums[cut, :1], TINY), table)
    np.clip(f0_hz, config.f0_min_hz, config.f0_max_hz, out=f0_hz)
    level_db, low_db, high_db = 20 * np.log10(np.maximum(sums.T, TINY))
    return Candidates(f0_hz, height, level_db, low_db - high_db)


def _peaks(curve: np.ndarray, whole: np.ndarray, table: Tables) -> tuple[np.ndarray, np.ndarray]:
    """F0 and height of the three highest peaks, each `[frames, 3]`; `whole` is the curve at lag 0."""
    middle = curve[:, 1:-1]
    rest = np.where((middle > curve[:, :-2]) & (middle >= curve[:, 2:]), middle, 0)
    row = np.arange(len(rest))
    place = np.empty((len(rest), PEAKS), np.intp)
    height = np.empty((len(rest), PEAKS), np.float32)
    for rank in range(PEAKS):
        place[:, rank] = rest.argmax(axis=1)
        height[:, rank] = rest[row, place[:, rank]]
        rest[row, place[:, rank]] = 0
    left, top, right = (curve[row[:, None], place + i] * table.level_out[place + i] for i in range(3))
    f0_hz = RATE_HZ / (table.lags[place + 1] + _vertex(left, top, right))
    return f0_hz, np.clip(height / whole, 0, 1)


def _vertex(left: np.ndarray, top: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Where the parabola through three samples has its top, -0.5 to 0.5 from the middle one."""
    bend = left - 2 * top + right
    shift = 0.5 * (left - right) / np.where(bend < 0, bend, -1)
    return np.clip(np.where(bend < 0, shift, 0), -0.5, 0.5)
