"""Saying back, in other words, what the customer said.

What it sees: agent's sentences that open as restatements do ("so if I understand ...") or lead up to a check ("is
that right?"), and share content with what the customer said shortly before without being a copy of it. Reading data
back word for word, and repeating the customer's sentence, earn nothing. Something checked and confirmed that shares no
word is neither credited nor held against the agent: words alone do not tell what it said.
Why it matters: a paraphrase is the one proof of listening that the customer can hear, and it finds
misunderstandings while they are cheap.
Source: R-PARAPHRASE, R-BEFORE; active-listening training. Restatements are found by a regular expression alone
with F1 0.10 on human labels: hence the shared content, and hence precision before recall.
"""

from __future__ import annotations

from dataclasses import dataclass

from speechcoach.conversation.turns import words_between
from speechcoach.conversation.wording import clauses, has_phrase, tokens
from speechcoach.judgement.content import content, is_copy
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
_REACH_S = 6.0  # "Let me see if I have this." is often a sentence of its own
_LEAD_UP_S = 10.0
_A_STATEMENT = 3  # content words; fewer sum nothing up


@dataclass(frozen=True, slots=True)
class Norm:
    shared_words: float = 2
    shared_words_if_checked: float = 1
    shared_words_if_confirmed: float = 2
    look_back_s: float = 60.0
    long_turn_s: float = 8.0
    long_turn_words: float = 20
    min_long_turns: float = 1
    function_words: tuple[str, ...] = ()
    confirmation: tuple[str, ...] = ()
    first_person: tuple[str, ...] = ()
    second_person: tuple[str, ...] = ()


EXPLAIN = {
    "paraphrase": "{Who} said back, in other words, what {other} had said.",
    "none": "{Other} explained something in {value:.0f} long turns, and none of it was said back.",
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
    if any(_is_agreed(facts, turn, norm) for turn in floor_turns(facts, AGENT) if turn.start_s > long[0].start_s):
        raise Abstain("the customer said yes to what the agent had understood, in words that the customer had not used")
    return [_none(long, norm)]


def _is_agreed(facts: Facts, turn: Turn, norm: Norm) -> bool:
    """Something was stated, checked and confirmed: no data, no copy, so maybe a paraphrase in wholly other words."""
    check = next((act for act in turn.acts if act.kind == "check_understanding"), None)
    if check is None or not _is_confirmed(facts, turn, norm):
        return False
    stated = said_around(facts, AGENT, max(turn.start_s, check.start_s - _LEAD_UP_S), check.start_s)
    heard = said_around(facts, CUSTOMER, check.start_s - norm.look_back_s, check.start_s)
    says_something = len(content(stated, norm.function_words)) >= _A_STATEMENT and not any(map(str.isdigit, stated))
    return says_something and not is_copy(tokens(stated), tokens(heard))


def _is_long(turn: Turn, norm: Norm) -> bool:
    return turn.end_s - turn.start_s >= norm.long_turn_s or turn.words >= norm.long_turn_words


def _restatements(facts: Facts, turn: Turn, norm: Norm) -> list[Finding]:
    """At most one a turn: the first place that holds."""
    confirmed = _confirmed(facts, turn, norm)
    for place, threshold in [*_candidates(turn), *([(confirmed, "shared_words_if_confirmed")] if confirmed else [])]:
        restated = said_around(facts, AGENT, place.start_s, place.end_s)
        heard = said_around(facts, CUSTOMER, place.start_s - norm.look_back_s, place.start_s + 0.5)
        shared = content(restated, norm.function_words) & content(heard, norm.function_words)
        if len(shared) >= getattr(norm, threshold) and not is_copy(tokens(restated), tokens(heard)):
            return [_paraphrase(place, restated, shared, norm, threshold)]
    return []


def _confirmed(facts: Facts, turn: Turn, norm: Norm) -> Span | None:
    """A last sentence that speaks of the customer, not of the agent, and that the customer's next turn says yes to."""
    if not _is_confirmed(facts, turn, norm):
        return None
    said = clauses(words_between(facts.words, AGENT, turn.start_s, turn.end_s))
    if (
        not said
        or not has_phrase(said[-1].tokens, norm.second_person)
        or has_phrase(said[-1].tokens, norm.first_person)
    ):
        return None
    return Span(said[-1].start_s, said[-1].end_s)


def _is_confirmed(facts: Facts, turn: Turn, norm: Norm) -> bool:
    """The next turn is the customer's, and says yes."""
    after = next((other for other in floor_turns(facts) if other.start_s > turn.start_s and other is not turn), None)
    return (
        after is not None
        and after.speaker == CUSTOMER
        and has_phrase(tokens(after.text), norm.confirmation, at_start=True)
    )


def _candidates(turn: Turn) -> list[tuple[Span, str]]:
    """Where a restatement may stand, and the norm that says how many words it must share.

    One that announces itself reaches into the next sentences, up to the check that ends it; one that does not is
    what leads up to a check. Announced and checked, it may use other words throughout.
    """
    checks = [act for act in turn.acts if act.kind == "check_understanding"]
    found = []
    for act in turn.acts:
        if act.kind == "restatement":
            check = next((c for c in checks if act.start_s <= c.start_s <= act.end_s + _LEAD_UP_S), None)
            end_s = max(act.end_s, check.end_s if check else min(turn.end_s, act.end_s + _REACH_S))
            found.append((Span(act.start_s, end_s), "shared_words_if_checked" if check else "shared_words"))
    found += [(Span(max(turn.start_s, act.start_s - _LEAD_UP_S), act.end_s), "shared_words") for act in checks]
    return found


def _paraphrase(place: Span, restated: str, shared: set[str], norm: Norm, threshold: str) -> Finding:
    return finding(
        "paraphrase",
        [place],
        value=len(shared),
        norm=norm,
        threshold=threshold,
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
