"""Asking for what the customer has already said.

What it sees: a second request for the same datum (the account number, the e-mail address, the name) after the
customer gave it, unless the agent confirms or asks for it to be spelled; and questions of the agent to which the
customer answers that they told this person already ("I just told you").
Why it matters: nothing says so plainly that the first answer was not listened to.
Source: R-CONTINGENT; repeating information is among the chief causes of effort in service calls (Dixon, Freeman &
Toman 2010).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from speechcoach.conversation.wording import has_phrase
from speechcoach.judgement.content import digits
from speechcoach.judgement.cue import AGENT, CUSTOMER, Abstain, Need, finding, shortened
from speechcoach.judgement.sentences import Sentence, replies, sentences, words_in
from speechcoach.records import Facts, Finding

TITLE = "Asking again"
NEEDS = frozenset({Need.SPEAKERS, Need.WORDS, Need.PHRASES})


@dataclass(frozen=True, slots=True)
class Norm:
    max_times: float = 0
    min_digits: float = 3
    min_customer_turns: float = 3
    datum: tuple[str, ...] = ()
    gives_name: tuple[str, ...] = ()
    asks_name: tuple[str, ...] = ()
    told_already: tuple[str, ...] = ()
    not_given: tuple[str, ...] = ()
    asks_to_confirm: tuple[str, ...] = ()


EXPLAIN = {
    "asked_again": "{Who} asked again for what {other} had already given ({why}).",
    "told_already": "{Who} asked, and {other} said that it had been told before.",
}
ADVICE = {
    "asked_again": 'Write it down when you hear it. If it is lost, say so: "I am sorry, I did not note your number."',
    "told_already": "Take notes while they talk, and look there before you ask.",
}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    turns = {item.place for item in sentences(facts, CUSTOMER)}
    asked = [item for item in sentences(facts, AGENT) if item.does("question") and item.sure]
    if len(turns) < norm.min_customer_turns or not asked:
        raise Abstain("the agent asked nothing, or the customer spoke too little to have said it before")
    again = _asked_again(facts, asked, norm)
    told = [(item, reply) for item in asked if item not in again and (reply := _protest(facts, item, norm))]
    found = [_again(item, given, kind, norm) for item, (given, kind) in again.items()]
    found += [_told(item, reply, norm) for item, reply in told]
    return sorted(found, key=lambda item: item.spans[0])


def _asked_again(facts: Facts, asked: Iterable[Sentence], norm: Norm) -> dict[Sentence, tuple[Sentence, str]]:
    """Requests for what was given before: the request, and where it was given and what it was."""
    given = _volunteered(facts, norm)
    again: dict[Sentence, tuple[Sentence, str]] = {}
    for item in asked:
        for kind in _kinds(item, norm):
            before = given.get(kind)
            if before and before.end_s < item.start_s and not has_phrase(item.tokens, norm.asks_to_confirm):
                again[item] = (before, kind)
            elif answer := _given(facts, item, kind, norm):
                given.setdefault(kind, answer)
    return again


def _kinds(item: Sentence, norm: Norm) -> list[str]:
    """What the question asks for, in the words of the list."""
    kinds = [kind for kind in norm.datum if has_phrase(item.tokens, (kind,))]
    return kinds + (["name"] if has_phrase(item.tokens, norm.asks_name) else [])


def _volunteered(facts: Facts, norm: Norm) -> dict[str, Sentence]:
    """What the customer gave unasked: a name after its opening, a number beside its own name."""
    given: dict[str, Sentence] = {}
    for item in sentences(facts, CUSTOMER):
        if has_phrase(item.tokens, norm.gives_name):
            given.setdefault("name", item)
        if len(digits(item.text)) >= norm.min_digits:
            for kind in norm.datum:
                if has_phrase(item.tokens, (kind,)):
                    given.setdefault(kind, item)
    return given


def _given(facts: Facts, question: Sentence, kind: str, norm: Norm) -> Sentence | None:
    """The customer's answer that holds what was asked for; None where it was not given, or not surely."""
    said = replies(facts, question)
    if not said or any(has_phrase(item.tokens, norm.not_given) or item.asks for item in said):
        return None
    if kind == "name":
        return said[0] if words_in(said) <= 8 else None
    return next((item for item in said if len(digits(item.text)) >= norm.min_digits or "@" in item.text), None)


def _protest(facts: Facts, question: Sentence, norm: Norm) -> Sentence | None:
    said = replies(facts, question)[:2]
    return next((item for item in said if has_phrase(item.tokens, norm.told_already)), None)


def _again(item: Sentence, given: Sentence, kind: str, norm: Norm) -> Finding:
    return replace(
        _flag(item, "asked_again", f"Customer: {shortened(given.text)} | Agent: {shortened(item.text)}", norm),
        why=f"the {kind}",
        unless="it had not been given before, or the agent had only confirmed it",
    )


def _told(item: Sentence, reply: Sentence, norm: Norm) -> Finding:
    return _flag(item, "told_already", f"Agent: {shortened(item.text)} | Customer: {shortened(reply.text)}", norm)


def _flag(item: Sentence, variant: str, quote: str, norm: Norm) -> Finding:
    return finding(
        "re_asking",
        [item.span],
        value=1,
        norm=norm,
        threshold="max_times",
        unit="time asked again",
        quote=quote,
        variant=variant,
        unless="the customer had not said it before",
    )
