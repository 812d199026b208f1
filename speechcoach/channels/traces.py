"""Where in a call the other side is heard in a channel: window by window, how loud, and how late.

Conventions: samples are float32 `[2, n]` at 8 kHz, levels and noise dB `[2, hops]` of 10 ms. A leak's level is dB of
the own channel re the other one while only the other side speaks, its delay positive where it comes later.

Samples tell better than levels: two voices at once are as loud as each other again and again, but never the same wave
(`echo`). A window that shows nothing clear by itself is asked at the delays that others show.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from speechcoach.features import gate
from speechcoach.features.frames import HOP, HOP_S
from speechcoach.records import Leakage

from .echo import EARLY, LEAST_HOT, Side, curves_of, level_of, peak, upright

WINDOW = 1000  # hops: 10 s
GROUP = 60  # windows that may share a path: ten minutes
LEAST = 300  # hops of a last window, which else joins the one before it
ALONE = 7.0  # over what chance makes: windows of clean calls with 30 % double talk reach 5
AGAIN = 4.8  # at a delay that another window of these ten minutes shows alone
NEAR = 16  # samples: the same delay
TWINS = (0.4, 1.0)  # by aside; a lower share of the other direction's peak at that place is its leak, seen from behind
LOUD_SHARE = 0.98
SAME_DB = 3.0  # windows in a row that differ by less are one stretch


@dataclass(frozen=True, slots=True)
class _Trace:
    """What one window shows: first and last hop, delay in samples, level, whether the other side speaks at all."""

    start: int
    stop: int
    level_db: float | None
    delay: int
    asked: bool


def find_leaks(
    samples: np.ndarray, level_db: np.ndarray, noise_db: np.ndarray, active: np.ndarray
) -> tuple[tuple[Leakage, ...], ...]:
    """The stretches in which each of two channels hears the other, in order of time.

    `samples` is `[2, n]`, `active` bool `[2, hops]`: hops that stand over the noise. Where no window tells, levels that
    follow each other over ten minutes still may (`features.gate`): then that is one stretch.
    """
    hops = level_db.shape[1]
    edges = _edges(hops)
    loud = [float(np.quantile(row, LOUD_SHARE)) if hops else 0.0 for row in level_db]
    found: list[list[_Trace]] = [[], []]
    for first in range(0, len(edges) - 1, GROUP):
        group = edges[first : first + GROUP + 1]
        sides = [
            [_side(samples, level_db, noise_db, loud, channel, a, b) for a, b in pairwise(group)] for channel in (0, 1)
        ]
        for channel, traces in enumerate(_group(sides, group)):
            whole = slice(group[0], group[-1])
            if all(trace.level_db is None for trace in traces):
                traces = _by_levels(traces, level_db, noise_db, active, channel, whole)
            found[channel] += traces
    return tuple(tuple(_stretches(traces)) for traces in found)


def _edges(hops: int) -> list[int]:
    """Where windows begin and end."""
    edges = [*range(0, hops, WINDOW), hops]
    if len(edges) > 2 and edges[-1] - edges[-2] < LEAST:
        del edges[-2]
    return edges


def _side(samples, level_db, noise_db, loud, channel: int, start: int, stop: int) -> Side:
    waves = upright(samples[:, start * HOP : stop * HOP])
    order = [channel, 1 - channel]
    levels, floors = level_db[order, start:stop], noise_db[order, start:stop]
    return Side(waves[channel], waves[1 - channel], *levels, *floors, (loud[channel], loud[1 - channel]))


def _group(sides: Sequence[Sequence[Side]], edges: Sequence[int]) -> list[list[_Trace]]:
    """The traces of both channels in windows that may share their paths."""
    curves = [[curves_of(side) for side in row] for row in sides]
    peaks = [[[peak(curve) for curve in both] for both in row] for row in curves]
    found = []
    for channel in (0, 1):
        behind = peaks[1 - channel]
        alone = [_alone(mine, theirs) for mine, theirs in zip(peaks[channel], behind, strict=True)]
        known = sorted({lag for lag in alone if lag is not None})
        lags = [_again(both, known) if lag is None else lag for lag, both in zip(alone, curves[channel], strict=True)]
        found.append(list(_traces(sides[channel], lags, edges)))
    return found


def _traces(sides: Sequence[Side], lags: Sequence[int | None], edges: Sequence[int]) -> Iterator[_Trace]:
    for place, (side, lag) in enumerate(zip(sides, lags, strict=True)):
        level = None if lag is None else level_of(side, lag)
        asked = np.count_nonzero(side.hot) >= LEAST_HOT
        yield _Trace(edges[place], edges[place + 1], level, lag or 0, asked)


def _alone(mine: Sequence[tuple[int, float]], theirs: Sequence[tuple[int, float]]) -> int | None:
    """The delay that this window shows by itself; None where there is none, or it is the other direction's leak."""
    for (lag, height), share in zip(mine, TWINS, strict=False):
        back = max((high for at, high in theirs if abs(at + lag) <= NEAR), default=0.0)
        if height > max(ALONE, share * back):
            return lag
    return None


def _again(curves: Sequence[np.ndarray], known: Sequence[int]) -> int | None:
    """The delay of another window at which this one shows something too."""
    best, height = None, AGAIN
    for curve in curves:
        for lag in known:
            around = curve[max(0, EARLY + lag - NEAR) : EARLY + lag + NEAR + 1]
            if around.max() > height:
                best, height = max(0, EARLY + lag - NEAR) + int(around.argmax()) - EARLY, float(around.max())
    return best


def _by_levels(traces, level_db, noise_db, active, channel: int, whole: slice) -> list[_Trace]:
    """As `traces`, but heard throughout where levels that follow each other say so."""
    own, other = channel, 1 - channel
    leak = gate.find_leak(
        *(column[side, whole] for column in (level_db, noise_db) for side in (own, other)), active[other, whole]
    )
    if leak is None or not np.isfinite(leak.level_db):
        return traces
    delay = round(leak.delay_s / HOP_S) * HOP
    return [_Trace(trace.start, trace.stop, leak.level_db, delay, trace.asked) for trace in traces]


def _stretches(traces: Sequence[_Trace]) -> Iterator[Leakage]:
    """Windows in a row with one level and delay, over windows in which the other side says nothing."""
    row: list[_Trace] = []
    for trace in traces:
        if row and (trace.asked or trace.level_db is not None) and not _goes_on(row, trace):
            yield _stretch(row)
            row = []
        if trace.level_db is not None:
            row.append(trace)
    if row:
        yield _stretch(row)


def _goes_on(row: Sequence[_Trace], trace: _Trace) -> bool:
    if trace.level_db is None:
        return False
    level = float(np.median([one.level_db for one in row]))
    return abs(trace.delay - row[-1].delay) <= 2 * NEAR and abs(trace.level_db - level) <= SAME_DB


def _stretch(row: Sequence[_Trace]) -> Leakage:
    level = float(np.median([one.level_db for one in row]))
    delay = float(np.median([one.delay for one in row]))
    return Leakage(row[0].start * HOP_S, row[-1].stop * HOP_S, round(level, 1), round(delay / 8000, 4))
