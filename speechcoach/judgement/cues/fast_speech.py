"""Speeding up within the call.

What it sees: the agent's turns whose articulation rate (syllables a second without pauses) is above the agent's
own median of this call by the limit. Rates of different people are never compared: dialect, age and the length
of phrases move them.
Why it matters: what is said faster than the rest is usually the part that the speaker knows by heart and the
listener hears for the first time: prices, conditions, next steps.
Source: R-RATE; Jacewicz et al. (2010), JASA 128; the limit is our default.
"""

from __future__ import annotations

from dataclasses import dataclass

from speechcoach.judgement.cue import AGENT, Abstain, Need, finding, floor_turns, shortened, span_of
from speechcoach.records import Facts, Finding, Turn

TITLE = "Speeding up"
NEEDS = frozenset({Need.SPEAKERS})


@dataclass(frozen=True, slots=True)
class Norm:
    times_own_median: float = 1.3
    min_rate_sps: float = 5.0
    min_turn_s: float = 3.0
    min_turns: float = 4


EXPLAIN = {"flag": "{Who} spoke {value:.2f} times as fast as {own} own middle rate ({why})."}
ADVICE = {"flag": "Breathe before the part that you say every day: the customer hears it for the first time."}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    voice = facts.speakers.get(AGENT)
    turns = [turn for turn in floor_turns(facts, AGENT) if turn.end_s - turn.start_s >= norm.min_turn_s]
    rated = [turn for turn in turns if turn.articulation_sps is not None]
    if voice is None or not voice.articulation_sps or len(rated) < norm.min_turns:
        raise Abstain(f"the agent had fewer than {norm.min_turns:g} turns of {norm.min_turn_s:g} s or more")
    return [
        _fast(turn, voice.articulation_sps, norm)
        for turn in rated
        if turn.articulation_sps >= max(norm.times_own_median * voice.articulation_sps, norm.min_rate_sps)
    ]


def _fast(turn: Turn, own_sps: float, norm: Norm) -> Finding:
    return finding(
        "fast_speech",
        [span_of(turn)],
        value=turn.articulation_sps / own_sps,
        norm=norm,
        threshold="times_own_median",
        unit="x own median",
        quote=shortened(turn.text),
        why=f"{turn.articulation_sps:.1f} against {own_sps:.1f} syllables a second",
        unless=f"the rate had stayed below {norm.times_own_median * own_sps:.1f} syllables a second",
    )
