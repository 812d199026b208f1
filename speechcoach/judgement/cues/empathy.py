"""Meeting hardship when the customer states it.

What it sees: customer's sentences that state a hardship (loss, worry, anger, a repeated failure), and whether the
agent acknowledges it in one of the next turns. The same sentence used again counts once: a script is not empathy.
Why it matters: people want to be understood before they are helped; a solution that skips it sounds like a form.
Source: R-EMPATHY; Sharma et al. (2020), EMNLP, on reactions that name or explore the other's feeling. Only words
are read here: no emotion is inferred from a voice.
"""

from __future__ import annotations

from dataclasses import dataclass

from speechcoach.conversation.wording import tokens
from speechcoach.judgement.cue import AGENT, CUSTOMER, Abstain, Need, finding, floor_turns
from speechcoach.records import Act, Facts, Finding, Span, Turn

TITLE = "Empathy"
NEEDS = frozenset({Need.SPEAKERS, Need.WORDS, Need.PHRASES})


@dataclass(frozen=True, slots=True)
class Norm:
    answer_turns: float = 2
    same_hardship_s: float = 30.0


EXPLAIN = {
    "met": "{Other} told how hard this is, and {who} acknowledged it.",
    "missed": "{Other} told how hard this is, and {own} next {limit:.0f} turns did not mention it.",
}
ADVICE = {
    "met": "Keep it: one honest sentence is enough.",
    "missed": 'Name what happened before you solve it, in your own words: "That has cost you a lot of time. Let me see '
    'what went wrong."',
}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    hardships = _hardships(facts, norm)
    if not hardships:
        raise Abstain("no hardship was recognised in the customer's words")
    used: set[tuple[str, ...]] = set()
    return [_answered(facts, hardship, norm, used) for hardship in hardships]


def _hardships(facts: Facts, norm: Norm) -> list[Act]:
    """Stated hardships; one that follows another soon is the same story."""
    found: list[Act] = []
    for turn in floor_turns(facts, CUSTOMER):
        for act in turn.acts:
            if act.kind == "hardship" and (not found or act.start_s - found[-1].end_s > norm.same_hardship_s):
                found.append(act)
    return found


def _answered(facts: Facts, hardship: Act, norm: Norm, used: set[tuple[str, ...]]) -> Finding:
    place = Span(hardship.start_s, hardship.end_s)
    for count, turn in enumerate(_next_turns(facts, hardship, norm), 1):
        for act in turn.acts:
            if act.kind == "empathy" and tokens(act.text) not in used:
                used.add(tokens(act.text))
                return _met(hardship, act, place, count, norm)
    return finding(
        "empathy",
        [place],
        value=norm.answer_turns,
        norm=norm,
        threshold="answer_turns",
        unit="turns without an answer",
        quote=hardship.text,
        variant="missed",
        unless="the agent had acknowledged it",
    )


def _next_turns(facts: Facts, hardship: Act, norm: Norm) -> list[Turn]:
    """The agent's next turns that had the floor; one under way may still answer."""
    later = [turn for turn in floor_turns(facts, AGENT) if turn.end_s > hardship.start_s]
    return later[: int(norm.answer_turns)]


def _met(hardship: Act, answer: Act, place: Span, count: int, norm: Norm) -> Finding:
    return finding(
        "empathy",
        [place, Span(answer.start_s, answer.end_s)],
        value=count,
        norm=norm,
        threshold="answer_turns",
        unit="turn until the answer" if count == 1 else "turns until the answer",
        quote=f"Customer: {hardship.text} | Agent: {answer.text}",
        variant="met",
        strength=True,
        unless="the agent had gone on without a word about it",
    )
