"""The other side heard in a channel: echo, crosstalk, an open microphone in the same room.

Conventions: levels are dB re full scale, `own` and `other` are the level columns of the two
channels, `[frames]` of 10 ms. A leak is dB of own level re the other side's level while only the
other side speaks: -20 means that the other side is heard 20 dB down.

Whether there is a leak the samples say, for they must follow the other side's at one lag; how loud
it is and which frames it explains the levels say. Both tests were made on calls with known leaks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .likeness import crosstalk


@dataclass(frozen=True, slots=True)
class LeakConfig:
    """When the other side counts as heard, and what of a channel that explains."""

    coherence: float = 0.18  # median over segments; leaks of -20 to -40 dB read .22-.94, clean calls up to .10
    loudest_db: float = -6.0  # louder than that it is the same mix, not a leak
    least_db: float = -45.0  # mu-law keeps about 38 dB
    margin_db: float = 7.0  # how far a leak's level wanders: the gate that lost least double talk
    tail_frames: int = 6  # 60 ms: what a line echo lasts
    least_frames: int = 50  # half a second of the other side, to tell a level


@dataclass(frozen=True, slots=True)
class Leak:
    """A leak into a channel: its level re the other side, how much later it comes, how sure (0-1)."""

    level_db: float
    delay_s: float
    coherence: float


def find_leak(
    samples: np.ndarray,
    level_db: np.ndarray,
    other_speech: np.ndarray,
    channel: int,
    config: LeakConfig | None = None,
) -> Leak | None:
    """The leak of the other side into `channel` (0 or 1), or None where none is heard.

    `samples` is float32 `[2, n]` at 8 kHz, `level_db` `[2, frames]`; `other_speech` is a mask of where
    the other side speaks.
    """
    config = config or LeakConfig()
    same = crosstalk(samples, 1 - channel)
    if same.correlation < config.coherence:
        return None
    own, other = level_db[channel], _later(level_db[1 - channel], same.lag_s)
    ratio = (own - other)[other_speech]
    ratio = ratio[(ratio < config.loudest_db) & np.isfinite(ratio)]
    if len(ratio) < config.least_frames:
        return None
    return Leak(_mode(ratio), same.lag_s, same.correlation)


def leaked(own: np.ndarray, other: np.ndarray, leak: Leak, config: LeakConfig | None = None) -> np.ndarray:
    """Frames of the own channel that the leak explains, bool `[frames]`."""
    config = config or LeakConfig()
    late = _later(other, leak.delay_s)
    recent = late.copy()
    for shift in range(1, min(config.tail_frames, len(own) - 1) + 1):
        recent[shift:] = np.maximum(recent[shift:], late[:-shift])
    return own < recent + max(leak.level_db, config.least_db) + config.margin_db


def _later(level_db: np.ndarray, delay_s: float) -> np.ndarray:
    """The column moved later by whole frames; what comes in at the edge is silence."""
    shift = round(delay_s / 0.01)
    moved = np.full_like(level_db, -np.inf)
    if shift >= 0:
        moved[shift:] = level_db[: len(level_db) - shift]
    else:
        moved[:shift] = level_db[-shift:]
    return moved


def _mode(values_db: np.ndarray) -> float:
    """The most frequent value, in a histogram of 1 dB smoothed over 3."""
    low = np.floor(values_db.min())
    counts = np.bincount((values_db - low).astype(int))
    smooth = np.convolve(counts, [1, 1, 1], mode="same")
    return float(low + smooth.argmax() + 0.5)
