"""Who did the talking.

What it sees: the agent's share of all speech, above or below the limits: too much and too little both count.
Why it matters: an agent who takes nearly all the time cannot be listening; one who says nearly nothing leaves
the customer to guess.
Source: R-AMOUNT; the limits are our defaults and wide, because a how-to call and a complaint differ.
"""

from __future__ import annotations

from dataclasses import dataclass

from speechcoach.judgement.cue import AGENT, CUSTOMER, Abstain, Need, finding, floor_turns, span_of
from speechcoach.records import Facts, Finding, Span

TITLE = "Talk share"
NEEDS = frozenset({Need.SPEAKERS})
_CLIPS = 3


@dataclass(frozen=True, slots=True)
class Norm:
    max_share: float = 0.75
    min_share: float = 0.2
    min_speech_s: float = 30.0


EXPLAIN = {
    "too_much": "{Who} did {value:.0%} of the talking.",
    "too_little": "{Who} did only {value:.0%} of the talking.",
}
ADVICE = {
    "too_much": "Ask one open question early and wait for the whole answer.",
    "too_little": "Say what you understood and what you are doing: silence on your side leaves the customer guessing.",
}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    agent, customer = facts.speakers.get(AGENT), facts.speakers.get(CUSTOMER)
    if agent is None or customer is None or agent.talk_share is None:
        raise Abstain("only one side speaks")
    if agent.talk_s + customer.talk_s < norm.min_speech_s:
        raise Abstain(f"there are less than {norm.min_speech_s:g} s of speech")
    if agent.talk_share > norm.max_share:
        return [_finding(facts, agent.talk_share, norm, "too_much", "max_share", AGENT)]
    if agent.talk_share < norm.min_share:
        return [_finding(facts, agent.talk_share, norm, "too_little", "min_share", CUSTOMER)]
    return []


def _finding(facts: Facts, share: float, norm: Norm, variant: str, threshold: str, longest_of: str) -> Finding:
    return finding(
        "talk_share",
        _longest(facts, longest_of),
        value=share,
        norm=norm,
        threshold=threshold,
        unit="share of speech",
        variant=variant,
        unless=f"the agent's share had been between {norm.min_share:.0%} and {norm.max_share:.0%}",
    )


def _longest(facts: Facts, speaker: str) -> list[Span]:
    spans = sorted((span_of(turn) for turn in floor_turns(facts, speaker)), key=lambda span: span.duration_s)
    return sorted(spans[-_CLIPS:])
