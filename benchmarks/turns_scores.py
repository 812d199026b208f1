"""Events found against events that happened: pairs, F1 by kind, confusion, calibration.

Conventions: an event is found where the product reports one by the same speaker that begins within 200 ms of it. A pair
holds the true kind and the reported one, either "-" where there is none. "unclear" is no answer: it counts as missed,
and where nothing happened as nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from turns_calls import KINDS, Event
from turns_mixing import SPEAKERS

from speechcoach.records import Overlap

TOLERANCE_S = 0.2
NONE, UNCLEAR = "-", "unclear"
TAKEN = ("interruption", "silent_interruption")
LIKELY = 0.5
_BINS = 10


@dataclass(frozen=True, slots=True)
class Pair:
    """What happened, what was reported, and how sure the product was."""

    true: str
    found: str
    probability: float = 0.0


def paired(events: Sequence[Event], overlaps: Iterable[Overlap]) -> list[Pair]:
    """Every event and every report once, the nearest in time first."""
    reports = list(overlaps)
    near = sorted(
        (abs(report.start_s - event.start_s), report.kind == UNCLEAR, first, second)
        for first, event in enumerate(events)
        for second, report in enumerate(reports)
        if report.by == SPEAKERS[event.by] and abs(report.start_s - event.start_s) <= TOLERANCE_S
    )
    partner: dict[int, int] = {}
    for _, _, first, second in near:
        if first not in partner and second not in partner.values():
            partner[first] = second
    pairs = [
        Pair(event.kind, reports[partner[place]].kind, reports[partner[place]].probability)
        if place in partner
        else Pair(event.kind, NONE)
        for place, event in enumerate(events)
    ]
    alone = (report for place, report in enumerate(reports) if place not in partner.values())
    return pairs + [Pair(NONE, report.kind, report.probability) for report in alone]


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares 0-1; NaN where there is nothing to divide by."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def figures(pairs: Sequence[Pair], kinds: Sequence[str]) -> Figures:
    """Of one kind, or of several taken as one."""
    right = sum(pair.true in kinds and pair.found in kinds for pair in pairs)
    reported = sum(pair.found in kinds for pair in pairs)
    happened = sum(pair.true in kinds for pair in pairs)
    return Figures(right / reported if reported else 0.0, right / happened if happened else float("nan"))


def macro_f1(pairs: Sequence[Pair], kinds: Sequence[str] = KINDS) -> float:
    return float(np.mean([figures(pairs, (kind,)).f1 for kind in kinds]))


def flags(pairs: Sequence[Pair], silent_share: float) -> Figures:
    """Interruptions reported as more likely than not, as if `silent_share` of the changes without overlap were cuts.

    A change without overlap that cuts nobody is no event: `pairs` hold only those that were reported, of one in each
    call, as many as silent cuts happened.
    """
    more = (1 - silent_share) / silent_share
    said = [pair for pair in pairs if pair.found in TAKEN and pair.probability >= LIKELY and pair.true != "needed"]
    right = sum(pair.true in TAKEN for pair in said)
    wrong = sum(more if pair.true == NONE else 1.0 for pair in said if pair.true not in TAKEN)
    happened = sum(pair.true in TAKEN for pair in pairs)
    precision = right / (right + wrong) if said else float("nan")
    return Figures(precision, right / happened if happened else float("nan"))


def false_interruptions(pairs: Sequence[Pair]) -> tuple[int, int]:
    """Backchannels that were reported as interruptions, of how many."""
    tokens = [pair for pair in pairs if pair.true == "backchannel"]
    return sum(pair.found in TAKEN for pair in tokens), len(tokens)


def confusion(pairs: Sequence[Pair]) -> Counter[tuple[str, str]]:
    return Counter((pair.true, pair.found) for pair in pairs)


def calibration_error(pairs: Sequence[Pair]) -> float:
    """Expected calibration error: mean distance of probability and share of right ones, ten bins of equal width."""
    sure = [(pair.probability, pair.true == pair.found) for pair in pairs if pair.found not in (NONE, UNCLEAR)]
    if not sure:
        return float("nan")
    probability, right = np.array(sure, float).T
    place = np.minimum((probability * _BINS).astype(int), _BINS - 1)
    distances = [abs(np.sum(probability[place == b] - right[place == b])) for b in range(_BINS)]
    return float(np.sum(distances) / len(sure))
