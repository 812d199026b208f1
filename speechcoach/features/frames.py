"""One channel at 8 kHz, cut into hops and frames.

Conventions: samples are float32 in -1..1. A hop is 80 samples (10 ms); hop i holds the samples
80 i to 80 i + 79, and every frame is centred on the centre of its hop, at (i + 0.5) x 10 ms. What
lies before the start and after the end counts as zero, and so do samples that are NaN or infinite.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import soxr
from numpy.lib.stride_tricks import sliding_window_view

RATE_HZ = 8000
HOP = 80
HOP_S = HOP / RATE_HZ
RESAMPLE_BLOCK = 1 << 19  # about a minute at 8 kHz; what is in flight at once


class Signal:
    """One channel at 8 kHz, read in blocks; at 8 kHz already it is a view of the caller's samples.

    The channel's mean is taken off every block, for a DC offset is no loudness. Samples after the
    last whole hop are not framed.
    """

    def __init__(self, samples: np.ndarray, rate_hz: float) -> None:
        self._samples = samples if rate_hz == RATE_HZ else _resample(samples, rate_hz)
        self.frames = len(self._samples) // HOP
        self._mean = self._mean_of_samples()

    def _mean_of_samples(self) -> np.float32:
        starts = range(0, len(self._samples), RESAMPLE_BLOCK)
        total = sum(float(_finite(self._samples[s : s + RESAMPLE_BLOCK]).sum(dtype=np.float64)) for s in starts)
        return np.float32(total / max(1, len(self._samples)))

    def between(self, start: int, stop: int) -> np.ndarray:
        """Samples `start` to `stop` of the 8 kHz clock, float32, zero outside the recording."""
        inside = slice(max(0, start), max(0, min(stop, len(self._samples))))
        block = np.zeros(stop - start, np.float32)
        block[inside.start - start : inside.stop - start] = _finite(self._samples[inside]) - self._mean
        return block

    def hops(self, first: int, last: int) -> np.ndarray:
        """Hops `first` to `last` (exclusive), float32 `[last - first, 80]`."""
        return self.between(first * HOP, last * HOP).reshape(-1, HOP)

    def windows(self, index: np.ndarray, width: int) -> np.ndarray:
        """Frames of `width` samples centred on the hops in `index` (ascending), float32 `[index, width]`."""
        reach = (width - HOP) // 2
        first = int(index[0])
        block = self.between(first * HOP - reach, int(index[-1]) * HOP - reach + width)
        return sliding_window_view(block, width)[(index - first) * HOP]

    def scattered(self, index: np.ndarray, width: int) -> np.ndarray:
        """As `windows`, for a few hops far apart: touches only the samples of those frames."""
        place = index[:, None] * HOP - (width - HOP) // 2 + np.arange(width)
        inside = (place >= 0) & (place < len(self._samples))
        samples = _finite(self._samples[np.clip(place, 0, len(self._samples) - 1)])
        return np.where(inside, samples - self._mean, np.float32(0))


def blocks(count: int, size: int) -> list[slice]:
    """Cut `count` items into slices of at most `size`."""
    return [slice(i, min(i + size, count)) for i in range(0, count, size)]


def time_blocks(index: np.ndarray, size: int) -> list[slice]:
    """Cut an ascending `index` of hops where it passes a multiple of `size`: few hops, or few seconds, at a time."""
    edges = np.searchsorted(index, np.arange(0, index[-1] + size + 1, size)) if len(index) else []
    return [slice(int(i), int(j)) for i, j in pairwise(edges) if i < j]


def _finite(samples: np.ndarray) -> np.ndarray:
    # A sum is finite only where all of its terms are: one cheap pass instead of a mask for every block.
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(samples.sum()):
            return samples
    return np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)


def _resample(samples: np.ndarray, rate_hz: float) -> np.ndarray:
    stream = soxr.ResampleStream(rate_hz, RATE_HZ, 1, dtype="float32", quality="MQ")
    cuts = blocks(len(samples), RESAMPLE_BLOCK)
    parts = [stream.resample_chunk(_finite(samples[cut]), last=cut.stop == len(samples)) for cut in cuts]
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)
