"""One channel at 8 kHz, cut into hops and frames.

Conventions: samples are float32 in -1..1. A hop is 80 samples (10 ms); hop i holds the samples
80 i to 80 i + 79, and every frame is centred on the centre of its hop, at (i + 0.5) x 10 ms. What
lies before the start and after the end counts as zero.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

RATE_HZ = 8000
HOP = 80
HOP_S = HOP / RATE_HZ
MARGIN = 10 * HOP  # zeros before the first and after the last sample, for frames that reach over the ends


class Signal:
    """One channel at 8 kHz, float32 `[n]`, without its mean, for a DC offset is no loudness.

    Samples after the last whole hop are not framed. What is cut out of it are views where they can be.
    """

    def __init__(self, samples: np.ndarray) -> None:
        self.frames = len(samples) // HOP
        self._samples = np.zeros(len(samples) + 2 * MARGIN, np.float32)
        mean = samples.mean(dtype=np.float64) if len(samples) else 0.0
        np.subtract(samples, np.float32(mean), out=self._samples[MARGIN : MARGIN + len(samples)])

    def between(self, start: int, stop: int) -> np.ndarray:
        """Samples `start` to `stop` of the 8 kHz clock, float32, zero outside the recording."""
        if start >= -MARGIN and stop <= len(self._samples) - MARGIN:
            return self._samples[start + MARGIN : stop + MARGIN]
        inside = slice(max(-MARGIN, start), min(stop, len(self._samples) - MARGIN))
        block = np.zeros(stop - start, np.float32)
        if inside.start < inside.stop:
            block[inside.start - start : inside.stop - start] = self.between(inside.start, inside.stop)
        return block

    def hops(self, first: int, last: int) -> np.ndarray:
        """Hops `first` to `last` (exclusive), float32 `[last - first, 80]`."""
        return self.between(first * HOP, last * HOP).reshape(-1, HOP)

    def windows(self, index: np.ndarray, width: int) -> np.ndarray:
        """Frames of `width` <= 1680 samples centred on the hops in `index`, float32 `[index, width]`."""
        return sliding_window_view(self._samples, width)[index * HOP + (MARGIN - (width - HOP) // 2)]


def blocks(count: int, size: int) -> list[slice]:
    """Cut `count` items into slices of at most `size`."""
    return [slice(i, min(i + size, count)) for i in range(0, count, size)]


def time_blocks(index: np.ndarray, size: int) -> list[slice]:
    """Cut an ascending `index` of hops where it passes a multiple of `size`: few hops, or few seconds, at a time."""
    edges = np.searchsorted(index, np.arange(0, index[-1] + size + 1, size)) if len(index) else []
    return [slice(int(i), int(j)) for i, j in pairwise(edges) if i < j]


def finite(samples: np.ndarray) -> np.ndarray:
    """The samples, NaN and infinite ones as zero."""
    # A sum is finite only where all of its terms are: one cheap pass instead of a mask for every block.
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(samples.sum()):
            return samples
    return np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)
