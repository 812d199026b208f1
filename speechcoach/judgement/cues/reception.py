"""Letting a customer who tells something hear that somebody is there.

What it sees: the customer's pauses inside long turns, each an opportunity for a "mm-hm" (Ward & Tsukahara 2000),
and the agent's short words that came at them. Only the customer's speech makes an opportunity. It flags silence that
is extreme: long tellings with many pauses and not one sound. Backchannels earn no score: they are made without
listening, too, and how many are usual differs from language to language.
Why it matters: on the telephone a nod makes no sound; who hears nothing for a minute asks "Are you still there?"
Source: R-RECEPTION; Ward & Tsukahara (2000), J. Pragmatics 32; rates differ by culture (Clancy et al. 1996). A very
soft "mm" may lie below what the recording keeps, and a muted line hides all: therefore it costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from speechcoach.judgement.cue import AGENT, CUSTOMER, Abstain, Need, finding, floor_turns, span_of
from speechcoach.records import Facts, Finding, Turn

TITLE = "Signs of attention"
NEEDS = frozenset({Need.SPEAKERS, Need.OVERLAPS})
_LISTENING = ("backchannel", "terminal", "unclear")  # what speech inside another's turn may be
_EARLY_S = 0.5  # an answer may begin before the pause that invites it


@dataclass(frozen=True, slots=True)
class Norm:
    long_turn_s: float = 10.0
    min_speech_s: float = 2.0
    min_pause_s: float = 0.2
    answer_within_s: float = 1.2
    min_telling_s: float = 60.0
    min_offers: float = 8
    min_share: float = 0.33
    min_signs: float = 3


EXPLAIN = {
    "flag": "{Other} talked for {why} in longer stretches, and heard no sound from {who} meanwhile.",
    "heard": "{Who} let {other} hear that somebody was there: {why}.",
}
ADVICE = {
    "flag": 'One "mm-hm" or "I see" at a pause is enough; then say in a sentence what you understood.',
    "heard": "Keep it, and follow it with a sentence that says what you understood: only that shows that it arrived.",
}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    tellings = [turn for turn in floor_turns(facts, CUSTOMER) if turn.end_s - turn.start_s >= norm.long_turn_s]
    if not tellings or not floor_turns(facts, AGENT):
        raise Abstain(f"the customer tells nothing that takes {norm.long_turn_s:g} s or more")
    offers = [offer_s for turn in tellings for offer_s in _offers(facts, turn, norm)]
    inside = [turn for turn in _inside(facts) if any(_within(turn, telling) for telling in tellings)]
    signs = [turn for turn in inside if not _is_attempt(facts, turn)]
    answered = sum(any(_answers(turn, offer_s, norm) for turn in signs) for offer_s in offers)
    told_s = sum(turn.end_s - turn.start_s for turn in tellings)
    if not inside and len(offers) >= norm.min_offers and told_s >= norm.min_telling_s:
        return [_silent(tellings, told_s, len(offers), norm)]
    if len(signs) >= norm.min_signs and offers and answered / len(offers) >= norm.min_share:
        return [_heard(signs, answered, len(offers), norm)]
    return []


def _offers(facts: Facts, turn: Turn, norm: Norm) -> list[float]:
    """Where the customer pauses inside the turn after having spoken long enough; the turn's end is no pause."""
    own = [u for u in facts.units if u.speaker == CUSTOMER and turn.start_s <= u.start_s and u.end_s <= turn.end_s]
    found, spoken_s = [], 0.0
    for before, after in pairwise(own):
        spoken_s += before.end_s - before.start_s
        if spoken_s >= norm.min_speech_s and after.start_s - before.end_s >= norm.min_pause_s:
            found.append(before.end_s)
            spoken_s = 0.0
    return found


def _inside(facts: Facts) -> list[Turn]:
    """What the agent said inside the customer's turns without taking the floor."""
    return [turn for turn in facts.turns if turn.speaker == AGENT and turn.inserted]


def _within(turn: Turn, telling: Turn) -> bool:
    return telling.start_s <= turn.start_s <= telling.end_s


def _is_attempt(facts: Facts, turn: Turn) -> bool:
    """Whether it tried to take the floor."""
    return any(
        event.by == AGENT and event.kind not in _LISTENING and turn.start_s <= event.end_s <= turn.end_s + _EARLY_S
        for event in facts.overlaps
    )


def _answers(turn: Turn, offer_s: float, norm: Norm) -> bool:
    return -_EARLY_S <= turn.start_s - offer_s <= norm.answer_within_s


def _silent(tellings: list[Turn], told_s: float, offers: int, norm: Norm) -> Finding:
    longest = sorted(tellings, key=lambda turn: turn.start_s - turn.end_s)[:3]
    return finding(
        "reception",
        sorted(span_of(turn) for turn in longest),
        value=0,
        norm=norm,
        threshold="min_share",
        unit="share of the pauses that invited a sign of attention",
        why=f"{told_s:.0f} s with {offers} pauses",
        unless="the agent had let one short word be heard meanwhile",
    )


def _heard(signs: list[Turn], answered: int, offers: int, norm: Norm) -> Finding:
    return finding(
        "reception",
        [span_of(turn) for turn in signs],
        value=answered / offers,
        norm=norm,
        threshold="min_share",
        unit="share of the pauses that invited a sign of attention",
        why=f"{len(signs)} short answers during longer stories, at {answered} of {offers} pauses",
        variant="heard",
        strength=True,
        unless="the agent had said nothing meanwhile",
    )
