"""A customer's question that hangs in the air.

What it sees: floor-transfer offsets from a customer's question to the agent's answer above the limit. From
`dead_air_s` on the silence is dead air, and flagged as that alone.
Why it matters: conversation runs on gaps of a fifth of a second; a reply after a second already sounds like
trouble, and after two the caller wonders whether the line is dead.
Source: R-LATENCY; Stivers et al. (2009), Kendrick & Torreira (2015); the 95th percentile of offsets after
questions in recorded meetings is 2.0 s.
"""

from __future__ import annotations

from dataclasses import dataclass

from speechcoach.conversation import floor_transfers
from speechcoach.conversation.turns import ends_asking
from speechcoach.judgement.cue import AGENT, CUSTOMER, Abstain, Need, finding, quote_of
from speechcoach.records import Facts, Finding, Span, Turn

TITLE = "Slow response"
NEEDS = frozenset({Need.SPEAKERS, Need.WORDS, Need.PHRASES})


@dataclass(frozen=True, slots=True)
class Norm:
    offset_s: float = 2.0
    dead_air_s: float = 4.0


EXPLAIN = {"flag": "{Other} asked a question and waited {value:.1f} s for the first word of an answer."}
ADVICE = {
    "flag": 'Say something true at once ("Good question, let me look"): it costs nothing and keeps the line alive.'
}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    asked = [
        (question, offset_s)
        for question, answer, offset_s in floor_transfers(facts.turns)
        if question.speaker == CUSTOMER and answer.speaker == AGENT and ends_asking(question)
    ]
    if not asked:
        raise Abstain("no customer's question with an answer from the agent's side was recognised")
    return [
        _slow(question, offset_s, norm) for question, offset_s in asked if norm.offset_s < offset_s < norm.dead_air_s
    ]


def _slow(question: Turn, offset_s: float, norm: Norm) -> Finding:
    return finding(
        "slow_response",
        [Span(question.end_s, question.end_s + offset_s)],
        value=offset_s,
        norm=norm,
        threshold="offset_s",
        unit="s",
        quote=quote_of(question, "question"),
        unless=f"the agent had begun to answer within {norm.offset_s:g} s",
    )
