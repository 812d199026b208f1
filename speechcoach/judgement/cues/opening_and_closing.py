"""The first and the last half-minute.

What it sees: in the opening, whether the agent greets, says a name and offers help; in the closing, whether the
agent asks for anything else, thanks, and says goodbye. A recording that starts or ends within the conversation
is not judged for the part that is missing.
Why it matters: the first impression sets what the customer expects, and the end of a call weighs most in how it is
remembered.
Source: R-FIRST; service-quality studies find that the end of a call weighs more than its length (Park & Gates 2009;
Llimona 2015).
"""

from __future__ import annotations

from dataclasses import dataclass

from speechcoach.judgement.cue import AGENT, Abstain, Need, finding, floor_turns
from speechcoach.records import Act, Facts, Finding, Span

TITLE = "Opening and closing"
NEEDS = frozenset({Need.SPEAKERS, Need.WORDS, Need.PHRASES})
OPENING = {"greeting": "a greeting", "self_introduction": "a name", "offer_of_help": "an offer of help"}
CLOSING = {"anything_else": "a question for anything else", "thanks": "thanks", "farewell": "a goodbye"}


@dataclass(frozen=True, slots=True)
class Norm:
    part_s: float = 30.0
    opening_parts: float = 3
    closing_parts: float = 2
    min_call_s: float = 40.0


EXPLAIN = {
    "opening": "The opening had {value:.0f} of 3 parts; {why}.",
    "closing": "The closing had {value:.0f} of 3 parts; {why}.",
    "good_opening": "The opening was complete: {why}.",
    "good_closing": "The closing was complete: {why}.",
}
ADVICE = {
    "opening": 'One breath, three parts: greeting, name, "How can I help?"',
    "closing": 'Before you hang up: "Is there anything else?", thanks, goodbye.',
    "good_opening": "Keep it.",
    "good_closing": "Keep it.",
}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    if facts.call.duration_s < norm.min_call_s or not floor_turns(facts, AGENT):
        raise Abstain(f"the call is shorter than {norm.min_call_s:g} s, or the agent does not speak")
    last_s = max(turn.end_s for turn in facts.turns)
    first_s = min(turn.start_s for turn in facts.turns)
    opening = Span(first_s, min(first_s + norm.part_s, last_s))
    closing = Span(max(last_s - norm.part_s, first_s), last_s)
    return [
        _part(facts, opening, OPENING, norm, "opening", "opening_parts"),
        _part(facts, closing, CLOSING, norm, "closing", "closing_parts"),
    ]


def _part(facts: Facts, place: Span, wanted: dict[str, str], norm: Norm, variant: str, threshold: str) -> Finding:
    acts = _acts(facts, place)
    present = [kind for kind in wanted if any(act.kind == kind for act in acts)]
    absent = [wanted[kind] for kind in wanted if kind not in present]
    good = len(present) >= getattr(norm, threshold)
    said = list(dict.fromkeys(act.text for act in acts if act.kind in present))
    return finding(
        "opening_and_closing",
        [place],
        value=len(present),
        norm=norm,
        threshold=threshold,
        unit="parts",
        quote=" | ".join(said),
        why=", ".join(wanted[kind] for kind in present) if good else "missing: " + ", ".join(absent),
        variant=f"good_{variant}" if good else variant,
        strength=good,
        unless=f"fewer parts had been there than {getattr(norm, threshold):g}"
        if good
        else f"{getattr(norm, threshold):g} of these had been there: {', '.join(wanted.values())}",
    )


def _acts(facts: Facts, place: Span) -> list[Act]:
    return [
        act
        for turn in facts.turns
        if turn.speaker == AGENT
        for act in turn.acts
        if act.end_s >= place.start_s and act.start_s <= place.end_s
    ]
