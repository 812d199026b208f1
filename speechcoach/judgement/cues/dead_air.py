"""Silence that nobody explained.

What it sees: silences of both sides above the limit, without hold music, that the agent did not announce. A
silence in which the customer is thinking about the agent's question is not counted, nor is a short one after the
customer's own question: that is a slow response.
Why it matters: a caller cannot see that the agent is working; after three seconds silence reads as neglect or
as a lost line, while the same wait, announced, is accepted.
Source: R-SIGNPOST; industry practice for dead air (3 s and more).
"""

from __future__ import annotations

from dataclasses import dataclass

from speechcoach.judgement.cue import (
    AGENT,
    CUSTOMER,
    Abstain,
    Need,
    does,
    finding,
    floor_turns,
    last_words,
    said_around,
)
from speechcoach.records import Facts, Finding, Pause, Span, Turn

TITLE = "Dead air"
PRAISE = "Announced wait"
NEEDS = frozenset({Need.SPEAKERS})


@dataclass(frozen=True, slots=True)
class Norm:
    silence_s: float = 3.0
    after_question_s: float = 4.0


EXPLAIN = {
    "flag": "Nobody spoke for {value:.0f} s, and nothing prepared {customer} for it.",
    "announced": "{Who} said what the wait was for before {value:.0f} s of silence.",
}
ADVICE = {
    "flag": 'Say what you are doing and how long it takes ("I am opening your account, that takes half a minute"), '
    "then come back when you said you would.",
    "announced": "Keep it: an announced wait feels shorter.",
}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    long = [
        pause
        for pause in facts.pauses
        if pause.end_s - pause.start_s >= norm.silence_s
        and not (
            (pause.music and not pause.announced)
            or _customer_is_thinking(facts, pause)
            or _is_slow_response(facts, pause, norm)
        )
    ]
    if any(pause.announced is None for pause in long):
        raise Abstain(_untold(long))
    return [_finding(facts, pause, norm, "announced" if pause.announced else "flag") for pause in long]


def _untold(long: list[Pause]) -> str:
    places = ", ".join(f"{pause.end_s - pause.start_s:.0f} s at {pause.start_s:.0f} s" for pause in long)
    return f"silence of {places}: it cannot be told whether it was announced"


def _customer_is_thinking(facts: Facts, pause: Pause) -> bool:
    if pause.before != AGENT or pause.after != CUSTOMER:
        return False
    before = _agent_before(facts, pause)
    return before is not None and does(before, "question")


def _is_slow_response(facts: Facts, pause: Pause, norm: Norm) -> bool:
    """A short silence after the customer's question is a late answer, and judged as one."""
    if pause.end_s - pause.start_s >= norm.after_question_s or (pause.before, pause.after) != (CUSTOMER, AGENT):
        return False
    asked = next((turn for turn in reversed(floor_turns(facts, CUSTOMER)) if turn.start_s < pause.start_s), None)
    return asked is not None and does(asked, "question")


def _agent_before(facts: Facts, pause: Pause) -> Turn | None:
    """The agent's last turn before the silence."""
    return next((turn for turn in reversed(floor_turns(facts, AGENT)) if turn.start_s < pause.start_s), None)


def _finding(facts: Facts, pause: Pause, norm: Norm, variant: str) -> Finding:
    before = _agent_before(facts, pause)
    announced = [act for act in before.acts if act.kind == "hold_announcement"] if before and pause.announced else []
    said = said_around(facts, pause.before or AGENT, pause.start_s - 4.0, pause.start_s)
    return finding(
        "dead_air",
        [Span(announced[0].start_s if announced else pause.start_s, pause.end_s)],
        value=pause.end_s - pause.start_s,
        norm=norm,
        threshold="silence_s",
        unit="s",
        quote=announced[0].text if announced else last_words(said),
        variant=variant,
        strength=variant == "announced",
        unless="the silence had been shorter, or announced"
        if variant == "flag"
        else "the agent had not said that there would be a wait",
    )
