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
from speechcoach.records import Act, Facts, Finding, Span

TITLE = "Empathy"
NEEDS = frozenset({Need.SPEAKERS, Need.WORDS, Need.PHRASES})


@dataclass(frozen=True, slots=True)
class Norm:
    answer_turns: float = 2
    same_hardship_s: float = 30.0


EXPLAIN = {
    "met": "{Other} stated a hardship, and {who} acknowledged it.",
    "missed": "{Other} stated a hardship, and {who} did not answer it in {own_lower} next {limit:.0f} turns.",
}
ADVICE = {
    "met": "Keep it: one honest sentence is enough.",
    "missed": 'Name what happened before you solve it, in your own words: "Two cards declined in a shop, that is '
    'awkward. Let me see what went wrong."',
}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    hardships = _hardships(facts, norm)
    if not hardships:
        raise Abstain("the customer states no hardship, so there was nothing to acknowledge")
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
    answer = _answer(facts, hardship, norm, used)
    place = Span(hardship.start_s, hardship.end_s)
    if answer is None:
        variant, spans, quote = "missed", [place], hardship.text
    else:
        used.add(tokens(answer.text))
        variant, spans, quote = "met", [place, Span(answer.start_s, answer.end_s)], f"{hardship.text} | {answer.text}"
    return finding(
        "empathy",
        spans,
        value=0 if answer is None else 1,
        norm=norm,
        threshold="answer_turns",
        unit="answers",
        quote=quote,
        variant=variant,
        strength=answer is not None,
        unless="the agent had acknowledged it" if answer is None else "the agent had gone on without a word about it",
    )


def _answer(facts: Facts, hardship: Act, norm: Norm, used: set[tuple[str, ...]]) -> Act | None:
    later = [turn for turn in facts.turns if turn.speaker == AGENT and turn.end_s > hardship.start_s]
    candidates = [turn for turn in later if not turn.inserted][: int(norm.answer_turns)]
    horizon_s = candidates[-1].end_s if candidates else hardship.end_s
    acts = [act for turn in later if turn.start_s <= horizon_s for act in turn.acts]
    return next((act for act in acts if act.kind == "empathy" and tokens(act.text) not in used), None)
