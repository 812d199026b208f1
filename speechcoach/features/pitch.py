"""Fundamental frequency of each active hop: spectrum, autocorrelation, candidates, path.

Conventions: lags are samples at 8 kHz, F0 is Hz, NaN where a hop is unvoiced; the height of a peak
is 0-1, the share of the frame that repeats after that lag. Frames of 45 ms (360 samples, Hann).

The way: a magnitude spectrum of 112 bins, 20 Hz apart, 130-2350 Hz (what a telephone keeps of the
lower harmonics), with the mean noise taken off; its cosine transform is the autocorrelation of the
spectrally compressed frame (Tolonen & Karjalainen 2000), which is divided by that of the window
(Boersma 1993). Both transforms are one float32 matrix product for a block of frames, cheaper than
an FFT because only the band and the lags that matter are computed. The best three peaks of each
frame go to a Viterbi search with costs for octave jumps and for turning the voice on and off.

The candidates of a frame are the one place where a trained estimator could take over: whatever
fills `Candidates` is searched in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .config import FeatureConfig
from .frames import HOP_S, RATE_HZ, Signal, blocks
from .path import best_path

WINDOW = 360  # 45 ms: two and a half periods at 60 Hz
HALF = WINDOW // 2
BIN_HZ = 20.0
FIRST_BIN_HZ, BINS = 130.0, 112
WINDOW_POWER = 0.8  # of the window's lag response; 1 lifts the noise at long lags as much as the voice
NOISE_FRAMES = 1000  # inactive hops, evenly over the call, that the noise spectrum is the mean of
NOISE_REST = 0.02  # share of a bin's power that noise subtraction leaves, so that no bin is void
PEAKS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Per active hop, best first: `f0_hz` and `height` (0-1), both float32 `[hops, 3]`; height 0 = none."""

    f0_hz: np.ndarray
    height: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """Constant matrices: half window x cos, half window x sin `[180, 112]`; kernel `[112, 1 + lags]`."""

    cos: np.ndarray
    sin: np.ndarray
    kernel: np.ndarray  # column 0 is lag 0, then the lags of `lags`
    lags: np.ndarray
    tilt: np.ndarray  # per lag: takes the height from the kernel's weights to an unbiased peak


@lru_cache(maxsize=8)
def tables(config: FeatureConfig) -> Tables:
    """The matrices for one configuration."""
    hz = FIRST_BIN_HZ + BIN_HZ * np.arange(BINS)
    offset = np.arange(HALF) - (HALF - 0.5)  # samples from the centre of the window: its first half
    window = 0.5 + 0.5 * np.cos(2 * np.pi * offset / WINDOW)
    angle = 2 * np.pi * np.outer(offset, hz) / RATE_HZ
    shortest = int(RATE_HZ / config.f0_max_hz) - 1
    longest = int(np.ceil(RATE_HZ / config.f0_min_hz)) + 1
    lags = np.arange(shortest, longest + 1)
    # The magnitude spectrum of a Hann window is the transform of the window itself.
    response = 0.5 + 0.5 * np.cos(2 * np.pi * lags / WINDOW)
    weight = response**-WINDOW_POWER * (lags / RATE_HZ * config.f0_max_hz) ** -config.octave_cost
    kernel = np.cos(2 * np.pi * np.outer(hz, np.concatenate([[0], lags])) / RATE_HZ)
    kernel[:, 1:] *= weight
    tables = (window[:, None] * np.cos(angle), window[:, None] * np.sin(angle), kernel, lags, 1 / (weight * response))
    return Tables(*(table.astype(np.float32) for table in tables))


def power_spectrum(frames: np.ndarray, table: Tables) -> np.ndarray:
    """Power in the bins of 20 Hz; float32 `[frames, 360]` -> `[frames, 112]`.

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


def noise_spectrum(signal: Signal, active: np.ndarray, table: Tables) -> np.ndarray:
    """Mean power in each bin over inactive hops, float32 `[112]`; zero where all hops are active."""
    quiet = np.flatnonzero(~active)
    quiet = quiet[:: len(quiet) // NOISE_FRAMES + 1]
    total = np.zeros(BINS, np.float64)
    for hop in quiet:
        total += power_spectrum(signal.windows(np.array([hop]), WINDOW), table)[0]
    return (total / max(1, len(quiet))).astype(np.float32)


def candidates(signal: Signal, index: np.ndarray, noise: np.ndarray, config: FeatureConfig) -> Candidates:
    """The three best periods of each hop in `index`."""
    table = tables(config)
    size = max(1, round(config.block_s / HOP_S))
    f0_hz, height = np.empty((2, len(index), PEAKS), np.float32)
    for cut in blocks(len(index), size):
        power = power_spectrum(signal.windows(index[cut], WINDOW), table)
        f0_hz[cut], height[cut] = _peaks(_autocorrelation(power, noise, table), table, config)
    return Candidates(f0_hz, height)


def _autocorrelation(power: np.ndarray, noise: np.ndarray, table: Tables) -> np.ndarray:
    if noise.any():
        power = np.maximum(power - noise, NOISE_REST * power)
    return np.sqrt(power, out=power) @ table.kernel


def _peaks(correlation: np.ndarray, table: Tables, config: FeatureConfig) -> tuple[np.ndarray, np.ndarray]:
    """F0 and height of the three highest peaks, each `[frames, 3]`."""
    energy = np.maximum(correlation[:, :1], np.finfo(np.float32).tiny)
    curve = correlation[:, 1:]
    middle = curve[:, 1:-1]
    rest = np.where((middle > curve[:, :-2]) & (middle >= curve[:, 2:]), middle, 0)
    row = np.arange(len(rest))
    place = np.empty((len(rest), PEAKS), np.intp)
    for rank in range(PEAKS):
        place[:, rank] = rest.argmax(axis=1)
        rest[row, place[:, rank]] = 0
    left, top, right = (curve[row[:, None], place + i] for i in range(3))
    f0_hz = RATE_HZ / (table.lags[place + 1] + _parabola(left, top, right, table.tilt, place))
    found = (top > left) & (top > 0)
    height = np.where(found, np.minimum(top / energy, 1), 0)
    return f0_hz, height


def _parabola(left, top, right, tilt, place) -> np.ndarray:
    """Distance from the highest sample to the top of the parabola, -0.5 to 0.5.

    The kernel's weights slope, which would pull every peak to longer lags: they are taken out first.
    """
    left, top, right = (value * tilt[place + i] for i, value in enumerate((left, top, right)))
    bend = left - 2 * top + right
    shift = 0.5 * (left - right) / np.where(bend < 0, bend, -1)
    return np.clip(np.where(bend < 0, shift, 0), -0.5, 0.5)


def track(signal: Signal, look: np.ndarray, config: FeatureConfig) -> tuple[np.ndarray, np.ndarray]:
    """F0 in Hz (NaN = unvoiced) and voicing 0-1 of every hop, both float32 `[frames]`.

    `look` says which hops are searched; the others are unvoiced.
    """
    f0_hz = np.full(signal.frames, np.nan, np.float32)
    voicing = np.zeros(signal.frames, np.float32)
    index = np.flatnonzero(look)
    if len(index):
        found = candidates(signal, index, noise_spectrum(signal, look, tables(config)), config)
        f0_hz[index], voicing[index] = best_path(found.f0_hz, found.height, index, config)
    return f0_hz, voicing
