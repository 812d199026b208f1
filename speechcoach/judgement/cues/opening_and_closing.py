"""The first and the last half-minute.

What it sees: in the opening, whether the agent greets, says a name and offers help; in the closing, whether the
agent asks for anything else, thanks, and says goodbye. A part whose words were recognised with little certainty is not
flagged.
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
_EDGE_S = 10.0
CLOSING = {"anything_else": "a question for anything else", "thanks": "thanks", "farewell": "a goodbye"}


@dataclass(frozen=True, slots=True)
class Norm:
    part_s: float = 30.0
    opening_parts: float = 3
    closing_parts: float = 2
    min_call_s: float = 40.0
    guess_probability: float = 0.5
    max_guessed_share: float = 0.25


EXPLAIN = {
    "opening": "The opening had {value:.0f} of 3 parts; {why}.",
    "closing": "The closing had {value:.0f} of 3 parts; {why}.",
    "good_opening": "The opening had {value:.0f} of 3 parts: {why}.",
    "good_closing": "The closing had {value:.0f} of 3 parts: {why}.",
}
ADVICE = {
    "opening": 'One breath, three parts: greeting, name, "How can I help?"',
    "closing": 'Before you hang up: "Is there anything else?", thanks, goodbye.',
    "good_opening": "Keep it.",
    "good_closing": "Keep it.",
}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    if facts.call.duration_s < norm.min_call_s or not floor_turns(facts, AGENT):
        raise Abstain(f"the call is shorter than {norm.min_call_s:g} s, or the agent did not speak")
    last_s = max(turn.end_s for turn in facts.turns)
    first_s = min(turn.start_s for turn in facts.turns)
    opening = Span(first_s, min(first_s + norm.part_s, last_s))
    closing = Span(max(last_s - norm.part_s, first_s), last_s)
    parts = [
        _part(facts, opening, OPENING, norm, "opening", "opening_parts"),
        _part(facts, closing, CLOSING, norm, "closing", "closing_parts"),
    ]
    doubted = [
        name
        for name, part, edge_s in zip(("opening", "closing"), parts, (first_s, last_s), strict=True)
        if not part.strength and _is_doubtful(facts, edge_s, norm)
    ]
    if doubted:
        kept = [part for part in parts if part.variant not in doubted]
        raise Abstain(f"the words of the {' and the '.join(doubted)} were recognised with little certainty", kept)
    return parts


def _is_doubtful(facts: Facts, edge_s: float, norm: Norm) -> bool:
    """What is missing may only have been misheard: too many of the agent's words near the edge are guesses."""
    near = [w for w in facts.words if w.speaker == AGENT and abs(w.start_s - edge_s) <= _EDGE_S and w.probability]
    guesses = [word for word in near if word.probability < norm.guess_probability]
    return bool(near) and len(guesses) > norm.max_guessed_share * len(near)


def _part(facts: Facts, place: Span, wanted: dict[str, str], norm: Norm, variant: str, threshold: str) -> Finding:
    acts = _acts(facts, place)
    present = [kind for kind in wanted if any(act.kind == kind for act in acts)]
    absent = [wanted[kind] for kind in wanted if kind not in present]
    good = len(present) >= getattr(norm, threshold)
    said = list(dict.fromkeys(act.text for act in acts if act.kind in present))
    return finding(
        "opening_and_closing",
        [_clip(facts, place, acts, variant)],
        value=len(present),
        norm=norm,
        threshold=threshold,
        unit="of 3 parts",
        quote=" | ".join(said),
        why=", ".join(wanted[kind] for kind in present) if good else "not recognised: " + ", ".join(absent),
        variant=f"good_{variant}" if good else variant,
        strength=good,
        unless=f"fewer parts had been there than {getattr(norm, threshold):g}"
        if good
        else f"{getattr(norm, threshold):g} of these had been there: {', '.join(wanted.values())}",
    )


def _clip(facts: Facts, place: Span, acts: list[Act], variant: str) -> Span:
    """What to listen to: the agent's first turn, or the farewell as far as there is one."""
    own = floor_turns(facts, AGENT)
    if variant == "opening":
        return Span(own[0].start_s, own[0].end_s)
    ends = [act for act in acts if act.kind in CLOSING]
    return Span(min([act.start_s for act in ends] + [own[-1].start_s]), place.end_s)


def _acts(facts: Facts, place: Span) -> list[Act]:
    return [
        act
        for turn in facts.turns
        if turn.speaker == AGENT
        for act in turn.acts
        if act.end_s >= place.start_s and act.start_s <= place.end_s
    ]
