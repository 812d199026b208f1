"""Which frames of a channel sound like somebody.

Conventions: masks are bool `[frames]` of 10 ms, levels dB re full scale, samples float32 `[n]` at
8 kHz. All limits are relative to the channel's noise floor or its loud voice.

Frames well above the noise that have a pitch, or at least the dull colour of a voice, are seeds; each
grows to both sides over frames that are still above the noise, which brings the hissing sounds along.
A pitch alone would lose breathy and creaky voices ("uh-huh"), so it is not asked for. Clicks are too
short for a seed, breaths and noise too bright.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .runs import close_gaps, count_inside, drop_short, from_runs, runs, widen

HOP = 80  # samples of a frame at 8 kHz
_PIECE = 6_000  # frames: a minute


@dataclass(frozen=True, slots=True)
class SoundConfig:
    """What counts as a voice, with the reason beside each number.

    A pair is a limit where the noise stands still and where it moves as background voices do: the
    level of steady noise, smoothed over 30 ms, spreads by 0.5 dB, that of babble by several.
    """

    voiced_over_floor_db: tuple[float, float] = (5.0, 9.0)
    dull_over_floor_db: tuple[float, float] = (6.0, 12.0)  # without a pitch the level must say more
    edge_over_floor_db: tuple[float, float] = (2.5, 5.0)  # beside a seed a little more than noise will do
    background_db: float = 8.0  # what is less than that over the floor shows how the noise moves
    unrest_db: tuple[float, float] = (0.7, 1.4)  # its lower quartile: steady noise up to .75, babble from 1.45
    voiced_frames: int = 4  # shorter voiced runs are chance
    dull_under_peak_db: float = 30.0  # what is further below the loud voice is breath or background
    dull_frames: int = 5  # 50 ms; a click is shorter
    dull: float = 0.35  # lag-one autocorrelation: vowels and nasals .4-.97, hiss and breath below .3
    edge_under_peak_db: float = 32.0  # below it lie reverberation and coding noise
    peak_reach_frames: int = 50  # how far around a frame the loudest voice is looked for
    reach_frames: int = 25  # an unvoiced onset or release is at most this long
    stop_frames: int = 10  # the closure of a stop
    even_frames: int = 80  # no vowel is held that evenly for 0.8 s: its standard deviation is above 1.5 dB ...
    even_db: float = 0.8  # ... that of noise over 30 ms is 0.5 dB


def sounding(
    f0_hz: np.ndarray, level_db: np.ndarray, noise_db: np.ndarray, samples: np.ndarray, config: SoundConfig
) -> tuple[np.ndarray, np.ndarray]:
    """Seeds, which can only be a voice, and the sounds around them: two bool `[frames]`."""
    if not len(level_db):
        return np.zeros(0, bool), np.zeros(0, bool)
    smooth_db = smoothed(level_db)
    moving = unrest(smooth_db, noise_db, config)
    dull = dullness(samples, level_db, noise_db)
    seed = _seeds(np.isfinite(f0_hz), smooth_db, noise_db, dull, moving, config)
    return seed, _grown(seed, smooth_db, noise_db, moving, config)


def even(sound: np.ndarray, level_db: np.ndarray, config: SoundConfig) -> np.ndarray:
    """Sound whose level does not move for most of a second: hum, a held tone, a fan; bool `[frames]`."""
    width = config.even_frames
    if len(level_db) < width:
        return np.zeros(len(level_db), bool)
    smooth = smoothed(level_db) - level_db.mean()
    total, squares = (np.concatenate([[0], np.cumsum(column)]) for column in (smooth, smooth**2))
    mean, power = ((column[width:] - column[:-width]) / width for column in (total, squares))
    starts = np.flatnonzero(power - mean**2 < config.even_db**2)
    return sound & from_runs(np.stack([starts, starts + width], axis=1), len(level_db))


def dullness(samples: np.ndarray, level_db: np.ndarray, noise_db: np.ndarray) -> np.ndarray:
    """Lag-one autocorrelation over three frames, that of the noise taken off, -1 to 1 `[frames]`.

    It tells voiced sounds, whose power lies low, from hiss and noise (Atal & Rabiner 1976).
    """
    hops = samples[: len(level_db) * HOP].reshape(-1, HOP)
    products = np.empty((2, len(hops)), hops.dtype)
    for start in range(0, len(hops), _PIECE):  # of a long call the samples lie in a file, and only these are in memory
        own = hops[start : start + _PIECE]
        products[:, start : start + _PIECE] = (
            np.einsum("ij,ij->i", own, own),
            np.einsum("ij,ij->i", own[:, 1:], own[:, :-1]),
        )
    quiet = level_db < noise_db + 2
    if quiet.any():
        products = products - products[:, quiet].mean(axis=1, keepdims=True)
    power, lagged = (np.convolve(row, np.ones(3), mode="same") if len(row) else row for row in products)
    return np.clip(lagged / np.maximum(power, 1e-12), -1, 1)


def unrest(smooth_db: np.ndarray, noise_db: np.ndarray, config: SoundConfig) -> float:
    """How far the noise is from standing still: 0 for a line's or a fan's noise, 1 for other people's voices."""
    over = smooth_db - noise_db
    low = over[over < config.background_db]
    if not len(low):
        return 0.0
    still, stirring = config.unrest_db
    return float(np.clip((np.percentile(low, 25) - still) / (stirring - still), 0, 1))


def _seeds(voiced, smooth_db, noise_db, dull, unrest: float, config: SoundConfig) -> np.ndarray:
    """Frames that can only be a voice, bool `[frames]`."""
    pitched = voiced & (smooth_db > noise_db + _between(config.voiced_over_floor_db, unrest))
    limit = np.maximum(
        noise_db + _between(config.dull_over_floor_db, unrest),
        np.percentile(smooth_db, 98) - config.dull_under_peak_db,
    )
    return drop_short(pitched, config.voiced_frames) | drop_short(
        (dull > config.dull) & (smooth_db > limit), config.dull_frames
    )


def _grown(seed, smooth_db, noise_db, unrest: float, config: SoundConfig) -> np.ndarray:
    """The seeds and what clings to them, bool `[frames]`."""
    limit = np.maximum(
        noise_db + _between(config.edge_over_floor_db, unrest),
        _peak(seed, smooth_db, config) - config.edge_under_peak_db,
    )
    near = widen(seed, config.reach_frames, config.reach_frames)
    bits = runs(close_gaps(((smooth_db > limit) | seed) & near, config.stop_frames))
    return from_runs(bits[count_inside(bits, seed) > 0], len(seed))


def _between(pair: tuple[float, float], share: float) -> float:
    return pair[0] + share * (pair[1] - pair[0])


def smoothed(level_db: np.ndarray) -> np.ndarray:
    """Level of the mean power of three frames, dB `[frames]`."""
    if not len(level_db):
        return level_db
    power = np.pad(10 ** (level_db.astype(np.float64) / 10), 1, mode="edge")
    return 10 * np.log10((power[:-2] + power[1:-1] + power[2:]) / 3)


def _peak(seed: np.ndarray, level_db: np.ndarray, config: SoundConfig) -> np.ndarray:
    """The loudest seed within reach of each frame, dB `[frames]`; -inf where there is none."""
    peak = np.where(seed, level_db, -np.inf)
    reach = 1
    while reach <= config.peak_reach_frames:  # the maximum over a window, its width doubled in each step
        wide = peak.copy()
        wide[reach:] = np.maximum(wide[reach:], peak[:-reach])
        wide[:-reach] = np.maximum(wide[:-reach], peak[reach:])
        peak, reach = wide, 2 * reach
    return peak
