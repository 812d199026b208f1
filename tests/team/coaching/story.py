"""A store of two agents with forty scripted calls each over eight weeks: one learns to let people finish, one does not.

Truth is the script: how often each call's agent cuts in, checks, says back and greets is drawn from a seeded generator,
and what a cue makes of it is the product's own judgement. From call 20 on Ana cuts in at a quarter of her old rate.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from speechcoach.pipeline import judge
from speechcoach.records import Facts
from speechcoach.team.rows import Entry, Found, Meta
from speechcoach.team.store import Store
from tests.talk import A, C, Line, talk

CALLS = 40
BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)
LEARNT = BEGAN + timedelta(days=28)
_MATTERS = (
    ("router", "the light goes off when my daughter starts a film"),
    ("invoice", "the amount was taken from my account two times in March"),
    ("parcel", "the courier left it with a neighbour whom nobody knows"),
    ("contract", "the new price was never in any letter that you sent"),
)


def made_call(number: int, cuts_in: float, chance: np.random.Generator) -> Facts:
    """A call of about two minutes; `cuts_in` is how many cut-ins are expected in it."""
    thing, story = _MATTERS[number % len(_MATTERS)]
    lines = [
        _opening(chance),
        Line(C, 5.2, 14, f"Hello, it is about my {thing} again, {story} and nobody called me back."),
    ]
    lines.append(_second(thing, chance))
    at_s = 24.0
    cuts = min(int(chance.poisson(cuts_in)), 5)
    for place in range(6):
        lines += _exchange(at_s, place < cuts, place)
        at_s += 14.0
    lines += _closing(at_s, chance)
    facts = talk(*lines)
    voice = replace(
        facts.speakers[A], rate_wpm=float(chance.normal(165, 9)), pitch_sd_st=float(chance.normal(2.8, 0.4))
    )
    return replace(facts, speakers={**facts.speakers, A: voice})


def filled(store: Store, calls: int = CALLS, agents: tuple[str, ...] = ("Ana Ruiz", "Ben O'Neill")) -> None:
    """Keeps the story in the store."""
    for own, agent in enumerate(agents):
        chance = np.random.default_rng(40 + own)
        for number in range(calls):
            learnt = agent == "Ana Ruiz" and number >= CALLS // 2
            facts = made_call(number, 0.5 if learnt else 2.0, chance)
            keep(store, facts, agent, number)


def keep(store: Store, facts: Facts, agent: str, number: int, language: str | None = "en") -> str:
    """Keeps one call; its id."""
    call_id = hashlib.sha256(f"{agent}{number}{language}".encode()).hexdigest()
    name = f"{agent.split()[0].lower()}-{number:02}.wav"
    at = BEGAN + timedelta(days=1.4 * number, hours=number % 7)
    meta = Meta(agent, "Red", ("Billing", "Moves")[number % 2], at, language)
    result = judge(replace(facts, call=replace(facts.call, id=call_id, file=name)))
    store.keep(Entry(call_id, "key", Found(f"/calls/{name}", name, 1, "1"), meta, result))
    return call_id


def _opening(chance: np.random.Generator) -> Line:
    said = ("Hello.", "Good morning, this is Sam speaking.", "Good morning, this is Sam speaking. How can I help you?")
    return Line(A, 1, 4.6, said[int(chance.choice(3, p=(0.1, 0.2, 0.7)))])


def _second(thing: str, chance: np.random.Generator) -> Line:
    back = f"If I understand it right, nobody called you back about the {thing}. Is that correct?"
    return Line(A, 14.6, 20, back if chance.random() < 0.6 else "Let me have a look at what we can do about it today.")


def _exchange(at_s: float, cut: bool, place: int) -> list[Line]:
    """A piece of the customer's story, and an answer: after its end, or in the middle of it."""
    told = (
        "And then I sat there and waited for somebody to come and nobody",
        "I wrote to you two times about this and all that I got was the same",
        "My neighbour has the same one and at her place it has never been so",
        "The man on the phone told me last week that it would be done by the",
        "What I need is that somebody looks at it and tells me what it would",
        "It was fine for years and since the spring it has been getting worse and",
    )[place]
    answers = (
        "I see, and what happened after that?",
        "That helps me. Who told you that they would come?",
        "All right. What have you tried so far?",
    )
    if not cut:
        answer = Line(A, at_s + 8.4, at_s + 12, answers[place % len(answers)])
        return [Line(C, at_s, at_s + 8, told + " end of that long day."), answer]
    begun = Line(C, at_s, at_s + 6, told, inflection="level")
    butted = (
        "You know that we can send somebody to you on Friday or so.",
        "Let me just say that it is all in the letter that you have there.",
        "The thing is that the other team looks after that and we do not see it.",
    )
    return [begun, Line(A, at_s + 5.2, at_s + 12, butted[place % len(butted)])]


def _closing(at_s: float, chance: np.random.Generator) -> list[Line]:
    ends = ("Goodbye.", "Thank you for calling, goodbye.")
    asked = [
        Line(A, at_s + 2.5, at_s + 4, "Is there anything else?"),
        Line(C, at_s + 4.4, at_s + 6, "No, that is all."),
    ]
    return [
        Line(C, at_s, at_s + 2, "All right, that is good."),
        *(asked if chance.random() < 0.7 else []),
        Line(A, at_s + 6.5, at_s + 9, ends[int(chance.random() < 0.8)]),
    ]
