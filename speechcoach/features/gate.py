"""Which hops of a channel are its own, and which are only the other side of the call heard in it.

Conventions: columns are levels in dB, one value a hop of 10 ms; `own` is the channel that is judged,
`other` the far side. A leak's level is dB of the own channel re the other one while only the other
side speaks: -20 means that it is heard 20 dB down. A delay is in seconds, positive where the leak
comes later.

This is the only place where one channel's features depend on another. It sees levels alone, never
samples: where a channel's level goes up and down with the other's at one delay, the other side is
heard in it, and a hop that is no louder than the leak can be is not the channel's own. Nothing is
gated where no leak is found. Give it minutes of a call at a time: a second or two prove nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .frames import HOP_S
from .level import spread

EARLY = 3  # hops by which a leak may precede its source: the two legs of a recorder are not quite in step
LATE = 55  # 0.5 s for a network's echo, and the rise of its tail
STEP_MOST_DB = 12.0  # an onset out of silence counts no more than this: one cough must not outweigh a minute
STEP_OVER_FLOOR_DB = 2.0  # what moves below this is the line's own noise
LOUD_SHARE = 0.98  # of all hops: as `level.active` has it
HOT_DB = 10.0  # under the loud hops; softer ones leak below the noise and only dilute (25 missed a leak of -40)
HOT_OVER_FLOOR_DB = 10.0
LEAST_HOPS = 100  # a second of the other side
LEAST_SHARE = 0.2  # of the hot hops that must show the leak: the rest is double talk
LEAST_FOLLOWING = 0.12  # five minutes without a leak read up to .06, an audible leak .2-.9
CHANCE = 7.0  # over the root of the hops: of 13,000 unrelated pairs of 5-80 s none passes it, one passes 6
HEARD_OVER_FLOOR_DB = 4.0  # to tell a leak's level the leak must outweigh the noise
ASIDE_DB = 6.0  # under the own voice re the other's, else up to as much over it: there the leak is all there is
UNDER_VOICE_DB = 3.0  # re the loudness of both voices: a leak that is nearer is one mix of two voices
VOICE_LOUD_SHARE = 0.95  # of the own voice's hops: they are fewer than all
UNDER_OTHER_DB = 12.0  # re the other channel, where there is no own voice: nearer is the same sound on both
VOICE_SHARE = 0.05  # of the hops that stand out of the noise: a channel with more of its own has a voice
FALL_DB = 1.0  # a hop, after the other side's last loud one: an echo's tail of 0.6 s per 60 dB
SURE_DB = 7.0  # over the leak: own voice. Echo cancellers and codecs make a leak wander by so much
LIKELY_DB = 3.0  # over the leak, and beside hops that are sure: own power is then at least as great
BESIDE = 5  # hops: the dip between two syllables
SPECKLE = 1  # hops to each side: own voice lasts for three on end, a leak's flicker does not
FRINGE = 5  # hops around a leak in which the noise is no voice either; `level.active` widens by 3
NOTHING_DB = np.float32(-200.0)


@dataclass(frozen=True, slots=True)
class Leak:
    """The other side heard in a channel.

    `level_db` is re the other side's own channel, `delay_s` a whole number of hops. `following` (0-1)
    is the correlation of the two channels' level steps at that delay, while the other side is loud.
    """

    level_db: float
    delay_s: float
    following: float


def own_hops(
    level_db: np.ndarray, floor_db: np.ndarray, active: np.ndarray
) -> tuple[np.ndarray, tuple[Leak | None, ...]]:
    """Hops that are not merely the other side, bool `[channels, frames]`, and the leak into each channel.

    `level_db` and `floor_db` are float32 `[2, frames]`, unsmoothed levels and the noise under them;
    `active` bool `[2, frames]`, hops that stand above that noise. All hops are kept in a channel
    without a leak, and where there are not two channels.
    """
    keep = np.ones(level_db.shape, bool)
    if len(level_db) != 2:
        return keep, (None,) * len(level_db)
    pairs = ((0, 1), (1, 0))
    leaks = tuple(find_leak(level_db[i], level_db[j], floor_db[i], floor_db[j], active[j]) for i, j in pairs)
    for (i, j), leak in zip(pairs, leaks, strict=True):
        if leak:
            keep[i] = own_under(level_db[i], level_db[j], floor_db[i], leak)
    if all(leaks):  # what is but the echo of a voice does not come back as an echo again
        spoken = np.where(keep, level_db, NOTHING_DB)
        keep = np.stack([own_under(level_db[i], spoken[j], floor_db[i], leaks[i]) for i, j in pairs])
    return keep, leaks


def find_leak(
    own_db: np.ndarray,
    other_db: np.ndarray,
    own_floor_db: np.ndarray,
    other_floor_db: np.ndarray,
    other_active: np.ndarray,
) -> Leak | None:
    """The leak of the other side into the own channel, None where none is heard; all columns are `[frames]`.

    Delay from the steps of both levels, then the most frequent difference of the two at that delay.
    The gain of either channel moves only `level_db`; it decides alone where the own channel has no
    voice that a leak could be compared with.
    """
    if np.count_nonzero(other_active) < LEAST_HOPS:
        return None
    own_loud, other_loud = _quantile(own_db, LOUD_SHARE), _quantile(other_db, LOUD_SHARE)
    hot = other_active & (other_db > np.maximum(other_floor_db + HOT_OVER_FLOOR_DB, other_loud - HOT_DB))
    source = np.where(hot, _steps(other_db, other_floor_db), np.float32(0))
    target = _steps(own_db, own_floor_db)
    lag = _lag(source, target, hot)
    if lag is None:
        return None
    source, hot, late = _later(source, lag, 0), _later(hot, lag, False), _later(other_db, lag, NOTHING_DB)
    for ceiling in (own_loud - other_loud - ASIDE_DB, own_loud - other_loud + ASIDE_DB):
        under = np.flatnonzero(hot & (own_db - late < ceiling))
        following = _cosine(source[under], target[under])
        if len(under) < LEAST_SHARE * np.count_nonzero(hot) or not _surely(following, len(under)):
            continue
        leak = Leak(leak_level(own_db[under], late[under], own_floor_db[under]), lag * HOP_S, following)
        if leak.level_db < ceiling - 2 and _softer_than_a_voice(own_db, other_db, own_floor_db, other_loud, leak):
            return leak  # nearer to the ceiling it would be half a peak, cut off by it
    return None


def _steps(level: np.ndarray, floor: np.ndarray) -> np.ndarray:
    """Rise of the level over two hops, in dB, without the noise."""
    over = np.maximum(level, floor + np.float32(STEP_OVER_FLOOR_DB))
    steps = np.zeros_like(over)
    np.clip(over[2:] - over[:-2], -STEP_MOST_DB, STEP_MOST_DB, out=steps[1:-1])
    return steps


def _lag(source: np.ndarray, target: np.ndarray, hot: np.ndarray) -> int | None:
    """The delay in hops, -EARLY to LATE, at which the target's steps follow those of the hot hops; None for none."""
    padded = np.pad(target, (EARLY, LATE))
    power = np.correlate(np.square(padded), hot.astype(np.float32), "valid") * np.dot(source, source)
    curve = np.correlate(padded, source, "valid") / np.sqrt(np.maximum(power, 1e-9))
    best = int(curve.argmax())
    return best - EARLY if _surely(float(curve[best]), np.count_nonzero(hot)) else None


