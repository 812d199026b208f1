"""What the line did to a channel: mains hum, the band that it passes, drop-outs.

Conventions: samples are float32 `[n]` at 8 kHz, frequencies Hz, levels dB; `talk` is a bool mask of the hops of 10 ms
in which somebody speaks. Each figure is None where there is too little to tell it from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

RATE_HZ, HOP = 8000, 80
_WINDOW = 4096  # 2 Hz: the neighbours of a harmonic of 50 Hz lie far enough
_LEAST_WINDOWS = 4
_MAINS_HZ = (50.0, 60.0)
_HARMONICS = range(2, 13)  # a telephone line cuts the first, and from 600 Hz on hum is faint
_BESIDE_HZ = (6.0, 20.0)  # what a harmonic is held against
_FLOOR_DB = -120.0
# The long-term spectrum of speech at 3.4 kHz lies 30 to 35 dB below its peak (Byrne et al. 1994, JASA 96).
_BAND_DB = 45.0
_SMOOTH_HZ = 100.0
# Lost packets hold 20 ms and more; a stop closure is as long, but the line's noise goes on in it.
_LOST_S, _LONGEST_S = 0.02, 0.5
_STILL = 2.0**-14
_PIECE = 60_000 * HOP  # samples looked at together: ten minutes


@dataclass(frozen=True, slots=True)
class Line:
    """`hum_db` is how far the mains' harmonics stand out of the noise beside them, `hum_level_db` their level re full
    scale; `band_hz` is where speech is within 45 dB of its loudest; `lost_s` is each drop-out's length.
    """

    hum_db: float | None
    hum_level_db: float | None
    band_hz: tuple[float, float] | None
    lost_s: tuple[float, ...]


def line_of(samples: np.ndarray, talk: np.ndarray) -> Line:
    """The line of one channel, from its pauses (hum) and its speech (band, drop-outs)."""
    hum_db, hum_level_db = _hum(_spectrum(samples, ~_spread(talk)))
    return Line(hum_db, hum_level_db, _band(_spectrum(samples, talk)), _lost(samples, talk))


def _spectrum(samples: np.ndarray, chosen: np.ndarray) -> np.ndarray | None:
    """Mean power `[bins]` of the windows in the chosen hops; the bins of a full-scale sine have 1/2 together."""
    hops = -(-_WINDOW // HOP)
    total = np.concatenate(([0], np.cumsum(chosen)))
    starts = np.arange(0, max(len(chosen) - hops, 0), hops // 2)
    share = (total[starts + hops] - total[starts]) / hops
    whole = starts[share >= (1.0 if share.size and share.max() >= 1.0 else 0.8)]
    whole = whole[whole * HOP + _WINDOW <= len(samples)]
    if len(whole) < _LEAST_WINDOWS:
        return None
    window = np.hanning(_WINDOW)
    power = np.zeros(_WINDOW // 2 + 1)
    for start in whole * HOP:  # one at a time: an hour has seven thousand
        power += np.abs(np.fft.rfft(samples[start : start + _WINDOW] * window)) ** 2
    return power * 2 / (len(whole) * _WINDOW * np.sum(window**2))


def _spread(talk: np.ndarray) -> np.ndarray:
    """The mask and half a second around it, in which a voice still fades."""
    if not len(talk):
        return talk
    reach = np.ones(101)
    return np.convolve(talk.astype(float), reach, mode="same") > 0.5


def _hum(power: np.ndarray | None) -> tuple[float | None, float | None]:
    if power is None:
        return None, None
    found = [_comb(power, mains_hz) for mains_hz in _MAINS_HZ]
    return max(found)


def _comb(power: np.ndarray, mains_hz: float) -> tuple[float, float]:
    """(How far the harmonics stand out in the mean, their level together), dB."""
    step_hz = RATE_HZ / _WINDOW
    near = np.arange(len(power)) * step_hz
    above, total = [], 0.0
    for hz in (mains_hz * place for place in _HARMONICS):
        distance = np.abs(near - hz)
        own = power[distance <= 1.5 * step_hz].sum()
        beside = np.median(power[(distance > _BESIDE_HZ[0]) & (distance < _BESIDE_HZ[1])]) * 3
        above.append(10 * np.log10((own + 1e-14) / (beside + 1e-14)))
        total += max(own - beside, 0.0)
    return float(np.mean(above)), max(10 * float(np.log10(total + 1e-14)), _FLOOR_DB)


def _band(power: np.ndarray | None) -> tuple[float, float] | None:
    if power is None:
        return None
    step_hz = RATE_HZ / _WINDOW
    width = round(_SMOOTH_HZ / step_hz)
    smooth = 10 * np.log10(np.convolve(power, np.ones(width) / width, mode="same") + 1e-14)
    inside = np.flatnonzero(smooth >= smooth.max() - _BAND_DB) * step_hz
    return round(float(inside[0])), round(float(inside[-1]))


def _lost(samples: np.ndarray, talk: np.ndarray) -> tuple[float, ...]:
    """Lengths of the stretches inside speech in which nothing moves, not even the line's noise."""
    kept = [(stop - start) / RATE_HZ for start, stop in _still(samples) if talk[start // HOP : stop // HOP + 1].all()]
    return tuple(kept) if _moves(samples, talk) else ()


def _still(samples: np.ndarray) -> Iterator[tuple[int, int]]:
    """First and last sample of each stretch, as long as a lost packet or some, in which nothing moves.

    By pieces, as `_moves`: the whole of a ten-hour call would be in memory several times.
    """
    began, before = 0, False  # of a stretch that reaches into the next piece
    for start in range(0, len(samples), _PIECE):
        still = np.abs(np.diff(samples[start : start + _PIECE + 1])) < _STILL
        edges = start + np.flatnonzero(np.diff(still, prepend=before, append=False))
        if before:
            edges = np.concatenate(([began], edges))
        starts, stops = edges[::2], edges[1::2]
        before = bool(still.size) and bool(still[-1]) and start + _PIECE + 1 < len(samples)
        if before:
            began, starts, stops = int(starts[-1]), starts[:-1], stops[:-1]
        long = (stops - starts >= _LOST_S * RATE_HZ) & (stops - starts <= _LONGEST_S * RATE_HZ)
        yield from zip(starts[long].tolist(), stops[long].tolist(), strict=True)


def _moves(samples: np.ndarray, talk: np.ndarray) -> bool:
    """Whether the line has noise: where a recorder writes zeros between words, a zero tells nothing."""
    quiet = ~_spread(talk)
    count = still = 0
    last = samples[:0]
    for start in range(0, len(quiet), _PIECE // HOP):
        pause = np.repeat(quiet[start : start + _PIECE // HOP], HOP)
        heard = samples[start * HOP : start * HOP + len(pause)]
        own = np.concatenate((last, heard[pause[: len(heard)]]))
        still += np.count_nonzero(np.abs(np.diff(own)) < _STILL)
        count += len(own) - len(last)
        last = own[-1:]
    return count > RATE_HZ // 2 and still / (count - 1) < 0.5
