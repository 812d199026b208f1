"""The same quality every time: how much an agent's calls differ from each other, metric by metric.

Conventions: the spread is the distance of the quartiles over calls, in the metric's unit: half of the calls lie within
it, and a few odd ones do not move it. It is told beside the centre, never instead of it: always poor is consistent too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from speechcoach.team.coaching.baselines import LEAST_CALLS, NotEnough, not_enough, one_kind, values_of
from speechcoach.team.coaching.estimates import Interval, bootstrap
from speechcoach.team.coaching.followed import Observation


@dataclass(frozen=True, slots=True)
class Consistency:
    """Half of `calls` calls lie from `low` to `high`; `spread` is their distance, with an interval of 95 %."""

    metric: str
    calls: int
    low: float
    high: float
    spread: float
    interval: Interval
    said: str


def consistency(observations: Sequence[Observation]) -> Consistency | NotEnough:
    """Variation between calls of one agent in one metric. Raises UsageError as `baseline` does."""
    what, _, _ = one_kind(observations)
    values = values_of(observations)
    if len(values) < LEAST_CALLS:
        return not_enough(what, len(values), len(observations))
    low, high = (float(value) for value in np.quantile(values, [0.25, 0.75]))
    said = (
        f"At least half of your calls are at {what.shown(low)}"
        if what.shown(low) == what.shown(high)
        else f"Half of your calls lie between {what.number(low)} and {what.shown(high)}"
    )
    return Consistency(what.name, len(values), low, high, high - low, bootstrap(values, _spread), said)


def _spread(drawn: np.ndarray) -> np.ndarray:
    low, high = np.quantile(drawn, [0.25, 0.75], axis=-1)
    return high - low
