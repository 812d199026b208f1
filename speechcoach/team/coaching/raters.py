"""Self, peer, machine: what three listeners heard in the same calls, where they differ, and how well people agree.

Conventions: answers are 1-7, by call, rater, kind and item, as the table `rating` keeps them. "peer" of a gap is
everybody but the agent (kinds "qa" and "peer") together. Everything is shown with its interval of 95 %, calls drawn
again as wholes, and below `LEAST_UNITS` calls nothing is shown: small numbers of ratings agree by chance.
"""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np

from speechcoach.errors import UsageError
from speechcoach.team.coaching.estimates import SEED, Interval, bootstrap, widened_tail
from speechcoach.team.coaching.forms import HIGHEST, LOWEST, form

RaterKind = Literal["self", "qa", "peer"]
Side = Literal["self", "peer", "machine"]
LEAST_UNITS = 8
"""Calls that both sides of a gap, or two raters, must have in common."""
_DRAWS = 500  # of the agreement, which is dear to compute


@dataclass(frozen=True, slots=True)
class Rating:
    """An answer to an item of the form; `value` is 1-7. Raises UsageError for an unknown item, kind or value."""

    call_id: str
    rater: str
    kind: RaterKind
    item: str
    value: int
    at: datetime | None = None

    def __post_init__(self) -> None:
        if self.item not in form().items:
            raise UsageError(f"{self.item}: no such item of the form; the known ones are {', '.join(form().items)}")
        if self.kind not in ("self", "qa", "peer"):
            raise UsageError(f"{self.kind}: no such kind of rater; the known ones are self, qa, peer")
        if not LOWEST <= self.value <= HIGHEST:
            raise UsageError(f"{self.value}: an answer is from {LOWEST} to {HIGHEST}")


