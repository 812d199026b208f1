"""Fundamental frequency of each hop that is looked at: what a net hears in its spectrum, then the most likely course.

Conventions: lags are samples at 8 kHz, F0 is Hz, NaN where a hop is unvoiced; the height of a
period is 0-1, the share of the frame that repeats after it.

The way: magnitudes of the frame (`spectrum`), from which the net (`net`) says how likely each pitch
and voice at all are, with the hops around in view; the three best pitches, each moved to the nearest
peak of the frame's lag curve where that is firm; then a path search (`path`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import net, spectrum
from .config import FeatureConfig
from .frames import HOP_S, RATE_HZ, Signal, time_blocks
from .path import best_path

STEP = 2  # hops: the columns have a row every 10 ms, the search one every 20
PEAKS = 3
NO_ODDS = -10.0  # of voice, where nobody looked
NO_PEAK = -99.0
MOST_GLIDE = 0.25  # octaves in 20 ms; two pitches further apart have no middle
NEAR = np.arange(-2, 3)  # lags around a pitch of the net in which the curve has its peak
FIRM_HEIGHT = 0.6  # of a period of clear voice, which the curve places to a cent; in noise the net does better
BANDS_HZ = (0.0, 930.0, 1530.0, 2360.0)  # edges of the three bands of which the balance of the voice is told
BAND_OF_BIN = (
    np.searchsorted(BANDS_HZ, spectrum.BINS_HZ, side="right")[:, None] == np.arange(1, len(BANDS_HZ))
).astype(np.float32)
# Columns of a searched hop on its way to the hops between.
_COLUMNS = ("octave", "voiced", "odds", "height", "low", "mid", "high")
_OCTAVE, _VOICED, _ODDS, _HEIGHT, _BANDS = 0, 1, 2, 3, slice(4, 7)


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """What a hop could be. Float32, row = hop.

    `f0_hz`, `odds` (log-odds of that pitch being heard against no voice) and `height` are
    `[hops, 3]`, the likeliest first; `bands` `[hops, 3]` is the frame's magnitude in three bands, as shares.
    """

    f0_hz: np.ndarray
    odds: np.ndarray
    height: np.ndarray
    bands: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """Columns of the pitch stage, float32 `[frames]`, `bands` `[frames, 3]`; where no voice is F0 is NaN, the others 0.

    `height` is that of the chosen period, `bands` the shares of the magnitude below 930, to 1530 and to 2350 Hz.
    """

    f0_hz: np.ndarray
    voicing: np.ndarray
    height: np.ndarray
    bands: np.ndarray

    def bands_db(self) -> np.ndarray:
        """The three bands in dB of the whole, `[3, frames]`."""
        return 20 * np.log10(np.maximum(self.bands.T, np.float32(spectrum.TINY)))


def track(signal: Signal, look: np.ndarray, quiet: np.ndarray, levels: np.ndarray, config: FeatureConfig) -> Heard:
    """F0, voicing 0-1, and what voice quality is read from, of every hop.

    `look`, bool `[frames]`, says which hops are searched; the others are unvoiced. `quiet` says which hops show
    what the noise is like. `levels` `[frames, 3]` is `net.levels`.

    Every second hop is searched: frames of 45 ms around hops of 10 ms tell hardly anything that their neighbours do
    not. The hops between take their voicing and F0 from both sides.
    """
    pairs = np.pad(look, (0, -len(look) % STEP)).reshape(-1, STEP)
    asked = pairs.any(axis=1)
    asked[1:] |= pairs[:-1, -1]  # what lies between two searched hops needs both
    index = np.flatnonzero(asked)
    rows = np.zeros((len(asked), len(_COLUMNS)), np.float32)
    rows[:, _ODDS] = NO_ODDS
    if len(index):
        noise = spectrum.noise_spectrum(signal, quiet, spectrum.tables(config))
        found = candidates(signal, index * STEP, levels, noise, config)
        state = best_path(found.f0_hz, found.odds, index, config)
        rows[index] = _chosen(found, state)
    heard = _between(rows, len(look))
    np.clip(heard.f0_hz, config.f0_min_hz, config.f0_max_hz, out=heard.f0_hz)
    return heard


def _chosen(found: Candidates, state: np.ndarray) -> np.ndarray:
    """What the path makes of each searched hop, `[hops, columns]`."""
    row = np.arange(len(state))
    voiced = state < PEAKS
    place = np.where(voiced, state, 0)
    odds = found.odds[row, place]
    octave = np.log2(found.f0_hz[row, place])
    height = found.height[row, place]
    return np.column_stack([np.where(voiced, octave, 0), voiced, odds, voiced * height, found.bands])


def _between(rows: np.ndarray, frames: int) -> Heard:
    """The columns of all hops from those of every second one."""
    after = np.concatenate([rows[1:], rows[-1:]]) if len(rows) else rows
    both = rows[:, _VOICED] + after[:, _VOICED]
    mean = (rows + after) / 2
    mean[:, [_OCTAVE, _HEIGHT]] *= 2 / np.maximum(both, 1)[:, None]  # of those that are voiced
    mean[:, _VOICED] = (both == 2) | ((both == 1) & (mean[:, _ODDS] > 0))
    apart = (both == 2) & (np.abs(rows[:, _OCTAVE] - after[:, _OCTAVE]) > MOST_GLIDE)
    mean[apart, _OCTAVE] = rows[apart, _OCTAVE]
    all_rows = np.stack([rows, mean], axis=1).reshape(-1, rows.shape[1])[:frames]
    voiced = all_rows[:, _VOICED] > 0
    chance = 1 / (1 + np.exp(-np.clip(all_rows[:, _ODDS], -30, 30)))
    voicing = np.where(voiced, np.maximum(chance, np.float32(0.5)), np.minimum(chance, np.float32(0.49)))
    voicing[all_rows[:, _ODDS] <= NO_ODDS] = 0
    f0_hz = np.where(voiced, np.exp2(all_rows[:, _OCTAVE]), np.float32(np.nan))
    return Heard(f0_hz, voicing, np.where(voiced, all_rows[:, _HEIGHT], 0), all_rows[:, _BANDS])


def candidates(
    signal: Signal, index: np.ndarray, levels: np.ndarray, noise: np.ndarray, config: FeatureConfig
) -> Candidates:
    """The three likeliest pitches of each hop in `index` (ascending)."""
    table = spectrum.tables(config)
    size = max(1, round(config.block_s / HOP_S))
    f0_hz, odds, height = np.empty((3, len(index), PEAKS), np.float32)
    bands = np.empty((len(index), 3), np.float32)
    for cut in time_blocks(index, size):
        near = slice(*np.searchsorted(index, [index[cut.start] - net.REACH, index[cut.stop - 1] + net.REACH + 1]))
        hops = index[near]
        asked = slice(cut.start - near.start, cut.stop - near.start)
        rows = np.empty((len(hops), len(spectrum.BINS_HZ) + net.LEVELS), np.float32)
        rows[:, -net.LEVELS :] = levels[hops]
        spectrum.magnitudes(signal.windows(hops, spectrum.WINDOW), noise, table, rows[:, : -net.LEVELS])
        pitch, voice = net.answer(rows, hops, asked)
        curve = rows[asked, : spectrum.LOWER] @ table.kernel
        best, odds[cut] = _peaks(pitch, voice, config)
        f0_hz[cut], height[cut] = _refined(best, curve, table)
        bands[cut] = rows[asked, : -net.LEVELS] @ BAND_OF_BIN
    return Candidates(f0_hz, odds, height, bands)


def _peaks(pitch: np.ndarray, voice: np.ndarray, config: FeatureConfig) -> tuple[np.ndarray, np.ndarray]:
    """Bins, with their fractions, and log-odds of the three highest peaks, each `[frames, 3]`."""
    low, high = _bins(config)
    middle = pitch[:, low:high]
    rest = np.where(
        (middle > pitch[:, low - 1 : high - 1]) & (middle >= pitch[:, low + 1 : high + 1]), middle, np.float32(NO_PEAK)
    )
    row = np.arange(len(rest))
    place = np.empty((len(rest), PEAKS), np.intp)
    value = np.empty((len(rest), PEAKS), np.float32)
    for rank in range(PEAKS):
        place[:, rank] = rest.argmax(axis=1)
        value[:, rank] = rest[row, place[:, rank]]
        rest[row, place[:, rank]] = NO_PEAK
    value -= pitch.max(axis=1, keepdims=True)  # of all pitches: one outside the range is not pressed into it
    value *= config.pitch_weight
    value += voice[:, None] + np.float32(config.voicing_bias)
    place += low
    shift, _ = _vertex(*(pitch[row[:, None], place + side] for side in (-1, 0, 1)))
    return place + shift, value


def _vertex(left: np.ndarray, top: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the parabola through three samples has its top, from the middle one, and whether that one is a peak."""
    bend = left - 2 * top + right
    is_peak = (bend < 0) & (top >= left) & (top >= right)
    return np.where(is_peak, 0.5 * (left - right) / np.where(is_peak, bend, 1), 0), is_peak


