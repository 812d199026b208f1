"""Some seconds of a channel held against the other one: does it follow the other's wave, how late, how loud?

Conventions: samples are float32 `[n]` at 8 kHz, levels and noise dB `[hops]` of 10 ms, a delay in samples, positive
where the own channel comes later.

Both waves are made flat in frequency, as in the generalised cross-correlation of Knapp & Carter (1976), and even in
level; the own channel counts only where its voice is not the louder. A leak stands out of the other lags by many
times what chance makes. Its level is that of those hops, unless what a short filter explains says that they were the
own voice.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from speechcoach.features import gate
from speechcoach.features.frames import HOP

EARLY, LATE = 240, 4200  # samples: the legs of a recorder are not quite in step; a network's echo takes 0.5 s
BAND_HZ = (250.0, 3500.0)
FLAT_HZ = 60.0  # over which a spectrum is made flat
HOT_DB = 10.0  # over the noise: the other side speaks
HOT_UNDER_DB = 25.0  # and no further under its loud hops
LEAST_HOT = 30  # hops of the other side: less proves nothing
SOFT_SHARE = 0.4  # of the other side's hops: where the own channel is softer in more, no leak is loud
ASIDES_DB = (6.0, -3.0)  # the own channel under the other side, each re its loud hops; else, where the leak is loud
NORMAL = {0.5: 0.6745, 0.9: 1.645, 0.98: 2.326}  # shares of a normal distribution's absolute values, their bounds
LOUD_UNDER_DB = 15.0  # its hops that tell the level
LEAST_LOUD = 25
CEILING_DB = 2.0  # nearer to what the hops were chosen by, a level is half of the truth
EVEN = 0.5  # how much the louder hops are turned down for it
TAPS = 160  # of the filter that tells how much is explained
STIFF = 1e-3
BELOW_DB, ABOVE_DB = 1.0, 4.0  # what hops say re what the filter explains: coders spoil waves, not levels


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One window of the own channel and the other one: samples, levels, noise, loud levels."""

    own: np.ndarray
    other: np.ndarray
    own_db: np.ndarray
    other_db: np.ndarray
    own_floor_db: np.ndarray
    other_floor_db: np.ndarray
    loud_db: tuple[float, float]

    @property
    def hot(self) -> np.ndarray:
        """Hops in which the other side speaks."""
        over = self.other_db > self.other_floor_db + HOT_DB
        return over & (self.other_db > self.loud_db[1] - HOT_UNDER_DB)


def upright(waves: np.ndarray) -> np.ndarray:
    """Waves `[..., n]` without their offsets: switched on and off by turns, an offset would be a sound."""
    return waves - waves.mean(axis=-1, keepdims=True, dtype=np.float64).astype(np.float32) if waves.size else waves


def peak(curve: np.ndarray) -> tuple[int, float]:
    """The lag of the highest value, in samples, and that value."""
    best = int(curve.argmax())
    return best - EARLY, float(curve[best])