@dataclass(frozen=True, slots=True)
class Gap:
    """How far `one` rates above `other` in a dimension, -6 to 6, over the calls that have both.

    `difference` and `interval` are None below `LEAST_UNITS` calls, and `why` says so.
    """

    dimension: str
    one: Side
    other: Side
    calls: int
    difference: float | None
    interval: Interval | None
    why: str = ""

    @property
    def is_supported(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.interval is not None and not self.interval.holds(0.0)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Krippendorff's alpha (ordinal) of the people who rated the same calls: 1 is perfect, 0 is chance.

    `alpha` and `interval` are None where it cannot be told, and `why` says so.
    """

    dimension: str
    calls: int
    raters: int
    alpha: float | None
    interval: Interval | None
    why: str = ""


def gaps(ratings: Sequence[Rating], machine: Mapping[str, Mapping[str, float | None]]) -> tuple[Gap, ...]:
    """Self less peer, self less machine and peer less machine, for every dimension of the form.

    `machine` maps a call's id to its scores (0-100) by name; None is not judged.
    """
    sides = {"self": _people(ratings, ("self",)), "peer": _people(ratings, ("qa", "peer")), "machine": _laid(machine)}
    pairs: tuple[tuple[Side, Side], ...] = (("self", "peer"), ("self", "machine"), ("peer", "machine"))
    return tuple(
        _gap(dimension.name, one, other, sides[one][dimension.name], sides[other][dimension.name])
        for dimension in form().dimensions
        for one, other in pairs
    )


def agreement(ratings: Sequence[Rating], dimension: str) -> Agreement:
    """How well qa and colleagues agree on a dimension (Krippendorff 2004, Content Analysis, chapter 11).

    A unit is an item of a call; calls are drawn again as wholes, for the items of one call are no independent evidence.
    The agent's own answers are left out: how they differ is the gap. Raises UsageError for an unknown dimension.
    """
    items = [name for name, own in form().items.items() if own == dimension]
    if not items:
        known = ", ".join(own.name for own in form().dimensions)
        raise UsageError(f"{dimension}: no such dimension of the form; the known ones are {known}")
    table, raters = _by_call([item for item in ratings if item.kind != "self" and item.item in items], items)
    if len(table) < LEAST_UNITS:
        return Agreement(dimension, len(table), raters, None, None, _too_few(len(table), "were rated by two people"))
    try:
        alpha = _alpha(table)
    except ImportError:
        return Agreement(dimension, len(table), raters, None, None, "the package krippendorff is not installed")
    if alpha is None:
        return Agreement(
            dimension, len(table), raters, None, None, "all answers are alike, so agreement cannot be told"
        )
    return Agreement(dimension, len(table), raters, alpha, _alpha_interval(table))


def _people(ratings: Sequence[Rating], kinds: Sequence[str]) -> dict[str, dict[str, float]]:
    """Mean answer by dimension and call; a rater's items are averaged first, so that nobody counts twice."""
    own: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for item in ratings:
        if item.kind in kinds:
            own[form().items[item.item], item.call_id, item.rater].append(item.value)
    by_call: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for (dimension, call, _), values in own.items():
        by_call[dimension][call].append(float(np.mean(values)))
    return defaultdict(
        dict, {name: {call: float(np.mean(v)) for call, v in calls.items()} for name, calls in by_call.items()}
    )


def _laid(machine: Mapping[str, Mapping[str, float | None]]) -> dict[str, dict[str, float]]:
    """The machine's scores on the form's scale, by dimension and call."""
    laid: dict[str, dict[str, float]] = defaultdict(dict)
    for dimension in form().dimensions:
        for call, scores in machine.items():
            known = [scores[name] for name in dimension.scores if scores.get(name) is not None]
            if known:
                laid[dimension.name][call] = LOWEST + (HIGHEST - LOWEST) * float(np.mean(known)) / 100
    return laid


def _gap(dimension: str, one: Side, other: Side, ones: Mapping[str, float], others: Mapping[str, float]) -> Gap:
    both = sorted(set(ones) & set(others))
    if len(both) < LEAST_UNITS:
        return Gap(dimension, one, other, len(both), None, None, _too_few(len(both), "have both"))
    apart = np.array([ones[call] - others[call] for call in both])
    return Gap(dimension, one, other, len(both), float(apart.mean()), bootstrap(apart, lambda d: d.mean(axis=-1)))


def _too_few(have: int, what: str) -> str:
    return f"{have} of the {LEAST_UNITS} calls that it takes {what}"


def _by_call(ratings: Sequence[Rating], items: Sequence[str]) -> tuple[np.ndarray, int]:
    """Answers `[calls, raters, items]`, NaN where there is none, of the calls that two or more people rated."""
    raters = sorted({item.rater for item in ratings})
    heard: dict[str, set[str]] = defaultdict(set)
    for item in ratings:
        heard[item.call_id].add(item.rater)
    calls = sorted(call for call, by in heard.items() if len(by) > 1)
    table = np.full((len(calls), len(raters), len(items)), np.nan)
    for item in ratings:
        if item.call_id in calls:
            table[calls.index(item.call_id), raters.index(item.rater), items.index(item.item)] = item.value
    return table, len(raters)


def _alpha(table: np.ndarray) -> float | None:
    """Alpha of answers `[calls, raters, items]`; None where all are alike or no unit has two."""
    import krippendorff

    units = np.moveaxis(table, 1, 0).reshape(table.shape[1], -1)
    pairable = units[:, (~np.isnan(units)).sum(axis=0) > 1]
    known = pairable[~np.isnan(pairable)]
    if not len(known) or (known == known[0]).all():
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return float(krippendorff.alpha(reliability_data=pairable, level_of_measurement="ordinal"))


def _alpha_interval(table: np.ndarray) -> Interval:
    """Calls drawn again; a draw in which all answers are alike agrees wholly, and counts as 1."""
    chance = np.random.default_rng(SEED)
    drawn = [_alpha(table[chance.integers(len(table), size=len(table))]) for _ in range(_DRAWS)]
    tail = widened_tail(len(table))
    low, high = np.quantile([1.0 if value is None else value for value in drawn], [tail, 1 - tail])
    return Interval(float(low), float(high))
