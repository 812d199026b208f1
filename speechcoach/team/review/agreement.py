"""People against the machine, by cue: how often they agree with what it found, and which threshold would agree best.

Conventions: a finding that people judged is one observation, by the majority of their verdicts; where they are divided
it counts to neither side. Intervals are of 95 %. A call may give several findings, so calls are drawn again as wholes,
with a fixed seed: the same verdicts give the same page. Below `LEAST` findings nothing is concluded. All of it is about
what the machine found; what it missed is known only where somebody added it by hand.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

LEAST = 10
_Z = 1.959963984540054  # of 95 %, two-sided
_DRAWS = 1000
_ALPHA_DRAWS = 200  # each computes an alpha
_SEED = 0
_RARE = 0.05
_SHORTEST = 6  # decimals at most


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding with what people said of it: `verdicts` by person, True where they confirmed it."""

    call_id: str
    value: float
    verdicts: Mapping[str, bool]

    @property
    def confirmed(self) -> bool | None:
        """What most of them say; None where they are divided."""
        lean = sum(1 if verdict else -1 for verdict in self.verdicts.values())
        return None if lean == 0 else lean > 0


@dataclass(frozen=True, slots=True)
class Precision:
    """Findings that people looked at. `share` confirmed, of those that are not divided, with its interval.

    Both are None below `LEAST`.
    """

    looked_at: int
    confirmed: int
    disputed: int
    share: float | None
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Dial:
    """A threshold against people's verdicts.

    `below` is True where values below the limit are found, as with a share that must be reached. `agree` is in how many
    of `findings` the present limit says what people say, `best_agree` the same of `best`; `interval` is where the best
    one lies. `chance` is how often verdicts that have nothing to do with the value would gain as much by a new limit.
    """

    below: bool
    limit: float
    findings: int
    agree: int
    best: float
    best_agree: int
    interval: tuple[float, float]
    chance: float

    @property
    def supported(self) -> bool:
        """Whether the verdicts speak for another limit than the present one."""
        low, high = self.interval
        return self.best_agree > self.agree and self.chance <= _RARE and not low <= self.limit <= high


@dataclass(frozen=True, slots=True)
class Between:
    """How well people agree among themselves: Krippendorff's alpha, nominal; 1 is perfect, 0 is chance.

    `alpha` is None where it cannot be told, and `why` says so.
    """

    findings: int
    people: int
    alpha: float | None
    interval: tuple[float, float] | None
    why: str = ""


def precision(judged: Sequence[Judged]) -> Precision:
    """How many of the machine's findings people confirm."""
    said = [item.confirmed for item in judged]
    yes, no = said.count(True), said.count(False)
    if yes + no < LEAST:
        return Precision(len(said), yes, no, None, None)
    return Precision(len(said), yes, no, yes / (yes + no), wilson(yes, yes + no))


def wilson(count: int, of: int) -> tuple[float, float]:
    """Score interval of a share (Wilson 1927, Journal of the American Statistical Association 22); `of` >= 1."""
    share, spread = count / of, _Z * _Z / of
    middle = (share + spread / 2) / (1 + spread)
    half = _Z / (1 + spread) * math.sqrt(share * (1 - share) / of + spread / (4 * of))
    return max(0.0, middle - half), min(1.0, middle + half)


def dial(judged: Sequence[Judged], limit: float, below: bool) -> Dial | str:
    """Which threshold agrees best with people, or in a sentence why that cannot be told.

    Only stricter limits than the present one can be tried: what a laxer one would find, nobody was shown.
    """
    sure = [item for item in judged if item.confirmed is not None]
    if len(sure) < LEAST:
        return f"{len(sure)} of the {LEAST} verdicts that a threshold needs"
    values = np.array([item.value for item in sure])
    if np.ptp(values) == 0:
        return "all of them were measured alike: no threshold tells them apart"
    limits = _limits(values, limit, below)
    found = values < limits[:, None] if below else values >= limits[:, None]
    found[0] = True  # the present limit found all of them, whichever way it treats equality
    said = np.array([bool(item.confirmed) for item in sure])
    right = found == said
    agree = right.sum(axis=1)
    drawn = limits[np.argmax(_weights([item.call_id for item in sure]) @ right.T, axis=1)]
    low, high = (float(edge) for edge in np.quantile(drawn, (0.025, 0.975), method="nearest"))
    best = int(np.argmax(agree))
    told = (below, limit, len(sure), int(agree[0]), float(limits[best]), int(agree[best]), (low, high))
    return Dial(*told, _chance(found, said, int(agree[best] - agree[0])))