def _cosine(one: np.ndarray, two: np.ndarray) -> float:
    return float(np.dot(one, two) / np.sqrt(max(1e-9, np.dot(one, one) * np.dot(two, two))))


def _surely(following: float, hops: int) -> bool:
    return hops >= LEAST_HOPS and following > max(LEAST_FOLLOWING, CHANCE / np.sqrt(hops))


def leak_level(own: np.ndarray, late: np.ndarray, floor: np.ndarray) -> float:
    """The most frequent level of the own channel, less its noise, re the other's; NaN where noise is all there is."""
    heard = own > floor + HEARD_OVER_FLOOR_DB
    if np.count_nonzero(heard) < LEAST_HOPS // 4:
        return np.nan
    ratio = 10 * np.log10(10 ** (own[heard] / 10) - 10 ** (floor[heard] / 10)) - late[heard]
    low = np.floor(ratio.min()) - 2
    counts = np.bincount((ratio - low).astype(int), minlength=5)
    mode = low + np.convolve(counts, [1, 2, 3, 2, 1], mode="same").argmax() + 0.5
    return float(ratio[np.abs(ratio - mode) <= 2.5].mean())


def _softer_than_a_voice(own: np.ndarray, other: np.ndarray, floor: np.ndarray, other_loud: float, leak: Leak) -> bool:
    """Is the leak softer than the own voice, or, without one, too soft to be the same sound on both channels?"""
    sound = own > floor + HOT_OVER_FLOOR_DB
    voice = own[sound & own_under(own, other, floor, leak)]
    if len(voice) <= VOICE_SHARE * np.count_nonzero(sound):
        return leak.level_db < -UNDER_OTHER_DB
    return leak.level_db < _quantile(voice, VOICE_LOUD_SHARE) - other_loud - UNDER_VOICE_DB


def own_under(own: np.ndarray, other: np.ndarray, floor: np.ndarray, leak: Leak) -> np.ndarray:
    """Hops of the own channel that the leak does not explain, bool `[frames]`."""
    bound = _tail(_later(other, round(leak.delay_s / HOP_S), NOTHING_DB)) + np.float32(leak.level_db)
    bound = np.where(spread(bound > floor, FRINGE), np.maximum(bound, floor), bound)
    sure = own > bound + SURE_DB
    sure = spread(~spread(~sure, SPECKLE), SPECKLE)
    return sure | (spread(sure, BESIDE) & (own > bound + LIKELY_DB))


def _tail(level: np.ndarray) -> np.ndarray:
    """The largest of the last 64 levels, each falling by FALL_DB a hop: float32 throughout, and in six steps."""
    for shift in (1, 2, 4, 8, 16, 32):
        level = np.concatenate([level[:shift], np.maximum(level[shift:], level[:-shift] - np.float32(FALL_DB * shift))])
    return level


def _quantile(values: np.ndarray, share: float) -> float:
    """Nearest rank, for `np.percentile` costs seven times as much."""
    rank = int(share * (len(values) - 1))
    return float(np.partition(values, rank)[rank])


def _later(column: np.ndarray, hops: int, fill: float) -> np.ndarray:
    """The column moved later by `hops` (earlier where negative)."""
    moved = np.full_like(column, fill)
    if hops >= 0:
        moved[hops:] = column[: len(column) - hops]
    else:
        moved[:hops] = column[-hops:]
    return moved