def curves_of(side: Side) -> list[np.ndarray]:
    """How the channel correlates with the other one at lags -EARLY to LATE, in units of chance, by aside."""
    hot = side.hot
    if np.count_nonzero(hot) < LEAST_HOT:
        return []
    size = _size(len(side.own) + LATE)
    other = _flat(_even(side.other, side.other_db, side.other_floor_db, hot, 0.5), size)
    near = _lately(np.where(hot, side.other_db - side.loud_db[1], -np.inf), LATE // HOP + 1)
    unders = [side.own_db - side.loud_db[0] < near - aside_db for aside_db in ASIDES_DB]
    if np.count_nonzero(unders[0][hot]) > SOFT_SHARE * np.count_nonzero(hot):
        unders = unders[:1]
    return [_curve(side, other, under, size) for under in unders]


def _curve(side: Side, other: np.ndarray, under: np.ndarray, size: int) -> np.ndarray:
    if np.count_nonzero(under) < LEAST_HOT:
        return np.zeros(EARLY + LATE + 1, np.float32)
    own = _flat(_even(side.own, side.own_db, side.own_floor_db, under, 1.0), size)
    curve = np.fft.irfft(own * np.conj(other), size)
    curve = np.abs(np.concatenate([curve[-EARLY:], curve[: LATE + 1]]))
    return (curve / (_chance(curve) + 1e-20)).astype(np.float32)


def _chance(curve: np.ndarray) -> float:
    """The standard deviation that makes such a curve; where few hops meet, at most lags too little does."""
    ranks = (np.array(list(NORMAL)) * (len(curve) - 1)).astype(int)
    return float(np.max(np.partition(curve, ranks)[ranks] / list(NORMAL.values())))


def _even(wave, level_db, floor_db, chosen: np.ndarray, power: float) -> np.ndarray:
    """The chosen hops, the louder the more they are turned down."""
    gain = np.where(chosen, 10 ** (-power * np.maximum(level_db, floor_db) / 20), 0)
    return wave[: len(gain) * HOP] * np.repeat(gain.astype(np.float32), HOP)


def _flat(wave: np.ndarray, size: int) -> np.ndarray:
    """The spectrum, flat inside the band and nothing outside."""
    spectrum = np.fft.rfft(wave.astype(np.float32), size)
    width = max(1, round(FLAT_HZ * size / 8000))
    first = round(BAND_HZ[0] * size / 8000)
    count = int((BAND_HZ[1] - BAND_HZ[0]) / FLAT_HZ)
    inside = spectrum[first : first + count * width].reshape(count, width)
    inside /= np.sqrt(np.mean(np.abs(inside) ** 2, axis=1, keepdims=True)) + 1e-20
    spectrum[:first] = 0
    spectrum[first + count * width :] = 0
    return spectrum


@cache
def _size(least: int) -> int:
    """A length that transforms quickly: a power of two times a small number."""
    steps = (1, 3, 5, 7, 9, 15, 21, 25, 27)
    return min(step << power for step in steps for power in range(18) if step << power >= max(least, step << 6))


def _lately(column: np.ndarray, hops: int) -> np.ndarray:
    """The largest of the last `hops` values, and the next three."""
    padded = np.pad(column, (hops, 3), constant_values=-np.inf)
    return np.lib.stride_tricks.sliding_window_view(padded, hops + 4).max(axis=1)


def level_of(side: Side, delay: int) -> float | None:
    """The leak's level at a delay; None where nothing tells."""
    late = _moved(side.other_db, round(delay / HOP), -200.0)
    floor = _moved(side.other_floor_db, round(delay / HOP), 0.0)
    loud = (late > floor + HOT_DB) & (late > side.loud_db[1] - LOUD_UNDER_DB)
    for aside_db in ASIDES_DB:
        under = loud & (side.own_db - side.loud_db[0] < late - side.loud_db[1] - aside_db)
        if np.count_nonzero(under) < LEAST_LOUD:
            continue
        level = _explained(side, delay, under)
        shown = gate.leak_level(side.own_db[under], late[under], side.own_floor_db[under])
        if level - BELOW_DB < shown < level + ABOVE_DB:
            level = shown
        if level < side.loud_db[0] - side.loud_db[1] - aside_db - CEILING_DB or aside_db == ASIDES_DB[-1]:
            return level
    return None


def _explained(side: Side, delay: int, chosen: np.ndarray) -> float:
    """dB of what a least-squares filter about the delay makes of the other side, re the other side."""
    gain = np.where(chosen, 10 ** (-EVEN * np.maximum(side.own_db, side.own_floor_db) / 20), 0).astype(np.float32)
    weight = np.repeat(gain, HOP)
    own = side.own[: len(weight)] * weight
    other = _moved(side.other, delay - TAPS // 2, 0.0)[: len(weight)] * weight
    size = _size(len(weight) + TAPS)
    far = np.fft.rfft(other, size)
    auto = np.fft.irfft(np.abs(far) ** 2, size)[:TAPS].astype(np.float64)
    cross = np.fft.irfft(np.fft.rfft(own, size) * np.conj(far), size)[:TAPS].astype(np.float64)
    place = np.arange(TAPS)
    matrix = auto[np.abs(place[:, None] - place)]
    matrix[place, place] += STIFF * auto[0] + 1e-12
    path = np.linalg.solve(matrix, cross)
    power = float(path @ auto[np.abs(place[:, None] - place)] @ path)
    return 10 * float(np.log10(max(power, 1e-12) / max(auto[0], 1e-12)))


def _moved(column: np.ndarray, by: int, fill: float) -> np.ndarray:
    """The column moved later by so many places (earlier where negative)."""
    moved = np.full_like(column, fill)
    if by >= 0:
        moved[by:] = column[: max(0, len(column) - by)]
    else:
        moved[:by] = column[-by:]
    return moved
