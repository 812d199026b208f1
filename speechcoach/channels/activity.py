"""Where somebody speaks, on each channel.

Conventions: spans are seconds from the start of the recording on a grid of 10 ms, ordered, never
touching. Masks are bool `[frames]`. Levels are dB re full scale. Everything is relative to the
channel's own noise floor and loudness, so gain moves nothing.

The way: voiced frames well above the noise are seeds; each grows to both sides over frames that are
still above the noise, which brings the unvoiced sounds along; gaps of less than 180 ms are closed
(Heldner & Edlund 2010: shorter silences are stops, not pauses). What has no voice in it (clicks,
breaths, noise) never becomes a seed. Tones, music and the other side's leak are taken out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from speechcoach.records import Frames, Span

from .leak import Leak, find_leak, leaked
from .music import music, tones
from .runs import close_gaps, count_inside, drop_short, from_runs, runs, spans, widen


@dataclass(frozen=True, slots=True)
class ActivityConfig:
    """What counts as speech, with the reason beside each number; frames are 10 ms."""

    seed_over_floor_db: float = 6.0  # a voice 6 dB over the noise is heard; noise of one hop spreads by 1 dB
    seed_frames: int = 4  # shorter voiced runs are chance
    least_voiced_frames: int = 6  # the shortest "mm" has some 100 ms of voice
    edge_over_floor_db: float = 4.0  # smoothed over 30 ms, noise spreads by 0.5 dB
    edge_under_peak_db: float = 32.0  # below it lie reverberation and coding noise
    peak_reach_frames: int = 50  # how far around a frame the loudest voice is looked for
    reach_frames: int = 25  # an unvoiced onset or release is at most this long
    stop_frames: int = 10  # the closure of a stop
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
    if len(samples) != len(level_db) or samples.shape[1] // 80 < level_db.shape[1]:
        raise ValueError(f"samples of shape {samples.shape} do not fit {level_db.shape} frames at 8 kHz")
    found = [_channel(*columns, config) for columns in zip(f0_hz, level_db, noise_db, samples, strict=True)]
    speech, other = [pair[0] for pair in found], [pair[1] for pair in found]
    leaks: list[Leak | None] = [None] * len(found)
    if len(found) == 2:
        leaks = [find_leak(samples, level_db, speech[1 - i], i) for i in (0, 1)]
        speech = [
            _tidy(speech[i] & ~leaked(level_db[i], level_db[1 - i], leak), np.isfinite(f0_hz[i]), config)
            if leak
            else speech[i]
            for i, leak in enumerate(leaks)
        ]
    return Activity(
        tuple(spans(mask, frames.hop_s) for mask in speech),
        tuple(spans(mask, frames.hop_s) for mask in other),
        tuple(leaks),
    )


def _channel(f0_hz, level_db, noise_db, samples, config: ActivityConfig) -> tuple[np.ndarray, np.ndarray]:
    """Speech and music of one channel, two masks."""
    voiced = np.isfinite(f0_hz)
    sound = voiced_sound(voiced, level_db, noise_db, config)
    bits = runs(sound)
    tonal = from_runs(bits[tones(bits, samples, noise_db)], len(sound))
    tune = music(f0_hz, sound & ~tonal, samples)
    other = (sound & tonal) | tune
    speech = _tidy(sound & ~other, voiced, config)
    other = close_gaps(other & ~speech, config.tone_gap_frames) & ~speech
    other = runs(other)
    enough = count_inside(other, sound) >= config.least_music_frames
    return speech, from_runs(other[enough], len(sound))


def voiced_sound(voiced: np.ndarray, level_db: np.ndarray, noise_db: np.ndarray, config: ActivityConfig) -> np.ndarray:
    """Frames of voiced sound and of what clings to it, bool `[frames]`."""
    smooth = smoothed(level_db)
    seed = drop_short(voiced & (smooth > noise_db + config.seed_over_floor_db), config.seed_frames)
    limit = np.maximum(noise_db + config.edge_over_floor_db, _peak(seed, level_db, config) - config.edge_under_peak_db)
    loud = (smooth > limit) | seed
    near = widen(seed, config.reach_frames, config.reach_frames)
    bits = runs(close_gaps(loud & near, config.stop_frames))
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


def _tidy(mask: np.ndarray, voiced: np.ndarray, config: ActivityConfig) -> np.ndarray:
    """Short gaps closed, and spans without enough voice dropped."""
    pairs = runs(close_gaps(mask, config.gap_frames))
    return from_runs(pairs[count_inside(pairs, voiced & mask) >= config.least_voiced_frames], len(mask))