def between(judged: Sequence[Judged]) -> Between:
    """How well people agree on the findings that two or more of them judged (Krippendorff 2004, chapter 11)."""
    shared = [item for item in judged if len(item.verdicts) > 1]
    people = sorted({name for item in shared for name in item.verdicts})
    if len(shared) < LEAST:
        return Between(len(shared), len(people), None, None, f"{len(shared)} of the {LEAST} findings that two judged")
    table = np.array([[item.verdicts.get(name, math.nan) for item in shared] for name in people], float)
    alpha = _alpha(table)
    if alpha is None:
        return Between(len(shared), len(people), None, None, "everybody said the same of all of them")
    chance = np.random.default_rng(_SEED)
    draws = (_alpha(table[:, chance.integers(len(shared), size=len(shared))]) for _ in range(_ALPHA_DRAWS))
    low, high = np.percentile([1.0 if drawn is None else drawn for drawn in draws], [2.5, 97.5])
    return Between(len(shared), len(people), alpha, (float(low), float(high)))


def norms_lines(cue: str, threshold: str, dial: Dial, source: str) -> str:
    """What to write into a norms file."""
    cited = source.replace("\\", "").replace('"', "'")
    return f'[thresholds.{cue}]\n{threshold} = {{ value = {dial.best:g}, source = "{cited}" }}\n'


def _limits(values: np.ndarray, limit: float, below: bool) -> np.ndarray:
    """The present limit, then those that part the values in another way, nearest first: a tie changes little."""
    steps = np.unique(values)
    parted = [_short(float(low), float(high)) for low, high in pairwise(steps)]
    stricter = [edge for edge in parted if (edge < limit if below else edge > limit)]
    return np.array([limit, *sorted(stricter, key=lambda edge: abs(edge - limit))])


def _short(low: float, high: float) -> float:
    """The number of fewest decimals between two, near their middle."""
    for digits in range(_SHORTEST + 1):
        edge = round((low + high) / 2, digits)
        if low < edge < high:
            return edge
    return (low + high) / 2


def _weights(calls: Sequence[str]) -> np.ndarray:
    """How often each finding is in each draw, `[draws, findings]`: a call comes with all of its findings."""
    _, place = np.unique(calls, return_inverse=True)
    count = int(place.max()) + 1
    return np.random.default_rng(_SEED).multinomial(count, np.full(count, 1 / count), _DRAWS)[:, place]


def _chance(found: np.ndarray, said: np.ndarray, gain: int) -> float:
    """How often verdicts dealt out anew among the findings gain so much by the best limit (a permutation test).

    `found` is `[limits, findings]`, the present limit first.
    """
    dealt = np.random.default_rng(_SEED).permuted(np.tile(said, (_DRAWS, 1)), axis=1).astype(float)
    agree = dealt @ found.T + (1 - dealt) @ (~found).T
    gains = agree.max(axis=1) - agree[:, 0]
    return float((1 + (gains >= gain).sum()) / (1 + _DRAWS))


def _alpha(table: np.ndarray) -> float | None:
    """Of `[people, findings]` with NaN where somebody did not judge; None where all values are alike."""
    import krippendorff

    known = table[np.isfinite(table)]
    if np.ptp(known) == 0:
        return None
    return float(krippendorff.alpha(table, level_of_measurement="nominal"))
