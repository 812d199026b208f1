"""Scores: 100 less what the agent's flags cost, each lost point with the finding that cost it.

A flag that is a matter of probability costs that share of its price: one that is 55 % sure costs 55 % of what a
certain one would. A cue with the price 0 is told, and no score rests on it. A customer's behaviour costs the agent
nothing. Strengths earn no points: they are praise, and a score that could be bought with phrases would be.
"""

from __future__ import annotations

from collections.abc import Sequence

from speechcoach.records import Abstention, Finding, Score
from speechcoach.settings import Rubric, ScoreRule

_ABSENCES = ("none", "opening", "closing", "too_much", "too_little")


def score_call(findings: Sequence[Finding], abstained: Sequence[Abstention], rubric: Rubric) -> tuple[Score, ...]:
    """One score for each rule of the rubric, in its order."""
    silent = {item.cue for item in abstained}
    flags = [item for item in findings if item.speaker == "agent" and not item.strength]
    return tuple(_score(name, rule, flags, silent) for name, rule in rubric.scores.items())


def listen_first(findings: Sequence[Finding], rubric: Rubric, count: int = 3) -> tuple[Finding, ...]:
    """The moments that deserve an ear before the others: the surest of each cue, the cues that cost most first.

    What is missing from a call cannot be listened to, and is left out.
    """
    price = {cue: cost for rule in rubric.scores.values() for cue, cost in rule.costs.items()}
    moments = [f for f in findings if f.speaker == "agent" and not f.strength and _can_be_heard(f)]
    lost: dict[str, float] = {}
    for item in moments:
        lost[item.cue] = lost.get(item.cue, 0.0) + price.get(item.cue, 0.0) * _certainty(item)
    surest = {item.cue: item for item in sorted(moments, key=_certainty)}
    return tuple(surest[cue] for cue in sorted(lost, key=lambda cue: -lost[cue]))[:count]


def _can_be_heard(item: Finding) -> bool:
    return item.variant not in _ABSENCES and len(item.spans) == 1


def _certainty(item: Finding) -> float:
    return item.value if item.unit == "probability" else 1.0


def _score(name: str, rule: ScoreRule, flags: Sequence[Finding], silent: set[str]) -> Score:
    priced = {cue: cost for cue, cost in rule.costs.items() if cost > 0}
    without = tuple(cue for cue in priced if cue in silent)
    if len(without) == len(priced):
        return Score(name, None, (), without)
    lost, because = 0.0, []
    for cue, cost in priced.items():
        own = [flag for flag in flags if flag.cue == cue]
        lost += min(cost * sum(map(_certainty, own)), rule.at_most.get(cue, 100.0))
        because += [flag.id for flag in own]
    return Score(name, round(max(0.0, 100.0 - lost), 1), tuple(because), without)
