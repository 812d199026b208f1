"""Talking on without finding out whether the customer follows.

What it sees: an agent's turn above the limit in which the agent asks nothing and the customer says nothing, or
only shows attention.
Why it matters: what is not checked is not known to have arrived; a long explanation loses people at its second
point.
Source: R-AMOUNT; the limit is our default.
"""

from __future__ import annotations

from dataclasses import dataclass

from speechcoach.judgement.cue import AGENT, Abstain, Need, does, finding, floor_turns, shortened, span_of
from speechcoach.records import Facts, Finding

TITLE = "Monologue"
NEEDS = frozenset({Need.SPEAKERS})


@dataclass(frozen=True, slots=True)
class Norm:
    turn_s: float = 45.0


EXPLAIN = {"flag": "{Who} spoke for {value:.0f} s without a question."}
ADVICE = {"flag": 'Stop after two points and check: "Does that make sense so far?"'}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    if not floor_turns(facts, AGENT):
        raise Abstain("the agent did not speak")
    return [
        finding(
            "monologue",
            [span_of(turn)],
            value=turn.end_s - turn.start_s,
            norm=norm,
            threshold="turn_s",
            unit="s",
            quote=shortened(turn.text),
            unless=f"the agent had asked something, or stopped within {norm.turn_s:g} s",
        )
        for turn in floor_turns(facts, AGENT)
        if turn.end_s - turn.start_s > norm.turn_s and not does(turn, "question")
    ]
