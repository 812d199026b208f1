"""Where an agent stands: a robust centre of a metric over their own calls, with its interval.

Conventions: calls of one agent in one language; nothing is compared across languages, for what is usual in one is not
in another (R-CULTURE). Below `LEAST_CALLS` values there is no baseline but a record that says how many are missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from speechcoach.errors import UsageError
from speechcoach.team.coaching.estimates import Interval, bootstrap, centre
from speechcoach.team.coaching.followed import Metric, Observation, metric

LEAST_CALLS = 10
"""Calls from which the interval of 95 % keeps its word: on simulated scores it then holds the true centre in 95 of 100
agents or more, with 5 calls in about 90, with 8 in about 93 (`benchmarks/coaching.py`)."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """The centre of `calls` values with its interval of 95 %, and the quartiles and tenths of single calls."""

    agent: str
    locale: str
    metric: str
    calls: int
    unjudged: int
    centre: float
    interval: Interval
    p10: float
    p25: float
    p75: float
    p90: float
    first_at: datetime | None
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class NotEnough:
    """Too few calls were judged to say anything: `have` of the `need` that the interval takes, and why."""

    metric: str
    have: int
    need: int
    why: str


def baseline(observations: Sequence[Observation]) -> Baseline | NotEnough:
    """The baseline of one metric over calls of one agent.

    Raises UsageError where the observations are of more than one metric, agent or language, or of none.
    """
    what, agent, locale = one_kind(observations)
    values, judged = values_of(observations), [item for item in observations if item.value is not None]
    if len(values) < LEAST_CALLS:
        return not_enough(what, len(values), len(observations))
    p10, p25, p75, p90 = (float(value) for value in np.quantile(values, [0.1, 0.25, 0.75, 0.9]))
    moments = sorted(item.recorded_at for item in judged if item.recorded_at)
    return Baseline(
        agent,
        locale,
        what.name,
        len(values),
        len(observations) - len(values),
        float(centre(values, what.trim)),
        bootstrap(values, lambda drawn: centre(drawn, what.trim)),
        p10,
        p25,
        p75,
        p90,
        moments[0] if moments else None,
        moments[-1] if moments else None,
    )


def not_enough(what: Metric, have: int, seen: int) -> NotEnough:
    """Why there is no baseline."""
    unjudged = f"; {seen - have} more could not be judged for it" if seen > have else ""
    return NotEnough(
        what.name,
        have,
        LEAST_CALLS,
        f"{have} of the {LEAST_CALLS} calls that it takes are there{unjudged}: with fewer, chance moves the middle "
        "more than practice does",
    )


def one_kind(observations: Sequence[Observation]) -> tuple[Metric, str, str]:
    """The metric, agent and language that all observations share. Raises UsageError where they do not."""
    if not observations:
        raise UsageError("there are no calls to look at; name an agent of this store")
    named = {item.metric for item in observations}
    if len(named) > 1:
        raise UsageError(f"{', '.join(sorted(named))}: a baseline is of one metric; ask for each by itself")
    agent, locale = one_agent(observations)
    return metric(observations[0].metric), agent, locale


def one_agent(observations: Iterable[Observation]) -> tuple[str, str]:
    """The agent and the language of all observations. Raises UsageError where there is more than one."""
    listed = list(observations)
    agents, locales = {item.agent for item in listed}, {item.locale for item in listed}
    if len(agents) > 1:
        raise UsageError(f"{', '.join(sorted(agents))}: agents are not compared; ask for one")
    if len(locales) > 1:
        raise UsageError(
            f"calls in {' and '.join(sorted(locales))} are not compared, for what is usual differs between languages; "
            "choose one of them"
        )
    return agents.pop(), locales.pop()


def values_of(observations: Iterable[Observation]) -> np.ndarray:
    """The judged values, float64 `[calls]`."""
    return np.array([item.value for item in observations if item.value is not None], dtype=float)
