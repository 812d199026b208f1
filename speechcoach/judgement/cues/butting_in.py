"""Starting to speak while the customer talks, and giving up.

What it sees: overlaps typed as butting in, by the agent: the customer talked through them and kept the floor.
Why it matters: the customer was not cut, but heard that the agent was waiting to speak rather than listening.
Source: R-INTERRUPT; "butting-in interruption" after Beattie (1982).
"""

from __future__ import annotations

from dataclasses import dataclass

from speechcoach.judgement.cue import (
    AGENT,
    CUSTOMER,
    Abstain,
    Need,
    finding,
    floor_turns,
    overlaps_judged,
    said_around,
    span_of,
)
from speechcoach.records import Facts, Finding

TITLE = "Butting in"
NEEDS = frozenset({Need.SPEAKERS, Need.OVERLAPS})


@dataclass(frozen=True, slots=True)
class Norm:
    min_probability: float = 0.5


EXPLAIN = {"flag": "{Who} started to speak while {other} was talking, and gave up."}
ADVICE = {"flag": "Let the customer's pause come to you: count a silent 'one' after their last word before you begin."}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    if not floor_turns(facts, CUSTOMER):
        raise Abstain("the customer does not speak")
    found = [
        finding(
            "butting_in",
            [span_of(overlap)],
            value=overlap.probability,
            norm=norm,
            threshold="min_probability",
            unit="probability",
            quote=said_around(facts, AGENT, overlap.start_s - 0.1, overlap.end_s + 0.1),
            why=overlap.why,
            unless="the words had only shown attention, or the customer had finished",
        )
        for overlap in facts.overlaps
        if overlap.kind == "butting_in" and overlap.by == AGENT and overlap.probability >= norm.min_probability
    ]
    return overlaps_judged(facts, found)
