"""Observations with known truth: values that were chosen, or drawn from a seeded generator."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from speechcoach.team.coaching import Observation

BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)


def seen(
    values: Iterable[float | None],
    metric: str = "attention",
    *,
    agent: str = "Ana",
    locale: str = "en",
    queues: Iterable[str | None] | None = None,
    first_day: int = 0,
) -> list[Observation]:
    """One call a day with each value, from `first_day` after `BEGAN` on."""
    listed = list(values)
    named = list(queues) if queues is not None else [None] * len(listed)
    return [
        Observation(f"{first_day + place:04}", agent, locale, day(first_day + place), queue, metric, value)
        for place, (value, queue) in enumerate(zip(listed, named, strict=True))
    ]


def day(number: float) -> datetime:
    return BEGAN + timedelta(days=number)
