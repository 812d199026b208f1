"""Where somebody speaks, on each channel.

Conventions: spans are seconds from the start of the recording on a grid of 10 ms, ordered, never
touching. Masks are bool `[frames]`. Levels are dB re full scale. Everything is relative to the
channel's own noise floor and loudness, so gain moves nothing.

The way: frames well above the noise that have a pitch, or at least the dull colour of a voice, are
seeds; each grows to both sides over frames that are still above the noise, which brings the hissing
sounds along; gaps of less than 180 ms are closed (Heldner & Edlund 2010: shorter silences are stops,
not pauses). A pitch alone would lose breathy and creaky voices ("uh-huh"), so it is not asked for.
Clicks are too short for a seed, breaths and noise too bright. Tones, music and the other side's leak
are taken out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from speechcoach.records import Frames, Span

from .leak import Leak, find_leak, leaked
from .likeness import same_mix
from .music import music
from .runs import close_gaps, count_inside, drop_short, from_runs, runs, spans, widen
from .tones import tones

HOP = 80  # samples of a frame at 8 kHz


@dataclass(frozen=True, slots=True)
class ActivityConfig:
    """What counts as speech, with the reason beside each number; frames are 10 ms."""

    voiced_over_floor_db: float = 6.0  # a voice 6 dB over the noise is heard; noise smoothed spreads by 0.5 dB
    voiced_frames: int = 4  # shorter voiced runs are chance
    dull_over_floor_db: float = 9.0  # without a pitch the level must say more
    dull_under_peak_db: float = 30.0  # what is further below the loud voice is breath or background
    dull_frames: int = 5  # 50 ms; a click is shorter
    dull: float = 0.5  # lag-one autocorrelation: vowels and nasals .6-.97, hiss and breath below .3
    least_seed_frames: int = 6  # in a span: clicks and breaths of 60 ms are no speech
    edge_over_floor_db: float = 4.0  # smoothed over 30 ms, noise spreads by 0.5 dB
    edge_under_peak_db: float = 32.0  # below it lie reverberation and coding noise
    peak_reach_frames: int = 50  # how far around a frame the loudest voice is looked for
    reach_frames: int = 25  # an unvoiced onset or release is at most this long
    stop_frames: int = 10  # the closure of a stop
    even_frames: int = 80  # no vowel is held that evenly for 0.8 s: its standard deviation is above 1.5 dB ...
    even_db: float = 0.8  # ... that of noise over 30 ms is 0.5 dB
    gap_frames: int = 18  # Heldner & Edlund 2010
    tone_gap_frames: int = 450  # ring-back is silent for up to 4 s between rings
    least_music_frames: int = 100  # what is shorter is a beep, and nobody's hold


@dataclass(frozen=True, slots=True)
class Activity:
    """What is where, a tuple of spans for each channel.

    `speech` and `music` of one channel never overlap. `music` is any long sound with a pitch that is
    not speech: hold music, ring-back, dial tones. `leaks` is None where a channel carries nothing of
    the other side.
    """

    speech: tuple[tuple[Span, ...], ...]
    music: tuple[tuple[Span, ...], ...]
    leaks: tuple[Leak | None, ...]


def find_activity(frames: Frames, samples: np.ndarray, config: ActivityConfig | None = None) -> Activity:
    """Speech and music spans of each channel.

    `frames` is what `features.extract` made of `samples`, float32 `[channels, n]` or `[n]` at 8 kHz
    in -1..1; zero frames are allowed. With two channels, a leak of the other side is looked for, and
    what it explains is no speech.

    Raises ValueError where `samples` and `frames` are not of the same recording.
    """
    config = config or ActivityConfig()
    samples = np.atleast_2d(samples)
    f0_hz, level_db, noise_db = (np.atleast_2d(c) for c in (frames.f0_hz, frames.level_db, frames.noise_db))
    if len(samples) != len(level_db) or samples.shape[1] // HOP < level_db.shape[1]:
        raise ValueError(f"samples of shape {samples.shape} do not fit {level_db.shape} frames at 8 kHz")
    found = [_channel(*columns, config) for columns in zip(f0_hz, level_db, noise_db, samples, strict=True)]
    speech, other, seed = zip(*found, strict=True)
    leaks: list[Leak | None] = [None] * len(found)
    if len(found) == 2 and not same_mix(samples):
        leaks = [find_leak(samples, level_db, speech[1 - i], i) for i in (0, 1)]
    for i, leak in enumerate(leaks):
        if leak:
            own = speech[i] & ~leaked(level_db[i], level_db[1 - i], leak)
            speech = (*speech[:i], _tidy(own, seed[i], config), *speech[i + 1 :])
    return Activity(
        tuple(spans(mask, frames.hop_s) for mask in speech),
        tuple(spans(mask, frames.hop_s) for mask in other),
        tuple(leaks),
    )


def _channel(f0_hz, level_db, noise_db, samples, config: ActivityConfig) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Speech, music and seeds of one channel, three masks."""
    seed = seeds(np.isfinite(f0_hz), level_db, noise_db, dullness(samples, level_db, noise_db), config)
    sound = grown(seed, level_db, noise_db, config)
    bits = runs(sound)
    tonal = from_runs(bits[tones(bits, samples, level_db, noise_db)], len(sound)) | even(sound, level_db, config)
    tune = music(f0_hz, sound & ~tonal, samples)
    speech = _tidy(sound & ~tonal & ~tune, seed, config)
    other = sound & (tonal | tune) & ~speech
    long = runs(close_gaps(other, config.tone_gap_frames) & ~speech)
    return speech, from_runs(long[count_inside(long, other) >= config.least_music_frames], len(sound)), seed


