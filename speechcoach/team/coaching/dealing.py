"""The arithmetic of a change: differences within queues, their errors, and both when calls are dealt by chance.

Conventions: arrays of one window run over its calls in order of time; deals are the first axis, `[deals]`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from speechcoach.team.coaching.estimates import centre, centre_of_sorted, squared_error
from speechcoach.team.coaching.followed import Observation

_FLOOR = 0.3
"""Least share of the variance of all calls that an error rests on: where most calls have 100 points, a trimmed window
may have no variance left, and every step would look sure."""
_MOST_SHARED = 0.6  # correlation of neighbours: more cannot be told from a trend in so few calls


@dataclass(frozen=True, eq=False)
class Sides:
    """One metric's windows by queue: values and ids, before and now, `[calls]` each."""

    values: tuple[tuple[np.ndarray, np.ndarray], ...]
    ids: tuple[tuple[str, ...], ...]  # of each queue, before then now
    residuals: tuple[np.ndarray, np.ndarray]  # each window in order of time, less its queue's centre
    trim: float
    left_out: tuple[str, ...]

    @classmethod
    def of(
        cls, before: Sequence[Observation], now: Sequence[Observation], trim: float, left_out: tuple[str, ...]
    ) -> Sides:
        """From judged observations whose queues are in both windows."""
        queues = sorted({item.queue or "" for item in before})
        parts = [[[item for item in window if (item.queue or "") == q] for window in (before, now)] for q in queues]
        values = tuple(tuple(np.array([item.value for item in own], dtype=float) for own in pair) for pair in parts)
        middles = [
            {q: float(centre(pair[side], trim)) for q, pair in zip(queues, values, strict=True)} for side in (0, 1)
        ]
        rest = tuple(
            np.array([item.value - middles[side][item.queue or ""] for item in window], dtype=float)
            for side, window in enumerate((before, now))
        )
        ids = tuple(tuple(item.call_id for own in pair for item in own) for pair in parts)
        return cls(values, ids, rest, trim, left_out)

    @cached_property
    def weights(self) -> np.ndarray:
        """Of the queues, `[queues]`: each by how well its two counts determine a difference."""
        raw = np.array([len(b) * len(n) / (len(b) + len(n)) for b, n in self.values])
        return raw / raw.sum()

    @property
    def before_calls(self) -> int:
        return sum(len(pair[0]) for pair in self.values)

    @property
    def now_calls(self) -> int:
        return sum(len(pair[1]) for pair in self.values)

    @property
    def before(self) -> float:
        return self._middle(0)

    @property
    def now(self) -> float:
        return self._middle(1)

    @property
    def difference(self) -> float:
        return self.now - self.before

    @property
    def error(self) -> float:
        """Standard error of the difference of independent calls."""
        pairs = [(np.sort(b)[None], np.sort(n)[None]) for b, n in self.values]
        return float(np.sqrt(self._squared(pairs)[0]))

    def dealt(self, orders: Orders) -> np.ndarray:
        """The studentised difference of each deal, `[deals]`."""
        pairs = []
        for (before, now), ids in zip(self.values, self.ids, strict=True):
            every = np.concatenate([before, now])[orders.of(ids)]
            pairs.append((np.sort(every[:, len(now) :]), np.sort(every[:, : len(now)])))
        moved = sum(
            weight * (centre_of_sorted(n, self.trim) - centre_of_sorted(b, self.trim))
            for weight, (b, n) in zip(self.weights, pairs, strict=True)
        )
        errors = np.sqrt(self._squared(pairs))
        return np.divide(moved, errors, out=np.zeros_like(errors), where=errors > 0)

    def _middle(self, side: int) -> float:
        return float(sum(w * centre(pair[side], self.trim) for w, pair in zip(self.weights, self.values, strict=True)))

    def _squared(self, pairs: Sequence[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
        """Squares of the error of the weighted difference, `[deals]`, of sorted windows; each window's variance is
        pooled over its queues."""
        floor = _FLOOR * self._pooled * (1 / self.before_calls + 1 / self.now_calls)
        total = np.zeros(len(pairs[0][0]))
        for side in (0, 1):
            windows = [pair[side] for pair in pairs]
            rest = np.concatenate([own - centre_of_sorted(own, self.trim)[:, None] for own in windows], axis=1)
            count = rest.shape[1]
            spread = sum(w**2 * count / own.shape[1] for w, own in zip(self.weights, windows, strict=True))
            total += squared_error(rest, self.trim) * spread * (count - 1) / max(count - len(windows), 1)
        return np.maximum(total, floor)

    @cached_property
    def _pooled(self) -> float:
        return float(np.var(np.concatenate([value for pair in self.values for value in pair])))


@dataclass(frozen=True, eq=False)
class Orders:
    """How the calls of a queue come in each deal, by the random numbers of each call; the same for every metric."""

    keys: Mapping[str, np.ndarray]  # [deals] of each call
    known: dict[tuple[str, ...], np.ndarray] = field(default_factory=dict)

    def of(self, ids: tuple[str, ...]) -> np.ndarray:
        """Places of these calls in their order, `[deals, calls]`."""
        if ids not in self.known:
            self.known[ids] = np.argsort(np.stack([self.keys[name] for name in ids], axis=1), axis=1)
        return self.known[ids]


def largest_of(sides: Sequence[Sides], keys: Mapping[str, np.ndarray]) -> np.ndarray:
    """The largest studentised difference of any metric in each deal, `[deals]`, its sign left out."""
    orders = Orders(keys)
    return np.max([np.abs(own.dealt(orders)) for own in sides], axis=0)


def neighbours_share(sides: Sequence[Sides]) -> float:
    """By how much errors grow for what neighbouring calls share, >= 1.

    The correlation of each call with the next, pooled over metrics because one metric's is too noisy in twenty calls,
    and corrected for its bias in short series (Marriott & Pope 1954, Biometrika 41); errors of a mean then grow by the
    root of (1 + r) / (1 - r).
    """
    shared = [_next(rest) for own in sides for rest in own.residuals if rest.any()]
    r = min(max(float(np.mean(shared)), 0.0), _MOST_SHARED) if shared else 0.0
    return math.sqrt((1 + r) / (1 - r))


def _next(rest: np.ndarray) -> float:
    """Correlation of a series with itself one call later."""
    level = rest - rest.mean()
    power = float(level @ level)
    r = float(level[1:] @ level[:-1]) / power if power > 0 else 0.0
    return r + (1 + 3 * r) / len(rest)
