"""Cutting in on a customer who had not finished.

What it sees: overlaps and cut-ins that were typed as interruptions, by the agent. A backchannel, an overlap
at the end of a finished sentence, and an attempt that the customer talked through are none.
Why it matters: a customer who is cut off repeats, gives up or gets louder; being heard out is what callers
name first when they say that they were listened to.
Source: R-INTERRUPT; kinds after Schegloff (2000), Goldberg (1990); overlap length alone finds interruptions
with a precision of 0.25 on human labels.
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
    last_words,
    other_than,
    overlaps_judged,
    said_around,
    shortened,
    span_of,
)
from speechcoach.records import Facts, Finding, Overlap, Span, Turn

TITLE = "Interruption"
PRAISE = "Heard out"
NEEDS = frozenset({Need.SPEAKERS, Need.OVERLAPS})
KINDS = ("interruption", "silent_interruption")
_AT_END_S = 1.5


@dataclass(frozen=True, slots=True)
class Norm:
    min_probability: float = 0.5
    long_turn_s: float = 4.0
    min_long_turns: float = 3


EXPLAIN = {
    "flag": "{Who} cut in on {other} in mid-sentence: {why}.",
    "heard_out": "{Who} let {other} finish {value:.0f} longer turns.",
}
ADVICE = {
    "flag": "When the next thought is ready, breathe out once and wait for the end of the sentence; a note on paper "
    "keeps the thought.",
    "heard_out": "Keep it: being heard out is what customers remember.",
}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    if not floor_turns(facts, CUSTOMER):
        raise Abstain("the customer does not speak")
    cuts = [cut for cut in facts.overlaps if cut.kind in KINDS and cut.probability >= norm.min_probability]
    found = [_cut(facts, cut, norm) for cut in cuts]
    long = [turn for turn in floor_turns(facts, CUSTOMER) if _is_long_and_uncut(facts, turn, norm)]
    if len(long) >= norm.min_long_turns and not any(cut.by == AGENT for cut in cuts):
        found.append(_heard_out(long, norm))
    return overlaps_judged(facts, sorted(found, key=lambda item: item.spans[0]))


def _is_long_and_uncut(facts: Facts, turn: Turn, norm: Norm) -> bool:
    """Whether the customer ended it: an agent who came in for whatever reason did not hear it out."""
    ended_by_agent = any(
        event.by == AGENT
        and event.kind not in ("backchannel", "terminal")
        and abs(event.end_s - turn.end_s) < _AT_END_S
        for event in facts.overlaps
    )
    unknown = any(
        turn.start_s < span.end_s and turn.end_s + _AT_END_S > span.start_s for span in facts.overlaps_unjudged
    )
    return turn.end_s - turn.start_s >= norm.long_turn_s and not ended_by_agent and not unknown


def _cut(facts: Facts, cut: Overlap, norm: Norm) -> Finding:
    return finding(
        "interruption",
        [Span(cut.start_s, cut.end_s)],
        speaker=cut.by,
        value=cut.probability,
        norm=norm,
        threshold="min_probability",
        unit="probability",
        quote=_exchange(facts, cut),
        why=cut.why,
        unless="the sentence had been finished, or who was speaking had gone on, or the words only showed attention",
    )


def _exchange(facts: Facts, cut_in: Overlap) -> str:
    """The last words of who was cut and the first of who cut in."""
    before = said_around(facts, other_than(cut_in.by), cut_in.start_s - 3.0, cut_in.end_s + 0.3)
    after = said_around(facts, cut_in.by, cut_in.start_s - 0.1, cut_in.end_s + 3.0)
    if not (before and after):
        return ""
    cut, cutter = other_than(cut_in.by).capitalize(), cut_in.by.capitalize()
    return f"{cut}: {last_words(before).rstrip('.,?!')} \u2014 | {cutter}: {shortened(after, 10)}"


def _heard_out(long: list, norm: Norm) -> Finding:
    return finding(
        "interruption",
        [span_of(turn) for turn in long],
        value=len(long),
        norm=norm,
        threshold="min_long_turns",
        unit="turns",
        variant="heard_out",
        strength=True,
        unless=f"one of the turns of {norm.long_turn_s:g} s or more had been cut",
    )
