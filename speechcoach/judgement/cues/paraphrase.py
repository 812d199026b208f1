"""Saying back, in other words, what the customer said.

What it sees: agent's sentences that open as restatements do ("so if I understand ...") or lead up to a check ("is
that right?"), and share content with what the customer said shortly before without being a copy of it. Reading data
back word for word, and repeating the customer's sentence, earn nothing.
Why it matters: a paraphrase is the one proof of listening that the customer can hear, and it finds
misunderstandings while they are cheap.
Source: R-PARAPHRASE, R-BEFORE; active-listening training. Restatements are found by a regular expression alone
with F1 0.10 on human labels: hence the shared content, and hence precision before recall.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from speechcoach.conversation.wording import tokens
from speechcoach.judgement.cue import (
    AGENT,
    CUSTOMER,
    Abstain,
    Need,
    finding,
    floor_turns,
    said_around,
    shortened,
    span_of,
)
from speechcoach.records import Facts, Finding, Span, Turn

TITLE = "Paraphrase"
NEEDS = frozenset({Need.SPEAKERS, Need.WORDS, Need.PHRASES})
_STEM = 5  # letters that make two forms of a word one ("declined", "declining")
_REACH_S = 6.0  # "Let me see if I have this." is often a sentence of its own
_LEAD_UP_S = 10.0
_COPIED = 0.8  # share of the sentence that stands in the customer's words in one piece


@dataclass(frozen=True, slots=True)
class Norm:
    shared_words: float = 2
    look_back_s: float = 60.0
    long_turn_s: float = 8.0
    long_turn_words: float = 20
    min_long_turns: float = 1
    function_words: tuple[str, ...] = ()


EXPLAIN = {
    "paraphrase": "{Who} said back what {other} had said, in {own_lower} own words.",
    "none": "{Other} explained something at length {value:.0f} times, and {who} never said it back.",
}
ADVICE = {
    "paraphrase": "Keep it, and wait for the yes before you go on.",
    "none": 'After a long explanation try: "Let me check that I have this: you ..., is that right?"',
}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    restated = [found for turn in floor_turns(facts, AGENT) for found in _restatements(facts, turn, norm)]
    if restated:
        return restated
    long = [turn for turn in floor_turns(facts, CUSTOMER) if _is_long(turn, norm)]
    long = [turn for turn in long if any(reply.start_s > turn.start_s for reply in floor_turns(facts, AGENT))]
    if len(long) < norm.min_long_turns:
        raise Abstain("the customer explains nothing at length that the agent could have said back")
    return [_none(long, norm)]


def _is_long(turn: Turn, norm: Norm) -> bool:
    return turn.end_s - turn.start_s >= norm.long_turn_s or turn.words >= norm.long_turn_words


def _restatements(facts: Facts, turn: Turn, norm: Norm) -> list[Finding]:
    """At most one a turn: the first place that holds."""
    for place in _candidates(turn):
        restated = said_around(facts, AGENT, place.start_s, place.end_s)
        heard = said_around(facts, CUSTOMER, place.start_s - norm.look_back_s, place.start_s + 0.5)
        shared = _content(restated, norm) & _content(heard, norm)
        if len(shared) >= norm.shared_words and not _is_copy(tokens(restated), tokens(heard)):
            return [_paraphrase(place, restated, shared, norm)]
    return []


def _candidates(turn: Turn) -> list[Span]:
    """Where a restatement may stand.

    One that announces itself reaches into the next sentence; one that does not is what leads up to a check.
    """
    found = []
    for act in turn.acts:
        if act.kind == "restatement":
            end_s = max(act.end_s, min(turn.end_s, act.end_s + _REACH_S))
            found.append(Span(act.start_s, end_s))
        elif act.kind == "check_understanding":
            start_s = max(turn.start_s, act.start_s - _LEAD_UP_S)
            found.append(Span(start_s, act.end_s))
    return found


def _content(text: str, norm: Norm) -> set[str]:
    """Beginnings of the words that carry content."""
    return {token[:_STEM] for token in tokens(text) if token not in norm.function_words and len(token) > 2}


def _is_copy(said: Sequence[str], heard: Sequence[str]) -> bool:
    """Whether most of it is one unbroken piece of what was heard."""
    longest = max((_run_at(said, heard, start) for start in range(len(said))), default=0)
    return longest >= max(_COPIED * len(said), 4)


def _run_at(said: Sequence[str], heard: Sequence[str], start: int) -> int:
    best = 0
    for place, token in enumerate(heard):
        if token != said[start]:
            continue
        length = 0
        while (
            start + length < len(said) and place + length < len(heard) and said[start + length] == heard[place + length]
        ):
            length += 1
        best = max(best, length)
    return best


def _paraphrase(place: Span, restated: str, shared: set[str], norm: Norm) -> Finding:
    return finding(
        "paraphrase",
        [place],
        value=len(shared),
        norm=norm,
        threshold="shared_words",
        unit="content words shared",
        quote=shortened(restated, 50),
        why=f"{len(shared)} content words of the customer's came back in another sentence",
        variant="paraphrase",
        strength=True,
        unless="it had been a copy of the customer's words, or had nothing to do with them",
    )


def _none(long: list[Turn], norm: Norm) -> Finding:
    return finding(
        "paraphrase",
        [span_of(turn) for turn in long],
        value=len(long),
        norm=norm,
        threshold="min_long_turns",
        unit="long customer turns",
        quote=shortened(long[0].text),
        variant="none",
        unless="the agent had said one of them back in other words",
    )
