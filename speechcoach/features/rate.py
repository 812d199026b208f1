"""Syllable nuclei: voiced peaks of the loudness envelope with a dip on both sides.

After de Jong & Wempe 2009 (Behavior Research Methods 41), in arrays: energy of 300-3400 Hz to the
power 0.3 (near loudness), smoothed, then the peaks whose dips are deep enough on both sides. The
envelope is a share of the channel's loud hops, so gain moves nothing.
"""

from __future__ import annotations

import numpy as np

from .config import FeatureConfig
from .frames import HOP, RATE_HZ, Signal, blocks

LOUDNESS_POWER = 0.3
CUT_HZ = 300.0
SMOOTH = np.array([0.25, 0.5, 0.25], np.float32)


def envelope(signal: Signal, block: int = 6000) -> np.ndarray:
    """Loudness of 300-4000 Hz at each hop, float32 `[frames]`, 1 at the 95th percentile."""
    power = np.empty(signal.frames, np.float32)
    for cut in blocks(signal.frames, block):
        hops = signal.hops(cut.start, cut.stop)
        power[cut] = np.einsum("ij,ij->i", hops, hops)
    loud = np.convolve(power**LOUDNESS_POWER, SMOOTH, mode="same") if len(power) else power
    return loud / max(np.percentile(loud, 95), 1e-9) if len(loud) else loud


def nuclei(signal: Signal, f0_hz: np.ndarray, config: FeatureConfig) -> np.ndarray:
    """True at the hop of each syllable nucleus, bool `[frames]`."""
    mark = np.zeros(signal.frames, bool)
    if signal.frames:
        mark[peaks(envelope(signal), config.nucleus_dip)] = True
    return mark & np.isfinite(f0_hz)


def peaks(curve: np.ndarray, dip: float) -> np.ndarray:
    """Places of the maxima of `curve` that fall by `dip` or more on both sides before a higher one.

    All turning points are listed; then neighbours that differ by less than `dip`, the closest pairs
    first, are struck out two by two, all local least ones at once, until none is left.
    """
    rise = np.diff(curve, prepend=-np.inf, append=-np.inf)
    turns = np.flatnonzero((rise[:-1] > 0) != (rise[1:] > 0))
    while len(turns) > 2:
        step = np.abs(np.diff(curve[turns]))
        least = (step < dip) & (step <= np.append(np.inf, step[:-1])) & (step < np.append(step[1:], np.inf))
        if not least.any():
            break
        keep = np.ones(len(turns), bool)
        keep[:-1] &= ~least
        keep[1:] &= ~least
        turns = turns[keep]
    return turns[_is_top(curve, turns)]


def _is_top(curve: np.ndarray, turns: np.ndarray) -> np.ndarray:
    value = np.concatenate([[-np.inf], curve[turns], [-np.inf]])
    return (value[1:-1] > value[:-2]) & (value[1:-1] >= value[2:])
