"""Where somebody speaks, on each channel.

Conventions: spans are seconds from the start of the recording on a grid of 10 ms, ordered, never
touching. Masks are bool `[frames]`. Levels are dB re full scale. Everything is relative to the
channel's own noise floor and loudness, so gain moves nothing.

The way: a small net says of each hop whether it is speech, and whether it is music or a tone (`net`); what is only
the other side's leak is taken out (`leak`); then gaps of less than 180 ms are closed (Heldner & Edlund 2010: shorter
silences are stops, not pauses), and what the net is hardly sure of is dropped. Long calls go through in chapters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from speechcoach.features.chapters import CHAPTER, MARGIN, REST
from speechcoach.features.frames import HOP, Signal
from speechcoach.records import Frames, Span

from . import bands, net
from .leak import Leak, Own, own_parts
from .likeness import same_mix
from .runs import close_gaps, count_inside, from_runs, runs, spans


@dataclass(frozen=True, slots=True)
class ActivityConfig:
    """What makes spans of the net's answers; frames are 10 ms, answers log-odds."""

    sure: float = 0.0  # even odds
    likely: float = -0.6  # .35: beside hops that are sure
    music: float = 0.0
    leak_odds: float = 0.4  # for each dB that a hop lacks to what no leak explains
    leak_over_db: float = 3.0
    least_stands_db: float = 2.5  # over the noise: steady noise itself does not
    trim_over_db: float = 16.0  # spans that rise less out of the noise keep the net's edges
    trim_db: float = 2.5
    trim_frames: tuple[int, int] = (3, 3)  # what an edge may reach into the noise, before and after
    gap_frames: int = 18  # Heldner & Edlund 2010
    least_sure_frames: int = 6  # in a span: what is shorter is a click
    music_reach_frames: int = 400
    music_share: float = 0.1  # of what lies within reach
    voice_over_tune: float = 4.3  # log-odds: notes of hold music read 2.6, talk over it 7.2
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
    shape = np.atleast_2d(frames.level_db).shape
    if len(samples) != shape[0] or samples.shape[1] // HOP < shape[1]:
        raise ValueError(f"samples of shape {samples.shape} do not fit {shape} frames at 8 kHz")
    said = np.empty((len(samples), 2, shape[1]), np.float32)
    over_db, level_db = np.empty((2, *shape), np.float32)
    leaks: list[list[Leak]] = [[] for _ in samples]
    apart = len(samples) == 2 and not same_mix(samples)
    for own, around in chapters(shape[1]):
        inside = slice(own.start - around.start, own.stop - around.start)
        for channel, part in enumerate(_parts(frames, samples, around, apart)):
            said[channel, :, own] = _answers(frames, channel, around, part)[:, inside]
            over_db[channel, own] = part.over_db[inside]
            level_db[channel, own] = part.level_db[inside]
            leaks[channel] += [part.leak] if part.leak else []
    stands = smoothed(level_db) - np.atleast_2d(frames.noise_db)
    found = [_told(*channel, config) for channel in zip(said, over_db, stands, strict=True)]
    return Activity(
        tuple(spans(speech, frames.hop_s) for speech, _ in found),
        tuple(spans(music, frames.hop_s) for _, music in found),
        tuple(max(heard, key=lambda leak: leak.following, default=None) for heard in leaks),
    )


def _parts(frames: Frames, samples: np.ndarray, around: slice, apart: bool) -> list[Own]:
    """Each channel of a chapter, without the other one where both are `apart`."""
    cut = samples[:, around.start * HOP : around.stop * HOP]
    level, noise, active = (
        np.atleast_2d(column)[:, around] for column in (frames.level_db, frames.noise_db, frames.active)
    )
    if apart:
        return own_parts(cut, level, noise, active)
    return [Own.whole(row, loud) for row, loud in zip(cut, level, strict=True)]


def _answers(frames: Frames, channel: int, around: slice, part: Own) -> np.ndarray:
    """Log-odds of speech and of music, float32 `[2, frames]`, in a chapter of a channel."""
    f0_hz, voicing, noise = (np.atleast_2d(c)[channel, around] for c in (frames.f0_hz, frames.voicing, frames.noise_db))
    heard = net.answer(bands.seen(Signal(part.samples), f0_hz, voicing, part.level_db, noise))
    return heard.reshape(-1, 2, 2).transpose(1, 0, 2).reshape(2, -1)[:, : len(f0_hz)]


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


def _told(
    said: np.ndarray, over_db: np.ndarray, stands_db: np.ndarray, config: ActivityConfig
) -> tuple[np.ndarray, np.ndarray]:
    """Speech and music of one channel, two masks.

    `over_db` is how much of each hop no leak explains, `stands_db` how far it stands above the noise.
    """
    odds = said[0] + config.leak_odds * np.minimum(over_db - config.leak_over_db, 0)
    sure = (odds > config.sure) & (stands_db > config.least_stands_db)
    bits = runs(odds > config.likely)
    heard = from_runs(bits[count_inside(bits, sure) > 0], len(sure))
    pairs = runs(close_gaps(heard, config.gap_frames))
    pairs = pairs[count_inside(pairs, sure) >= config.least_sure_frames]
    pairs = pairs[~_of_music(pairs, odds, said[1], config)]
    speech = from_runs(_trimmed(pairs, stands_db, config), len(sure))
    other = (said[1] > config.music) & (over_db > 0) & ~speech
    long = runs(close_gaps(other, config.tone_gap_frames) & ~speech)
    return speech, from_runs(long[count_inside(long, other) >= config.least_music_frames], len(sure))


def _of_music(pairs: np.ndarray, odds: np.ndarray, tonal: np.ndarray, config: ActivityConfig) -> np.ndarray:
    """Which runs are but notes that resemble a voice: music is near, and the run is hardly more voice than tune."""
    beside = (tonal > config.music) & ~from_runs(pairs, len(odds))
    reach = config.music_reach_frames
    around = np.stack([np.maximum(pairs[:, 0] - reach, 0), np.minimum(pairs[:, 1] + reach, len(odds))], axis=1)
    near = count_inside(around, beside) > config.music_share * 2 * reach
    for place in np.flatnonzero(near):
        run = slice(*pairs[place])
        near[place] = np.quantile(odds[run], 0.9) - tonal[run].mean() < config.voice_over_tune
    return near


def _trimmed(pairs: np.ndarray, stands_db: np.ndarray, config: ActivityConfig) -> np.ndarray:
    """The runs without what lies in the noise at their ends, but for a little: a voice fades below the noise."""
    found = []
    for start, stop in pairs.tolist():
        level = stands_db[start:stop]
        if level.max() > config.trim_over_db:
            out = np.flatnonzero(level > config.trim_db)
            before, after = config.trim_frames
            start, stop = max(start, start + int(out[0]) - before), min(stop, start + int(out[-1]) + 1 + after)
        found.append((start, stop))
    return np.array(found, int).reshape(-1, 2)
