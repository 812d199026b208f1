"""Where somebody speaks, on each channel.

Conventions: spans are seconds from the start of the recording on a grid of 10 ms, ordered, never
touching. Masks are bool `[frames]`. Levels are dB re full scale. Everything is relative to the
channel's own noise floor and loudness, so gain moves nothing.

The way: what sounds like somebody (`sound`), without line tones (`tones`), music (`music`) and the
other side's leak (`leak`); then gaps of less than 180 ms are closed (Heldner & Edlund 2010: shorter
silences are stops, not pauses), and what has hardly any voice in it is dropped.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from speechcoach.records import Frames, Span

from .leak import Leak, find_leak, leaked
from .likeness import same_mix
from .music import music
from .runs import close_gaps, count_inside, from_runs, runs, spans
from .sound import HOP, SoundConfig, even, sounding
from .tones import tones


@dataclass(frozen=True, slots=True)
class ActivityConfig:
    """What makes spans of sounds; frames are 10 ms."""

    sound: SoundConfig = field(default_factory=SoundConfig)
    gap_frames: int = 18  # Heldner & Edlund 2010
    least_seed_frames: int = 6  # in a span: clicks and breaths of 60 ms are no speech
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
    seed, sound = sounding(f0_hz, level_db, noise_db, samples, config.sound)
    bits = runs(sound)
    tonal = from_runs(bits[tones(bits, samples, level_db, noise_db)], len(sound)) | even(sound, level_db, config.sound)
    tune = music(f0_hz, sound & ~tonal, samples)
    speech = _tidy(sound & ~tonal & ~tune, seed, config)
    other = sound & (tonal | tune) & ~speech
    long = runs(close_gaps(other, config.tone_gap_frames) & ~speech)
    return speech, from_runs(long[count_inside(long, other) >= config.least_music_frames], len(sound)), seed


def _tidy(mask: np.ndarray, seed: np.ndarray, config: ActivityConfig) -> np.ndarray:
    """Short gaps closed, and spans with too little voice dropped."""
    pairs = runs(close_gaps(mask, config.gap_frames))
    return from_runs(pairs[count_inside(pairs, seed & mask) >= config.least_seed_frames], len(mask))