def even(sound: np.ndarray, level_db: np.ndarray, config: ActivityConfig) -> np.ndarray:
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
    products = np.stack([np.einsum("ij,ij->i", hops, hops), np.einsum("ij,ij->i", hops[:, 1:], hops[:, :-1])])
    quiet = level_db < noise_db + 2
    if quiet.any():
        products = products - products[:, quiet].mean(axis=1, keepdims=True)
    power, lagged = (np.convolve(row, np.ones(3), mode="same") if len(row) else row for row in products)
    return np.clip(lagged / np.maximum(power, 1e-12), -1, 1)


def seeds(
    voiced: np.ndarray, level_db: np.ndarray, noise_db: np.ndarray, dull: np.ndarray, config: ActivityConfig
) -> np.ndarray:
    """Frames that can only be a voice, bool `[frames]`."""
    if not len(level_db):
        return voiced
    smooth = smoothed(level_db)
    limit = np.maximum(noise_db + config.dull_over_floor_db, np.percentile(level_db, 98) - config.dull_under_peak_db)
    pitched = drop_short(voiced & (smooth > noise_db + config.voiced_over_floor_db), config.voiced_frames)
    return pitched | drop_short((dull > config.dull) & (smooth > limit), config.dull_frames)


def grown(seed: np.ndarray, level_db: np.ndarray, noise_db: np.ndarray, config: ActivityConfig) -> np.ndarray:
    """The seeds and what clings to them, bool `[frames]`."""
    smooth = smoothed(level_db)
    limit = np.maximum(noise_db + config.edge_over_floor_db, _peak(seed, level_db, config) - config.edge_under_peak_db)
    near = widen(seed, config.reach_frames, config.reach_frames)
    bits = runs(close_gaps(((smooth > limit) | seed) & near, config.stop_frames))
    return from_runs(bits[count_inside(bits, seed) > 0], len(seed))


def smoothed(level_db: np.ndarray) -> np.ndarray:
    """Level of the mean power of three frames, dB `[frames]`."""
    if not len(level_db):
        return level_db
    power = np.pad(10 ** (level_db.astype(np.float64) / 10), 1, mode="edge")
    return 10 * np.log10((power[:-2] + power[1:-1] + power[2:]) / 3)


def _peak(seed: np.ndarray, level_db: np.ndarray, config: ActivityConfig) -> np.ndarray:
    """The loudest seed within reach of each frame, dB `[frames]`; -inf where there is none."""
    peak = np.where(seed, level_db, -np.inf)
    reach = 1
    while reach <= config.peak_reach_frames:  # the maximum over a window, its width doubled in each step
        wide = peak.copy()
        wide[reach:] = np.maximum(wide[reach:], peak[:-reach])
        wide[:-reach] = np.maximum(wide[:-reach], peak[reach:])
        peak, reach = wide, 2 * reach
    return peak


def _tidy(mask: np.ndarray, seed: np.ndarray, config: ActivityConfig) -> np.ndarray:
    """Short gaps closed, and spans with too little voice dropped."""
    pairs = runs(close_gaps(mask, config.gap_frames))
    return from_runs(pairs[count_inside(pairs, seed & mask) >= config.least_seed_frames], len(mask))
