"""Words that put the customer in the wrong, or refuse without a way on.

What it sees: agent's sentences with phrases of the language's list ("you should have", "calm down").
Why it matters: the customer hears whose fault it is before hearing what can be done.
Source: R-RESPECT, R-WORDS; service training; the phrases stand in the norms file and are a team's to change.
"""

from __future__ import annotations

from dataclasses import dataclass

from speechcoach.judgement.cue import AGENT, Abstain, Need, finding, floor_turns
from speechcoach.records import Facts, Finding, Span

TITLE = "Blame and refusal"
NEEDS = frozenset({Need.SPEAKERS, Need.WORDS, Need.PHRASES})


@dataclass(frozen=True, slots=True)
class Norm:
    max_phrases: float = 0


EXPLAIN = {"flag": "{Who} used words that can be heard as blame or as a closed door."}
ADVICE = {"flag": 'Say what can be done, and by whom: "What I can do is ...", "The next step is ..."'}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    turns = floor_turns(facts, AGENT)
    if not turns:
        raise Abstain("the agent did not speak")
    said = [act for turn in turns for act in turn.acts if act.kind == "blame"]
    if len(said) <= norm.max_phrases:
        return []
    return [
        finding(
            "blame",
            [Span(act.start_s, act.end_s)],
            value=len(said),
            norm=norm,
            threshold="max_phrases",
            unit="phrases in the call",
            quote=act.text,
            unless="the sentence had said what can be done",
        )
        for act in said
    ]