def _bins(config: FeatureConfig) -> tuple[int, int]:
    edges = net.BINS_PER_OCTAVE * np.log2(np.array([config.f0_min_hz, config.f0_max_hz]) / net.LOWEST_HZ)
    return max(1, int(np.floor(edges[0]))), min(net.BINS - 1, int(np.ceil(edges[1])) + 1)


def _refined(best: np.ndarray, curve: np.ndarray, table: spectrum.Tables) -> tuple[np.ndarray, np.ndarray]:
    """F0 and height of each bin, `[frames, 3]`: from the curve's nearest peak where it is firm, else the net's."""
    lag = RATE_HZ / net.LOWEST_HZ * np.exp2(best / -net.BINS_PER_OCTAVE)
    place = np.clip(np.rint(lag).astype(np.intp) - int(table.lags[0]), 3, len(table.lags) - 4)
    row = np.arange(len(best))[:, None]
    step = np.stack([curve[row, place + shift] for shift in NEAR]).argmax(axis=0) - 2
    place += step
    rows, columns = np.nonzero(np.abs(step) == 2)  # where periods are long the peak may lie a lag further
    far = place[rows, columns] + np.sign(step[rows, columns])
    far = np.clip(far, 1, len(table.lags) - 2)
    place[rows, columns] = np.where(curve[rows, far] > curve[rows, place[rows, columns]], far, place[rows, columns])
    left, top, right = (curve[row, place + shift] for shift in (-1, 0, 1))
    shift, is_peak = _vertex(left, top, right)
    height = np.clip(top - 0.25 * (left - right) * shift, 0, 1)
    lag = np.where(is_peak & (height > FIRM_HEIGHT), table.lags[place] + shift, lag)
    return RATE_HZ / lag, height
