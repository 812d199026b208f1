"""Syllable nuclei: voiced peaks of the loudness envelope with a dip on both sides.

After de Jong & Wempe 2009 (Behavior Research Methods 41), in arrays: energy above 500 Hz to the
power 0.3 (near loudness, Stevens 1957), smoothed, then the peaks whose dips are deep enough on both
sides. The envelope is a share of the channel's loud hops, so gain moves nothing. One value a hop.
"""

from __future__ import annotations

import numpy as np

from . import level
from .config import FeatureConfig
from .frames import HOP, RATE_HZ, Signal, blocks

LOUDNESS_POWER = 0.3
LOW_HZ = 500.0  # below lie the fundamental and the murmur of nasals, which go on between vowels
SMOOTH_HOPS = 1.0  # standard deviation of the smoothing, 10 ms: longer joins the syllables of quick talkers
LOUD_PERCENT = 90
VOICED_REACH = 1  # hops: a peak may sit at the very edge of the voiced stretch
ENERGY_REST = 1e-3  # of a hop's energy, so that rounding never leaves less than nothing


def nuclei(signal: Signal, f0_hz: np.ndarray, active: np.ndarray, config: FeatureConfig) -> np.ndarray:
    """True at the hop of each syllable nucleus, bool `[frames]`, from the columns F0 and activity."""
    mark = np.zeros(signal.frames, bool)
    if not active.any():
        return mark
    curve = envelope(signal)
    curve /= np.percentile(curve[active], LOUD_PERCENT) + np.finfo(np.float32).tiny
    mark[peaks(curve, config.nucleus_dip)] = True
    return mark & level.spread(np.isfinite(f0_hz), VOICED_REACH)


def envelope(signal: Signal, block: int = 6000) -> np.ndarray:
    """Smoothed loudness above 500 Hz at each hop, any unit, float32 `[frames]`.

    What a hop holds below 500 Hz is its energy along the slowest cosines, which eleven columns of a
    product give: a filter would run over every sample of the call.
    """
    slow = _slow_cosines()
    power = np.empty(signal.frames, np.float32)
    for cut in blocks(signal.frames, block):
        hops = signal.hops(cut.start, cut.stop)
        along = hops @ slow
        whole = np.einsum("ij,ij->i", hops, hops)
        power[cut] = np.maximum(whole - np.einsum("ij,ij->i", along, along), ENERGY_REST * whole)
    reach = np.arange(-6, 7)
    bell = np.exp(-0.5 * (reach / SMOOTH_HOPS) ** 2)
    loudness = np.pad(power**LOUDNESS_POWER, 6)
    return np.convolve(loudness, (bell / bell.sum()).astype(np.float32), mode="valid")


def _slow_cosines() -> np.ndarray:
    """Orthonormal cosines of one hop (DCT-II) up to 500 Hz, `[80, 11]`."""
    order = np.arange(int(LOW_HZ * 2 * HOP / RATE_HZ) + 1)
    table = np.cos(np.pi * np.outer(np.arange(HOP) + 0.5, order) / HOP) * np.sqrt(2 / HOP)
    table[:, 0] /= np.sqrt(2)
    return table.astype(np.float32)


def peaks(curve: np.ndarray, dip: float) -> np.ndarray:
    """Places of the maxima of `curve` `[n]` that stand `dip` or more over the dips on both sides.

    All turning points are listed; then neighbours that differ by less than `dip`, the closest pairs
    first, are struck out two by two, every locally closest pair at once, until none is left. The
    ends of the curve count as dips.
    """
    curve = np.concatenate([[-np.inf], curve, [-np.inf]])
    slope = np.diff(curve)
    turns = np.flatnonzero((slope[:-1] > 0) != (slope[1:] > 0)) + 1
    while len(turns) > 2:
        step = np.abs(np.diff(curve[turns]))
        closest = (step < dip) & (step <= np.append(np.inf, step[:-1])) & (step < np.append(step[1:], np.inf))
        if not closest.any():
            break
        keep = np.ones(len(turns), bool)
        keep[:-1] &= ~closest
        keep[1:] &= ~closest
        turns = turns[keep]
    value = np.concatenate([[-np.inf], curve[turns], [-np.inf]])
    return turns[(value[1:-1] > value[:-2]) & (value[1:-1] >= value[2:])] - 1
