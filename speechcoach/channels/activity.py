"""Where somebody speaks, on each channel.

Conventions: spans are seconds from the start of the recording on a grid of 10 ms, ordered, never
touching. Masks are bool `[frames]`. Levels are dB re full scale. Everything is relative to the
channel's own noise floor and loudness, so gain moves nothing.

The way: a small net says of each hop whether it is speech, and whether it is music or a tone (`net`); what is only
the other side's leak is taken out (`leak`); then gaps of less than 180 ms are closed (Heldner & Edlund 2010: shorter
silences are stops, not pauses), and what the net is hardly sure of is dropped (`verdict`). Long calls go through in
chapters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from speechcoach.features.chapters import CHAPTER, MARGIN, REST
from speechcoach.features.frames import HOP, Signal
from speechcoach.records import Frames, Leakage, Span

from . import bands, net
from .echo import upright
from .leak import Own, own_parts
from .likeness import same_mix
from .rules import ruled
from .runs import spans
from .traces import find_leaks
from .verdict import ActivityConfig, Heard, told


@dataclass(frozen=True, slots=True)
class Activity:
    """What is where, a tuple of spans for each channel.

    `speech` and `music` of one channel never overlap. `music` is any long sound with a pitch that is
    not speech: hold music, ring-back, dial tones. `leaks` is empty where a channel carries nothing of
    the other side.
    """

    speech: tuple[tuple[Span, ...], ...]
    music: tuple[tuple[Span, ...], ...]
    leaks: tuple[tuple[Leakage, ...], ...]


def find_activity(frames: Frames, samples: np.ndarray, config: ActivityConfig | None = None) -> Activity:
    """Speech and music spans of each channel.

    `frames` is what `features.extract` made of `samples`, float32 `[channels, n]` or `[n]` at 8 kHz
    in -1..1; zero frames are allowed. With two channels, a leak of the other side is looked for, and
    what it explains is no speech.

    Raises ValueError where `samples` and `frames` are not of the same recording.
    """
    config = config or ActivityConfig()
    samples = np.atleast_2d(samples)
    shape = np.atleast_2d(frames.level_db).shape
    if len(samples) != shape[0] or samples.shape[1] // HOP < shape[1]:
        raise ValueError(f"samples of shape {samples.shape} do not fit {shape} frames at 8 kHz")
    said = np.empty((len(samples), 2, shape[1]), np.float32)
    over_db, level_db = np.empty((2, *shape), np.float32)
    leaks = _leaks(frames, samples)
    for own, around in chapters(shape[1]):
        inside = slice(own.start - around.start, own.stop - around.start)
        for channel, part in enumerate(_parts(frames, samples, around, leaks)):
            said[channel, :, own] = _answers(frames, channel, around, part)[:, inside]
            over_db[channel, own] = part.over_db[inside]
            level_db[channel, own] = part.level_db[inside]
    level_db = smoothed(level_db)
    stands_db, voiced = level_db - np.atleast_2d(frames.noise_db), np.isfinite(np.atleast_2d(frames.f0_hz))
    rules = [partial(_ruled, frames, samples, channel) for channel in range(len(samples))]
    columns = zip(said[:, 0], said[:, 1], over_db, level_db, stands_db, voiced, rules, strict=True)
    found = [told(Heard(*channel), config) for channel in columns]
    return Activity(
        tuple(spans(speech, frames.hop_s) for speech, _ in found),
        tuple(spans(music, frames.hop_s) for _, music in found),
        leaks,
    )


def _leaks(frames: Frames, samples: np.ndarray) -> tuple[tuple[Leakage, ...], ...]:
    """Where each channel hears the other; the same sound on both is no leak."""
    if len(samples) != 2 or same_mix(samples):
        return tuple(() for _ in samples)
    return find_leaks(samples, frames.level_db, frames.noise_db, frames.active)


def _parts(frames: Frames, samples: np.ndarray, around: slice, leaks: Sequence[Sequence[Leakage]]) -> list[Own]:
    """Each channel of a chapter, without what it hears of the other one."""
    cut = upright(samples[:, around.start * HOP : around.stop * HOP])
    level, noise = (np.atleast_2d(column)[:, around] for column in (frames.level_db, frames.noise_db))
    if any(leaks):
        return own_parts(cut, level, noise, leaks, around.start)
    return [Own.whole(row, loud) for row, loud in zip(cut, level, strict=True)]


def _answers(frames: Frames, channel: int, around: slice, part: Own) -> np.ndarray:
    """Log-odds of speech and of music, float32 `[2, frames]`, in a chapter of a channel."""
    f0_hz, voicing, noise = (np.atleast_2d(c)[channel, around] for c in (frames.f0_hz, frames.voicing, frames.noise_db))
    heard = net.answer(bands.seen(Signal(part.samples), f0_hz, voicing, part.level_db, noise))
    return heard.reshape(-1, 2, 2).transpose(1, 0, 2).reshape(2, -1)[:, : len(f0_hz)]


def _ruled(frames: Frames, samples: np.ndarray, channel: int) -> np.ndarray:
    """What the rules call speech in a channel."""
    columns = (np.atleast_2d(column)[channel] for column in (frames.f0_hz, frames.level_db, frames.noise_db))
    return ruled(*columns, samples[channel])


def chapters(count: int) -> list[tuple[slice, slice]]:
    """Hops by chapters of ten minutes, as `features.chapters` has them: its own, and those with margins."""
    starts = list(range(0, max(1, count - REST + 1), CHAPTER))
    stops = [*starts[1:], count]
    return [
        (slice(a, b), slice(max(0, a - MARGIN), min(count, b + MARGIN))) for a, b in zip(starts, stops, strict=True)
    ]


def smoothed(level_db: np.ndarray) -> np.ndarray:
    """Level of the mean power of three hops, dB `[channels, frames]`."""
    power = np.exp(level_db * np.float32(np.log(10) / 10))
    total = power.copy()
    total[:, 1:] += power[:, :-1]
    total[:, :-1] += power[:, 1:]
    return 10 * np.log10(total / 3)
