"""What to work on first: the behaviour that costs the agent most points a call, and how sure it is that it does.

Conventions: points as the rubric counts them, up to `at_most` a cue and call. A call in which a cue was not judged says
nothing of it, and cues that cost nothing are never the weakest. One thing at a time: only the first is told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from speechcoach.settings import Rubric
from speechcoach.team.coaching.baselines import LEAST_CALLS
from speechcoach.team.coaching.estimates import DRAWS, SEED
from speechcoach.team.coaching.moments import Moment

_LEAST_POINTS = 1.0  # a call; less is a good agent's day


@dataclass(frozen=True, slots=True)
class Weakness:
    """A cue of a score, the points it costs a call, in how many of the `calls` it was flagged, and how often (0-1) it
    stays the first when the calls are drawn again."""

    score: str
    cue: str
    points: float
    flagged: int
    calls: int
    sure: float


def weakest(
    moments: Iterable[Moment],
    calls: Sequence[str],
    unjudged: Mapping[str, Collection[str]],
    rubric: Rubric | None = None,
) -> Weakness | None:
    """The weakest sub-skill over `calls` (ids), or None where nothing costs a point a call or the calls are too few.

    `unjudged` maps a cue to the calls in which it abstained.
    """
    rules = (rubric or Rubric.load(None)).scores
    priced = [
        (name, cue, cost, rule.at_most.get(cue, 100.0))
        for name, rule in rules.items()
        for cue, cost in rule.costs.items()
    ]
    priced = [entry for entry in priced if entry[2] > 0]
    if len(calls) < LEAST_CALLS or not priced:
        return None
    lost = _lost(moments, calls, priced)
    known = np.array([[call not in unjudged.get(cue, ()) for _, cue, _, _ in priced] for call in calls])
    enough = known.sum(axis=0) >= LEAST_CALLS
    means = _means(lost, known, np.arange(len(calls))[None])[0] * enough
    first = int(np.argmax(means))
    if means[first] < _LEAST_POINTS:
        return None
    drawn = np.random.default_rng(SEED).integers(len(calls), size=(DRAWS // 4, len(calls)))
    again = np.argmax(_means(lost, known, drawn) * enough, axis=1)
    name, cue, _, _ = priced[first]
    flagged = int(((lost[:, first] > 0) & known[:, first]).sum())
    return Weakness(name, cue, float(means[first]), flagged, int(known[:, first].sum()), float((again == first).mean()))


def _lost(
    moments: Iterable[Moment], calls: Sequence[str], priced: Sequence[tuple[str, str, float, float]]
) -> np.ndarray:
    """Points lost, `[calls, cues]`."""
    sure: dict[tuple[str, str], float] = defaultdict(float)
    for item in moments:
        if not item.strength:
            sure[item.call_id, item.cue] += item.certainty
    return np.array([[min(cost * sure[call, cue], most) for _, cue, cost, most in priced] for call in calls])


def _means(lost: np.ndarray, known: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Points a judged call, `[draws, cues]`."""
    counts = known[drawn].sum(axis=1)
    return (lost * known)[drawn].sum(axis=1) / np.maximum(counts, 1)
