"""Which side is the agent's: by what is said, or by what the user says; never silently wrong.

A side is a channel, or one of two voices on one channel; sides are counted from 0.

Evidence is counted in log-odds and added up: an offer of help or a company's greeting tells nearly all, who asks for an
account number and who says what they call about much, who speaks first and who asks more a little. Below a probability
of 0.9 the guess is called uncertain.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from speechcoach.conversation.acts import Phrases, is_question
from speechcoach.conversation.wording import clauses, has_phrase
from speechcoach.records import RolesFrom, Word
from speechcoach.settings import Side

_CHANNEL_OF: Mapping[str, int] = {"left": 0, "right": 1}
CHANNELS = ("the left channel", "the right channel")
_OPENING_S = 30.0  # introductions are made at the start
_MATTER_S = 90.0  # and by then it is known who calls about what
CERTAIN = 0.9

# Log-odds, base e, for a sign of one side against the other. Defaults of ours, cautious: an offer of help makes
# certain, anything else needs company.
_WEIGHTS = {
    "offers_help": 3.0,
    "introduces_itself": 1.2,
    "greets_for_company": 1.5,
    "serves": 1.5,
    "calls": -1.5,
    "speaks_first": 0.8,
    "asks_more": 0.5,
}
_SIGNS = {
    "offers_help": "offer_of_help",
    "introduces_itself": "self_introduction",
    "greets_for_company": "company_greeting",
}
_LATER_SIGNS = {"serves": "serving", "calls": "calling"}
_IN_WORDS = {
    "offers_help": "offers help",
    "introduces_itself": "gives a name",
    "greets_for_company": "greets for a company",
    "serves": "asks and says what an agent does",
    "calls": "hears from the other what the call is about",
    "speaks_first": "speaks first",
    "asks_more": "asks more",
}


@dataclass(frozen=True, slots=True)
class Roles:
    """Side by role, where that comes from, in words why, and how sure (0-1)."""

    side_of: Mapping[str, int]
    source: RolesFrom
    why: str
    probability: float


def given_roles(agent: Side, first_s: Sequence[float] = (0.0, 0.0)) -> Roles:
    """Roles as the user gave them; `first_s` is when each side's speech begins.

    "left" and "right" are channels, "first" and "second" say in which order the sides begin to speak.
    """
    if agent in _CHANNEL_OF:
        side, why = _CHANNEL_OF[agent], f"the agent was said to be on the {agent}"
    else:
        second_began = first_s[1] < first_s[0]
        side, why = int(second_began == (agent == "first")), f"the agent was said to speak {agent}"
    return Roles({"agent": side, "customer": 1 - side}, "option", why, 1.0)


def guess_roles(
    words: Sequence[Sequence[Word]],
    first_s: Sequence[float],
    phrases: Phrases,
    sides: Sequence[str] = CHANNELS,
    apart: float = 1.0,
) -> Roles:
    """Roles from two sides' words, and from when each side's speech begins.

    `sides` is what to call them, `apart` the probability (0-1) that they are what they are taken for: of two voices
    on one channel that they were rightly told apart.
    """
    evidence = _evidence([_signs(of, phrases) for of in words], first_s)
    odds = sum(_WEIGHTS[name] * direction for name, direction in evidence.items())
    agent = 0 if odds >= 0 else 1
    probability = apart / (1 + math.exp(-abs(odds)))
    told = [name for name, direction in evidence.items() if _WEIGHTS[name] * direction * (1 - 2 * agent) > 0]
    if not any(words) or not told:
        why = f"roles uncertain: nothing that was said tells them; {sides[0]} is taken for the agent's"
        return Roles({"agent": 0, "customer": 1}, "default", why, 0.5)
    doubt = "" if probability >= CERTAIN else "roles uncertain: "
    why = f"{doubt}{sides[agent]} {_listed(told)} (probability {min(probability, 0.99):.2f})"
    return Roles({"agent": agent, "customer": 1 - agent}, "speech", why, round(probability, 3))


def _signs(words: Sequence[Word], phrases: Phrases) -> dict[str, int]:
    """How often each sign of an agent stands in the side's opening, and questions in all of it."""
    opening = [clause.tokens for clause in clauses([word for word in words if word.start_s < _OPENING_S])]
    signs = {name: sum(has_phrase(said, phrases[group]) for said in opening) for name, group in _SIGNS.items()}
    matter = [clause.tokens for clause in clauses([word for word in words if word.start_s < _MATTER_S])]
    signs |= {name: sum(has_phrase(said, phrases[group]) for said in matter) for name, group in _LATER_SIGNS.items()}
    return signs | {"asks_more": sum(is_question(clause, phrases) for clause in clauses(words))}


def _evidence(signs: Sequence[Mapping[str, int]], first_s: Sequence[float]) -> dict[str, int]:
    """+1 where a sign speaks for side 0, -1 for side 1."""
    found = {name: min(signs[0][name], 1) - min(signs[1][name], 1) for name in (*_SIGNS, *_LATER_SIGNS)}
    found["speaks_first"] = (first_s[0] < first_s[1]) - (first_s[1] < first_s[0])
    left, right = signs[0]["asks_more"], signs[1]["asks_more"]
    found["asks_more"] = (left >= 2 * right + 2) - (right >= 2 * left + 2)
    return {name: direction for name, direction in found.items() if direction}


def _listed(told: Sequence[str]) -> str:
    *before, last = (_IN_WORDS[name] for name in told)
    return f"{', '.join(before)} and {last}" if before else last
