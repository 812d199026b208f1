"""Numbers over calls: a robust centre, its standard error, and bootstrap intervals, on `[calls]` or `[draws, calls]`.

Conventions: values are float64 without NaN. Every random draw comes from a generator with a fixed seed, so the same
calls give the same numbers. Where a statistic of one window is meant, the last axis runs over its calls.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

LEVEL = 0.95
DRAWS = 2000
SEED = 20090


@dataclass(frozen=True, slots=True)
class Interval:
    """Between two values of a metric, `low <= high`."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Whether the value lies in it, its ends included."""
        return self.low <= value <= self.high


def centre(values: np.ndarray, trim: float) -> np.ndarray:
    """Mean of what is left when the share `trim` is cut off at each end, over the last axis."""
    return centre_of_sorted(np.sort(values, axis=-1), trim)


def centre_of_sorted(ordered: np.ndarray, trim: float) -> np.ndarray:
    """`centre` of values that are in ascending order already."""
    cut = int(trim * ordered.shape[-1])
    return ordered[..., cut : ordered.shape[-1] - cut].mean(axis=-1)


def squared_error(values: np.ndarray, trim: float) -> np.ndarray:
    """Square of the standard error of `centre`, from the Winsorised variance (Yuen 1974, Biometrika 61)."""
    count = values.shape[-1]
    cut = int(trim * count)
    kept = count - 2 * cut
    ordered = np.sort(values, axis=-1)
    bounded = np.clip(ordered, ordered[..., cut : cut + 1], ordered[..., count - cut - 1 : count - cut])
    return bounded.var(axis=-1, ddof=1) * (count - 1) / (kept * max(kept - 1, 1))


def bootstrap(values: np.ndarray, of: Callable[[np.ndarray], np.ndarray], level: float = LEVEL) -> Interval:
    """Bootstrap interval of a statistic (`[draws, calls]` -> `[draws]`) of independent calls.

    Percentiles, widened for few calls: a plain percentile interval of ten values is as much too narrow as a normal
    interval beside Student's (Efron 1979; Hesterberg 2015, American Statistician 69, section 5.3).
    """
    chance = np.random.default_rng(SEED)
    drawn = of(chance.choice(values, (DRAWS, len(values))))
    tail = widened_tail(len(values), level)
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return Interval(float(low), float(high))


def widened_tail(count: int, level: float = LEVEL) -> float:
    """The share to leave out at each end of the bootstrap's draws of so many calls."""
    return NormalDist().cdf(-math.sqrt(count / (count - 1)) * student((1 + level) / 2, count - 1))


def student(share: float, freedom: int) -> float:
    """Quantile of Student's t from 5 degrees of freedom on, within 0.005 (Abramowitz & Stegun 1964, 26.7.5)."""
    z = NormalDist().inv_cdf(share)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return z + sum(term / freedom ** (place + 1) for place, term in enumerate(terms))
