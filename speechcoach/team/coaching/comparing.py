"""Did it change? An agent's newest calls against those before, all metrics of a page in one look.

Conventions: `before` and `now` are windows of the agent's calls in order of time, the same calls for every metric. A
difference is now less before, in the metric's unit. The intervals are simultaneous: with 95 % probability all of a
page's intervals hold their true difference together, so the whole page celebrates by chance at most as often as a
single test would. They come from the largest studentised difference of any metric when the calls are dealt to the two
windows by chance (Westfall & Young 1993, chapter 2; studentised as in Chung & Romano 2013, Annals of Statistics 41).

What is assumed: (1) calls of one window are alike but for chance and for their queue. Queues are compared each with
itself, calls are dealt within their queue, and a queue that only one window knows is left out and told. (2) Calls
near each other may resemble each other: what neighbours share, pooled over the page's metrics, widens every
interval. (3) Both windows were judged by the same norms and rubric. It is one look at a page: who looks every
day and waits for a green line will find one by chance sooner or later. Goals are judged once, for that reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import NormalDist
from typing import Literal

import numpy as np

from speechcoach.team.coaching.baselines import LEAST_CALLS, NotEnough, not_enough, one_agent, one_kind
from speechcoach.team.coaching.dealing import Sides, largest_of, neighbours_share
from speechcoach.team.coaching.estimates import LEVEL, SEED, Interval
from speechcoach.team.coaching.followed import Observation, metric

Verdict = Literal["improved", "worsened", "moved", "no supported change"]
POWER = 0.8
_DEALS = 1000
_LEAST_OF_QUEUE = 3  # calls of a queue in each window, below which its difference is noise


@dataclass(frozen=True, slots=True)
class Windows:
    """Which calls are compared: the last `now_calls` with up to `before_calls` before them.

    Where fewer calls are there than both, they are halved. `since` instead puts every call from a moment on into
    `now`: the day of a training.
    """

    now_calls: int = 20
    before_calls: int = 40
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A metric's two windows. `difference` is now less before, and `detectable` the least change in either direction
    that such windows show in 4 of 5 cases."""

    metric: str
    verdict: Verdict
    before_calls: int
    now_calls: int
    before: float
    now: float
    difference: float
    interval: Interval
    detectable: float
    left_out: tuple[str, ...] = ()  # queues that only one window knows

    @property
    def is_celebrated(self) -> bool:
        """Whether it may be called progress."""
        return self.verdict == "improved"


def split(
    observations: Sequence[Observation], windows: Windows | None = None
) -> tuple[list[Observation], list[Observation]]:
    """Observations of one metric as (before, now), in order of time; undated calls are left out."""
    rule = windows or Windows()
    dated = sorted(
        (item for item in observations if item.recorded_at), key=lambda item: (item.recorded_at, item.call_id)
    )
    if rule.since is not None:
        now = [item for item in dated if item.recorded_at >= rule.since]
    else:
        now = dated[len(dated) - min(rule.now_calls, len(dated) // 2) :]
    before = dated[: len(dated) - len(now)]
    return before[-rule.before_calls :], now


def changes(
    series: Mapping[str, Sequence[Observation]], windows: Windows | None = None
) -> dict[str, Change | NotEnough]:
    """Every metric's change, by name, with intervals that hold for all of them together.

    `series` maps a metric's name to its observations: the same calls for each. Give every metric that a reader is
    shown as progress, and no more: each further one widens the intervals. Raises UsageError where they are of more
    than one agent or language.
    """
    one_agent(item for listed in series.values() for item in listed)
    sides, found = {}, {}
    for name, listed in series.items():
        one_kind(listed)
        made = _sides(*split(listed, windows), name)
        (found if isinstance(made, NotEnough) else sides)[name] = made
    if sides:
        keys = _keys(series)
        critical = _critical(sides, keys)
        wider = neighbours_share(list(sides.values()))
        found |= {name: _change(name, own, critical, wider) for name, own in sides.items()}
    return {name: found[name] for name in series}


def change(observations: Sequence[Observation], windows: Windows | None = None) -> Change | NotEnough:
    """The change of one metric that was chosen beforehand, such as a goal's. Raises UsageError as `changes` does."""
    what, _, _ = one_kind(observations)
    return changes({what.name: observations}, windows)[what.name]


def _sides(before: Sequence[Observation], now: Sequence[Observation], name: str) -> Sides | NotEnough:
    """What of both windows can be compared, by queue."""
    judged = [[item for item in window if item.value is not None] for window in (before, now)]
    counts = [Counter(item.queue or "" for item in window) for window in judged]
    both = [queue for queue in counts[0] if min(c[queue] for c in counts) >= _LEAST_OF_QUEUE]
    kept = [[item for item in window if (item.queue or "") in both] for window in judged]
    least = min(len(window) for window in kept)
    if least < LEAST_CALLS:
        place = len(kept[0]) > len(kept[1])
        return not_enough(metric(name), least, len((before, now)[place]))
    left_out = sorted({*counts[0], *counts[1]} - set(both) - {""})
    return Sides.of(kept[0], kept[1], metric(name).trim, tuple(left_out))


def _keys(series: Mapping[str, Sequence[Observation]]) -> dict[str, np.ndarray]:
    """A random number for each call and deal: who comes low in a queue goes to `now`, in every metric alike."""
    ids = sorted({item.call_id for listed in series.values() for item in listed})
    drawn = np.random.default_rng(SEED).random((len(ids), _DEALS))
    return dict(zip(ids, drawn, strict=True))


def _critical(sides: Mapping[str, Sides], keys: Mapping[str, np.ndarray]) -> float:
    """What the largest studentised difference of all metrics stays under in 95 % of the deals."""
    return float(np.quantile(largest_of(list(sides.values()), keys), LEVEL, method="higher"))


def _change(name: str, own: Sides, critical: float, wider: float) -> Change:
    error = own.error * wider
    reach = critical * error
    interval = Interval(own.difference - reach, own.difference + reach)
    return Change(
        name,
        _verdict(interval, metric(name).sign),
        own.before_calls,
        own.now_calls,
        own.before,
        own.now,
        own.difference,
        interval,
        reach + NormalDist().inv_cdf(POWER) * error,
        own.left_out,
    )


def _verdict(interval: Interval, sign: int) -> Verdict:
    if interval.holds(0.0):
        return "no supported change"
    if sign == 0:
        return "moved"
    return "improved" if interval.low * sign > 0 else "worsened"
