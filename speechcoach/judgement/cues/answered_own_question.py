"""Asking, and answering in the customer's place.

What it sees: agent's questions to the customer that the agent answers in the next breath ("Did you restart it? Yes,
probably."), before the customer has said a word. Checks that were not waited for are seen by the cue of checking.
Why it matters: the answer belongs to the customer; one that is given for them is a guess, and teaches them not to
answer.
Source: R-WAIT; teachers who left three seconds after a question got longer answers (Rowe 1974).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from speechcoach.conversation.wording import has_phrase
from speechcoach.judgement.cue import AGENT, CUSTOMER, Abstain, Need, finding, shortened
from speechcoach.judgement.sentences import Sentence, room_s, sentences
from speechcoach.records import Facts, Finding, Span

TITLE = "Own question answered"
NEEDS = frozenset({Need.SPEAKERS, Need.WORDS, Need.PHRASES})
_CHECKS = ("check_understanding", "check_help", "anything_else")


@dataclass(frozen=True, slots=True)
class Norm:
    wait_s: float = 0.7
    min_question_words: float = 4
    own_answer: tuple[str, ...] = ()
    second_person: tuple[str, ...] = ()


EXPLAIN = {"flag": "{Who} asked a question and answered it {value:.1f} s later, before {other} could."}
ADVICE = {"flag": "Ask, then wait: count to two in silence, and let the answer be theirs."}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    if not sentences(facts, CUSTOMER, inserted=True):
        raise Abstain("the customer does not speak")
    own = sentences(facts, AGENT)
    if not any(_asks_customer(item, norm) for item in own):
        raise Abstain("no question to the customer was recognised")
    return [
        _flag(question, answer, norm)
        for question, answer in pairwise(own)
        if _asks_customer(question, norm) and _answers(facts, question, answer, norm)
    ]


def _asks_customer(item: Sentence, norm: Norm) -> bool:
    asks = item.asks and item.sure and not item.does(*_CHECKS)
    return asks and len(item.tokens) >= norm.min_question_words and has_phrase(item.tokens, norm.second_person)


def _answers(facts: Facts, question: Sentence, answer: Sentence, norm: Norm) -> bool:
    left_s, customer_first = room_s(facts, question)
    own = answer.place == question.place and not answer.asks and "?" not in answer.text and answer.sure
    given = has_phrase(answer.tokens, norm.own_answer, at_start=True)
    return own and given and not customer_first and left_s < norm.wait_s


def _flag(question: Sentence, answer: Sentence, norm: Norm) -> Finding:
    return finding(
        "answered_own_question",
        [Span(question.start_s, answer.end_s)],
        value=max(0.0, answer.start_s - question.end_s),
        norm=norm,
        threshold="wait_s",
        unit="s left for the answer",
        quote=f"{question.text} {shortened(answer.text)}",
        unless=f"the customer had answered, or the agent had waited {norm.wait_s:g} s",
    )
