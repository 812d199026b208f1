"""Scores: 100 less what the agent's flags cost, each lost point with the finding that cost it.

A customer's behaviour costs the agent nothing. Strengths earn no points: they are praise, and a score that could be
bought with phrases would be.
"""

from __future__ import annotations

from collections.abc import Sequence

from speechcoach.records import Abstention, Finding, Score
from speechcoach.settings import Rubric, ScoreRule


def score_call(findings: Sequence[Finding], abstained: Sequence[Abstention], rubric: Rubric) -> tuple[Score, ...]:
    """One score for each rule of the rubric, in its order."""
    silent = {item.cue for item in abstained}
    flags = [item for item in findings if item.speaker == "agent" and not item.strength]
    return tuple(_score(name, rule, flags, silent) for name, rule in rubric.scores.items())


def listen_first(findings: Sequence[Finding], rubric: Rubric, count: int = 3) -> tuple[Finding, ...]:
    """The agent's flags that deserve an ear before the others: dear, sure, and one of each cue."""
    costs = {cue: cost for rule in rubric.scores.values() for cue, cost in rule.costs.items()}
    best: dict[str, Finding] = {}
    for item in sorted(findings, key=lambda item: -costs.get(item.cue, 0.0) * _certainty(item)):
        if item.speaker == "agent" and not item.strength:
            best.setdefault(item.cue, item)
    return tuple(best.values())[:count]


def _certainty(item: Finding) -> float:
    return item.value if item.unit == "probability" else 1.0


def _score(name: str, rule: ScoreRule, flags: Sequence[Finding], silent: set[str]) -> Score:
    without = tuple(cue for cue in rule.costs if cue in silent)
    if len(without) == len(rule.costs):
        return Score(name, None, (), without)
    lost, because = 0.0, []
    for cue, cost in rule.costs.items():
        own = [flag.id for flag in flags if flag.cue == cue and cost > 0]
        lost += min(cost * len(own), rule.at_most.get(cue, 100.0))
        because += own
    return Score(name, round(max(0.0, 100.0 - lost), 1), tuple(because), without)
