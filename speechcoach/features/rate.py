"""Syllable nuclei: peaks of a curve that a small trained net draws from the bands of the hops around.

Energy dips alone (Mermelstein 1975; de Jong & Wempe 2009, Behavior Research Methods 41) miss the
syllables of quick talkers and, in noise, most of all. Here six bands of the telephone band, each as
near loudness (energy to the power 0.3, Stevens 1957) with the channel's noise taken off, and whether
the hop is voiced, go to a net of one hidden layer that looks 0.1 s to each side; a nucleus is a peak of
its output that stands out on both sides. All levels are shares of the channel's loud hops, so gain
moves nothing. `train/nuclei.py` is the recipe of the weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from . import level
from .config import FeatureConfig
from .frames import HOP, RATE_HZ, Signal, blocks

LOUDNESS_POWER = 0.3
EDGES_HZ = (250, 500, 800, 1200, 1750, 2500, 3450)  # murmur, three of vowels, two of fricatives
BANDS = len(EDGES_HZ) - 1
LOUD_PERCENT = 90
NOISE_HOPS = 1000  # quiet hops, evenly over the recording, that the noise of each band is the mean of
NOISE_REST = 0.02  # share of a band's energy that noise subtraction leaves, so that no band is void
STEP = 2  # hops from one look of the net to the next: bands are smoothed over three
LOOKS = 11  # at -10, -8 ... +10 hops
REACH = STEP * (LOOKS // 2)
VOICED_REACH = 3  # hops: a nucleus may lie at the soft edge of the voiced stretch, but noise alone has none
BLOCK_HOPS = 3000
WEIGHTS = "nuclei.npz"


@dataclass(frozen=True, slots=True, eq=False)
class Net:
    """Weights: `[looks x (bands + 1), hidden]`, `[hidden]`, `[hidden]` and one bias, float32."""

    into: np.ndarray
    bias: np.ndarray
    out: np.ndarray
    rest: np.float32


def nuclei(signal: Signal, f0_hz: np.ndarray, active: np.ndarray, config: FeatureConfig) -> np.ndarray:
    """True at the hop of each syllable nucleus, bool `[frames]`, from the columns F0 and activity."""
    mark = np.zeros(signal.frames, bool)
    if not active.any():
        return mark
    curve = sonority(signal, np.isfinite(f0_hz), active, weights())
    place = peaks(curve, config.nucleus_dip)
    mark[place[curve[place] > config.nucleus_least]] = True
    return mark & level.spread(np.isfinite(f0_hz), VOICED_REACH)


def sonority(signal: Signal, voiced: np.ndarray, active: np.ndarray, net: Net) -> np.ndarray:
    """How much each hop is the middle of a syllable, 0-1, float32 `[frames]`; 0 where not active."""
    looks = look_bands(signal, voiced, active)
    curve = np.zeros(signal.frames, np.float32)
    for cut in blocks(signal.frames, BLOCK_HOPS):
        rows = cut.start + np.flatnonzero(active[cut])
        if len(rows):
            hidden = seen(looks, rows) @ net.into
            hidden += net.bias
            np.maximum(hidden, 0, out=hidden)
            curve[rows] = 1 / (1 + np.exp(-(hidden @ net.out + net.rest)))
    return curve


def seen(looks: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """What the net sees at each of `rows`: the looks around it in one row, `[rows, looks x (bands + 1)]`."""
    first, last = int(rows[0]), int(rows[-1]) + 1
    around = sliding_window_view(looks[first : last + 2 * REACH], 2 * REACH + 1, axis=0)[..., ::STEP]
    return np.ascontiguousarray(around[rows - first]).reshape(len(rows), -1)


def look_bands(signal: Signal, voiced: np.ndarray, active: np.ndarray) -> np.ndarray:
    """Smoothed loudness in each band, and voicing, float32 `[frames + 2 reach, bands + 1]`; 0 beyond the ends."""
    quiet = _some(~active)
    power = band_power(signal, level.spread(active, REACH + 1) | quiet)
    noise = power[quiet].mean(axis=0) if quiet.any() else np.zeros(BANDS, np.float32)
    loud = np.percentile(np.maximum(power[active] - noise, 0).sum(axis=1), LOUD_PERCENT)
    loudness = np.maximum(power - noise, NOISE_REST * power)
    loudness *= 1 / max(loud, np.finfo(np.float32).tiny)
    np.power(loudness, np.float32(LOUDNESS_POWER), out=loudness)
    looks = np.zeros((signal.frames + 2 * REACH, BANDS + 1), np.float32)
    middle = looks[REACH : REACH + signal.frames]
    middle[:, :BANDS] = loudness / 2
    middle[1:, :BANDS] += loudness[:-1] / 4
    middle[:-1, :BANDS] += loudness[1:] / 4
    middle[:, BANDS] = voiced
    return looks


def band_power(signal: Signal, wanted: np.ndarray) -> np.ndarray:
    """Energy of each wanted hop in the bands, float32 `[frames, bands]`; 0 where not wanted."""
    power = np.zeros((signal.frames, BANDS), np.float32)
    for cut in blocks(signal.frames, BLOCK_HOPS):
        rows = np.flatnonzero(wanted[cut])
        if len(rows):
            power[cut.start + rows] = _in_bands(signal.hops(cut.start, cut.stop)[rows])
    return power


def _some(hops: np.ndarray) -> np.ndarray:
    """About NOISE_HOPS of `hops`, evenly spread, bool `[frames]`."""
    index = np.flatnonzero(hops)
    some = np.zeros(len(hops), bool)
    some[index[:: len(index) // NOISE_HOPS + 1]] = True
    return some


def _in_bands(hops: np.ndarray) -> np.ndarray:
    """Energy along the cosines of a hop (DCT-II) that lie in each band; `[n, 80]` -> `[n, bands]`.

    Cosines of even order are even about the middle of the hop, those of odd order odd: folded, the
    product halves.
    """
    even, odd, sums = _cosines()
    early, late = hops[:, : HOP // 2], hops[:, : HOP // 2 - 1 : -1]
    along = np.hstack([(early + late) @ even, (early - late) @ odd])
    along *= along
    return along @ sums


@cache
def _cosines() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Even and odd cosines of half a hop, `[40, n]` each, and which of them make each band, `[n + n, bands]`."""
    hz = np.arange(HOP) * RATE_HZ / (2 * HOP)
    used = np.flatnonzero((hz >= EDGES_HZ[0]) & (hz < EDGES_HZ[-1]))
    order = np.concatenate([used[used % 2 == 0], used[used % 2 == 1]])
    table = np.cos(np.pi * np.outer(np.arange(HOP // 2) + 0.5, order) / HOP) * np.sqrt(2 / HOP)
    band = np.searchsorted(EDGES_HZ, hz[order], side="right") - 1
    evens = int(np.sum(order % 2 == 0))
    sums = band[:, None] == np.arange(BANDS)
    return tuple(part.astype(np.float32) for part in (table[:, :evens], table[:, evens:], sums))


@cache
def weights() -> Net:
    """The trained net that is shipped."""
    with resources.as_file(resources.files(__package__) / "weights" / WEIGHTS) as path, np.load(path) as data:
        return Net(*(data[name].astype(np.float32) for name in ("into", "bias", "out")), np.float32(data["rest"]))


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
