"""Asking whether it is right, and waiting for the answer.

What it sees: agent's closed questions that ask for agreement ("Is that correct?", "Does that help?"), and
whether the customer could answer: an answer comes, or the agent waits.
Why it matters: agreement that was not asked for is assumed; a check that is not waited for is none.
Source: R-CHECK, R-WAIT; active-listening training; a wait of 0.7 s is where a silence begins to be heard as one
(Kendrick & Torreira 2015).
"""

from __future__ import annotations

from dataclasses import dataclass

from speechcoach.judgement.cue import AGENT, CUSTOMER, Abstain, Need, finding, floor_turns, span_of
from speechcoach.records import Act, Facts, Finding, Span

TITLE = "Checking"
NEEDS = frozenset({Need.SPEAKERS, Need.WORDS, Need.PHRASES})
KINDS = ("check_understanding", "check_help")


@dataclass(frozen=True, slots=True)
class Norm:
    wait_s: float = 0.7
    min_checks: float = 1
    min_customer_turns: float = 3


EXPLAIN = {
    "checked": "{Who} asked for agreement and left room for the answer.",
    "not_waited": "{Who} asked for agreement and went on after {value:.1f} s without an answer.",
    "none": "{Who} never asked {other} whether it was right or had helped.",
}
ADVICE = {
    "checked": "Keep it: the yes is theirs to give.",
    "not_waited": "After the question mark, stop. Silence is the customer's time to think.",
    "none": 'Close each step with one question: "Did I get that right?" or "Does that solve it for you?"',
}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    customer_turns = [turn for turn in facts.turns if turn.speaker == CUSTOMER]
    if len(customer_turns) < norm.min_customer_turns:
        raise Abstain(f"the customer speaks fewer than {norm.min_customer_turns:g} times")
    checks = [act for turn in floor_turns(facts, AGENT) for act in turn.acts if act.kind in KINDS]
    if not checks:
        return [_none(facts, norm)]
    found = [_check(facts, act, norm) for act in checks]
    waited = [item for item in found if item.strength]
    if Need.OVERLAPS.value in facts.unfit and len(waited) < len(found):
        raise Abstain("an answer may lie under the agent's words, which cannot be told here", waited)
    return found


def _check(facts: Facts, act: Act, norm: Norm) -> Finding:
    agent_again_s = _next_start(facts, AGENT, act.end_s)
    customer_s = _next_start(facts, CUSTOMER, act.end_s - 0.3)
    left_s = agent_again_s - act.end_s
    place = Span(act.start_s, act.end_s)
    if customer_s <= agent_again_s or left_s >= norm.wait_s:
        return finding(
            "check_question",
            [place],
            value=1,
            norm=norm,
            threshold="min_checks",
            unit="check",
            quote=act.text,
            variant="checked",
            strength=True,
            unless="the agent had gone on without an answer",
        )
    return finding(
        "check_question",
        [place],
        value=left_s,
        norm=norm,
        threshold="wait_s",
        unit="s left for the answer",
        quote=act.text,
        variant="not_waited",
        unless=f"the customer had answered, or the agent had waited {norm.wait_s:g} s",
    )


def _next_start(facts: Facts, speaker: str, after_s: float) -> float:
    """When the speaker's next word begins, or the end of the call."""
    return min(
        (word.start_s for word in facts.words if word.speaker == speaker and word.start_s >= after_s),
        default=facts.call.duration_s,
    )


def _none(facts: Facts, norm: Norm) -> Finding:
    last = floor_turns(facts, AGENT)[-1:]
    return finding(
        "check_question",
        [span_of(turn) for turn in last],
        value=0,
        norm=norm,
        threshold="min_checks",
        unit="checks",
        variant="none",
        unless="the agent had asked once for agreement",
    )
