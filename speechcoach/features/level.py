"""Loudness of each hop, the noise floor under it, and which hops are worth a further look.

Levels are dB re full scale as mean square: a sine of amplitude 1 reads -3.01 dB. Digital silence
reads `SILENCE_DB`. Everything but the level itself is relative, so gain moves nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .config import FeatureConfig
from .frames import HOP, Signal, blocks

SILENCE_DB = -120.0
FLOOR_FRAMES = 300  # 3 s: long enough to hold a pause of conversational speech
FLOOR_PERCENT = 10
FLOOR_REACH = 2  # blocks to each side: a turn of up to 15 s without a pause keeps its floor
LOUD_PERCENT = 98
LEAST_ACTIVE = 0.05  # of the hops: chance peaks of steady noise, widened, reach some percent
SMOOTH_FRAMES = 5  # 50 ms
SPREAD_FRAMES = 3  # 30 ms around each active hop, so that weak onsets and releases come along


@dataclass(frozen=True, slots=True, eq=False)
class Loudness:
    """Columns of one channel, `[frames]`: level and noise floor in dB, and masks of hops.

    `active` hops stand above the noise, `look` hops are those whose pitch is worth a look. `steady_db`
    is the level over 50 ms, `loud_db` that of the loud hops.
    """

    level_db: np.ndarray
    steady_db: np.ndarray
    noise_db: np.ndarray
    active: np.ndarray
    look: np.ndarray
    loud_db: float


def loudness(signal: Signal, config: FeatureConfig) -> Loudness:
    """How loud the channel is, and where."""
    plain = level_db(signal)
    steady = smooth(plain)
    floor = noise_db(steady)
    return Loudness(plain, steady, floor, *active(steady, floor, config), loud_db(steady))


def level_db(signal: Signal, block: int = 6000) -> np.ndarray:
    """Mean square of each hop in dB re full scale, float32 `[frames]`, never below `SILENCE_DB`."""
    power = np.empty(signal.frames, np.float32)
    for cut in blocks(signal.frames, block):
        hops = signal.hops(cut.start, cut.stop)
        np.einsum("ij,ij->i", hops, hops, out=power[cut])
    least = np.float32(10 ** (SILENCE_DB / 10))
    return np.maximum(10 * np.log10(np.maximum(power / HOP, least)), np.float32(SILENCE_DB))


def noise_db(level: np.ndarray) -> np.ndarray:
    """The noise floor under each hop, float32 `[frames]`.

    It is the tenth percentile of a block of 3 s, the least over two blocks to each side. The last
    block reaches back, so that a short rest has a whole block's statistics.
    """
    count = len(level)
    if count <= FLOOR_FRAMES:
        return np.full(count, np.percentile(level, FLOOR_PERCENT) if count else 0, np.float32)
    starts = np.minimum(np.arange(0, count, FLOOR_FRAMES), count - FLOOR_FRAMES)
    cells = level[starts[:, None] + np.arange(FLOOR_FRAMES)]
    rank = FLOOR_FRAMES * FLOOR_PERCENT // 100
    floor = np.partition(cells, rank, axis=1)[:, rank]
    padded = np.pad(floor, FLOOR_REACH, mode="edge")
    least = np.min([padded[i : i + len(floor)] for i in range(2 * FLOOR_REACH + 1)], axis=0)
    return np.repeat(least, FLOOR_FRAMES)[:count]


def smooth(level: np.ndarray) -> np.ndarray:
    """Mean power over five hops, in dB, float32 `[frames]`: one hop of noise spreads too much to be judged."""
    if len(level) < SMOOTH_FRAMES:
        return level
    power = np.pad(10 ** (level / 10), SMOOTH_FRAMES // 2, mode="edge")
    total = sum(power[shift : shift + len(level)] for shift in range(SMOOTH_FRAMES))
    return 10 * np.log10(total / SMOOTH_FRAMES)


def loud_db(level: np.ndarray) -> float:
    """Level of the loud hops, dB: the 98th percentile."""
    return float(np.percentile(level, LOUD_PERCENT)) if len(level) else SILENCE_DB


def active(level: np.ndarray, floor: np.ndarray, config: FeatureConfig) -> tuple[np.ndarray, np.ndarray]:
    """Hops that stand above the noise, and hops whose pitch is worth a look, both bool `[frames]`.

    Active is what lies over the floor and not too far below the channel's loud hops. These are looked
    at. Where hardly any hop is active the floor itself is loud, and level cannot tell a steady tone
    from steady noise: then all loud hops are looked at.
    """
    if not len(level):
        return np.zeros(0, bool), np.zeros(0, bool)
    loud = loud_db(level)
    least = np.maximum(loud - config.active_under_peak_db, SILENCE_DB + 1)
    firm = spread(level > np.maximum(floor + config.active_over_floor_db, least), SPREAD_FRAMES)
    if firm.mean() > LEAST_ACTIVE:
        return firm, firm
    lower = np.minimum(floor, loud - config.steady_db) + config.active_over_floor_db
    return firm, spread(level > np.maximum(lower, least), SPREAD_FRAMES)


def spread(mask: np.ndarray, reach: int) -> np.ndarray:
    """`mask` widened by `reach` hops to each side."""
    wide = mask.copy()
    for shift in range(1, min(reach, len(mask) - 1) + 1):
        wide[shift:] |= mask[:-shift]
        wide[:-shift] |= mask[shift:]
    return wide
